using System.Collections;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SegmentEngine.Evaluation.Kernels;

namespace SegmentEngine.Evaluation;

/// <summary>
/// An immutable set of contacts of one shard, in chunks of 65,536 seats that sets share until one of them changes: adding a contact copies one chunk.
/// A full million takes 125 kB; a chunk with few contacts is a short list instead.
/// </summary>
public sealed class ContactSet : IReadOnlyCollection<ContactIndex>, IEquatable<ContactSet>
{
    public static readonly ContactSet Empty = new([]);

    // INVARIANT: null stands for an empty chunk, and the last chunk is not null.
    private readonly SetChunk?[] chunks;

    private ContactSet(ReadOnlySpan<SetChunk?> chunks)
    {
        while (!chunks.IsEmpty && chunks[^1] is null)
        {
            chunks = chunks[..^1];
        }

        this.chunks = chunks.ToArray();
        foreach (var chunk in chunks)
        {
            Count += chunk?.Count ?? 0;
        }
    }

    /// <summary>How many contacts are in it.</summary>
    public int Count { get; }

    public static ContactSet Of(IEnumerable<ContactIndex> contacts)
    {
        var words = Array.Empty<ulong>();
        foreach (var contact in contacts)
        {
            if (contact.Value >> 6 >= words.Length)
            {
                Array.Resize(ref words, Math.Max((contact.Value >> 6) + 1, words.Length * 2));
            }

            BitKernels.Set(words, contact.Value);
        }

        return FromWords(words);
    }

    /// <summary>A set from bits: contact i is bit i mod 64 of word i / 64.</summary>
    public static ContactSet FromWords(ReadOnlySpan<ulong> words)
    {
        var chunks = new SetChunk?[(words.Length + SetChunk.Words - 1) / SetChunk.Words];
        for (var i = 0; i < chunks.Length; i++)
        {
            chunks[i] = SetChunk.From(words.Slice(i * SetChunk.Words, Math.Min(SetChunk.Words, words.Length - (i * SetChunk.Words))));
        }

        return new(chunks);
    }

    internal static ContactSet FromChunks(ReadOnlySpan<SetChunk?> chunks) => new(chunks);

    public bool Contains(ContactIndex contact)
    {
        var chunk = contact.Value >> SetChunk.Shift;
        return (uint)chunk < (uint)chunks.Length && chunks[chunk] is { } there && there.Contains(contact.Value & SetChunk.Mask);
    }

    /// <summary>This set and one more contact.</summary>
    public ContactSet With(ContactIndex contact) => Contains(contact) ? this : Replace(contact, static (chunk, seat) => chunk is null ? SetChunk.Of(seat) : chunk.With(seat));

    /// <summary>This set without one contact.</summary>
    public ContactSet Without(ContactIndex contact) => Contains(contact) ? Replace(contact, static (chunk, seat) => chunk!.Without(seat)) : this;

    /// <summary>Those in either.</summary>
    public ContactSet Union(ContactSet other) =>
        Combine(other, Math.Max(chunks.Length, other.chunks.Length), static (mine, theirs) => mine is null ? theirs : theirs is null ? mine : mine.Union(theirs));

    /// <summary>Those in both.</summary>
    public ContactSet Intersect(ContactSet other) =>
        Combine(other, Math.Min(chunks.Length, other.chunks.Length), static (mine, theirs) => mine is null || theirs is null ? null : mine.Intersect(theirs));

    /// <summary>Those in this one and not in the other.</summary>
    public ContactSet Except(ContactSet other) =>
        Combine(other, chunks.Length, static (mine, theirs) => mine is null || theirs is null ? mine : mine.Except(theirs));

    /// <summary>In ascending order.</summary>
    public IEnumerator<ContactIndex> GetEnumerator() => From(new(0)).GetEnumerator();

