using System.Numerics;

namespace SegmentEngine.Evaluation;

/// <summary>Sums of decimals compared without rounding.</summary>
internal static class ExactNumbers
{
    private const int ScaleMax = 28;

    /// <summary>How a sum lies to an operand taken so many times.</summary>
    public static int Compare(decimal sum, int times, decimal operand)
    {
        if (times == 1)
        {
            return decimal.Compare(sum, operand);
        }

        // Doubles tell what lies well apart.
        var (mean, other) = ((double)sum / times, (double)operand);
        return Math.Abs(mean - other) > (Math.Abs(mean) + Math.Abs(other)) * 1e-9 ? mean.CompareTo(other) : Compare(Scaled(sum), times, operand);
    }

    /// <summary>The same of a sum in whole 10^-28.</summary>
    public static int Compare(BigInteger scaledSum, int times, decimal operand) => scaledSum.CompareTo(Scaled(operand) * times);

    /// <summary>A decimal as a whole number of 10^-28.</summary>
    public static BigInteger Scaled(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var coefficient = ((BigInteger)unchecked((uint)parts[2]) << 64) | ((BigInteger)unchecked((uint)parts[1]) << 32) | unchecked((uint)parts[0]);
        coefficient *= BigInteger.Pow(10, ScaleMax - value.Scale);
        return value < 0 ? -coefficient : coefficient;
    }
}
