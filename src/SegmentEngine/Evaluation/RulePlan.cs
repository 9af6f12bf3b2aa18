using System.Collections.Immutable;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// Many rules made ready to be evaluated together: identical conditions of all of them are one atom, computed once a run.
/// A plan knows no contacts; a <see cref="ShardEvaluator"/> runs it over the columns of a shard. Immutable, free to share.
/// </summary>
public sealed class RulePlan
{
    private readonly Dictionary<SegmentId, int> places;
    private readonly Dictionary<string, int> atomNumbers;

    private RulePlan(ImmutableArray<PlannedRule> rules, ImmutableArray<Atom> atoms, Dictionary<SegmentId, int> places, Dictionary<string, int> atomNumbers)
    {
        (this.places, this.atomNumbers) = (places, atomNumbers);
        Rules = rules;
        Atoms = atoms;
        Segments = [.. rules.Select(static rule => rule.Segment)];
        Outside = [.. atoms.OfType<Atom.InSegment>().Select(static atom => atom.Segment).Where(segment => !places.ContainsKey(segment))];
        Traits = [.. atoms.Select(static atom => atom.Column).OfType<ValueSource>()];
        ReadsIds = atoms.Any(static atom => atom is Atom.IdIn);
        ReadsClock = atoms.Any(static atom => atom.ReadsClock);
        Properties = atoms.Select(static atom => atom.Selection).OfType<EventSelection>().SelectMany(static selection => selection.Selectors)
            .GroupBy(static selector => selector.Event, StringComparer.Ordinal)
            .ToImmutableDictionary(static group => group.Key, static group => group.SelectMany(static selector => selector.Properties).ToImmutableHashSet(), StringComparer.Ordinal);
    }

    /// <summary>The segments, in the order of evaluation.</summary>
    public ImmutableArray<SegmentId> Segments { get; }

    /// <summary>The segments that rules refer to and that are not part of the plan: whoever runs it is asked for their members.</summary>
    public ImmutableHashSet<SegmentId> Outside { get; }

    /// <summary>The names of the events that rules read.</summary>
    public IEnumerable<string> Events => Properties.Keys;

    /// <summary>Whether some answer may change merely because time passes.</summary>
    public bool ReadsClock { get; }

    /// <summary>How many different conditions there are in all the rules.</summary>
    public int Conditions => Atoms.Length;

    internal ImmutableArray<PlannedRule> Rules { get; }

    internal ImmutableArray<Atom> Atoms { get; }

    internal ImmutableHashSet<ValueSource> Traits { get; }

    internal ImmutableDictionary<string, ImmutableHashSet<ValueSource>> Properties { get; }

    internal bool ReadsIds { get; }

    /// <summary>A plan of rules in order of their references: a rule comes after every rule of the plan that it refers to.</summary>
    /// <exception cref="ArgumentException">A rule comes before one it refers to, or a segment is there twice.</exception>
    public static RulePlan Of(IEnumerable<(SegmentId Segment, CheckedRule Rule)> rules) => Of(rules.Select(static rule => (rule.Segment, rule.Rule.Formula)));

    internal static RulePlan Of(IEnumerable<(SegmentId Segment, Formula Formula)> rules)
    {
        var atoms = ImmutableArray.CreateBuilder<Atom>();
        var atomNumbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var segments = new Dictionary<SegmentId, int>();
        var planned = ImmutableArray.CreateBuilder<PlannedRule>();
        foreach (var (segment, formula) in rules)
        {
            var own = formula.Atoms.Select(Number).Distinct().ToImmutableArray();
            planned.Add(new(segment, formula, Clause.Compile(formula, Number), own));
            if (!segments.TryAdd(segment, segments.Count))
            {
                throw new ArgumentException($"segment {segment} is in the plan twice", nameof(rules));
            }
        }

        for (var i = 0; i < planned.Count; i++)
        {
            var references = planned[i].Atoms.Select(atom => atoms[atom]).OfType<Atom.InSegment>()
                .Where(atom => segments.ContainsKey(atom.Segment)).Select(atom => segments[atom.Segment]).ToImmutableArray();
            if (references.Any(reference => reference >= i))
            {
                throw new ArgumentException($"segment {planned[i].Segment} comes before a segment it refers to", nameof(rules));
            }

            planned[i] = planned[i] with { References = references };
        }

        return new(planned.DrainToImmutable(), atoms.DrainToImmutable(), segments, atomNumbers);

        int Number(Atom atom)
        {
            if (!atomNumbers.TryGetValue(atom.Key, out var number))
            {
                atomNumbers.Add(atom.Key, number = atoms.Count);
                atoms.Add(atom);
            }

            return number;
        }
    }

    /// <summary>A segment's place in <see cref="Segments"/>, or −1.</summary>
    public int IndexOf(SegmentId segment) => places.TryGetValue(segment, out var place) ? place : -1;

    internal bool Has(Atom atom) => atomNumbers.ContainsKey(atom.Key);

    internal int NumberOf(Atom atom) => atomNumbers[atom.Key];
}

/// <summary>A rule in a plan.</summary>
/// <param name="Segment">Whose rule it is.</param>
/// <param name="Formula">For one contact.</param>
/// <param name="Clause">For all contacts.</param>
/// <param name="Atoms">The numbers of the atoms it reads.</param>
internal sealed record PlannedRule(SegmentId Segment, Formula Formula, Clause Clause, ImmutableArray<int> Atoms)
{
    /// <summary>The places of the rules of the same plan that it refers to, all before its own.</summary>
    public ImmutableArray<int> References { get; init; } = [];
}
