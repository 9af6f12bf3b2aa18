using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SegmentEngine.Evaluation.Kernels;

/// <summary>Sets of rows as words of 64 bits, combined a vector at a time. Every span of one call has the same length.</summary>
internal static class BitKernels
{
    /// <summary>Rows that one load reads, wherever they begin in a byte.</summary>
    public const int PieceMax = 56;

    /// <summary>left and right; <paramref name="into"/> may be either of them.</summary>
    public static void And(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> into) => Combine<Conjunction>(left, right, into);

    /// <summary>left or right; <paramref name="into"/> may be either of them.</summary>
    public static void Or(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> into) => Combine<Disjunction>(left, right, into);

    /// <summary>left and not right; <paramref name="into"/> may be either of them.</summary>
    public static void AndNot(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> into) => Combine<Difference>(left, right, into);

    /// <summary>left or not right; <paramref name="into"/> may be either of them.</summary>
    public static void OrNot(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> into) => Combine<DisjunctionNot>(left, right, into);

    /// <summary>Every bit turned round.</summary>
    public static void Invert(Span<ulong> words)
    {
        foreach (ref var word in words)
        {
            word = ~word;
        }
    }

    public static int Count(ReadOnlySpan<ulong> words)
    {
        var count = 0;
        foreach (var word in words)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    /// <summary>Up to <see cref="PieceMax"/> rows from the first on, as the low bits of a word. The words reach one beyond those the rows lie in.</summary>
    public static ulong Piece(ReadOnlySpan<ulong> words, int first, int count)
    {
        unchecked
        {
            if ((uint)count > PieceMax || (uint)(first >> 6) + 1 >= (uint)words.Length)
            {
                throw new ArgumentOutOfRangeException(nameof(first), $"{count} rows from {first} of {words.Length} words");
            }

            ref var at = ref Unsafe.Add(ref Unsafe.As<ulong, byte>(ref MemoryMarshal.GetReference(words)), first >> 3);
            return (Unsafe.ReadUnaligned<ulong>(ref at) >> (first & 7)) & ((1UL << count) - 1);
        }
    }

    public static bool Contains(ReadOnlySpan<ulong> words, int row) => ((words[row >> 6] >> (row & 63)) & 1) != 0;

    public static void Set(Span<ulong> words, int row) => words[row >> 6] |= 1UL << (row & 63);

    public static void Clear(Span<ulong> words, int row) => words[row >> 6] &= ~(1UL << (row & 63));

    public static void Combine<TOperation>(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> into) where TOperation : struct, IOperation
    {
        if (left.Length != into.Length || right.Length != into.Length)
        {
            throw new ArgumentException($"three lengths that should be one: {left.Length}, {right.Length}, {into.Length}");
        }

        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right);
        ref var c = ref MemoryMarshal.GetReference(into);
        var i = 0;
        unchecked
        {
            for (; i <= into.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
            {
                TOperation.Of(Vector.LoadUnsafe(ref a, (nuint)i), Vector.LoadUnsafe(ref b, (nuint)i)).StoreUnsafe(ref c, (nuint)i);
            }
        }

        CombinePlain<TOperation>(left[i..], right[i..], into[i..]);
    }

    /// <summary>The plain twin of <see cref="Combine"/>.</summary>
    public static void CombinePlain<TOperation>(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> into) where TOperation : struct, IOperation
    {
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = TOperation.Of(left[i], right[i]);
        }
    }

    public interface IOperation
    {
        static abstract ulong Of(ulong left, ulong right);
        static abstract Vector<ulong> Of(Vector<ulong> left, Vector<ulong> right);
    }

    public readonly struct Conjunction : IOperation
    {
        public static ulong Of(ulong left, ulong right) => left & right;
        public static Vector<ulong> Of(Vector<ulong> left, Vector<ulong> right) => left & right;
    }

    public readonly struct Disjunction : IOperation
    {
        public static ulong Of(ulong left, ulong right) => left | right;
        public static Vector<ulong> Of(Vector<ulong> left, Vector<ulong> right) => left | right;
    }

    public readonly struct Difference : IOperation
    {
        public static ulong Of(ulong left, ulong right) => left & ~right;
        public static Vector<ulong> Of(Vector<ulong> left, Vector<ulong> right) => Vector.AndNot(left, right);
    }

    public readonly struct DisjunctionNot : IOperation
    {
        public static ulong Of(ulong left, ulong right) => left | ~right;
        public static Vector<ulong> Of(Vector<ulong> left, Vector<ulong> right) => left | ~right;
    }
}
