using SegmentEngine.Evaluation;

namespace SegmentEngine.Server.Memberships;

/// <summary>The members of each segment of one shard, by segment for whoever lists or counts them, and by contact for whoever asks about one. One writer.</summary>
/// <param name="slots">Shared by the shards of a workspace.</param>
public sealed class ShardMembers(SegmentSlots slots)
{
    private readonly Dictionary<long, ContactSet> bySegment = [];
    private readonly MembershipRows byContact = new();

    public ContactSet this[long segment]
    {
        get => bySegment.GetValueOrDefault(segment, ContactSet.Empty);
        set
        {
            byContact.Change(slots.Of(segment), this[segment], value);
            bySegment[segment] = value;
        }
    }

    /// <summary>As it is now, for good.</summary>
    public MembershipRows.View ByContact => byContact.Now();

    /// <summary>Bytes they take.</summary>
    public long Bytes => bySegment.Values.Sum(static members => members.Bytes) + byContact.Bytes;

    /// <summary>By their numbers.</summary>
    public IReadOnlyCollection<long> Segments => bySegment.Keys;

    /// <summary>False where there was nothing of the segment.</summary>
    public bool Remove(long segment)
    {
        if (!bySegment.Remove(segment, out var gone))
        {
            return false;
        }

        byContact.Change(slots.Of(segment), gone, ContactSet.Empty);
        return true;
    }

    /// <summary>A contact that was deleted is in no segment.</summary>
    public void Remove(ContactIndex contact)
    {
        foreach (var (segment, members) in bySegment.ToList())
        {
            bySegment[segment] = members.Without(contact);
        }

        byContact.Clear(contact);
    }

    /// <summary>What readers see of it from here on.</summary>
    public ShardMemberships Now(ContactSeats seats) => new(seats, seats.Count, new(bySegment), ByContact);
}