    /// <summary>The contacts from a seat on, without walking over those before it.</summary>
    public IEnumerable<ContactIndex> From(ContactIndex first)
    {
        for (var i = first.Value >> SetChunk.Shift; i < chunks.Length; i++)
        {
            foreach (var seat in chunks[i]?.Seats ?? [])
            {
                var contact = (i << SetChunk.Shift) | seat;
                if (contact >= first.Value)
                {
                    yield return new(contact);
                }
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether both hold the same contacts.</summary>
    public bool Equals(ContactSet? other)
    {
        if (other is null || other.Count != Count || other.chunks.Length != chunks.Length)
        {
            return false;
        }

        for (var i = 0; i < chunks.Length; i++)
        {
            if (!ReferenceEquals(chunks[i], other.chunks[i]) && (chunks[i] is not { } mine || other.chunks[i] is not { } theirs || !mine.SameAs(theirs)))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as ContactSet);

    public override int GetHashCode() => HashCode.Combine(Count, chunks.Length);

    public override string ToString() => $"{Count} contacts";

    /// <summary>Bytes it takes, chunks shared with other sets included.</summary>
    public long Bytes => chunks.Sum(static chunk => 8L + (chunk?.Bytes ?? 0));

    /// <summary>Copies a stretch of the bits that lies in one chunk.</summary>
    internal void CopyWords(int firstWord, Span<ulong> words)
    {
        var chunk = firstWord / SetChunk.Words;
        if (chunk < chunks.Length && chunks[chunk] is { } there)
        {
            there.CopyWords(firstWord % SetChunk.Words, words);
        }
        else
        {
            words.Clear();
        }
    }

    /// <summary>Those in one of the two and not in both, as words of sixty-four neighbours. Chunks that both share are passed over.</summary>
    internal IEnumerable<(int FirstContact, ulong Differ)> Differences(ContactSet other)
    {
        var mine = new ulong[SetChunk.Words];
        var theirs = new ulong[SetChunk.Words];
        for (var chunk = 0; chunk < Math.Max(chunks.Length, other.chunks.Length); chunk++)
        {
            if (chunk < chunks.Length && chunk < other.chunks.Length && ReferenceEquals(chunks[chunk], other.chunks[chunk]))
            {
                continue;
            }

            CopyWords(chunk * SetChunk.Words, mine);
            other.CopyWords(chunk * SetChunk.Words, theirs);
            for (var word = 0; word < SetChunk.Words; word++)
            {
                if ((mine[word] ^ theirs[word]) is not 0 and var differ)
                {
                    yield return ((chunk << SetChunk.Shift) + (word * 64), differ);
                }
            }
        }
    }

    /// <summary>For tests: the chunk a contact lies in.</summary>
    internal SetChunk? ChunkOf(ContactIndex contact) => chunks[contact.Value >> SetChunk.Shift];

    private ContactSet Replace(ContactIndex contact, Func<SetChunk?, int, SetChunk?> change)
    {
        var chunk = contact.Value >> SetChunk.Shift;
        var changed = new SetChunk?[Math.Max(chunks.Length, chunk + 1)];
        chunks.CopyTo(changed, 0);
        changed[chunk] = change(changed[chunk], contact.Value & SetChunk.Mask);
        return new(changed);
    }

    private ContactSet Combine(ContactSet other, int length, Func<SetChunk?, SetChunk?, SetChunk?> combine)
    {
        var combined = new SetChunk?[length];
        for (var i = 0; i < length; i++)
        {
            combined[i] = combine(i < chunks.Length ? chunks[i] : null, i < other.chunks.Length ? other.chunks[i] : null);
        }

        return new(combined);
    }
}

/// <summary>65,536 seats, at least one of them taken: a sorted list of the few, or a bit for each.</summary>
internal sealed class SetChunk
{
    public const int Shift = 16;
    public const int Mask = (1 << Shift) - 1;
    public const int Words = (1 << Shift) / 64;

    /// <summary>A list of 1,024 takes a quarter of the bits' 8 kB, and is found in within ten steps.</summary>
    public const int FewMax = 1024;

    private readonly ulong[]? bits;
    private readonly ushort[]? few;

    private SetChunk(ulong[] bits, int count)
    {
        this.bits = bits;
        Count = count;
    }

    private SetChunk(ushort[] few)
    {
        this.few = few;
        Count = few.Length;
    }

    public int Count { get; }

    public long Bytes => bits is null ? 64 + (2L * few!.Length) : 64 + (8L * bits.Length);

    public static SetChunk Of(int seat) => new([(ushort)seat]);

    /// <summary>A chunk of some bits, or null where none is set.</summary>
    public static SetChunk? From(ReadOnlySpan<ulong> words) => From(words, BitKernels.Count(words));

    private static SetChunk? From(ReadOnlySpan<ulong> words, int count)
    {
        if (count == 0)
        {
            return null;
        }

        if (count > FewMax)
        {
            var bits = new ulong[Words];
            words.CopyTo(bits);
            return new(bits, count);
        }

        var few = new ushort[count];
        var at = 0;
        for (var word = 0; at < count; word++)
        {
            for (var rest = words[word]; rest != 0; rest &= rest - 1)
            {
                few[at++] = (ushort)((word * 64) + BitOperations.TrailingZeroCount(rest));
            }
        }

        return new(few);
    }

    /// <summary>The chunks of a set that is made a block of words after the other.</summary>
    public sealed class Builder(int chunks)
    {
        private ulong[] bits = GC.AllocateUninitializedArray<ulong>(Words);
        private int count;

        public SetChunk?[] Chunks { get; } = new SetChunk?[chunks];

        /// <summary>Where a block of the open chunk is to be written.</summary>
        public Span<ulong> Room(int firstWord, int words) => bits.AsSpan(firstWord % Words, words);

        /// <summary>Counts a block that was written.</summary>
        public void Count(ReadOnlySpan<ulong> block) => count += BitKernels.Count(block);

        /// <summary>The open chunk is written to so many words.</summary>
        public void Close(int chunk, int words)
        {
            if (count > FewMax)
            {
                bits.AsSpan(words).Clear();
                Chunks[chunk] = new(bits, count);
                bits = GC.AllocateUninitializedArray<ulong>(Words);
            }
            else
            {
                Chunks[chunk] = From(bits.AsSpan(0, words), count);
            }

            count = 0;
        }
    }

    public IEnumerable<int> Seats
    {
        get
        {
            if (few is not null)
            {
                foreach (var seat in few)
                {
                    yield return seat;
                }

                yield break;
            }

            for (var word = 0; word < Words; word++)
            {
                for (var rest = bits![word]; rest != 0; rest &= rest - 1)
                {
                    yield return (word * 64) + BitOperations.TrailingZeroCount(rest);
                }
            }
        }
    }

    public bool Contains(int seat) => bits is not null ? BitKernels.Contains(bits, seat) : IsAmong(few!, seat);

    /// <summary>A search by halves whose steps are chosen without a jump: which way they go cannot be foreseen.</summary>
    private static bool IsAmong(ushort[] few, int seat)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(few);
        var (at, length) = (0, few.Length);
        while (length > 1)
        {
            var half = length >> 1;
            at = Unsafe.Add(ref first, at + half) <= seat ? at + half : at;
            length -= half;
        }

        return few[at] == seat;
    }

    /// <summary>The seat is not in it yet.</summary>
    public SetChunk With(int seat)
    {
        if (few is { Length: < FewMax })
        {
            var at = ~Array.BinarySearch(few, (ushort)seat);
            return new([.. few.AsSpan(0, at), (ushort)seat, .. few.AsSpan(at)]);
        }

        var more = new ulong[Words];
        CopyWords(0, more);
        BitKernels.Set(more, seat);
        return new(more, Count + 1);
    }

    /// <summary>The seat is in it. Null where it was the only one.</summary>
    public SetChunk? Without(int seat)
    {
        if (Count == 1)
        {
            return null;
        }

        if (few is not null)
        {
            var at = Array.BinarySearch(few, (ushort)seat);
            return new([.. few.AsSpan(0, at), .. few.AsSpan(at + 1)]);
        }

        var fewer = bits.AsSpan().ToArray();
        BitKernels.Clear(fewer, seat);
        return Count - 1 > FewMax ? new(fewer, Count - 1) : From(fewer);
    }

    public SetChunk Union(SetChunk other) => Combine<BitKernels.Disjunction>(other)!;

    public SetChunk? Intersect(SetChunk other) => Combine<BitKernels.Conjunction>(other);

    public SetChunk? Except(SetChunk other) => ReferenceEquals(this, other) ? null : Combine<BitKernels.Difference>(other);

    public bool SameAs(SetChunk other) => Count == other.Count && Intersect(other)?.Count == Count;

    public void CopyWords(int firstWord, Span<ulong> words)
    {
        if (bits is not null)
        {
            bits.AsSpan(firstWord, words.Length).CopyTo(words);
            return;
        }

        words.Clear();
        var from = Array.BinarySearch(few!, (ushort)(firstWord * 64));
        for (var i = from < 0 ? ~from : from; i < few!.Length && few[i] < (firstWord + words.Length) * 64; i++)
        {
            BitKernels.Set(words, few[i] - (firstWord * 64));
        }
    }

    private SetChunk? Combine<TOperation>(SetChunk other) where TOperation : struct, BitKernels.IOperation
    {
        if (ReferenceEquals(this, other))
        {
            return this;
        }

        Span<ulong> mine = stackalloc ulong[Words];
        Span<ulong> theirs = stackalloc ulong[Words];
        CopyWords(0, mine);
        other.CopyWords(0, theirs);
        BitKernels.Combine<TOperation>(mine, theirs, mine);

        // A result as large as one side is that side: union only adds, the others only take away.
        var count = BitKernels.Count(mine);
        return count == Count ? this : From(mine);
    }
}
