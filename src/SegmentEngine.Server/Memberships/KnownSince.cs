using System.Collections.Concurrent;
using SegmentEngine.Contacts;

namespace SegmentEngine.Server.Memberships;

/// <summary>Since when some contacts are members of some segments, kept for as long as a snapshot: who is asked about once is mostly asked about again, and a look into the tables takes as long as the rest of a check.</summary>
internal sealed class KnownSince
{
    /// <summary>A megabyte. Beyond it nothing more is kept.</summary>
    private const int Max = 10_000;

    private readonly ConcurrentDictionary<(long Segment, long Contact), Instant> known = [];
    private int count;

    public bool TryGet(long segment, long contact, out Instant since) => known.TryGetValue((segment, contact), out since);

    public void Keep(long segment, long contact, Instant since)
    {
        if (Volatile.Read(ref count) < Max && known.TryAdd((segment, contact), since))
        {
            _ = Interlocked.Increment(ref count);
        }
    }
}
