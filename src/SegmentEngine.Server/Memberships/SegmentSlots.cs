namespace SegmentEngine.Server.Memberships;

/// <summary>Which bit of a contact's row stands for which segment, by the segment's number. A slot is given out again only when its segment is gone from every shard. For any thread: shards load side by side.</summary>
public sealed class SegmentSlots
{
    private readonly Lock turn = new();
    private readonly Dictionary<long, int> slots = [];
    private readonly Stack<int> free = [];

    public int Of(long segment)
    {
        lock (turn)
        {
            if (!slots.TryGetValue(segment, out var slot))
            {
                // While none is free, slots are as many as segments.
                slots[segment] = slot = free.TryPop(out var freed) ? freed : slots.Count;
            }

            return slot;
        }
    }

    /// <summary>The segments that have one, by their numbers.</summary>
    public IReadOnlyCollection<long> Segments
    {
        get
        {
            lock (turn)
            {
                return [.. slots.Keys];
            }
        }
    }

    /// <summary>The segment's bits are off in every shard.</summary>
    public void Free(long segment)
    {
        lock (turn)
        {
            if (slots.Remove(segment, out var slot))
            {
                free.Push(slot);
            }
        }
    }
}
