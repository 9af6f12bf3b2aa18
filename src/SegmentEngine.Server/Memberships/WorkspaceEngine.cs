using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>
/// Keeps one workspace's memberships: takes the marks that writes left, evaluates what they concern, commits the difference and swaps the snapshot that readers hold.
/// One turn at a time; a turn that fails leaves its marks, so the next one finds the same work.
/// </summary>
public sealed partial class WorkspaceEngine : IDisposable
{
    /// <summary>Contacts taken in one go: bounds how long one commit holds the writer.</summary>
    private const int BatchMax = 10_000;

    /// <summary>More contacts than this in one shard are evaluated with the whole of it, which by then is the cheaper way.</summary>
    private const int OneByOneMax = 1_000;

    /// <summary>One process owns the file, so whoever opens it next may take its leases over at once.</summary>
    private const string LeaseOwner = "owner of the file";

    private static readonly TimeSpan LeaseTime = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly WorkspaceId workspace;
    private readonly SegmentDatabase database;
    private readonly MembershipView view;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Alarm alarm;
    private readonly Backlog backlog = new();
    private readonly List<EngineShard> shards = [];
    private RulesInForce rules = RulesInForce.None;
    private Instant nextChange = Instant.MinValue;
    private long reflected;
    private bool isCaughtUp;
    private int nudged;

    public WorkspaceEngine(WorkspaceId workspace, SegmentDatabase database, MembershipView view, TimeProvider clock, WorkspaceEngines engines, ILogger logger)
    {
        (this.workspace, this.database, this.view, this.clock, this.logger) = (workspace, database, view, clock, logger);
        alarm = new(clock, () => engines.ClockStruck(workspace));
    }

    private Instant Now => Instant.From(clock.GetUtcNow());

    /// <summary>Notes that something was written; true when no job waits yet that will see it.</summary>
    public bool Nudged(Instant now)
    {
        backlog.Add(now);
        return Interlocked.Exchange(ref nudged, 1) == 0;
    }

