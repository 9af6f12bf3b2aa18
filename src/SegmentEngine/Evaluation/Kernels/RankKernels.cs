using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SegmentEngine.Evaluation.Kernels;

/// <summary>
/// Ranks values among borders: 0 for a missing one, else one more than the number of borders that are not above it. Values fall into evenly wide buckets between the first
/// border and the last; where a bucket begins is known from a table, and a step or two lead on from there.
/// </summary>
internal static class RankKernels
{
    /// <summary>Bucket 0 is for missing values, 1 for those below the first border, the last for those far above.</summary>
    public const int Buckets = 4096;

    /// <summary>What <see cref="Bucket"/> takes to spread the values from one border to another.</summary>
    public static double Scale(double from, double to) => (Buckets - 4) / 2 / Math.Max((to / 2) - (from / 2), 1e-300);

    /// <summary>The rank of every value.</summary>
    /// <param name="values">NaN is a missing one.</param>
    /// <param name="buckets">The bucket of each.</param>
    /// <param name="begins">Of each bucket the rank it begins with and, times 256, the borders in it beyond the first two.</param>
    /// <param name="borders">256 of them: NaN, the borders in ascending order, infinities.</param>
    /// <param name="ranks">What is found.</param>
    public static void Rank(ReadOnlySpan<double> values, ReadOnlySpan<int> buckets, ReadOnlySpan<ushort> begins, ReadOnlySpan<double> borders, Span<byte> ranks)
    {
        if (values.Length != ranks.Length || buckets.Length != ranks.Length || begins.Length != Buckets || borders.Length != 256)
        {
            throw new ArgumentException($"{values.Length} values, {buckets.Length} buckets for {ranks.Length} ranks, {begins.Length} beginnings, {borders.Length} borders");
        }

        ref var begin = ref MemoryMarshal.GetReference(begins);
        ref var border = ref MemoryMarshal.GetReference(borders);
        unchecked
        {
            for (var i = 0; i < ranks.Length; i++)
            {
                var value = values[i];
                uint entry = Unsafe.Add(ref begin, (nuint)(uint)buckets[i] & (Buckets - 1));
                var rank = entry & 255;

                // Two steps in any case: they cost less than a branch that is guessed wrong.
                rank += Unsafe.BitCast<bool, byte>(value >= Unsafe.Add(ref border, rank & 255));
                rank += Unsafe.BitCast<bool, byte>(value >= Unsafe.Add(ref border, rank & 255));
                for (var more = entry >> 8; more > 0 && value >= Unsafe.Add(ref border, rank & 255); more--)
                {
                    rank++;
                }

                ranks[i] = (byte)rank;
            }
        }
    }

    /// <summary>The plain twin of <see cref="Rank"/>.</summary>
    public static void RankPlain(ReadOnlySpan<double> values, ReadOnlySpan<double> borders, Span<byte> ranks)
    {
        for (var i = 0; i < ranks.Length; i++)
        {
            var rank = double.IsNaN(values[i]) ? 0 : 1;
            foreach (var border in borders[1..])
            {
                rank += border <= values[i] ? 1 : 0;
            }

            ranks[i] = (byte)rank;
        }
    }

    /// <summary>A bucket for every value, never a lower one for a higher value; NaN is a missing one.</summary>
    public static void Bucket(ReadOnlySpan<double> values, double from, double scale, Span<int> buckets)
    {
        if (values.Length != buckets.Length)
        {
            throw new ArgumentException($"{values.Length} values for {buckets.Length} buckets");
        }

        var i = 0;
        if (Avx.IsSupported)
        {
            ref var value = ref MemoryMarshal.GetReference(values);
            ref var bucket = ref MemoryMarshal.GetReference(buckets);
            var (least, times, two) = (Vector256.Create(from), Vector256.Create(scale), Vector256.Create(2d));
            var (first, last) = (Vector256.Create(1d), Vector256.Create(Buckets - 1d));
            for (; i <= buckets.Length - 4; i += 4)
            {
                var rows = Vector256.LoadUnsafe(ref value, (nuint)i);
                var place = Avx.Min(last, Avx.Max(first, ((rows - least) * times) + two)) & Vector256.Equals(rows, rows);
                Avx.ConvertToVector128Int32WithTruncation(place).StoreUnsafe(ref bucket, (nuint)i);
            }
        }

        BucketPlain(values[i..], from, scale, buckets[i..]);
    }

    /// <summary>The plain twin of <see cref="Bucket"/>.</summary>
    public static void BucketPlain(ReadOnlySpan<double> values, double from, double scale, Span<int> buckets)
    {
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = double.IsNaN(values[i]) ? 0 : (int)Math.Min(Buckets - 1d, Math.Max(1d, ((values[i] - from) * scale) + 2d));
        }
    }
}
