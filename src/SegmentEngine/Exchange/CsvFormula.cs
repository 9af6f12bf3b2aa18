using System.Buffers;

namespace SegmentEngine.Exchange;

/// <summary>
/// Keeps a spreadsheet from taking a CSV field for a formula: a text that begins like one gets an apostrophe before it, which <see cref="Unguard"/> takes away, so that what is exported is read back as it was.
/// OWASP, "CSV Injection".
/// </summary>
public static class CsvFormula
{
    private const char Apostrophe = '\'';
    private static readonly SearchValues<char> begins = SearchValues.Create("=+-@\t\r＝＋－＠");

    /// <summary>The text with an apostrophe before it where it begins like a formula, or like a text that was guarded already; else as it is.</summary>
    public static string Guard(string text) => Begins(text) ? Apostrophe + text : text;

    /// <summary>The text that was guarded; one that was not is as it is.</summary>
    public static string Unguard(string text) => text.Length > 0 && text[0] == Apostrophe && Begins(text) ? text[1..] : text;

    private static bool Begins(string text) => text.AsSpan().TrimStart(Apostrophe) is { Length: > 0 } rest && begins.Contains(rest[0]);
}
