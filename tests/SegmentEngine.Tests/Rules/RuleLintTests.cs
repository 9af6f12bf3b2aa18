using System.Globalization;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;
using Xunit.Abstractions;

namespace SegmentEngine.Tests.Rules;

public sealed class RuleLintTests(ITestOutputHelper output)
{
    private const string Schema = """{"traits":{"n":"number","t":"string","at":"datetime","day":"date","flag":"boolean","tags":"list<string>"}}""";

    private static readonly RuleContext context = new(Some.Schema(Schema), TimeZoneInfo.Utc, static name => Guid.TryParse(name, out var id) ? new SegmentId(id) : null);

    [Theory]
    [InlineData("always_true $", """{"or":[{"type":"trait","trait":"plan","op":"neq","value":1},{"type":"trait","trait":"plan","op":"neq","value":2}]}""")]
    [InlineData("never_true $", """{"and":[{"type":"trait","trait":"t","op":"eq","value":"pro"},{"type":"trait","trait":"t","op":"eq","value":"free"}]}""")]
    [InlineData("never_true $.or[0]", """{"or":[{"and":[{"type":"trait","trait":"n","op":"gt","value":5},{"type":"trait","trait":"n","op":"lt","value":5}]},{"type":"trait","trait":"t","op":"is_set"}]}""")]
    [InlineData("never_true $", """{"and":[{"type":"trait","trait":"t","op":"is_not_set"},{"type":"trait","trait":"t","op":"neq","value":"a"}]}""")]
    [InlineData("never_true $", """{"and":[{"type":"trait","trait":"flag","op":"eq","value":true},{"not":{"type":"trait","trait":"flag","op":"eq","value":true}}]}""")]
    [InlineData("never_true $", """{"and":[{"type":"date","trait":"at","op":"before","value":"2024-01-01"},{"type":"date","trait":"at","op":"after","value":"2024-06-01"}]}""")]
    [InlineData("never_true $", """{"and":[{"type":"date","trait":"at","op":"in_last","amount":7,"unit":"day"},{"type":"date","trait":"at","op":"more_than_ago","amount":30,"unit":"day"}]}""")]
    [InlineData("never_true $", """{"and":[{"type":"event","event":"e","count":{"op":"gte","n":3}},{"type":"event","event":"e","count":{"op":"lt","n":2}}]}""")]
    [InlineData("always_true $", """{"or":[{"type":"event","event":"e"},{"type":"event","event":"e","count":{"op":"eq","n":0}}]}""")]
    [InlineData("redundant $.or[1]", """{"or":[{"type":"trait","trait":"n","op":"gte","value":3},{"type":"trait","trait":"n","op":"gte","value":5}]}""")]
    [InlineData("redundant $.and[1]", """{"and":[{"type":"trait","trait":"t","op":"eq","value":"pro"},{"type":"trait","trait":"t","op":"neq","value":"free"}]}""")]
    [InlineData("redundant $.and[1]", """{"and":[{"type":"trait","trait":"t","op":"eq","value":"Pro","case_sensitive":true},{"type":"trait","trait":"t","op":"eq","value":"pro"}]}""")]
    [InlineData("redundant $.or[1]", """{"or":[{"type":"trait","trait":"t","op":"eq","value":"a"},{"and":[{"type":"trait","trait":"t","op":"eq","value":"a"},{"type":"event","event":"e"}]}]}""")]
    public void What_the_parts_of_a_rule_say_together_is_found_where_it_stands(string expected, string rule) => Assert.Equal([expected], Warnings(rule));

    [Theory]
    [InlineData("""{"and":[{"type":"trait","trait":"tags","op":"eq","value":"a"},{"type":"trait","trait":"tags","op":"eq","value":"b"}]}""")]
    [InlineData("""{"and":[{"type":"trait","trait":"t","op":"contains","value":"a"},{"type":"trait","trait":"t","op":"eq","value":"b"}]}""")]
    [InlineData("""{"and":[{"type":"date","trait":"at","op":"in_last","amount":7,"unit":"day"},{"type":"date","trait":"at","op":"before","value":"2024-01-01"}]}""")]
    [InlineData("""{"not":{"and":[{"type":"trait","trait":"t","op":"is_set"},{"type":"trait","trait":"t","op":"eq","value":"a"}]}}""")]
    [InlineData("""{"and":[{"type":"event","event":"e","count":{"op":"gte","n":3}},{"type":"event","event":"e","count":{"op":"lt","n":2},"window":{"last":{"amount":1,"unit":"day"}}}]}""")]
    [InlineData("""{"and":[{"type":"trait","trait":"n","op":"gt","value":5},{"type":"trait","trait":"n","op":"lt","value":5.0000000000000001}]}""")]
    public void What_can_be_is_not_called_impossible(string rule) => Assert.Empty(Warnings(rule));

