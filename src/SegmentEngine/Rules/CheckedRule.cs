using System.Collections.Immutable;
using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>A rule that fits the schema, the zone and the segments it was checked against. Only <see cref="RuleChecker"/> makes one, so whoever holds one need not check again.</summary>
public sealed class CheckedRule
{
    private readonly ImmutableArray<(string Path, Condition Condition, Formula Formula)> leaves;
    private readonly ImmutableArray<(string Path, Condition Condition, Formula Formula)> groups;

    internal CheckedRule(
        Condition condition, Formula formula, RuleContext context,
        ImmutableArray<(string Path, Condition Condition, Formula Formula)> leaves, ImmutableArray<(string Path, Condition Condition, Formula Formula)> groups, ImmutableArray<RuleDiagnostic> warnings)
    {
        (this.leaves, this.groups) = (leaves, groups);
        Condition = condition;
        Formula = formula;
        Context = context;
        Reads = RuleReads.Of(formula) with
        {
            Lists = [.. leaves.Select(static leaf => leaf.Condition).OfType<Condition.InList>().Select(static list => list.ListId)],
            Sequences = [.. leaves.Select(static leaf => leaf.Condition).OfType<Condition.AffectedBySequence>().Select(static affected => affected.SequenceId)],
        };
        Warnings = warnings;
    }

    /// <summary>As its author wrote it.</summary>
    public Condition Condition { get; }

    /// <summary>What it was checked against.</summary>
    public RuleContext Context { get; }

    /// <summary>What it looks at.</summary>
    public RuleReads Reads { get; }

    /// <summary>What its author should know though the rule is taken.</summary>
    public ImmutableArray<RuleDiagnostic> Warnings { get; }

    /// <summary>Each condition of the rule as a rule of its own, with its JSON path; those that ask about an event's properties belong to their event.</summary>
    public IEnumerable<(string Path, CheckedRule Rule)> Conditions => leaves.Select(leaf => (leaf.Path, new CheckedRule(leaf.Condition, leaf.Formula, Context, [leaf], [], [])));

    /// <summary>Each group of the rule (and, or, not) as a rule of its own, with its JSON path; the whole rule is among them where it is a group.</summary>
    public IEnumerable<(string Path, CheckedRule Rule)> Groups =>
        groups.Select(group => (group.Path, new CheckedRule(group.Condition, group.Formula, Context, [.. leaves.Where(leaf => leaf.Path.StartsWith($"{group.Path}.", StringComparison.Ordinal))], [], [])));

    /// <summary>
    /// A canonical text of what the rule says: nesting, order, repetition and double negation make no difference to it. Two rules with one text have the same members; two with different texts may.
    /// </summary>
    public string Canonical => Formula.Canonical;

    /// <summary>
    /// The same for everybody but the contacts on two static lists, who are members, or are none, whatever this says; whoever is on both is none. Its paths lead through the conditions that are put around it.
    /// </summary>
    public CheckedRule WithLists(string include, string exclude)
    {
        var (isIncluded, isExcluded) = (new Condition.InList(include, Negated: false), new Condition.InList(exclude, Negated: false));
        var (included, excluded) = (new Formula.Leaf(Atom.OnList(include)), new Formula.Leaf(Atom.OnList(exclude)));
        return new(
            new Condition.AllOf([new Condition.Negation(isExcluded), new Condition.AnyOf([isIncluded, Condition])]),
            new Formula.All([new Formula.Negation(excluded), new Formula.Any([included, Formula])]),
            Context with { HasList = list => list == include || list == exclude || Context.HasList(list) },
            [("$.and[0].not", isExcluded, excluded), ("$.and[1].or[0]", isIncluded, included), .. leaves.Select(static leaf => leaf with { Path = $"$.and[1].or[1]{leaf.Path[1..]}" })],
            [],
            Warnings);
    }

    internal Formula Formula { get; }
}

/// <summary>What a rule is checked against.</summary>
/// <param name="Schema">The declared traits and events.</param>
/// <param name="Zone">The workspace's time zone, for days and calendar units where the rule names no other.</param>
/// <param name="FindSegment">Finds the segment a <c>segment</c> leaf names, or null where there is none.</param>
/// <param name="AllowUnknownSegments">A name of a segment, a list or a sequence that is not found is UNKNOWN instead of refused.</param>
public sealed record RuleContext(TraitSchema Schema, TimeZoneInfo Zone, Func<string, SegmentId?> FindSegment, bool AllowUnknownSegments = false)
{
    /// <summary>Whether there is a static list of this id. None, unless said otherwise.</summary>
    public Func<string, bool> HasList { get; init; } = static _ => false;

    /// <summary>Whether there is a sequence of this id. None, unless said otherwise.</summary>
    public Func<string, bool> HasSequence { get; init; } = static _ => false;

    /// <summary>How many of some contacts lack a trait; null where that is not known. Only warnings depend on it.</summary>
    public Func<TraitPath, TraitCoverage?> CoverageOf { get; init; } = static _ => null;
}

/// <param name="Missing">How many of the contacts have no usable value.</param>
/// <param name="Of">How many contacts were looked at.</param>
public readonly record struct TraitCoverage(long Missing, long Of);

/// <summary>What a rule looks at.</summary>
/// <param name="Traits">The full names of the traits it reads.</param>
/// <param name="Events">The names of the events it reads; <see cref="ContactEvent.Traits"/> where it reads the history of traits.</param>
/// <param name="Segments">The segments it refers to.</param>
/// <param name="Clock">Whether its answer may change merely because time passes.</param>
/// <param name="Unverified">Whether it reads data that came from a browser.</param>
public sealed record RuleReads(ImmutableHashSet<string> Traits, ImmutableHashSet<string> Events, ImmutableHashSet<SegmentId> Segments, bool Clock, bool Unverified)
{
    /// <summary>The ids of the static lists it names.</summary>
    public ImmutableHashSet<string> Lists { get; init; } = [];

    /// <summary>The ids of the sequences it names.</summary>
    public ImmutableHashSet<string> Sequences { get; init; } = [];

    internal static RuleReads Of(Formula formula)
    {
        var atoms = formula.Atoms.ToList();
        var selections = atoms.Select(static atom => atom.Selection).OfType<EventSelection>();
        var values = atoms.Select(static atom => atom.Column).OfType<ValueSource>().Where(static source => source.Origin is ValueOrigin.Trait or ValueOrigin.EmailDomain).ToList();
        return new(
            values.Select(static value => value.Path.ToString()).ToImmutableHashSet(),
            selections.SelectMany(static selection => selection.Selectors).Select(static selector => selector.Event).ToImmutableHashSet(),
            atoms.OfType<Atom.InSegment>().Select(static atom => atom.Segment).ToImmutableHashSet(),
            atoms.Exists(static atom => atom.ReadsClock),
            values.Exists(static value => value.Any));
    }
}
