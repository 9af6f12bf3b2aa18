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

    public string Fold(string text)
    {
        var folded = AccentSensitive ? text : WithoutMarks(text);
        return CaseSensitive ? folded : UpperCased(folded);
    }

    public override string ToString() => (CaseSensitive ? "" : "i") + (AccentSensitive ? "" : "a");

    private static string UpperCased(string text)
    {
        var upper = text.ToUpperInvariant();
        if (!text.Contains(LongS, StringComparison.Ordinal))
        {
            return upper;
        }

        return string.Create(upper.Length, (upper, text), static (span, state) =>
        {
            state.upper.CopyTo(span);
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = state.text[i] == LongS ? LongS : span[i];
            }
        });
    }

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
