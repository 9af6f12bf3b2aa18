using SegmentEngine.Exchange;

namespace SegmentEngine.Tests.Exchange;

public sealed class CsvFormulaTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("'=1", "''=1")]
    [InlineData("\tx", "'\tx")]
    [InlineData("＝1", "'＝1")]
    [InlineData("'t Hooft", "'t Hooft")]
    [InlineData("''", "''")]
    [InlineData("a=1", "a=1")]
    [InlineData("", "")]
    public void What_begins_like_a_formula_gets_an_apostrophe_and_nothing_else_does(string text, string guarded) => Assert.Equal(guarded, CsvFormula.Guard(text));

    [Fact]
    public void Every_text_comes_back_as_it_was_and_no_guarded_one_begins_like_a_formula()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => "''''==+-@\t\rab "[random.Next(14)]));
            var guarded = CsvFormula.Guard(text);
            Assert.True(CsvFormula.Unguard(guarded) == text, $"seed {seed}: \"{text}\" became \"{CsvFormula.Unguard(guarded)}\"");
            Assert.False(guarded.Length > 0 && "=+-@\t\r".Contains(guarded[0], StringComparison.Ordinal), $"seed {seed}: \"{guarded}\"");
        }
    }
}
