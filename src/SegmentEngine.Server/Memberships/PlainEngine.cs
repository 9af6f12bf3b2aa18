using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Segments;
using SegmentEngine.Server.Segments;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>The plainest engine there is: after every change it reads a workspace whole, asks the interpreter of every contact, and swaps the snapshot. For small workspaces and for tests.</summary>
public sealed class PlainEngine(SegmentDatabase database, MembershipView view, RuleService rules, TimeProvider clock) : BackgroundService, IMembershipEngine
{
    private readonly ConcurrentDictionary<WorkspaceId, long> waiting = [];
    private readonly SemaphoreSlim nudged = new(0);

    public void ContactsChanged(WorkspaceId workspace, long revision) => Nudge(workspace, revision);

    public void RulesChanged(WorkspaceId workspace, long revision) => Nudge(workspace, revision);

    public ValueTask<RuleSample> Preview(WorkspaceId workspace, CheckedRule rule, int sampleMax, CancellationToken cancel)
    {
        var snapshot = view.For(workspace);
        var now = Instant.From(clock.GetUtcNow());
        var members = Contacts(workspace).Where(contact => Holds(rule, contact, now, workspace, segment => IsMember(snapshot, segment, contact))).Select(static contact => contact.Number).ToList();
        return new(new RuleSample(members.Count, [.. members.Take(sampleMax)], [], snapshot));
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var workspace in database.Workspaces.All())
        {
            Load(workspace.Id);
        }

        view.EverythingIsLoaded();
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await nudged.WaitAsync(stoppingToken);
            foreach (var workspace in waiting.Keys)
            {
                if (waiting.TryRemove(workspace, out _))
                {
                    Load(workspace);
                }
            }
        }
    }

    private void Nudge(WorkspaceId workspace, long revision)
    {
        waiting[workspace] = revision;
        nudged.Release();
    }

    private void Load(WorkspaceId workspace)
    {
        var revision = database.Workspaces.Revision(workspace);
        var now = Instant.From(clock.GetUtcNow());
        var context = rules.Context(workspace);
        var published = database.Segments.Published(workspace);
        var states = published.Select(each => State(each, now)).OrderBy(static state => state.Name, StringComparer.Ordinal).ThenBy(static state => state.Id.ToString(), StringComparer.Ordinal).ToList();
        var catalog = new SegmentCatalog(published.Select(each => (each, RuleChecker.Check(each.Revision.Definition, context).Rule))
            .Where(static each => each.Rule is not null).Select(static each => new SegmentRule(each.each.Segment.Id, each.each.Revision.Number, each.Rule!)));
        var contacts = Contacts(workspace);
        var members = new Dictionary<SegmentId, HashSet<ContactId>>();
        foreach (var rule in catalog.InOrder)
        {
            members[rule.Id] = [.. contacts
                .Where(contact => Holds(rule.Rule, contact, now, workspace, segment => members.TryGetValue(segment, out var others) ? others.Contains(contact.Contact.Id!.Value) : null))
                .Select(static contact => contact.Contact.Id!.Value)];
        }

        view.Swap(workspace, new PlainSnapshot(contacts, members, now)
        {
            Revision = revision,
            EvaluatedAt = now,
            Segments = [.. states.Select(state => members.ContainsKey(state.Id) ? state : state with { Readiness = Readiness.Failed })],
            SegmentsById = states.ToFrozenDictionary(static state => state.Id, state => members.ContainsKey(state.Id) ? state : state with { Readiness = Readiness.Failed }),
        });
    }

    private List<StoredContact> Contacts(WorkspaceId workspace) =>
        [.. Enumerable.Range(0, database.Workspaces.Find(workspace)!.ShardCount).SelectMany(shard => database.Contacts.Stream(workspace, shard))];

    private bool Holds(CheckedRule rule, StoredContact contact, Instant now, WorkspaceId workspace, Func<SegmentId, bool?> isMember)
    {
        var events = rule.Reads.Events.Count == 0 ? [] : database.Events.OfContact(workspace, contact.Number, [.. rule.Reads.Events]);
        return Interpreter.Evaluate(rule, contact.Contact, [.. events.Select(static each => new ContactEvent(each.Name, each.At, each.Number, each.Properties))], now, isMember) == Truth.True;
    }

    private static bool? IsMember(WorkspaceSnapshot snapshot, SegmentId segment, StoredContact contact) =>
        snapshot.SegmentsById.TryGetValue(segment, out var state) ? snapshot.TryFindSeat(contact.Contact.Id!.Value, out var seat) && snapshot.IsMember(state, seat) : null;

    private static SegmentState State(PublishedSegment published, Instant now) => new()
    {
        Number = published.Segment.Number,
        Id = published.Segment.Id,
        Name = published.Segment.Name,
        Description = published.Segment.Description,
        Definition = JsonElement.Parse(published.Revision.Definition),
        CreatedAt = published.Segment.CreatedAt,
        UpdatedAt = published.Segment.UpdatedAt,
        RuleRevision = published.Revision.Number,
        Readiness = Readiness.Ready,
        EvaluatedAt = now,
    };

    private sealed class PlainSnapshot(List<StoredContact> contacts, Dictionary<SegmentId, HashSet<ContactId>> members, Instant now) : WorkspaceSnapshot
    {
        private readonly FrozenDictionary<ContactId, int> seats = contacts.Index().ToFrozenDictionary(static each => each.Item.Contact.Id!.Value, static each => each.Index);

        public override bool TryFindSeat(ContactId contact, out Seat seat)
        {
            var found = seats.TryGetValue(contact, out var index);
            seat = found ? new(contacts[index].Shard, new(index)) : default;
            return found;
        }

        public override bool IsMember(SegmentState segment, Seat seat) =>
            members.TryGetValue(segment.Id, out var ids) && ids.Contains(contacts[seat.Index.Value].Contact.Id!.Value);

        public override Instant? Since(SegmentState segment, Seat seat) => IsMember(segment, seat) ? now : null;

        public override int Count(SegmentState segment) => members.TryGetValue(segment.Id, out var ids) ? ids.Count : 0;

        public override IEnumerable<SegmentState> SegmentsOf(Seat seat) => Segments.Where(segment => IsMember(segment, seat));

        public override IReadOnlyList<MemberSeat> Members(SegmentState segment, (int Shard, long Number)? after, int max) =>
            [.. contacts.Where(contact => (after is not { } last || (contact.Shard, contact.Number).CompareTo(last) > 0) && members.TryGetValue(segment.Id, out var ids) && ids.Contains(contact.Contact.Id!.Value))
                .Select(contact => new MemberSeat(contact.Contact.Id!.Value, contact.Shard, contact.Number, now)).Take(max)];
    }
}
