using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>What the engine holds of one shard: who sits where, the columns that rules read, and the members of each segment. Touched only by whoever has the engine's turn.</summary>
internal sealed class EngineShard(WorkspaceId workspace, int number, ShardLease lease, SegmentDatabase database, SegmentSlots slots)
{
    private const int ChunkMax = 10_000;

    private static readonly Contact nobody = new();

    /// <summary>For each event name the columns hold: the number of the last event they have.</summary>
    private readonly Dictionary<string, long> eventsHeld = new(StringComparer.Ordinal);

    /// <summary>Contacts whose events came into the columns before their own mark was taken.</summary>
    private readonly HashSet<ContactIndex> early = [];

    /// <summary>Contacts that were put on a list or taken off and whose memberships do not know it yet, by their numbers.</summary>
    public HashSet<long> Listed { get; } = [];

    /// <summary>The revision up to which contacts were followed.</summary>
    private long settled;

    private (RulePlan Plan, ShardEvaluator Evaluator)? running;

    /// <summary>The columns know changes of contacts whose marks still wait.</summary>
    private bool isBehind;

    /// <summary>The columns know changes of the contacts that were taken last, which the sets may not know yet.</summary>
    private bool isFollowing;

    public int Number => number;
    public ShardLease Lease => lease;
    public ContactSeats Seats { get; } = new();
    public ShardColumns Columns { get; } = new();

    /// <summary>When each contact is to be looked at again because of the clock.</summary>
    public DueTimes Due { get; } = new();

    public ShardMembers Members { get; } = new(slots);

    /// <summary>Runs the plan in force; what it learnt of values it keeps for the next run.</summary>
    public ShardEvaluator Running(RulePlan plan)
    {
        if (running?.Plan != plan)
        {
            running = (plan, new(plan, Columns));
        }

        return running.Value.Evaluator;
    }

    /// <summary>What it takes of memory.</summary>
    public long Bytes => Seats.Bytes + Columns.Bytes + Due.Bytes + Members.Bytes;

    public ContactSet MembersOf(long segment) => Members[segment];

    public void Take(IEnumerable<(long Segment, ContactSet Members)> sets)
    {
        foreach (var (segment, set) in sets)
        {
            Members[segment] = set;
        }
    }

    /// <summary>Seats every contact of the shard; answers with how many there are.</summary>
    public int SeatAll(CancellationToken cancel)
    {
        // No column is held yet, so there is nothing of a contact to keep but that it is here.
        foreach (var (contact, id) in database.Contacts.StreamIds(workspace, number))
        {
            cancel.ThrowIfCancellationRequested();
            Columns.Put(Seats.Take(contact, id), nobody);
        }

        return Seats.Count;
    }

    /// <summary>Takes over the members that are stored, in ascending order; those of other shards are passed over.</summary>
    public void Restore(long segment, IReadOnlyList<long> members) => Members[segment] = ContactSet.Of(Seats.Among(members));

    /// <summary>Whether the columns know changes of contacts that the sets do not: then only evaluating every segment gives sets that fit together.</summary>
    public bool IsAhead => isBehind || isFollowing || early.Count > 0;

    /// <summary>The sets know what the columns know of every contact.</summary>
    public void Settle()
    {
        (isBehind, isFollowing) = (false, false);
        early.Clear();
        Listed.Clear();
    }

    /// <summary>The sets know what the columns know of the contacts that were followed. Of those whose marks still wait they do not, where the columns do.</summary>
    public void Settle(Followed followed, RulePlan plan, Instant now)
    {
        isFollowing = false;
        isBehind &= followed.Batch.More;
        settled = Math.Max(settled, followed.Batch.Revision);
        Listed.ExceptWith(followed.Batch.Contacts.Select(static contact => contact.Contact));
        Settle(followed.Follower, plan, now);
    }

    /// <summary>Each contact that was followed is due when a condition of the plan may turn for it next.</summary>
    public void Settle(ContactFollower followed, RulePlan plan, Instant now)
    {
        var contacts = Running(plan).At(now, static _ => null);
        foreach (var contact in followed.Contacts)
        {
            _ = early.Remove(contact);
            Due.Set(contact, contacts.NextChange(contact));
        }
    }

    /// <summary>Reads from the tables whatever a plan needs and the columns do not hold yet. What they hold is brought to the same moment, or a contact would be old in one column and new in another.</summary>
    public void Hold(RulePlan plan, long reflected, CancellationToken cancel)
    {
        var missing = Columns.Needs(plan);
        if (missing.IsNone && !IsAhead)
        {
            return;
        }

        using var moment = database.ShardNow(workspace, number);
        foreach (var changed in moment.Dirty(int.MaxValue).Contacts.Chunk(ChunkMax))
        {
            cancel.ThrowIfCancellationRequested();
            isBehind = true;
            Follow(moment, changed, follower: null, Instant.MinValue, reflected);
        }

        if (missing.IsNone)
        {
            return;
        }

        var reached = missing.Events.ToDictionary(static name => name, static _ => 0L, StringComparer.Ordinal);
        Columns.Extend(plan, missing.Contacts == ContactParts.None ? [] : Seated(moment, missing.Contacts, cancel), Seated(moment, reached, cancel));
        foreach (var (name, last) in reached)
        {
            eventsHeld[name] = last;
        }
    }

