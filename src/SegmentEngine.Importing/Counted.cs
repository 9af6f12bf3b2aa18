using System.Globalization;

namespace SegmentEngine.Importing;

/// <summary>So many of something, in words.</summary>
internal static class Counted
{
    /// <summary><c>1 line</c>, <c>1,200 lines</c>.</summary>
    public static string Of(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");
}