    [Fact]
    public void What_is_said_of_a_rule_over_one_number_is_what_trying_every_number_shows()
    {
        output.WriteLine($"SEGMENT_SEED={Dice.FirstSeed}");
        string[] values = ["", .. Enumerable.Range(-2, 14).Select(static half => (half / 2m).ToString(CultureInfo.InvariantCulture))];
        var contacts = values.Select(static value => Some.Contact(value.Length == 0 ? "{}" : $$"""{"n":{{value}}}""")).ToList();
        var said = new Dictionary<string, int>();
        Dice.Throw(600, dice =>
        {
            var word = dice.Chance(50) ? "and" : "or";
            var parts = Enumerable.Range(0, dice.From(2, 4)).Select(_ => Part(dice)).ToList();
            List<Truth> Answers(IEnumerable<string> of) => [.. contacts.Select(contact => Interpreter.Evaluate(Some.Rule($$"""{"{{word}}":[{{string.Join(',', of)}}]}""", context), contact, [], new(0), static _ => null))];

            var rule = $$"""{"{{word}}":[{{string.Join(',', parts)}}]}""";
            var whole = Answers(parts);
            var each = parts.ConvertAll(part => Answers([part]));
            var warnings = Warnings(rule).Where(static warning => !warning.EndsWith(".values", StringComparison.Ordinal)).ToList();
            warnings.ForEach(warning => said[warning.Split(' ')[0]] = said.GetValueOrDefault(warning.Split(' ')[0]) + 1);
            if (word == "and")
            {
                Assert.Equal(!whole.Contains(Truth.True) && each.TrueForAll(static answers => answers.Contains(Truth.True)), warnings.Contains("never_true $"));
            }
            else
            {
                Assert.Equal(!whole.Contains(Truth.False) && each.TrueForAll(static answers => answers.Contains(Truth.False)), warnings.Contains("always_true $"));
            }

            var canBeLeftOut = Enumerable.Range(0, parts.Count).Where(part => each[part].Contains(Truth.True)
                && Answers(parts.Where((_, i) => i != part)).Select(static truth => truth == Truth.True).SequenceEqual(whole.Select(static truth => truth == Truth.True))).ToList();
            if (!warnings.Exists(static warning => warning.EndsWith('$')) && whole.Contains(Truth.True) && whole.Contains(Truth.False))
            {
                Assert.Equal(canBeLeftOut.Count > 0 ? [$"redundant $.{word}[{canBeLeftOut[^1]}]"] : [], warnings);
            }
        });
        output.WriteLine(string.Join(", ", said.Select(static each => $"{each.Value} {each.Key}")));
        Assert.Equal(3, said.Count);
    }

    [Fact]
    public void A_negative_operator_over_a_trait_that_many_lack_says_how_many()
    {
        var known = context with { CoverageOf = trait => trait.ToString() == "custom_data.country" ? new TraitCoverage(4_312, 10_000) : new TraitCoverage(1, 10_000) };
        RuleDiagnostic[] Of(string rule) => [.. Some.Rule(rule, known).Warnings.Where(static warning => warning.Code == "many_lack_it")];
        var warning = Assert.Single(Of("""{"or":[{"type":"trait","trait":"country","op":"neq","value":"US"}]}"""));
        Assert.Equal(("$.or[0]", "4,312 of 10,000 contacts have no `custom_data.country` and are left out"), (warning.Path, warning.Message));
        Assert.Empty(Of("""{"type":"trait","trait":"country","op":"neq","value":"US","missing":"match"}"""));
        Assert.Empty(Of("""{"type":"trait","trait":"country","op":"eq","value":"US"}"""));
        Assert.Empty(Of("""{"type":"trait","trait":"plan","op":"neq","value":"pro"}"""));
    }

    [Theory]
    [InlineData("""{"and":[{"type":"trait","trait":"t","op":"eq","value":"a"},{"type":"event","event":"e"}]}""", """{"or":[{"and":[{"type":"event","event":"e"},{"and":[{"not":{"type":"trait","trait":"t","op":"neq","value":"A"}},{"type":"event","event":"e"}]}]}]}""", true)]
    [InlineData("""{"and":[{"type":"trait","trait":"t","op":"eq","value":"a"},{"type":"event","event":"e"}]}""", """{"or":[{"type":"trait","trait":"t","op":"eq","value":"a"},{"type":"event","event":"e"}]}""", false)]
    [InlineData("""{"not":{"not":{"type":"trait","trait":"n","op":"eq","value":1.0}}}""", """{"type":"trait","trait":"custom_data.n","op":"eq","value":1.00}""", true)]
    public void Rules_that_differ_in_form_only_have_one_canonical_text(string one, string other, bool same) =>
        Assert.Equal(same, Some.Rule(one, context).Canonical == Some.Rule(other, context).Canonical);

    private static string Part(Dice dice)
    {
        string Number() => dice.From(0, 4).ToString(CultureInfo.InvariantCulture);
        var leaf = dice.From(0, 5) switch
        {
            0 => """{"type":"trait","trait":"n","op":"is_set"}""",
            1 => $$"""{"type":"trait","trait":"n","op":"between","values":[{{Number()}},{{Number()}}]}""",
            2 => $$"""{"type":"trait","trait":"n","op":"in","values":[{{Number()}},{{Number()}}]}""",
            _ => $$"""{"type":"trait","trait":"n","op":"{{dice.Pick("eq", "neq", "lt", "lte", "gt", "gte")}}","value":{{Number()}},"missing":"{{dice.Pick("unknown", "unknown", "match", "no_match")}}"}""",
        };
        return dice.Chance(25) ? $$"""{"not":{{leaf}}}""" : leaf;
    }

    private static IEnumerable<string> Warnings(string rule) =>
        Some.Rule(rule, context).Warnings.Where(static warning => warning.Code is "never_true" or "always_true" or "redundant").Select(static warning => $"{warning.Code} {warning.Path}");
}
