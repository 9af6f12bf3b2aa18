using System.Globalization;
using System.Text;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

public sealed class TextFoldingTests
{
    private static readonly TextFolding insensitive = new(CaseSensitive: false, AccentSensitive: true);

    private static IEnumerable<string> EveryCodePoint =>
        Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(char.ConvertFromUtf32);

    [Fact]
    public void A18_folding_puts_together_what_ordinal_ignore_case_does_for_all_code_points()
    {
        var byComparison = EveryCodePoint.GroupBy(static text => text, StringComparer.OrdinalIgnoreCase).Select(static group => string.Join(' ', group.Order(StringComparer.Ordinal)));
        var byFolding = EveryCodePoint.GroupBy(insensitive.Fold, StringComparer.Ordinal).Select(static group => string.Join(' ', group.Order(StringComparer.Ordinal)));
        Assert.Equal(byComparison.Order(StringComparer.Ordinal), byFolding.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ς", "Σ", true)]
    [InlineData("ß", "SS", false)]
    [InlineData("ß", "ẞ", false)]
    [InlineData("ı", "I", false)]
    [InlineData("İ", "i", false)]
    [InlineData("ſ", "s", false)]
    [InlineData("ſ", "S", false)]
    [InlineData("ǆ", "Ǆ", true)]
    [InlineData("é", "É", true)]
    [InlineData("𐐨", "𐐀", true)]
    public void A18_one_character_to_one(string left, string right, bool same)
    {
        Assert.Equal(same, string.Equals(left, right, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(same, insensitive.Fold(left) == insensitive.Fold(right));
    }

    [Fact]
    public void A18_letters_inside_a_text_fold_as_they_do_alone()
    {
        var alone = string.Concat(EveryCodePoint.Select(insensitive.Fold));
        Assert.Equal(alone, insensitive.Fold(string.Concat(EveryCodePoint)));
    }

    [Fact]
    public void A19_marks_go_first_and_nothing_is_composed_again()
    {
        var folding = new TextFolding(CaseSensitive: true, AccentSensitive: false);
        Assert.Equal("Sanchez", folding.Fold("Sánchez"));
        Assert.Equal("o", folding.Fold("ö̧"));
        Assert.Equal("ø", folding.Fold("ø"));
        Assert.StartsWith(folding.Fold("\u1112\u1161"), folding.Fold("한"), StringComparison.Ordinal);
        // .NET normalises no text that holds U+FFFE; such a text never comes in.
        Assert.All(EveryCodePoint.Where(static text => text != "\uFFFE").Select(folding.Fold), static folded => Assert.DoesNotContain(folded.EnumerateRunes(), static rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark));
    }
}