    /// <summary>Lets go of the columns that none of some plans reads.</summary>
    public void TrimTo(params ReadOnlySpan<RulePlan> plans)
    {
        Columns.TrimTo(plans);
        foreach (var name in eventsHeld.Keys.Where(name => !Columns.HoldsEvents(name)).ToList())
        {
            _ = eventsHeld.Remove(name);
        }
    }

    /// <summary>Takes contacts that changed, those that wait longest first, and brings the columns up to date with them and with every event that came in since.</summary>
    /// <param name="plan">The rules in force.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="now">The time of the answers.</param>
    /// <param name="reflected">The revision that the memberships reflect.</param>
    public Followed Follow(RulePlan plan, int max, Instant now, long reflected)
    {
        // What was taken last and never settled waits again.
        isBehind |= isFollowing;
        using var moment = database.ShardNow(workspace, number);
        var batch = moment.Dirty(max);
        var follower = new ContactFollower(Running(plan));
        if (batch.Contacts.Count > 0)
        {
            Follow(moment, batch.Contacts, follower, now, reflected);
            isFollowing = true;
        }

        return new(this, batch, follower);
    }

    /// <summary>The numbers that the database knows some seats by.</summary>
    public IReadOnlyList<long> NumbersOf(ContactSet set)
    {
        var numbers = new List<long>(set.Count);
        foreach (var seat in set)
        {
            numbers.Add(Seats[seat].Number);
        }

        return numbers;
    }

    private void Follow(ShardMoment moment, IReadOnlyCollection<DirtyContact> changed, ContactFollower? follower, Instant now, long reflected)
    {
        var stored = moment.Contacts(changed.Select(static contact => contact.Contact)).ToDictionary(static contact => contact.Number);
        foreach (var (contact, _) in changed)
        {
            if (stored.TryGetValue(contact, out var present))
            {
                Follow(present, follower, now);
                if (present.IsListedSince(Math.Max(settled, reflected)))
                {
                    _ = Listed.Add(contact);
                }
            }
            else if (Seats.TryFind(contact, out var empty))
            {
                Columns.Remove(empty);
                Seats.Leave(contact);
                Due.Set(empty, Instant.MaxValue);
                Members.Remove(empty);
            }
        }

        foreach (var (seat, happened) in Seated(moment, eventsHeld, CancellationToken.None))
        {
            Columns.Add(seat, happened);
            if (follower?.Happened(seat, happened.Name) != true)
            {
                _ = early.Add(seat);
            }
        }
    }

    private void Follow(StoredContact present, ContactFollower? follower, Instant now)
    {
        // Of whoever is new, may have changed unseen or is due by the clock, nothing is known from before.
        if (!isBehind && Seats.TryFind(present.Number, out var seat) && !early.Contains(seat) && Due.Of(seat) > now)
        {
            follower?.Changing(seat);
            _ = Seat(present);
        }
        else
        {
            var unseen = Seat(present);
            follower?.Unseen(unseen);
        }
    }

    private ContactIndex Seat(StoredContact contact)
    {
        var seat = Seats.Take(contact.Number, contact.Contact.Id!.Value);
        Columns.Put(seat, contact.Contact);
        return seat;
    }

    private IEnumerable<(ContactIndex, Contact)> Seated(ShardMoment moment, ContactParts parts, CancellationToken cancel)
    {
        foreach (var (contact, known) in moment.Contacts(parts))
        {
            cancel.ThrowIfCancellationRequested();
            if (Seats.TryFind(contact, out var seat))
            {
                yield return (seat, known);
            }
            else
            {
                // Whoever is new is put into all columns.
                var stranger = moment.Contacts([contact])[0].Contact;
                yield return (Seats.Take(contact, stranger.Id!.Value), stranger);
            }
        }
    }

    /// <summary>
    /// New events of contacts that exist, noting how far each name was read. One may belong to a contact whose own mark is not taken yet: it is seated at once, so that the event is not passed over,
    /// and its mark still waits.
    /// </summary>
    private IEnumerable<(ContactIndex, ContactEvent)> Seated(ShardMoment moment, Dictionary<string, long> reached, CancellationToken cancel)
    {
        foreach (var stored in moment.Events(reached))
        {
            cancel.ThrowIfCancellationRequested();
            if (Seats.TryFind(stored.Contact, out var seat))
            {
                yield return (seat, Read(stored));
            }
            else if (moment.Contacts([stored.Contact]) is [var stranger])
            {
                yield return (Seat(stranger), Read(stored));
            }

            reached[stored.Name] = stored.Number;
        }
    }

    private static ContactEvent Read(StoredEvent stored) => new(stored.Name, stored.At, stored.Number, stored.Properties);
}

/// <summary>Contacts of a shard that changed, and who follows what that means.</summary>
internal sealed record Followed(EngineShard Shard, DirtyBatch Batch, ContactFollower Follower);
