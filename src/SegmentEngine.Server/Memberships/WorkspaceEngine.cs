using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Memberships;
using SegmentEngine.Server.Hosting;
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

    /// <summary>Where more than one contact in so many of a shard is looked at, the whole of it is, which by then is the cheaper way.</summary>
    private const int WholeFrom = 8;

    /// <summary>One process owns the file, so whoever opens it next may take its leases over at once.</summary>
    private const string LeaseOwner = "owner of the file";

    private static readonly TimeSpan LeaseTime = TimeSpan.FromDays(1);

    /// <summary>How long the tables are held as they were for a workspace that cannot be loaded.</summary>
    private static readonly TimeSpan storedFor = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan measureEvery = TimeSpan.FromSeconds(1);

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
    private bool isTimed;

    /// <summary>The latest time that answers were worked out for.</summary>
    private Instant latest = Instant.MinValue;
    private long reflected;
    private bool isCaughtUp;
    private int nudged;
    private StoredSnapshot? stored;
    private long storedAt;
    private long measuredAt;
    private long bytes;

    public WorkspaceEngine(WorkspaceId workspace, SegmentDatabase database, MembershipView view, TimeProvider clock, WorkspaceEngines engines, ILogger logger)
    {
        (this.workspace, this.database, this.view, this.clock, this.logger) = (workspace, database, view, clock, logger);
        alarm = new(clock, () => engines.ClockStruck(workspace));
    }

    /// <summary>When answers change next merely because time passes.</summary>
    private Instant NextChange => isTimed ? shards.Select(static shard => shard.Due.Next).DefaultIfEmpty(Instant.MaxValue).Min() : Instant.MinValue;

    private Instant Now => Instant.From(clock.GetUtcNow());

    /// <summary>What columns, memberships and due times take of memory; no older than the last turn and a second. What no rule in force reads is not held.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>A shard with more empty seats than this, and than contacts, is read anew: seats are given out once only, and a contact that is deleted leaves one behind.</summary>
    internal int EmptySeatsMax { get; set; } = 5_000;

    /// <summary>Seats whose contacts were deleted.</summary>
    internal int EmptySeats => shards.Sum(static shard => shard.Seats.Empty);

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
            await AdvanceWithoutPoison(cancel);
        }
        finally
        {
            _ = turn.Release();
        }
    }

    /// <summary>Before anything is loaded: shows what the last run of the program left in the tables. Nothing, where not every shard was evaluated once.</summary>
    public void ShowStored()
    {
        // Whoever has the turn is loading already.
        if (!turn.Wait(0))
        {
            return;
        }

        try
        {
            if (isCaughtUp)
            {
                return;
            }

            var moment = database.MembershipsNow(workspace);
            try
            {
                if (moment.EvaluatedAt is { } evaluatedAt)
                {
                    var settings = database.Workspaces.Find(workspace)!;
                    var published = RulesInForce.Read(database.Segments.Version(workspace), settings, database.Segments.Published(workspace), new(), RulesInForce.None, quarantine);
                    stored = new(workspace, moment) { Revision = moment.Revision, EvaluatedAt = evaluatedAt, Shown = published.Shown };
                    storedAt = clock.GetTimestamp();
                    view.Swap(workspace, stored);
                }
            }
            finally
            {
                if (stored is null)
                {
                    moment.Dispose();
                }
            }
        }
        finally
        {
            _ = turn.Release();
        }
    }

    public void Dispose()
    {
        stored?.Dispose();
        alarm.Dispose();
        turn.Dispose();
    }

    private async Task AdvanceWithoutPoison(CancellationToken cancel)
    {
        try
        {
            await Advance(cancel);
            brokenTurns = 0;
        }
        catch (Exception failure) when (IsMended(failure, cancel))
        {
            await Advance(cancel);
        }
    }

    /// <summary>What the store calls the state of the segments, and which of them are put aside.</summary>
    private string Version => $"{database.Segments.Version(workspace)}/{string.Join(',', quarantine.Select(static each => $"{each.Key}:{each.Value.Revision}"))}";

    /// <summary>All that is due, within a turn.</summary>
    private async Task Advance(CancellationToken cancel)
    {
        Volatile.Write(ref nudged, 0);
        backlog.Begin();
        if (Now is var now && now < latest)
        {
            // The clock was set back: what was due is not, and nobody knows what is.
            isTimed = false;
        }

        latest = now;
        if (shards.Exists(shard => shard.Seats.Empty > EmptySeatsMax && shard.Seats.Empty > shard.Seats.Count - shard.Seats.Empty))
        {
            // Readers keep what they have until all of it is there again.
            ReadAnew();
        }

        // INVARIANT: read before anything else, so that whatever was written up to this revision is seen below.
        var revision = database.Workspaces.Revision(workspace);
        try
        {
            await Load(cancel);
        }
        catch when (stored is not null && clock.GetElapsedTime(storedAt) > storedFor)
        {
            // It may never be loaded, and the database's log grows while the tables are held as they were.
            stored.Dispose();
            stored = null;
            throw;
        }

        await FollowRules(cancel);
        await FollowContacts(cancel);
        await FollowClock(cancel);
        reflected = revision;
        isCaughtUp = true;
        backlog.Done();
        latest = Now is var end && end > latest ? end : latest;
        Show();
        Measure();
        alarm.Set(NextChange);
    }

    private void Measure()
    {
        if (measuredAt == 0 || clock.GetElapsedTime(measuredAt) > measureEvery)
        {
            measuredAt = clock.GetTimestamp();
            Volatile.Write(ref bytes, shards.Sum(static shard => shard.Bytes));
        }
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
            loaded.Add(new(workspace, number, lease, database, slots));
        }

        var seen = 0L;
        foreach (var shard in loaded)
        {
            seen += shard.SeatAll(cancel);
            LogContacts(logger, seen, workspace);
        }

        foreach (var (segment, members) in database.Memberships.BySegment(workspace))
        {
            _ = Parallel.ForEach(loaded, shard => shard.Restore(segment, members));
        }

        shards.AddRange(loaded);
        reflected = shards.Min(shard => database.Shards.All(workspace)[shard.Number].Revision);
    }

    /// <summary>Takes over what was published, archived, renamed or deleted, and a schema or zone that changed, and evaluates the segments that this concerns.</summary>
    private async Task FollowRules(CancellationToken cancel)
    {
        var version = Version;
        var settings = database.Workspaces.Find(workspace)!;
        if (version == rules.Version && settings.TraitSchema == rules.SchemaText && settings.TimeZone == rules.Zone.Id)
        {
            return;
        }

        var before = rules;
        var now = Now;
        var next = RulesInForce.Read(version, settings, database.Segments.Published(workspace), slots, before, quarantine);
        foreach (var segment in next.Segments.Where(static segment => segment.Readiness == Readiness.Failed))
        {
            LogFailed(logger, segment.Name, segment.RuleRevision, workspace);
        }

        ForgetEmptied(next);
        var due = next.Due(before);
        if (due.Count > 0)
        {
            Announce(next);
        }

        // Even where nobody is to be evaluated, what follows is worked out with these rules.
        Hold(next.Plan, cancel);
        if (due.Count > 0)
        {
            var concerned = next.Catalog.WithReaders(due);
            IReadOnlySet<SegmentId> affected = shards.Exists(static shard => shard.IsAhead) ? All(next) : concerned;
            var outcome = Evaluate(shards, next, affected, now, cancel);
            var numbers = concerned.Select(id => next.Of(id).Number).ToHashSet();
            var deltas = DeltasOf(outcome, next, segment => numbers.Contains(segment) ? MembershipCause.Rule : MembershipCause.Data);
            var computed = affected.Select(next.Of).Select(static segment => new ComputedRevision(segment.Number, segment.RuleRevision, segment.Emptied)).ToList();
            await Commit(new() { Workspace = workspace, Leases = Leases, At = now, Revision = reflected, Deltas = deltas, Computed = computed }, cancel);
            Take(outcome);
            shards.ForEach(static shard => shard.Settle());
            next = next.Evaluated(affected, now);
        }

        // From here on the new rules are in force for every contact that changes.
        rules = next;
        DropGone();
        shards.ForEach(shard => shard.TrimTo(rules.Plan));
        if (isTimed)
        {
            // The rules are in force: what follows from that is not left half done.
            Side(shards, shard => shard.Running(rules.Plan).SetDue(now, shard.Due, held: before.Plan), CancellationToken.None);
        }

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
            var now = Now;
            var taken = Side(shards, shard => shard.Follow(rules.Plan, BatchMax, now, reflected), cancel);
            more = taken.Exists(static each => each.Batch.More);
            var busy = taken.FindAll(static each => each.Batch.Contacts.Count > 0);
            if (busy.Count == 0)
            {
                break;
            }

            var outcome = Evaluate(busy.ConvertAll(static each => (each.Shard, each.Follower)), now, cancel);
            await Commit(
                new()
                {
                    Workspace = workspace,
                    Leases = busy.ConvertAll(static each => each.Shard.Lease),
                    At = now,
                    Revision = busy.Min(static each => each.Batch.Revision),
                    Deltas = DeltasOf(outcome, rules, static _ => MembershipCause.Data),
                    Handled = busy.ConvertAll(static each => new HandledMarks(each.Shard.Number, each.Batch.Contacts)),
                },
                cancel);
            Take(outcome);
            // The marks are gone: what follows from that is not left half done.
            Side(busy, each => each.Shard.Settle(each, rules.Plan, now), CancellationToken.None);
            if (more)
            {
                var waiting = shards.Sum(shard => database.Dirty.Waiting(workspace, shard.Number).Count);
                LogWaiting(logger, waiting, workspace);
                Show();
            }
        }
    }

    /// <summary>Looks at the contacts for which an answer may have changed by itself. The first time everything is looked at: who knows what the last run of the program left.</summary>
    private async Task FollowClock(CancellationToken cancel)
    {
        var now = Now;
        if (now < NextChange)
        {
            return;
        }

        var followers = isTimed ? shards.ConvertAll(shard => (Shard: shard, Follower: DueOf(shard, now))) : shards.ConvertAll(static shard => (Shard: shard, Follower: (ContactFollower?)null));
        var few = followers.FindAll(static each => each.Follower is not null);
        var whole = followers.FindAll(static each => each.Follower is null).ConvertAll(static each => each.Shard);
        var timed = rules.Catalog.WithReaders(rules.Catalog.InOrder.Where(rule => rule.Rule.Reads.Clock || !isTimed).Select(static rule => rule.Id));
        List<ShardOutcome> outcome = [.. Evaluate(few.ConvertAll(static each => (each.Shard, each.Follower!)), now, cancel), .. Evaluate(whole, rules, timed, now, cancel)];
        if (DeltasOf(outcome, rules, static _ => MembershipCause.Time) is { Count: > 0 } deltas)
        {
            await Commit(new() { Workspace = workspace, Leases = Leases, At = now, Revision = reflected, Deltas = deltas }, cancel);
        }

        Take(outcome);
        few.ForEach(each => each.Shard.Settle(each.Follower!, rules.Plan, now));
        Side(whole, shard => shard.Running(rules.Plan).SetDue(now, shard.Due), CancellationToken.None);
        isTimed = true;
    }

    /// <summary>The contacts of a shard that are due; null where the whole of it is to be looked at.</summary>
    private ContactFollower? DueOf(EngineShard shard, Instant now)
    {
        if (shard.Due.At(now) is not { } due || due.Count > shard.Columns.Count / WholeFrom)
        {
            return null;
        }

        var follower = new ContactFollower(shard.Running(rules.Plan));
        foreach (var contact in due)
        {
            follower.Unseen(contact);
        }

        return follower;
    }

    private List<ShardLease> Leases => shards.ConvertAll(static shard => shard.Lease);

    private async Task Commit(MembershipCommit commit, CancellationToken cancel)
    {
        try
        {
            _ = await database.Memberships.Commit(commit, cancel);
        }
        catch when (commit.IsInSteps)
        {
            // Some of the steps may stand, and only the tables know which: the next turn reads them again. Readers keep what they have.
            ReadAnew();
            throw;
        }
    }

    private void ReadAnew()
    {
        shards.Clear();
        shown.Clear();
        (rules, isTimed, isCaughtUp) = (RulesInForce.None, false, false);
    }

    /// <summary>Gives the columns of every shard what a plan reads.</summary>
    private void Hold(RulePlan plan, CancellationToken cancel) => Side(shards, shard => shard.Hold(plan, reflected, cancel), cancel);

    private static HashSet<SegmentId> All(RulesInForce of) => of.Catalog.InOrder.Select(static rule => rule.Id).ToHashSet();

    /// <summary>Shards side by side on the cores.</summary>
    private static void Side<T>(List<T> among, Action<T> work, CancellationToken cancel) =>
        Parallel.For(0, among.Count, new ParallelOptions { CancellationToken = cancel, TaskScheduler = ComputeThreads.Shared }, i => work(among[i]));

    private static List<TFound> Side<T, TFound>(List<T> among, Func<T, TFound> work, CancellationToken cancel)
    {
        var found = new TFound[among.Count];
        _ = Parallel.For(0, among.Count, new ParallelOptions { CancellationToken = cancel, TaskScheduler = ComputeThreads.Shared }, i => found[i] = work(among[i]));
        return [.. found];
    }

    /// <summary>Whole shards, for some segments. The columns hold what the plan reads.</summary>
    private List<ShardOutcome> Evaluate(List<EngineShard> among, RulesInForce with, IReadOnlySet<SegmentId> affected, Instant now, CancellationToken cancel)
    {
        if (among.Count == 0)
        {
            return [];
        }

        var started = clock.GetTimestamp();
        var found = InTime(
            turnTime,
            within =>
            {
                Trap?.Invoke(with.Plan);
                return Side(among, shard => new ShardOutcome(shard, [.. Members(shard, with, affected, now, within).SelectMany(set => ChangeOf(shard, set.Segment, set.Members))]), within);
            },
            cancel);
        var contacts = among.Sum(static shard => shard.Columns.Count);
        var took = clock.GetElapsedTime(started);
        ServerMetrics.Evaluated(took);
        LogEvaluated(logger, affected.Count, contacts, (long)took.TotalMilliseconds, workspace);
        return found;
    }

    private List<ShardOutcome> Evaluate(List<(EngineShard Shard, ContactFollower Follower)> few, Instant now, CancellationToken cancel) =>
        few.Count == 0 ? [] : InTime(turnTime, within => Side(few, each => Evaluate(each.Shard, each.Follower, now, within), within), cancel);

    /// <summary>The contacts that a follower was told of: many of them with the whole shard, of which only they are taken, since others may be half followed.</summary>
    private ShardOutcome Evaluate(EngineShard shard, ContactFollower follower, Instant now, CancellationToken cancel)
    {
        Trap?.Invoke(rules.Plan);
        var seats = follower.Contacts.ToList();
        if (seats.Count > shard.Columns.Count / WholeFrom)
        {
            var only = ContactSet.Of(seats);
            return new(shard, [.. Members(shard, rules, All(rules), now, cancel)
                .SelectMany(set => ChangeOf(shard, set.Segment, shard.MembersOf(set.Segment).Except(only).Union(set.Members.Intersect(only))))]);
        }

        int[] slots = [.. rules.Plan.Segments.Select(segment => rules.Of(segment).Slot)];
        return new(shard, [.. follower.Follow(now, Unknown, shard.Members.ByContact, slots, cancel).Select(turn =>
        {
            var (segment, entered, left) = (rules.Of(turn.Segment).Number, ContactSet.Of(turn.Entered), ContactSet.Of(turn.Left));
            return new SetChange(segment, new MembershipDelta(entered, left).ApplyTo(shard.MembersOf(segment)), shard.NumbersOf(entered), shard.NumbersOf(left));
        })]);
    }

    private static IEnumerable<(long Segment, ContactSet Members)> Members(EngineShard shard, RulesInForce with, IReadOnlySet<SegmentId> affected, Instant now, CancellationToken cancel) =>
        shard.Running(with.Plan).Run(now, Unknown, affected, cancel).Rules.Select(rule => (with.Of(rule.Segment).Number, rule.Members));

    /// <summary>A plan holds every rule that can be run, so of a segment outside of it nothing good is known.</summary>
    private static ContactSet? Unknown(SegmentId segment) => null;
}
