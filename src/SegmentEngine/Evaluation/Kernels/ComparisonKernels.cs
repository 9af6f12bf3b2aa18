using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SegmentEngine.Evaluation.Kernels;

/// <summary>Compares every row of a column of numbers with one or two operands: a bit a row. The rows are a whole number of words of 64.</summary>
internal static class ComparisonKernels
{
    public static void Fill<T, TComparison>(ReadOnlySpan<T> values, T low, T high, Span<ulong> bits)
        where T : unmanaged, INumber<T>
        where TComparison : struct, IComparison
    {
        if (values.Length != bits.Length * 64)
        {
            throw new ArgumentException($"{values.Length} rows for {bits.Length} words of 64");
        }

        if (Vector512.IsHardwareAccelerated)
        {
            Fill512<T, TComparison>(values, low, high, bits);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Fill256<T, TComparison>(values, low, high, bits);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Fill128<T, TComparison>(values, low, high, bits);
        }
        else
        {
            FillPlain<T, TComparison>(values, low, high, bits);
        }
    }

    /// <summary>The plain twin of <see cref="Fill"/>.</summary>
    public static void FillPlain<T, TComparison>(ReadOnlySpan<T> values, T low, T high, Span<ulong> bits)
        where T : unmanaged, INumber<T>
        where TComparison : struct, IComparison
    {
        for (var word = 0; word < bits.Length; word++)
        {
            var filled = 0UL;
            for (var i = 0; i < 64; i++)
            {
                filled |= (TComparison.Holds(values[(word * 64) + i], low, high) ? 1UL : 0UL) << i;
            }

            bits[word] = filled;
        }
    }

    public static void Fill512<T, TComparison>(ReadOnlySpan<T> values, T low, T high, Span<ulong> bits)
        where T : unmanaged, INumber<T>
        where TComparison : struct, IComparison
    {
        ref var row = ref MemoryMarshal.GetReference(values);
        var (from, to) = (Vector512.Create(low), Vector512.Create(high));
        unchecked
        {
            for (var word = 0; word < bits.Length; word++)
            {
                var filled = 0UL;
                for (var i = 0; i < 64; i += Vector512<T>.Count)
                {
                    filled |= TComparison.Holds(Vector512.LoadUnsafe(ref row, (nuint)((word * 64) + i)), from, to).ExtractMostSignificantBits() << i;
                }

                bits[word] = filled;
            }
        }
    }

    public static void Fill256<T, TComparison>(ReadOnlySpan<T> values, T low, T high, Span<ulong> bits)
        where T : unmanaged, INumber<T>
        where TComparison : struct, IComparison
    {
        ref var row = ref MemoryMarshal.GetReference(values);
        var (from, to) = (Vector256.Create(low), Vector256.Create(high));
        unchecked
        {
            for (var word = 0; word < bits.Length; word++)
            {
                // Four at a time: there are 2 to 32 vectors in a word.
                var filled = 0UL;
                var i = 0;
                for (; i <= 64 - (4 * Vector256<T>.Count); i += 4 * Vector256<T>.Count)
                {
                    ref var four = ref Unsafe.Add(ref row, (nuint)((word * 64) + i));
                    ulong a = TComparison.Holds(Vector256.LoadUnsafe(ref four), from, to).ExtractMostSignificantBits();
                    ulong b = TComparison.Holds(Vector256.LoadUnsafe(ref four, (nuint)Vector256<T>.Count), from, to).ExtractMostSignificantBits();
                    ulong c = TComparison.Holds(Vector256.LoadUnsafe(ref four, (nuint)(2 * Vector256<T>.Count)), from, to).ExtractMostSignificantBits();
                    ulong d = TComparison.Holds(Vector256.LoadUnsafe(ref four, (nuint)(3 * Vector256<T>.Count)), from, to).ExtractMostSignificantBits();
                    filled |= (a | (b << Vector256<T>.Count) | (c << (2 * Vector256<T>.Count)) | (d << (3 * Vector256<T>.Count))) << i;
                }

                for (; i < 64; i += Vector256<T>.Count)
                {
                    filled |= (ulong)TComparison.Holds(Vector256.LoadUnsafe(ref row, (nuint)((word * 64) + i)), from, to).ExtractMostSignificantBits() << i;
                }

                bits[word] = filled;
            }
        }
    }

    public static void Fill128<T, TComparison>(ReadOnlySpan<T> values, T low, T high, Span<ulong> bits)
        where T : unmanaged, INumber<T>
        where TComparison : struct, IComparison
    {
        ref var row = ref MemoryMarshal.GetReference(values);
        var (from, to) = (Vector128.Create(low), Vector128.Create(high));
        unchecked
        {
            for (var word = 0; word < bits.Length; word++)
            {
                var filled = 0UL;
                for (var i = 0; i < 64; i += Vector128<T>.Count)
                {
                    filled |= (ulong)TComparison.Holds(Vector128.LoadUnsafe(ref row, (nuint)((word * 64) + i)), from, to).ExtractMostSignificantBits() << i;
                }

                bits[word] = filled;
            }
        }
    }

