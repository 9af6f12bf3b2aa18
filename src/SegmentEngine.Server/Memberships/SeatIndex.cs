using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace SegmentEngine.Server.Memberships;

/// <summary>
/// From a key to its seat. The key lies beside the seat in one table, half of it empty: a look-up costs one line of memory that is in no cache, where a chain of objects costs three.
/// One writer; any number of readers, none of whom waits.
/// </summary>
internal sealed class SeatIndex<TKey, THash>
    where TKey : struct, IEquatable<TKey>
    where THash : ISeatHash<TKey>
{
    private const int Empty = 0;

    /// <summary>A seat that was taken out; a search goes on behind it.</summary>
    private const int Removed = -1;

    // INVARIANT: a key is written before the mark that says it is there, and never again.
    private volatile Entry[] entries = new Entry[16];
    private int used;

    public long Bytes => entries.Length * (long)Unsafe.SizeOf<Entry>();

    public bool TryFind(TKey key, out ContactIndex seat)
    {
        var all = entries;
        for (var at = Start(all, key); ; at = (at + 1) & (all.Length - 1))
        {
            ref var entry = ref all[at];
            var mark = Volatile.Read(ref entry.Mark);
            if (mark == Empty)
            {
                seat = default;
                return false;
            }

            if (mark != Removed && entry.Key.Equals(key))
            {
                seat = new(mark - 1);
                return true;
            }
        }
    }

    /// <summary>For the writer: from here on the key leads to this seat.</summary>
    public void Set(TKey key, ContactIndex seat)
    {
        if (used >= entries.Length / 2)
        {
            Grow();
        }

        var at = Start(entries, key);
        while (entries[at].Mark is var mark && mark != Empty)
        {
            if (entries[at].Key.Equals(key))
            {
                Volatile.Write(ref entries[at].Mark, seat.Value + 1);
                return;
            }

            at = (at + 1) & (entries.Length - 1);
        }

        Put(entries, at, key, seat.Value + 1);
    }

    /// <summary>For the writer: takes the key out, if it leads to this seat.</summary>
    public void Remove(TKey key, ContactIndex seat)
    {
        for (var at = Start(entries, key); entries[at].Mark != Empty; at = (at + 1) & (entries.Length - 1))
        {
            if (entries[at].Mark == seat.Value + 1)
            {
                Volatile.Write(ref entries[at].Mark, Removed);
                return;
            }
        }
    }

    private static int Start(Entry[] entries, TKey key) => (int)(THash.Of(key) >> 33) & (entries.Length - 1);

    private void Put(Entry[] into, int at, TKey key, int mark)
    {
        into[at].Key = key;
        Volatile.Write(ref into[at].Mark, mark);
        used++;
    }

    private void Grow()
    {
        var more = new Entry[entries.Length * 2];
        used = 0;
        foreach (ref var entry in entries.AsSpan())
        {
            if (entry.Mark is not (Empty or Removed))
            {
                var at = Start(more, entry.Key);
                while (more[at].Mark != Empty)
                {
                    at = (at + 1) & (more.Length - 1);
                }

                Put(more, at, entry.Key, entry.Mark);
            }
        }

        entries = more;
    }

    private struct Entry
    {
        public TKey Key;

        /// <summary>The seat and one more.</summary>
        public int Mark;
    }
}

/// <summary>Spreads keys over 64 bits. The seed is another in each process, so that nobody can choose keys that meet.</summary>
internal interface ISeatHash<TKey>
{
    static abstract ulong Of(TKey key);
}

internal readonly struct ContactIdHash : ISeatHash<ContactId>
{
    public static ulong Of(ContactId key)
    {
        var (low, high) = Unsafe.BitCast<ContactId, (ulong, ulong)>(key);
        return SeatHash.Mix(SeatHash.Mix(low ^ SeatHash.Seed) ^ high);
    }
}

internal readonly struct NumberHash : ISeatHash<long>
{
    public static ulong Of(long key) => SeatHash.Mix((ulong)key ^ SeatHash.Seed);
}

internal static class SeatHash
{
    public static readonly ulong Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    public static ulong Mix(ulong bits)
    {
        unchecked
        {
            bits *= 0x9E3779B97F4A7C15;
            bits ^= bits >> 32;
            return bits * 0xD6E8FEB86659FD93;
        }
    }
}
