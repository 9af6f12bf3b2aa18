using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>What the engine holds of one shard: who sits where, the columns that rules read, and the members of each segment. Touched only by whoever has the engine's turn.</summary>
internal sealed class EngineShard(WorkspaceId workspace, int number, ShardLease lease, SegmentDatabase database)
{
    private const int ChunkMax = 10_000;

    /// <summary>For each event name the columns hold: the number of the last event they have.</summary>
    private readonly Dictionary<string, long> eventsHeld = new(StringComparer.Ordinal);

    private (RulePlan Plan, ShardEvaluator Evaluator)? running;

    public int Number => number;
    public ShardLease Lease => lease;
    public ContactSeats Seats { get; } = new();
    public ShardColumns Columns { get; } = new();

    /// <summary>Members by the segment's number.</summary>
    public Dictionary<long, ContactSet> Sets { get; } = [];

    /// <summary>Runs the plan in force; what it learnt of values it keeps for the next run.</summary>
    public ShardEvaluator Running(RulePlan plan)
    {
        if (running?.Plan != plan)
        {
            running = (plan, new(plan, Columns));
        }

        return running.Value.Evaluator;
    }

    public ContactSet MembersOf(long segment) => Sets.GetValueOrDefault(segment, ContactSet.Empty);

    public void Take(IReadOnlyDictionary<long, ContactSet> sets)
    {
        foreach (var (segment, set) in sets)
        {
            Sets[segment] = set;
        }
    }

    /// <summary>Seats every contact of the shard; answers with how many there are.</summary>
    public int SeatAll(CancellationToken cancel)
    {
        foreach (var (seat, contact) in Seated(database.Contacts.Stream(workspace, number), cancel))
        {
            Columns.Put(seat, contact);
        }

        return Seats.Count;
    }

    /// <summary>Takes over the members that are stored; those of other shards are passed over.</summary>
    public void Restore(long segment, IEnumerable<long> members)
    {
        var seats = new List<ContactIndex>();
        foreach (var member in members)
        {
            if (Seats.TryFind(member, out var seat))
            {
                seats.Add(seat);
            }
        }

        Sets[segment] = ContactSet.Of(seats);
    }

    /// <summary>Whether the columns know changes of contacts that the sets do not: then only evaluating every segment gives sets that fit together.</summary>
    public bool IsAhead { get; set; }

    /// <summary>Reads from the tables whatever a plan needs and the columns do not hold yet. What they hold is brought to the same moment, or a contact would be old in one column and new in another.</summary>
    public void Hold(RulePlan plan, CancellationToken cancel)
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
            IsAhead = true;
            _ = Follow(moment, changed);
        }

        if (missing.IsNone)
        {
            return;
        }

        var reached = missing.Events.ToDictionary(static name => name, static _ => 0L, StringComparer.Ordinal);
        Columns.Extend(plan, missing.Contacts ? Seated(moment.Contacts(), cancel) : [], Seated(moment, reached, cancel));
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

    /// <summary>Takes contacts that changed, those that wait longest first, and brings the columns up to date with them and with every event that came in since. Answers with the seats of those that exist.</summary>
    public (DirtyBatch Batch, List<ContactIndex> Seats) Follow(int max)
    {
        using var moment = database.ShardNow(workspace, number);
        var batch = moment.Dirty(max);
        IsAhead |= batch.Contacts.Count > 0;
        return (batch, batch.Contacts.Count == 0 ? [] : Follow(moment, batch.Contacts));
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

    private List<ContactIndex> Follow(ShardMoment moment, IReadOnlyCollection<DirtyContact> changed)
    {
        var stored = moment.Contacts(changed.Select(static contact => contact.Contact)).ToDictionary(static contact => contact.Number);
        var seats = new List<ContactIndex>(stored.Count);
        foreach (var (contact, _) in changed)
        {
            if (stored.TryGetValue(contact, out var present))
            {
                seats.Add(Seat(present));
            }
            else if (Seats.TryFind(contact, out var empty))
            {
                Columns.Remove(empty);
                Seats.Leave(contact);
                foreach (var (segment, set) in Sets.ToList())
                {
                    Sets[segment] = set.Without(empty);
                }
            }
        }

        foreach (var (seat, happened) in Seated(moment, eventsHeld, CancellationToken.None))
        {
            Columns.Add(seat, happened);
        }

        return seats;
    }

    private ContactIndex Seat(StoredContact contact)
    {
        var seat = Seats.Take(contact.Number, contact.Contact.Id!.Value);
        Columns.Put(seat, contact.Contact);
        return seat;
    }

    private IEnumerable<(ContactIndex, Contact)> Seated(IEnumerable<StoredContact> contacts, CancellationToken cancel)
    {
        foreach (var contact in contacts)
        {
            cancel.ThrowIfCancellationRequested();
            yield return (Seats.Take(contact.Number, contact.Contact.Id!.Value), contact.Contact);
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