    /// <summary>The least value above a threshold and below what is the least so far; that, where there is none.</summary>
    public static long LeastAbove(ReadOnlySpan<long> values, long threshold, long least = long.MaxValue)
    {
        var (above, below) = (new Vector<long>(threshold), new Vector<long>(least));
        var i = 0;
        for (; i <= values.Length - Vector<long>.Count; i += Vector<long>.Count)
        {
            // A lesser one is rare once there is one.
            var value = new Vector<long>(values[i..]);
            if (!Vector.EqualsAll(Vector.GreaterThan(value, above) & Vector.LessThan(value, below), Vector<long>.Zero))
            {
                least = LeastAbovePlain(values.Slice(i, Vector<long>.Count), threshold, least);
                below = new(least);
            }
        }

        return LeastAbovePlain(values[i..], threshold, least);
    }

    /// <summary>The same among the rows of a set.</summary>
    public static long LeastAbove(ReadOnlySpan<long> values, ReadOnlySpan<ulong> among, long threshold)
    {
        if (values.Length < among.Length * 64)
        {
            throw new ArgumentException($"{values.Length} rows for {among.Length} words of 64");
        }

        if (!Vector256.IsHardwareAccelerated)
        {
            return LeastAbovePlain(values, among, threshold);
        }

        ref var first = ref MemoryMarshal.GetReference(values);
        var (above, none, bits) = (Vector256.Create(threshold), Vector256.Create(long.MaxValue), Vector256.Create(1L, 2, 4, 8));
        var least = none;
        unchecked
        {
            for (var word = 0; word < among.Length; word++)
            {
                var row = word * 64;
                for (var rest = among[word]; rest != 0; rest >>= 4, row += 4)
                {
                    var value = Vector256.LoadUnsafe(ref first, (nuint)row);
                    var isIn = Vector256.Equals(Vector256.Create((long)rest) & bits, bits) & Vector256.GreaterThan(value, above);
                    least = Vector256.Min(least, Vector256.ConditionalSelect(isIn, value, none));
                }
            }
        }

        return Math.Min(Math.Min(least[0], least[1]), Math.Min(least[2], least[3]));
    }

    /// <summary>The plain twin of the one among a set.</summary>
    public static long LeastAbovePlain(ReadOnlySpan<long> values, ReadOnlySpan<ulong> among, long threshold)
    {
        var least = long.MaxValue;
        foreach (var row in new RowsOf(among))
        {
            least = values[row] > threshold ? Math.Min(least, values[row]) : least;
        }

        return least;
    }

    /// <summary>The plain twin of the one over all rows.</summary>
    public static long LeastAbovePlain(ReadOnlySpan<long> values, long threshold, long least = long.MaxValue)
    {
        foreach (var value in values)
        {
            least = value > threshold ? Math.Min(least, value) : least;
        }

        return least;
    }
}

/// <summary>How a value is compared; those with one operand find it in <c>low</c>. NaN satisfies none of them.</summary>
internal interface IComparison
{
    static abstract bool Holds<T>(T value, T low, T high) where T : unmanaged, INumber<T>;
    static abstract Vector128<T> Holds<T>(Vector128<T> value, Vector128<T> low, Vector128<T> high) where T : unmanaged, INumber<T>;
    static abstract Vector256<T> Holds<T>(Vector256<T> value, Vector256<T> low, Vector256<T> high) where T : unmanaged, INumber<T>;
    static abstract Vector512<T> Holds<T>(Vector512<T> value, Vector512<T> low, Vector512<T> high) where T : unmanaged, INumber<T>;
}

internal readonly struct EqualTo : IComparison
{
    public static bool Holds<T>(T value, T low, T high) where T : unmanaged, INumber<T> => value == low;
    public static Vector128<T> Holds<T>(Vector128<T> value, Vector128<T> low, Vector128<T> high) where T : unmanaged, INumber<T> => Vector128.Equals(value, low);
    public static Vector256<T> Holds<T>(Vector256<T> value, Vector256<T> low, Vector256<T> high) where T : unmanaged, INumber<T> => Vector256.Equals(value, low);
    public static Vector512<T> Holds<T>(Vector512<T> value, Vector512<T> low, Vector512<T> high) where T : unmanaged, INumber<T> => Vector512.Equals(value, low);
}

