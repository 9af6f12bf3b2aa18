using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Segments;

namespace SegmentEngine.Cli.Evaluating;

/// <summary>Rules that refer to one another by name, checked together: on their own first, then for circles, then for references to what is refused.</summary>
internal sealed class RuleSet
{
    private readonly ImmutableArray<RuleFile> files;
    private readonly Dictionary<string, SegmentId> ids;
    private readonly Dictionary<SegmentId, CheckedRule> taken = [];
    private readonly Dictionary<string, List<RuleDiagnostic>> diagnostics = new(StringComparer.Ordinal);
    private readonly RuleContext context;

    /// <param name="rules">As they were read.</param>
    /// <param name="schema">What is declared of traits and events.</param>
    /// <param name="zone">Where a rule names none.</param>
    /// <param name="hasList">Whether there is a static list of an id; asked only where a rule names one.</param>
    /// <param name="hasSequence">The same of sequences.</param>
    public RuleSet(IEnumerable<RuleFile> rules, TraitSchema schema, TimeZoneInfo zone, Func<string, bool> hasList, Func<string, bool> hasSequence)
    {
        files = [.. rules];
        ids = files.Index().ToDictionary(static file => file.Item.Name, static file => new SegmentId(new(file.Index + 1, 0, 0, new byte[8])), StringComparer.Ordinal);
        context = new(schema, zone, name => ids.TryGetValue(name, out var id) ? id : null, AllowUnknownSegments: true) { HasList = hasList, HasSequence = hasSequence };
        foreach (var file in files)
        {
            var check = RuleChecker.Check(file.Reading, context);
            diagnostics[file.Name] = [.. check.Diagnostics];
            if (check.Rule is { } rule)
            {
                taken.Add(ids[file.Name], rule);
            }
        }

        RefuseCircles();
        NoteDeadReferences();
        InOrder = new SegmentCatalog(taken.Select(static rule => new SegmentRule(rule.Key, 1, rule.Value))).InOrder;
    }

    public ImmutableArray<RuleFile> Files => files;

    /// <summary>The rules that were taken, each after those it refers to.</summary>
    public ImmutableArray<SegmentRule> InOrder { get; }

    public bool HasRefused => taken.Count < files.Length;

    /// <summary>The names of the events that some rule reads.</summary>
    public ImmutableHashSet<string> EventsRead => [.. taken.Values.SelectMany(static rule => rule.Reads.Events)];

    public SegmentId IdOf(RuleFile file) => ids[file.Name];

    /// <summary>Null where it is refused.</summary>
    public CheckedRule? RuleOf(RuleFile file) => taken.GetValueOrDefault(ids[file.Name]);

    public IReadOnlyList<RuleDiagnostic> DiagnosticsOf(RuleFile file) => diagnostics[file.Name];

    private void RefuseCircles()
    {
        var names = ids.ToDictionary(static id => id.Value, static id => id.Key);
        var circles = taken.Keys.Select(id => SegmentCatalog.FindCycle(id, segment => taken.TryGetValue(segment, out var rule) ? rule.Reads.Segments : [])).OfType<ImmutableArray<SegmentId>>().ToList();
        foreach (var circle in circles)
        {
            diagnostics[names[circle[0]]].Add(new("$", "cycle", DiagnosticSeverity.Error, $"the rule refers to itself: {string.Join(" → ", circle.Select(segment => names[segment]))}"));
            _ = taken.Remove(circle[0]);
        }
    }

    private void NoteDeadReferences()
    {
        foreach (var file in files.Where(static file => file.Reading.Condition is not null))
        {
            foreach (var (path, leaf) in Leaves(file.Reading.Condition!, "$"))
            {
                if (Dead(leaf) is var (field, code, reason))
                {
                    diagnostics[file.Name].Add(new($"{path}.{field}", code, DiagnosticSeverity.Warning, $"{reason}, so this condition is UNKNOWN for everyone"));
                }
            }
        }
    }

    private (string Field, string Code, string Reason)? Dead(Condition leaf) => leaf switch
    {
        Condition.InSegment { SegmentId: var name } when !ids.ContainsKey(name) => ("segment_id", "unknown_segment", $"there is no rule \"{name}\" beside this one"),
        Condition.InSegment { SegmentId: var name } when !taken.ContainsKey(ids[name]) => ("segment_id", "refused_segment", $"the rule \"{name}\" is refused"),
        Condition.InList { ListId: var id } when !context.HasList(id) => ("list_id", "unknown_list", $"no contact line names the list \"{id}\""),
        Condition.AffectedBySequence { SequenceId: var id } when !context.HasSequence(id) => ("sequence_id", "unknown_sequence", $"no contact line names the sequence \"{id}\""),
        _ => null,
    };

    private static IEnumerable<(string Path, Condition Leaf)> Leaves(Condition condition, string path) => condition switch
    {
        Condition.AllOf all => all.Of.SelectMany((of, i) => Leaves(of, $"{path}.and[{i}]")),
        Condition.AnyOf any => any.Of.SelectMany((of, i) => Leaves(of, $"{path}.or[{i}]")),
        Condition.Negation not => Leaves(not.Of, $"{path}.not"),
        Condition.Group group => Leaves(group.Node, $"{path}.node"),
        _ => [(path, condition)],
    };
}
