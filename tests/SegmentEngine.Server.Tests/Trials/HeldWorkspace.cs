using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Segments;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Trials;

/// <summary>What a database file holds of a workspace, and who should be in what by the interpreter alone.</summary>
internal sealed class HeldWorkspace
{
    private readonly Workspace workspace;
    private readonly Dictionary<long, List<StoredEvent>> events;

    /// <summary>Those that rules read, the history of traits among them where it is read.</summary>
    private readonly Dictionary<long, List<StoredEvent>> read;
    private readonly Dictionary<SegmentId, CheckedRule> rules;
    private readonly HashSet<SegmentId> paused;

    private HeldWorkspace(SegmentDatabase database, WorkspaceId id)
    {
        workspace = database.Workspaces.Find(id)!;
        var shards = Enumerable.Range(0, workspace.ShardCount).ToList();
        Contacts = [.. shards.SelectMany(shard => database.Contacts.Stream(id, shard))];
        events = Contacts.ToDictionary(static contact => contact.Number, contact => database.Events.OfContact(id, contact.Number).ToList());
        Waiting = [.. shards.SelectMany(shard => database.Dirty.Take(id, shard, int.MaxValue).Contacts).Select(static dirty => dirty.Contact)];
        Segments = database.Segments.Published(id);
        Rows = database.Memberships.Stream(id).Select(static row => (row.Segment, row.Contact)).ToHashSet();
        var schema = TraitSchema.TryParse(JsonElement.Parse(workspace.TraitSchema), out var parsed, out _) ? parsed : TraitSchema.Empty;
        var context = new RuleContext(schema, TimeZoneInfo.FindSystemTimeZoneById(workspace.TimeZone), static name => new SegmentId(Guid.Parse(name))) { HasList = static _ => true };
        rules = Segments.ToDictionary(static each => each.Segment.Id, each => RulesInForce.RuleOf(each.Segment.Id, each.Revision.Definition, each.Segment.HasLists, context)!);
        var names = rules.Values.SelectMany(static rule => rule.Reads.Events).ToHashSet();
        read = names.Contains(ContactEvent.Traits) ? Contacts.ToDictionary(static contact => contact.Number, contact => database.Contacts.Moment(id, contact.Contact.Id!.Value, names)?.Events.ToList() ?? []) : events;
        paused = Segments.Where(static each => each.Segment.Status == SegmentStatus.Paused).Select(static each => each.Segment.Id).ToHashSet();
    }

    public long Revision => workspace.Revision;
    public IReadOnlyList<StoredContact> Contacts { get; }
    public IEnumerable<StoredEvent> Events => events.Values.SelectMany(static of => of);

    /// <summary>Contacts, by number, whose memberships may be out of date.</summary>
    public HashSet<long> Waiting { get; }
    public IReadOnlyList<PublishedSegment> Segments { get; }

    /// <summary>The memberships as they are stored: the segment's number and the contact's.</summary>
    public HashSet<(long Segment, long Contact)> Rows { get; }

    public static HeldWorkspace Read(SegmentDatabase database, WorkspaceId workspace) => new(database, workspace);

    public IReadOnlyList<StoredEvent> EventsOf(StoredContact contact) => events[contact.Number];

    /// <summary>Whether the stored memberships of a segment are those of its published rule, and so for all it is built on.</summary>
    public bool IsComputed(SegmentId segment) =>
        Segments.Single(each => each.Segment.Id == segment).Segment is var stored && stored.ComputedRevision == stored.PublishedRevision && rules[segment].Reads.Segments.Where(read => rules.ContainsKey(read) && !paused.Contains(read)).All(IsComputed);

    /// <summary>Who should be in each segment; for those that are paused, who would be.</summary>
    public Dictionary<SegmentId, HashSet<long>> Members(Instant now)
    {
        var members = new Dictionary<SegmentId, HashSet<long>>();
        foreach (var rule in new SegmentCatalog(rules.Select(static rule => new SegmentRule(rule.Key, 1, rule.Value))).InOrder)
        {
            members.Add(rule.Id, [.. Contacts.Where(contact => Interpreter.Evaluate(
                rule.Rule,
                contact.Contact,
                [.. read[contact.Number].Select(static stored => new ContactEvent(stored.Name, stored.At, stored.Number, stored.Properties))],
                now,
                segment => members.TryGetValue(segment, out var known) && !paused.Contains(segment) ? known.Contains(contact.Number) : null) == Truth.True).Select(static contact => contact.Number)]);
        }

        return members;
    }
}
