using SegmentEngine.Contacts;

namespace SegmentEngine.Evaluation;

/// <summary>Numbers as whole millionths, which are added exactly and fast: money, counts and durations are such.</summary>
internal static class FixedPoint
{
    /// <summary>So many of them stay within a <see cref="long"/>.</summary>
    public const int AddedMax = 9_000;

    private const double One = 1_000_000;

    /// <summary>Fifteen digits: up to here no two decimals have the same double.</summary>
    private const double WholeMax = 1e15;

    /// <summary>The millionths of the decimal that a double stands for; false where it is no whole number of them, or too large.</summary>
    public static bool TryOf(double value, out long millionths)
    {
        // The product may be off by a little, the whole number next to it is not: divided, rightly rounded, it must give the double back.
        var whole = Math.Round(value * One);
        var isWhole = Math.Abs(whole) < WholeMax && whole / One == value;
        millionths = isWhole ? (long)whole : 0;
        return isWhole;
    }

    /// <summary>A number in millionths; null where it is no whole number of them, or too large.</summary>
    public static long? Of(Numeric number) => NumberColumn.IsPlain(number) && TryOf(number.Approximate, out var millionths) ? millionths : null;
}
