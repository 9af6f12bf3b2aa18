using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Segments;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Segments;

/// <summary>Holds a rule against its workspace: the schema, the time zone, the segments it may refer to, and the circles it must not close.</summary>
public sealed class RuleService(SegmentDatabase database)
{
    /// <summary>Contacts looked at to see how many lack a trait.</summary>
    private const int CoverageContacts = 2_000;

    private readonly ConcurrentDictionary<WorkspaceId, SemaphoreSlim> turns = [];

    /// <summary>Those who change segments of a workspace take turns, so that what was checked is still so when it is stored.</summary>
    public async Task<IDisposable> TakeTurn(WorkspaceId workspace, CancellationToken cancel)
    {
        var turn = turns.GetOrAdd(workspace, static _ => new(1, 1));
        await turn.WaitAsync(cancel);
        return new Turn(turn);
    }

    /// <summary>The JSON of a definition as it is stored, which may be nested deeper than other JSON.</summary>
    public static JsonElement Stored(string definition) => JsonElement.Parse(definition, new JsonDocumentOptions { MaxDepth = Limits.JsonNestingMax + 1 });

    /// <summary>What rules of a workspace are checked against.</summary>
    public RuleContext Context(WorkspaceId workspace)
    {
        var stored = database.Workspaces.Find(workspace) ?? throw new NotInWorkspaceException($"no workspace {workspace}");
        var segments = database.Segments.All(workspace).Select(static segment => segment.Id).ToHashSet();
        return new(
            TraitSchema.TryParse(JsonElement.Parse(stored.TraitSchema), out var schema, out _) ? schema : TraitSchema.Empty,
            TimeZoneInfo.FindSystemTimeZoneById(stored.TimeZone),
            name => SegmentId.TryParse(name, out var id) && segments.Contains(id) ? id : null)
        {
            HasList = database.Contacts.KnownLists(workspace).Contains,
            HasSequence = database.Contacts.KnownSequences(workspace).Contains,
            CoverageOf = CoverageIn(workspace, schema),
        };
    }

    /// <summary>Checks a rule; with a segment, as that segment's edit.</summary>
    public RuleCheck Check(WorkspaceId workspace, JsonElement definition, SegmentId? edited)
    {
        var context = Context(workspace);
        var check = RuleChecker.Check(definition, context);
        if (check.Rule is { } taken && SameAs(workspace, edited, taken, context) is { } same)
        {
            check = check with { Diagnostics = check.Diagnostics.Add(new("$", "same_as_another", DiagnosticSeverity.Warning, $"the segment \"{same}\" says the same; refer to it instead of keeping two alike")) };
        }

        return check.Rule is { } rule && edited is { } segment && FindCycle(workspace, segment, rule, context) is { } cycle
            ? new(null, check.Diagnostics.Add(Describe(workspace, cycle, definition)))
            : check;
    }

    /// <summary>The name of another published segment whose rule says the same.</summary>
    private string? SameAs(WorkspaceId workspace, SegmentId? edited, CheckedRule rule, RuleContext context)
    {
        var canonical = rule.Canonical;
        return database.Segments.Published(workspace)
            .FirstOrDefault(each => each.Segment.Id != edited && RuleChecker.Check(each.Revision.Definition, context with { CoverageOf = static _ => null }).Rule?.Canonical == canonical)?.Segment.Name;
    }

    /// <summary>Counted over the contacts that were made first, once for all traits of a check: enough to see that a trait is rare.</summary>
    private Func<TraitPath, TraitCoverage?> CoverageIn(WorkspaceId workspace, TraitSchema schema)
    {
        var contacts = new Lazy<IReadOnlyList<StoredContact>>(() => database.Contacts.Page(workspace, after: 0, CoverageContacts));
        return trait => new(contacts.Value.Count(contact => TraitSchema.Read(contact.Contact, trait, schema.TypeOf(trait), any: false) is null), contacts.Value.Count);
    }

    /// <summary>Both the drafts and the rules in force count, so that no publish can close a circle either.</summary>
    private ImmutableArray<SegmentId>? FindCycle(WorkspaceId workspace, SegmentId edited, CheckedRule rule, RuleContext context)
    {
        if (rule.Reads.Segments.Count == 0)
        {
            return null;
        }

        var published = database.Segments.Published(workspace).ToLookup(static each => each.Segment.Id, static each => each.Revision.Definition);
        var drafts = database.Segments.All(workspace).ToLookup(static each => each.Id, static each => each.Draft);
        return SegmentCatalog.FindCycle(edited, segment => segment == edited
            ? rule.Reads.Segments
            : published[segment].Concat(drafts[segment].OfType<string>()).SelectMany(definition => RuleChecker.Check(definition, context).Rule?.Reads.Segments ?? []));
    }

    private RuleDiagnostic Describe(WorkspaceId workspace, ImmutableArray<SegmentId> cycle, JsonElement definition)
    {
        var names = database.Segments.All(workspace).ToDictionary(static segment => segment.Id, static segment => segment.Name);
        var circle = string.Join(" → ", cycle.Select(segment => $"\"{names.GetValueOrDefault(segment, "this segment")}\""));
        return new(PathTo(cycle[1], definition, "$") ?? "$", "cycle", DiagnosticSeverity.Error, $"this refers back to itself: {circle}");
    }

    /// <summary>Where a definition names a segment.</summary>
    private static string? PathTo(SegmentId segment, JsonElement json, string path) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().Select(property => PathTo(segment, property.Value, $"{path}.{property.Name}")).FirstOrDefault(static found => found is not null),
        JsonValueKind.Array => json.EnumerateArray().Select((element, i) => PathTo(segment, element, $"{path}[{i}]")).FirstOrDefault(static found => found is not null),
        JsonValueKind.String when path.EndsWith(".segment_id", StringComparison.Ordinal) && SegmentId.TryParse(json.GetString()!, out var id) && id == segment => path,
        _ => null,
    };

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