    /// <summary>Does all that is due: rules that were published, contacts that changed, answers that time has changed. Returns at once when nothing is.</summary>
    public async Task CatchUp(CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            Volatile.Write(ref nudged, 0);
            backlog.Begin();

            // INVARIANT: read before anything else, so that whatever was written up to this revision is seen below.
            var revision = database.Workspaces.Revision(workspace);
            await Load(cancel);
            await FollowRules(cancel);
            await FollowContacts(cancel);
            await FollowClock(cancel);
            reflected = revision;
            isCaughtUp = true;
            backlog.Done();
            Show();
            alarm.Set(nextChange);
        }
        finally
        {
            _ = turn.Release();
        }
    }

    public void Dispose()
    {
        alarm.Dispose();
        turn.Dispose();
    }

    private async Task Load(CancellationToken cancel)
    {
        if (shards.Count > 0)
        {
            return;
        }

        var count = database.Workspaces.Find(workspace)!.ShardCount;
        var loaded = new List<EngineShard>();
        for (var number = 0; number < count; number++)
        {
            var lease = await database.Shards.TakeLease(workspace, number, LeaseOwner, Now, LeaseTime, cancel)
                ?? throw new InvalidOperationException($"shard {number} of workspace {workspace} is written by another process");
            loaded.Add(new(workspace, number, lease, database));
        }

        var seen = 0L;
        foreach (var shard in loaded)
        {
            seen += shard.SeatAll(cancel);
            LogContacts(logger, seen, workspace);
        }

        foreach (var of in database.Memberships.Stream(workspace).GroupBy(static row => row.Segment))
        {
            var members = of.Select(static row => row.Contact).ToList();
            loaded.ForEach(shard => shard.Restore(of.Key, members));
        }

        shards.AddRange(loaded);
        reflected = shards.Min(shard => database.Shards.All(workspace)[shard.Number].Revision);
    }

    /// <summary>Takes over what was published, archived, renamed or deleted, and a schema or zone that changed, and evaluates the segments that this concerns.</summary>
    private async Task FollowRules(CancellationToken cancel)
    {
        var version = database.Segments.Version(workspace);
        var settings = database.Workspaces.Find(workspace)!;
        if (version == rules.Version && settings.TraitSchema == rules.SchemaText && settings.TimeZone == rules.Zone.Id)
        {
            return;
        }

        var before = rules;
        var now = Now;
        var next = RulesInForce.Read(version, settings, database.Segments.Published(workspace), before);
        foreach (var segment in next.Segments.Where(static segment => segment.Readiness == Readiness.Failed))
        {
            LogFailed(logger, segment.Name, segment.RuleRevision, workspace);
        }

        ForgetEmptied(next);
        var due = next.Due(before);
        if (due.Count > 0)
        {
            Announce(next);
            Hold(next.Plan, cancel);
            var concerned = next.Catalog.WithReaders(due);
            IReadOnlySet<SegmentId> affected = shards.Exists(static shard => shard.IsAhead) ? All(next) : concerned;
            var outcome = Evaluate(shards, next, affected, now, cancel);
            var numbers = concerned.Select(id => next.Of(id).Number).ToHashSet();
            var deltas = DeltasOf(outcome, segment => numbers.Contains(segment) ? MembershipCause.Rule : MembershipCause.Data);
            var computed = affected.Select(next.Of).Select(static segment => new ComputedRevision(segment.Number, segment.RuleRevision)).ToList();
            await Commit(new() { Workspace = workspace, Leases = Leases, At = now, Revision = reflected, Deltas = deltas, Computed = computed }, cancel);
            Take(outcome);
            shards.ForEach(static shard => shard.IsAhead = false);
            next = next.Evaluated(affected, now);
        }

        // From here on the new rules are in force for every contact that changes.
        rules = next;
        DropGone();
        shards.ForEach(shard => shard.TrimTo(rules.Plan));
        Show();
    }

    /// <summary>Evaluates the contacts whose data or events changed, a batch at a time, until none waits.</summary>
    private async Task FollowContacts(CancellationToken cancel)
    {
        Hold(rules.Plan, cancel);
        var more = true;
        while (more)
        {
            cancel.ThrowIfCancellationRequested();
            var batches = shards.ConvertAll(shard => (Shard: shard, Taken: shard.Follow(BatchMax))).ConvertAll(static each => (each.Shard, each.Taken.Batch, each.Taken.Seats));
            more = batches.Exists(static taken => taken.Batch.More);
            var now = Now;
            var busy = batches.FindAll(static taken => taken.Batch.Contacts.Count > 0);
            if (busy.Count == 0)
            {
                break;
            }

            var outcome = EvaluateChanged(busy.ConvertAll(static taken => (taken.Shard, taken.Seats)), now, cancel);
            await Commit(
                new()
                {
                    Workspace = workspace,
                    Leases = busy.ConvertAll(static taken => taken.Shard.Lease),
                    At = now,
                    Revision = busy.Min(static taken => taken.Batch.Revision),
                    Deltas = DeltasOf(outcome, static _ => MembershipCause.Data),
                    Handled = busy.ConvertAll(static taken => new HandledMarks(taken.Shard.Number, taken.Batch.Contacts)),
                },
                cancel);
            Take(outcome);
            if (more)
            {
                var waiting = shards.Sum(shard => database.Dirty.Waiting(workspace, shard.Number).Count);
                LogWaiting(logger, waiting, workspace);
                Show();
            }
        }

        shards.ForEach(static shard => shard.IsAhead = false);
    }

    /// <summary>Evaluates the rules that read the clock, when an answer may have changed by itself since the last time.</summary>
    private async Task FollowClock(CancellationToken cancel)
    {
        var now = Now;
        if (now < nextChange)
        {
            return;
        }

        // The first time everything is looked at: who knows what the last run of the program left.
        var timed = rules.Catalog.WithReaders(rules.Catalog.InOrder.Where(rule => rule.Rule.Reads.Clock || nextChange == Instant.MinValue).Select(static rule => rule.Id));
        var outcome = Evaluate(shards, rules, timed, now, cancel);
        if (DeltasOf(outcome, static _ => MembershipCause.Time) is { Count: > 0 } deltas)
        {
            await Commit(new() { Workspace = workspace, Leases = Leases, At = now, Revision = reflected, Deltas = deltas }, cancel);
        }

        nextChange = Instant.MaxValue;
        Take(outcome);
    }

    private List<ShardLease> Leases => shards.ConvertAll(static shard => shard.Lease);

    private async Task Commit(MembershipCommit commit, CancellationToken cancel) => await database.Memberships.Commit(commit, cancel);

    /// <summary>Gives the columns of every shard what a plan reads.</summary>
    private void Hold(RulePlan plan, CancellationToken cancel) =>
        Parallel.For(0, shards.Count, new ParallelOptions { CancellationToken = cancel }, i => shards[i].Hold(plan, cancel));

    private static HashSet<SegmentId> All(RulesInForce of) => of.Catalog.InOrder.Select(static rule => rule.Id).ToHashSet();

    /// <summary>Whole shards, side by side, for some segments. The columns hold what the plan reads.</summary>
    private Outcome Evaluate(List<EngineShard> among, RulesInForce with, IReadOnlySet<SegmentId> affected, Instant now, CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        var found = new ShardOutcome[among.Count];
        _ = Parallel.For(0, among.Count, new ParallelOptions { CancellationToken = cancel }, i =>
        {
            var result = among[i].Running(with.Plan).Run(now, Unknown, affected);
            found[i] = new(
                among[i],
                result.Rules.ToDictionary(rule => with.Of(rule.Segment).Number, static rule => rule.Members),
                result.Rules.Select(static rule => rule.NextChange).DefaultIfEmpty(Instant.MaxValue).Min());
        });
        var contacts = among.Sum(static shard => shard.Columns.Count);
        var milliseconds = (long)clock.GetElapsedTime(started).TotalMilliseconds;
        LogEvaluated(logger, affected.Count, contacts, milliseconds, workspace);
        return new([.. found]);
    }

    /// <summary>Some contacts, for every segment: few of them one by one, many with their whole shard, of which only they are taken, since others may be half followed.</summary>
    private Outcome EvaluateChanged(List<(EngineShard Shard, List<ContactIndex> Seats)> changed, Instant now, CancellationToken cancel) =>
        changed.Exists(static shard => shard.Seats.Count > OneByOneMax)
            ? Only(changed, Evaluate(changed.ConvertAll(static shard => shard.Shard), rules, All(rules), now, cancel))
            : new([.. changed.Select(shard => EvaluateOneByOne(shard.Shard, shard.Seats, now))]);

    private static Outcome Only(List<(EngineShard Shard, List<ContactIndex> Seats)> changed, Outcome whole) =>
        new([.. changed.Select(only =>
        {
            var seats = ContactSet.Of(only.Seats);
            var found = whole.Shards.Single(found => found.Shard == only.Shard);
            return found with { Sets = found.Sets.ToDictionary(static set => set.Key, set => only.Shard.MembersOf(set.Key).Except(seats).Union(set.Value.Intersect(seats))) };
        })]);

    private ShardOutcome EvaluateOneByOne(EngineShard shard, List<ContactIndex> seats, Instant now)
    {
        var contacts = shard.Running(rules.Plan).At(now, Unknown);
        var sets = rules.Plan.Segments.Select(segment => shard.MembersOf(rules.Of(segment).Number)).ToArray();
        var truths = new Truth[sets.Length];
        var next = Instant.MaxValue;
        foreach (var seat in seats)
        {
            contacts.Ask(seat, truths);
            for (var i = 0; i < sets.Length; i++)
            {
                sets[i] = truths[i] == Truth.True ? sets[i].With(seat) : sets[i].Without(seat);
            }

            next = contacts.NextChange(seat) is var own && own < next ? own : next;
        }

        return new(shard, rules.Plan.Segments.Select((segment, i) => (rules.Of(segment).Number, sets[i])).ToDictionary(static set => set.Number, static set => set.Item2), next);
    }

    /// <summary>A plan holds every rule that can be run, so of a segment outside of it nothing good is known.</summary>
    private static ContactSet? Unknown(SegmentId segment) => null;
}
