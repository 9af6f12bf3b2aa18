using System.Numerics;
using SegmentEngine.Evaluation.Kernels;

namespace SegmentEngine.Tests.Evaluation.Kernels;

/// <summary>Every fast loop beside its plain twin.</summary>
public sealed class KernelTests
{
    private readonly Random random = new(2024);

    public static TheoryData<int> Lengths => [0, 1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65];

    [Theory, MemberData(nameof(Lengths))]
    public void Words_combine_as_bits_do(int words)
    {
        Check<BitKernels.Conjunction>(words);
        Check<BitKernels.Disjunction>(words);
        Check<BitKernels.Difference>(words);
        Check<BitKernels.DisjunctionNot>(words);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Doubles_compare_row_by_row(int words)
    {
        double[] drawn = [0, -0.0, 1, 1.5, -7, double.NaN, double.MaxValue, double.Epsilon];
        var values = Draw(words, drawn);
        foreach (var low in drawn)
        {
            CheckAll(values, low, 1.5);
        }
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Whole_numbers_compare_row_by_row(int words)
    {
        CheckAll(Draw(words, [0, 1, -1, 7, int.MinValue, int.MaxValue]), 0, 7);
        CheckAll(Draw(words, [0, 1, -1, 7, long.MinValue, long.MaxValue]), 0, 7);
        CheckAll(Draw<ushort>(words, [0, 1, 7, 255, 256, 32_767, 32_768, ushort.MaxValue]), (ushort)256, (ushort)40_000);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Codes_are_found_in_their_table(int words)
    {
        var codes = new byte[words * 64];
        random.NextBytes(codes);
        for (var round = 0; round < 20; round++)
        {
            ulong[] table = [Word(), Word(), Word(), Word()];
            var (fast, half, plain) = (new ulong[words], new ulong[words], new ulong[words]);
            CodeKernels.Lookup(codes, table, fast);
            CodeKernels.Lookup128(codes, table, half);
            CodeKernels.LookupPlain<byte>(codes, table, plain);
            Assert.Equal(plain, fast);
            Assert.Equal(plain, half);
            Assert.Equal(codes.Select(code => ((table[code / 64] >> (code % 64)) & 1) != 0), codes.Select((_, row) => BitKernels.Contains(plain, row)));
        }
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Unsigned_numbers_from_one_on_are_found(int words)
    {
        var codes = Draw<byte>(words, [0, 1, 7, 127, 128, 254, 255]);
        foreach (var (from, more) in new (byte, byte)[] { (0, 255), (1, 6), (127, 1), (128, 127), (255, 0), (0, 0) })
        {
            Check<byte, FromOn>(codes, from, more);
            Check<byte, EqualTo>(codes, from, from);
            Check<ushort, FromOn>(Array.ConvertAll(codes, static code => (ushort)(code * 257)), (ushort)(from * 257), (ushort)(more * 257));
        }
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Codes_are_translated(int length)
    {
        var table = new byte[70_000];
        random.NextBytes(table);
        var codes = Enumerable.Range(0, length).Select(_ => random.Next(table.Length)).ToArray();
        var (four, two) = (new byte[length], new byte[length]);
        CodeKernels.Translate<int>(codes, table, four);
        CodeKernels.Translate<ushort>(Array.ConvertAll(codes, static code => (ushort)(code & 0xFFFF)), table, two);
        Assert.Equal(codes.Select(code => table[code]), four);
        Assert.Equal(codes.Select(code => table[code & 0xFFFF]), two);
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Values_fall_into_buckets(int length)
    {
        double[] drawn = [0, -0.0, 1, 1.5, -7, double.NaN, double.MaxValue, double.MinValue, double.Epsilon, 1e300, 99.99];
        foreach (var (from, to) in new[] { (0d, 100d), (-1e9, 1e9), (5, 5), (-1e307, 1e307), (0, double.Epsilon) })
        {
            var values = random.GetItems(drawn, length);
            var (fast, plain, scale) = (new int[length], new int[length], RankKernels.Scale(from, to));
            RankKernels.Bucket(values, from, scale, fast);
            RankKernels.BucketPlain(values, from, scale, plain);
            Assert.Equal(plain, fast);
            Assert.All(values.Zip(fast), pair => Assert.True(double.IsNaN(pair.First) ? pair.Second == 0 : pair.Second is > 0 and < RankKernels.Buckets));
            var ordered = values.Zip(fast).Where(static pair => !double.IsNaN(pair.First)).OrderBy(static pair => pair.First).Select(static pair => pair.Second).ToList();
            Assert.Equal(ordered.Order(), ordered);
        }
    }

    [Theory, MemberData(nameof(Lengths))]
    public void Values_are_ranked_among_borders(int length)
    {
        foreach (var count in new[] { 0, 1, 2, 3, 100, 254 })
        {
            // All in one bucket, and missing values in their own.
            var borders = new double[256];
            borders.AsSpan().Fill(double.PositiveInfinity);
            borders[0] = double.NaN;
            for (var i = 1; i <= count; i++)
            {
                borders[i] = i / 2d;
            }

            var values = Enumerable.Range(0, length).Select(i => i % 10 == 3 ? double.NaN : random.Next(-10, 300) / 2d).ToArray();
            var begins = new ushort[RankKernels.Buckets];
            begins[1] = (ushort)(1 + (256 * Math.Max(0, count - 2)));
            var (fast, plain) = (new byte[length], new byte[length]);
            RankKernels.Rank(values, Array.ConvertAll(values, static value => double.IsNaN(value) ? 0 : 1), begins, borders, fast);
            RankKernels.RankPlain(values, borders, plain);
            Assert.Equal(plain, fast);
            Assert.Equal(values.Select(value => double.IsNaN(value) ? 0 : 1 + borders[1..].Count(border => border <= value)), plain.Select(static rank => (int)rank));
        }
    }

    [Theory, MemberData(nameof(Lengths))]
    public void The_least_value_above_a_threshold_is_found(int length)
    {
        var values = Enumerable.Range(0, length).Select(_ => random.NextInt64(-50, 50)).ToArray();
        foreach (var threshold in new[] { long.MinValue, -51, -1, 0, 48, 49, long.MaxValue })
        {
            Assert.Equal(ComparisonKernels.LeastAbovePlain(values, threshold), ComparisonKernels.LeastAbove(values, threshold));
            Assert.Equal(values.Where(value => value > threshold).DefaultIfEmpty(long.MaxValue).Min(), ComparisonKernels.LeastAbove(values, threshold));
            Assert.Equal(values.Where(value => value > threshold).Append(3).Min(), ComparisonKernels.LeastAbove(values, threshold, least: 3));
        }
    }

    [Theory, MemberData(nameof(Lengths))]
    public void The_least_value_of_a_set_above_a_threshold_is_found(int words)
    {
        for (var i = 0; i < 20; i++)
        {
            var values = Enumerable.Range(0, words * 64).Select(_ => random.NextInt64(-50, 50)).ToArray();
            var among = Enumerable.Range(0, words).Select(_ => random.NextInt64() & random.NextInt64() & (random.Next(3) == 0 ? 0 : -1)).Select(static word => unchecked((ulong)word)).ToArray();
            var threshold = random.NextInt64(-60, 60);
            Assert.Equal(ComparisonKernels.LeastAbovePlain(values, among, threshold), ComparisonKernels.LeastAbove(values, among, threshold));
        }
    }

    [Fact]
    public void A_piece_of_a_set_is_read_wherever_it_begins()
    {
        ulong[] words = [.. Enumerable.Range(0, 4).Select(_ => unchecked((ulong)random.NextInt64(long.MinValue, long.MaxValue)))];
        for (var first = 0; first < 192; first++)
        {
            for (var count = 0; count <= Math.Min(BitKernels.PieceMax, 192 - first); count++)
            {
                var expected = Enumerable.Range(0, count).Aggregate(0UL, (piece, i) => piece | (BitKernels.Contains(words, first + i) ? 1UL << i : 0));
                Assert.Equal(expected, BitKernels.Piece(words, first, count));
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => BitKernels.Piece(words, 0, BitKernels.PieceMax + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitKernels.Piece(words, 192, 1));
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => BitKernels.And(new ulong[2], new ulong[3], new ulong[3]));
        Assert.Throws<ArgumentException>(static () => ComparisonKernels.Fill<int, EqualTo>(new int[63], 0, 0, new ulong[1]));
        Assert.Throws<ArgumentException>(static () => CodeKernels.Lookup(new byte[64], new ulong[3], new ulong[1]));
        Assert.Throws<ArgumentException>(static () => CodeKernels.Translate<int>(new int[3], new byte[1], new byte[4]));
        Assert.Throws<ArgumentException>(static () => RankKernels.Bucket(new double[3], 0, 1, new int[4]));
        Assert.Throws<ArgumentException>(static () => RankKernels.Rank(new double[3], new int[3], new ushort[RankKernels.Buckets], new double[255], new byte[3]));
    }

    private void Check<TOperation>(int words) where TOperation : struct, BitKernels.IOperation
    {
        ulong[] left = [.. Enumerable.Range(0, words).Select(_ => Word())], right = [.. Enumerable.Range(0, words).Select(_ => Word())];
        var (fast, plain) = (new ulong[words], new ulong[words]);
        BitKernels.Combine<TOperation>(left, right, fast);
        BitKernels.CombinePlain<TOperation>(left, right, plain);
        Assert.Equal(plain, fast);
        BitKernels.Combine<TOperation>(left, right, left);
        Assert.Equal(plain, left);
    }

    private static void CheckAll<T>(T[] values, T low, T high) where T : unmanaged, INumber<T>
    {
        Check<T, EqualTo>(values, low, high);
        Check<T, LessThan>(values, low, high);
        Check<T, AtMost>(values, low, high);
        Check<T, GreaterThan>(values, low, high);
        Check<T, AtLeast>(values, low, high);
        Check<T, Within>(values, low, high);
    }

    private static void Check<T, TComparison>(T[] values, T low, T high) where T : unmanaged, INumber<T> where TComparison : struct, IComparison
    {
        var plain = new ulong[values.Length / 64];
        ComparisonKernels.FillPlain<T, TComparison>(values, low, high, plain);
        Assert.Equal(values.Select(value => TComparison.Holds(value, low, high)), values.Select((_, row) => BitKernels.Contains(plain, row)));
        foreach (var fill in new Filler<T>[] { ComparisonKernels.Fill<T, TComparison>, ComparisonKernels.Fill128<T, TComparison>, ComparisonKernels.Fill256<T, TComparison>, ComparisonKernels.Fill512<T, TComparison> })
        {
            var fast = new ulong[plain.Length];
            fill(values, low, high, fast);
            Assert.Equal(plain, fast);
        }
    }

    private T[] Draw<T>(int words, T[] from) => random.GetItems(from, words * 64);

    private ulong Word() => unchecked((ulong)random.NextInt64(long.MinValue, long.MaxValue));

    private delegate void Filler<T>(ReadOnlySpan<T> values, T low, T high, Span<ulong> bits);
}
