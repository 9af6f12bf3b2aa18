using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

/// <summary>How large the text of a rule may be, beside what <see cref="Limits"/> says of the rule itself. A limit broken is a diagnostic, never an exception.</summary>
internal static class TextLimits
{
    /// <summary>The text in UTF-8 bytes: as much as the same rule as JSON, which is hardly ever shorter.</summary>
    public const int BytesMax = Limits.JsonBytesMax;

    /// <summary>
    /// Names, numbers, texts and signs. Parsing costs by the token, not by the byte: so many are read and checked in 50 ms of a processor, and hold some ten lists of a thousand values each.
    /// Longer lists belong in a static list; a rule as JSON, which costs less to read, may hold more.
    /// </summary>
    public const int TokensMax = 20_000;

    /// <summary>Brackets inside one another. As many as the JSON may have, and some for the parentheses that it does not need, at each level of a rule and of a rule's <c>where</c>.</summary>
    public const int NestingMax = Limits.JsonNestingMax + (4 * Limits.DepthMax);

    /// <summary>Signs before a condition or a number, one after the other: no rule has more levels.</summary>
    public const int PrefixesMax = Limits.DepthMax;

    /// <summary>Conditions joined. A rule with more than <see cref="Limits.LeavesMax"/> is counted exactly; one far beyond is not read.</summary>
    public const int JoinedMax = 4 * Limits.LeavesMax;

    /// <summary>Dots in a row of names and calls: a name has at most so many bytes, and so many dots.</summary>
    public const int DotsMax = Limits.TextBytesMax;

    /// <summary>Comparisons in a row. A second one is said to be one too many where it stands; a row of them is not read.</summary>
    public const int ComparedMax = 8;

    /// <summary>What is said of a text that is no expression at all: beyond the first few places it only repeats itself.</summary>
    public const int SyntaxDiagnosticsMax = 8;
}
