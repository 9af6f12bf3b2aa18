using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Segments;
using SegmentEngine.Server.Segments;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>The published segments of a workspace as the engine runs them. Immutable; a publish makes the next.</summary>
internal sealed class RulesInForce
{
    public static readonly RulesInForce None = new("", "", TimeZoneInfo.Utc, SegmentCatalog.Empty, PlanOf(SegmentCatalog.Empty), ShownSegments.None);

    private RulesInForce(string version, string schemaText, TimeZoneInfo zone, SegmentCatalog catalog, RulePlan plan, ShownSegments shown) =>
        (Version, SchemaText, Zone, Catalog, Plan, Shown) = (version, schemaText, zone, catalog, plan, shown);

    /// <summary>What the store calls this state of the segments.</summary>
    public string Version { get; }
    public string SchemaText { get; }
    public TimeZoneInfo Zone { get; }

    /// <summary>The rules that are run: all but those of failed and paused segments.</summary>
    public SegmentCatalog Catalog { get; }

    /// <summary>Every rule of the catalog.</summary>
    public RulePlan Plan { get; }

    public ShownSegments Shown { get; }
    public ImmutableArray<SegmentState> Segments => Shown.InOrder;

    /// <summary>Reads what is published. A rule that does not fit any more (an older program, a newer rule) fails by itself: its last members stay, and nothing is evaluated from a half-understood rule.</summary>
    public static RulesInForce Read(string version, Workspace settings, IReadOnlyList<PublishedSegment> published, SegmentSlots slots, RulesInForce before,
        IReadOnlyDictionary<SegmentId, Quarantined> quarantine)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone);
        var sameGround = before.SchemaText == settings.TraitSchema && before.Zone.Id == zone.Id;
        var schema = TraitSchema.TryParse(JsonElement.Parse(settings.TraitSchema), out var parsed, out _) ? parsed : TraitSchema.Empty;
        // What a published rule names was there when it was published.
        var context = new RuleContext(schema, zone, static name => SegmentId.TryParse(name, out var id) ? id : null) { HasList = static _ => true, HasSequence = static _ => true };
        var rules = published
            .Where(each => each.Segment.Status == SegmentStatus.Published && !IsQuarantined(each, quarantine))
            .Select(each => sameGround && before.Shown.ById.TryGetValue(each.Segment.Id, out var was) && was.Number == each.Segment.Number
                && was.HasLists == each.Segment.HasLists && before.Catalog.Find(each.Segment.Id) is { } known && known.Revision == each.Revision.Number
                ? known
                : RuleOf(each.Segment.Id, each.Revision.Definition, each.Segment.HasLists, context) is { } rule ? new SegmentRule(each.Segment.Id, each.Revision.Number, rule) : null)
            .OfType<SegmentRule>()
            .ToDictionary(static rule => rule.Id);
        foreach (var circular in rules.Keys.Where(id => SegmentCatalog.FindCycle(id, read => rules.GetValueOrDefault(read)?.Rule.Reads.Segments ?? []) is not null).ToList())
        {
            _ = rules.Remove(circular);
        }

        var catalog = new SegmentCatalog(rules.Values);
        return new(version, settings.TraitSchema, zone, catalog, PlanOf(catalog), new(published.Select(each => StateOf(each, slots.Of(each.Segment.Number), rules.ContainsKey(each.Segment.Id) ? null : Reason(each, quarantine, context)))));
    }

    private static bool IsQuarantined(PublishedSegment published, IReadOnlyDictionary<SegmentId, Quarantined> quarantine) =>
        quarantine.TryGetValue(published.Segment.Id, out var aside) && aside.Revision == published.Revision.Number;

    /// <summary>Why a rule is not run.</summary>
    private static string Reason(PublishedSegment published, IReadOnlyDictionary<SegmentId, Quarantined> quarantine, RuleContext context) =>
        IsQuarantined(published, quarantine) ? $"it was put aside after three tries, each of which broke off: {quarantine[published.Segment.Id].Reason}"
        : RuleChecker.Check(published.Revision.Definition, context) is { Rule: null } check ? $"it does not fit any more: {check.Diagnostics.First(static found => found.Severity == DiagnosticSeverity.Error).Message}"
        : "it refers back to itself";

    public SegmentState Of(SegmentId segment) => Shown.ById[segment];

    /// <summary>What a segment's members follow from: its definition, and its own lists before it where it has any. Null where the definition does not fit.</summary>
    public static CheckedRule? RuleOf(SegmentId segment, string definition, bool hasLists, RuleContext context) =>
        RuleChecker.Check(definition, context).Rule is not { } rule ? null
        : hasLists ? WithLists(rule, segment) : rule;

    /// <summary>A rule, and before it the lists of its segment.</summary>
    public static CheckedRule WithLists(CheckedRule rule, SegmentId segment) => rule.WithLists(ListStore.Of(segment, SegmentListKind.Include), ListStore.Of(segment, SegmentListKind.Exclude));

    /// <summary>The segments whose members must be worked out because of what changed since. Those that have lists of their own from now on are among them: the marks of contacts on these lists may have been taken before anybody knew of the lists.</summary>
    public HashSet<SegmentId> Due(RulesInForce before)
    {
        var sameGround = before == None || (before.SchemaText == SchemaText && before.Zone.Id == Zone.Id);
        bool Appeared(SegmentId id) => (Catalog.Find(id) is null) != (before.Catalog.Find(id) is null);
        return Catalog.InOrder
            .Where(rule => !sameGround
                || Of(rule.Id).Readiness == Readiness.Building
                || (before != None && (before.Catalog.Find(rule.Id) is not { } known || known.Revision != rule.Revision || before.Of(rule.Id).Number != Of(rule.Id).Number || before.Of(rule.Id).HasLists != Of(rule.Id).HasLists || rule.Rule.Reads.Segments.Any(Appeared))))
            .Select(static rule => rule.Id)
            .ToHashSet();
    }

    /// <summary>The same rules, with some segments' members worked out.</summary>
    public RulesInForce Evaluated(IReadOnlySet<SegmentId> segments, Instant now) =>
        new(Version, SchemaText, Zone, Catalog, Plan, new(Segments.Select(segment => segments.Contains(segment.Id) ? segment with { Readiness = Readiness.Ready, HasRows = true, EvaluatedAt = now } : segment)));

    private static RulePlan PlanOf(SegmentCatalog catalog) => RulePlan.Of(catalog.InOrder.Select(static rule => (rule.Id, rule.Rule)));

    private static SegmentState StateOf(PublishedSegment published, int slot, string? notRun)
    {
        var (segment, revision) = published;
        return new()
        {
            Number = segment.Number,
            Slot = slot,
            Id = segment.Id,
            Name = segment.Name,
            Description = segment.Description,
            Definition = RuleService.Stored(revision.Definition),
            CreatedAt = segment.CreatedAt,
            UpdatedAt = segment.UpdatedAt,
            RuleRevision = revision.Number,
            Readiness = segment.Status == SegmentStatus.Paused ? Readiness.Paused
                : notRun is not null && segment.HasWholeRows ? Readiness.Failed
                : notRun is null && segment.ComputedRevision == revision.Number ? Readiness.Ready
                : Readiness.Building,
            FailureReason = segment.Status == SegmentStatus.Paused ? null : notRun,
            HasRows = segment.ComputedRevision is not null,
            Emptied = segment.Emptied,
            HasLists = segment.HasLists,
            EvaluatedAt = segment.EvaluatedAt,
        };
    }
}
