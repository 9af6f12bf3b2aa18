using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace SegmentEngine.Rules;

/// <summary>
/// How two texts are made comparable: accents dropped (NFD, general category Mn removed, not composed again), then upper-cased one character to one
/// as <see cref="StringComparison.OrdinalIgnoreCase"/> does it, never by a culture. Texts come in as NFC.
/// </summary>
internal sealed record TextFolding(bool CaseSensitive, bool AccentSensitive)
{
    public static readonly TextFolding Exact = new(CaseSensitive: true, AccentSensitive: true);

    /// <summary>Upper-casing that agrees with <see cref="StringComparison.OrdinalIgnoreCase"/> everywhere else turns this into S, which that comparison does not.</summary>
    private const char LongS = '\u017F';

    /// <summary>Upper-casing goes by the machine's ICU data, the comparison by .NET's own for what lies beyond U+FFFF; the two may be of different years.</summary>
    private static readonly FrozenDictionary<Rune, Rune> beyondBasicPlane = LettersOf(plane: 1);

    public string Fold(string text)
    {
        var folded = AccentSensitive ? text : WithoutMarks(text);
        return CaseSensitive ? folded : UpperCased(folded);
    }

    public override string ToString() => (CaseSensitive ? "" : "i") + (AccentSensitive ? "" : "a");

    private static string UpperCased(string text)
    {
        if (!text.Contains(LongS, StringComparison.Ordinal) && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text.ToUpperInvariant();
        }

        var upper = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            upper.Append(rune.Value == LongS ? rune : rune.IsBmp ? Rune.ToUpperInvariant(rune) : beyondBasicPlane.GetValueOrDefault(rune, rune));
        }

        return upper.ToString();
    }

    /// <summary>The letters of a plane, each with the first one that <see cref="StringComparison.OrdinalIgnoreCase"/> takes for the same.</summary>
    private static FrozenDictionary<Rune, Rune> LettersOf(int plane) =>
        Enumerable.Range(plane << 16, 1 << 16)
            .Select(static value => new Rune(value))
            .Where(static rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter)
            .GroupBy(static rune => rune.ToString(), StringComparer.OrdinalIgnoreCase)
            .SelectMany(static same => same.Select(rune => (rune, first: same.First())))
            .ToFrozenDictionary(static pair => pair.rune, static pair => pair.first);

    private static string WithoutMarks(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.Normalize(NormalizationForm.FormD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
            {
                kept.Append(rune);
            }
        }

        return kept.ToString();
    }
}
