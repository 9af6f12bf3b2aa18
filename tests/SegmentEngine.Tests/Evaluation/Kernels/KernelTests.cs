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
    public void The_least_value_above_a_threshold_is_found(int length)
    {
        var values = Enumerable.Range(0, length).Select(_ => random.NextInt64(-50, 50)).ToArray();
        foreach (var threshold in new[] { long.MinValue, -51, -1, 0, 48, 49, long.MaxValue })
        {
            Assert.Equal(ComparisonKernels.LeastAbovePlain(values, threshold), ComparisonKernels.LeastAbove(values, threshold));
            Assert.Equal(values.Where(value => value > threshold).DefaultIfEmpty(long.MaxValue).Min(), ComparisonKernels.LeastAbove(values, threshold));
        }
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => BitKernels.And(new ulong[2], new ulong[3], new ulong[3]));
        Assert.Throws<ArgumentException>(static () => ComparisonKernels.Fill<int, EqualTo>(new int[63], 0, 0, new ulong[1]));
        Assert.Throws<ArgumentException>(static () => CodeKernels.Lookup(new byte[64], new ulong[3], new ulong[1]));
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