internal readonly struct LessThan : IComparison
{
    public static bool Holds<T>(T value, T low, T high) where T : unmanaged, INumber<T> => value < low;
    public static Vector128<T> Holds<T>(Vector128<T> value, Vector128<T> low, Vector128<T> high) where T : unmanaged, INumber<T> => Vector128.LessThan(value, low);
    public static Vector256<T> Holds<T>(Vector256<T> value, Vector256<T> low, Vector256<T> high) where T : unmanaged, INumber<T> => Vector256.LessThan(value, low);
    public static Vector512<T> Holds<T>(Vector512<T> value, Vector512<T> low, Vector512<T> high) where T : unmanaged, INumber<T> => Vector512.LessThan(value, low);
}

internal readonly struct AtMost : IComparison
{
    public static bool Holds<T>(T value, T low, T high) where T : unmanaged, INumber<T> => value <= low;
    public static Vector128<T> Holds<T>(Vector128<T> value, Vector128<T> low, Vector128<T> high) where T : unmanaged, INumber<T> => Vector128.LessThanOrEqual(value, low);
    public static Vector256<T> Holds<T>(Vector256<T> value, Vector256<T> low, Vector256<T> high) where T : unmanaged, INumber<T> => Vector256.LessThanOrEqual(value, low);
    public static Vector512<T> Holds<T>(Vector512<T> value, Vector512<T> low, Vector512<T> high) where T : unmanaged, INumber<T> => Vector512.LessThanOrEqual(value, low);
}

internal readonly struct GreaterThan : IComparison
{
    public static bool Holds<T>(T value, T low, T high) where T : unmanaged, INumber<T> => value > low;
    public static Vector128<T> Holds<T>(Vector128<T> value, Vector128<T> low, Vector128<T> high) where T : unmanaged, INumber<T> => Vector128.GreaterThan(value, low);
    public static Vector256<T> Holds<T>(Vector256<T> value, Vector256<T> low, Vector256<T> high) where T : unmanaged, INumber<T> => Vector256.GreaterThan(value, low);
    public static Vector512<T> Holds<T>(Vector512<T> value, Vector512<T> low, Vector512<T> high) where T : unmanaged, INumber<T> => Vector512.GreaterThan(value, low);
}

internal readonly struct AtLeast : IComparison
{
    public static bool Holds<T>(T value, T low, T high) where T : unmanaged, INumber<T> => value >= low;
    public static Vector128<T> Holds<T>(Vector128<T> value, Vector128<T> low, Vector128<T> high) where T : unmanaged, INumber<T> => Vector128.GreaterThanOrEqual(value, low);
    public static Vector256<T> Holds<T>(Vector256<T> value, Vector256<T> low, Vector256<T> high) where T : unmanaged, INumber<T> => Vector256.GreaterThanOrEqual(value, low);
    public static Vector512<T> Holds<T>(Vector512<T> value, Vector512<T> low, Vector512<T> high) where T : unmanaged, INumber<T> => Vector512.GreaterThanOrEqual(value, low);
}

/// <summary>From low to high, both included.</summary>
internal readonly struct Within : IComparison
{
    public static bool Holds<T>(T value, T low, T high) where T : unmanaged, INumber<T> => value >= low && value <= high;

    public static Vector128<T> Holds<T>(Vector128<T> value, Vector128<T> low, Vector128<T> high) where T : unmanaged, INumber<T> =>
        Vector128.GreaterThanOrEqual(value, low) & Vector128.LessThanOrEqual(value, high);

    public static Vector256<T> Holds<T>(Vector256<T> value, Vector256<T> low, Vector256<T> high) where T : unmanaged, INumber<T> =>
        Vector256.GreaterThanOrEqual(value, low) & Vector256.LessThanOrEqual(value, high);

    public static Vector512<T> Holds<T>(Vector512<T> value, Vector512<T> low, Vector512<T> high) where T : unmanaged, INumber<T> =>
        Vector512.GreaterThanOrEqual(value, low) & Vector512.LessThanOrEqual(value, high);
}

/// <summary>From low on, so many values and no more; of unsigned numbers.</summary>
internal readonly struct FromOn : IComparison
{
    public static bool Holds<T>(T value, T low, T high) where T : unmanaged, INumber<T> => value >= low && value - low <= high;

    public static Vector128<T> Holds<T>(Vector128<T> value, Vector128<T> low, Vector128<T> high) where T : unmanaged, INumber<T> =>
        Vector128.Equals(Vector128.Min(value - low, high), value - low);

    public static Vector256<T> Holds<T>(Vector256<T> value, Vector256<T> low, Vector256<T> high) where T : unmanaged, INumber<T> =>
        Vector256.Equals(Vector256.Min(value - low, high), value - low);

    public static Vector512<T> Holds<T>(Vector512<T> value, Vector512<T> low, Vector512<T> high) where T : unmanaged, INumber<T> =>
        Vector512.Equals(Vector512.Min(value - low, high), value - low);
}
