using System.Text.Json.Nodes;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;

namespace SegmentEngine.Tests.Rules;

public sealed class DiagnosticTests
{
    private static readonly RuleContext context = new(Some.Schema("""{"traits":{"plan":"string","seats":"number"}}"""), TimeZoneInfo.Utc, static _ => null);

    private static readonly RuleContext slips = new(Some.Schema("""{"traits":{"plan":"string","vip":"boolean"},"events":{"order":{"value":"number"}}}"""), TimeZoneInfo.Utc, static _ => null);

    [Fact]
    public void All_that_is_wrong_is_said_at_once_each_with_its_place()
    {
        var check = RuleChecker.Check("""
            {"or":[
              {"and":[{"type":"trait","trait":"plan","op":"eq","value":5},{"type":"trait","trait":"seats","op":"gtt","value":5},{"type":"trait","trait":"seats","op":"in","values":[1,"2",true]}]},
              {"type":"event","event":"e","count":{"op":"gte","n":-1},"window":{"last":{"amount":0,"unit":"fortnight"}},"where":{"type":"property","op":"is_set"}},
              {"type":"segment","segment_id":"s","op":"eq"}
            ]}
            """, context);
        Assert.Null(check.Rule);
        Assert.Equal(
            [
                ("$.or[0].and[0].value", "wrong_type"), ("$.or[0].and[1].op", "unknown_operator"), ("$.or[0].and[2].values[1]", "wrong_type"), ("$.or[0].and[2].values[2]", "wrong_type"),
                ("$.or[1].count.n", "wrong_type"), ("$.or[1].where.property", "missing_field"), ("$.or[1].window.last.amount", "wrong_type"), ("$.or[1].window.last.unit", "unknown_word"), ("$.or[2].op", "unknown_operator"),
            ],
            check.Diagnostics.Select(static diagnostic => (diagnostic.Path, diagnostic.Code)).Order());
    }

    [Theory]
    [InlineData("""{"type":"trait","trait":"plan","op":"contain","value":"x"}""", "`contains`")]
    [InlineData("""{"type":"trait","trait":"plan","op":"is_set","mising":"match"}""", "`missing`")]
    [InlineData("""{"type":"trait","trait":"plan","op":"equals","value":"x"}""", "`eq`")]
    [InlineData("""{"type":"trait","trait":"seats","op":">=","value":5}""", "`gte`")]
    [InlineData("""{"type":"trait","trait":"plan","op":"in_last","amount":5,"unit":"day"}""", "`\"type\": \"date\"`")]
    [InlineData("""{"type":"date","trait":"created_at","op":"within_last","amount":5,"unit":"day"}""", "`in_last`")]
    [InlineData("""{"type":"event","event":"e","where":{"type":"property","property":"x","op":"!=","value":5}}""", "`neq`")]
    [InlineData("""{"type":"event_agregate","event":"e"}""", "`event_aggregate`")]
    [InlineData("""{"nott":{"type":"all_contacts"}}""", "`not`")]
    [InlineData("""{"type":"trait","trait":"plan","op":"eq","values":["x"]}""", "`in`")]
    [InlineData("""{"type":"trait","trait":"x","op":"eq","value":1,"value_type":"numbre"}""", "`number`")]
    public void A_slip_of_the_hand_gets_a_suggestion(string rule, string suggestion) =>
        Assert.Contains(RuleChecker.Check(rule, context).Diagnostics, diagnostic => diagnostic.Suggestion == suggestion);

    [Fact]
    public void Every_operator_is_listed_only_where_none_is_near()
    {
        Assert.Equal("`equals` is no word for `op`", Assert.Single(RuleChecker.Check("""{"type":"trait","trait":"plan","op":"equals","value":"x"}""", context).Diagnostics).Message);
        Assert.Contains("not_in_cidr", Assert.Single(RuleChecker.Check("""{"type":"trait","trait":"plan","op":"resembles","value":"x"}""", context).Diagnostics).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"trait","trait":"plann","op":"eq","value":"x"}""", "$.trait", "`plan`")]
    [InlineData("""{"type":"trait","trait":"custom_data.Plan","op":"is_set"}""", "$.trait", "`plan`")]
    [InlineData("""{"type":"trait","trait":"emial","op":"is_set"}""", "$.trait", "`email`")]
    [InlineData("""{"type":"event","event":"ordr"}""", "$.event", "`order`")]
    [InlineData("""{"type":"event","event_in":["login","ordr"]}""", "$.event_in[1]", "`order`")]
    [InlineData("""{"type":"event","event":"order","where":{"type":"property","property":"valu","op":"gt","value":1}}""", "$.where.property", "`value`")]
    [InlineData("""{"type":"event","event":"order","distinct_by":"valeu"}""", "$.distinct_by", "`value`")]
    [InlineData("""{"type":"event_last","event":"order","per":"values","is":{"type":"property","property":"value","op":"gt","value":1}}""", "$.per", "`value`")]
    [InlineData("""{"type":"event_aggregate","event":"order","property":"valu","fn":"sum","op":"gt","value":1}""", "$.property", "`value`")]
    [InlineData("""{"type":"event_sequence","steps":[{"event":"order"},{"event":"order","where":{"type":"property","property":"value","op":"gt","value":{"step":0,"property":"valu"}}}]}""", "$.steps[1].where.value.property", "`value`")]
    public void A_name_that_is_nearly_a_declared_one_is_warned_of(string rule, string path, string suggestion)
    {
        var check = RuleChecker.Check(rule, slips);
        Assert.NotNull(check.Rule);
        Assert.Equal((path, "undeclared", DiagnosticSeverity.Warning, suggestion), Assert.Single(check.Diagnostics) is var found ? (found.Path, found.Code, found.Severity, found.Suggestion) : default);
    }

    [Theory]
    [InlineData("""{"type":"trait","trait":"colour","op":"eq","value":"x"}""")]
    [InlineData("""{"type":"trait","trait":"plann","op":"eq","value":"x","value_type":"string"}""")]
    [InlineData("""{"type":"trait","trait":"vi","op":"is_set"}""")]
    [InlineData("""{"type":"event","event":"refund","where":{"type":"property","property":"valu","op":"gt","value":1}}""")]
    public void A_name_that_is_not_declared_and_near_to_none_is_taken_as_it_is(string rule) => Assert.Empty(RuleChecker.Check(rule, slips).Diagnostics);

    [Fact]
    public void H14_a_rule_file_is_a_definition_or_holds_one()
    {
        var bare = Some.Json("""{"type":"all_contacts"}""");
        Assert.Equal(bare.GetRawText(), RuleJson.DefinitionIn(bare).GetRawText());
        Assert.Equal(bare.GetRawText(), RuleJson.DefinitionIn(Some.Json("""{"id":"x","rule":{"type":"all_contacts"}}""")).GetRawText());
    }

    [Fact]
    public void Whatever_a_definition_holds_nothing_is_thrown_and_a_refusal_has_a_reason() => Dice.Throw(40, static dice =>
    {
        var world = new RandomWorld(dice);
        for (var i = 0; i < 40; i++)
        {
            var written = Broken(dice, JsonNode.Parse(world.Definition(depth: 3))!, changes: dice.From(1, 4)).ToJsonString().Replace("\\uE000", "\\uD800", StringComparison.Ordinal);
            var check = dice.Chance(50) ? RuleChecker.Check(written, world.Context) : RuleChecker.Check(Some.Json(written), world.Context);
            Assert.Equal(check.Rule is null, check.Diagnostics.Any(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
            Assert.All(check.Diagnostics, static diagnostic => Assert.StartsWith("$", diagnostic.Path, StringComparison.Ordinal));
            if (check.Rule is { } rule)
            {
                // Whatever is taken can be run.
                Engines.AllAgree(new(world.Now, [(new(dice.Id()), rule)], [world.Person()], System.Collections.Immutable.ImmutableDictionary<SegmentId, System.Collections.Immutable.ImmutableArray<bool>>.Empty));
            }
        }
    });

    /// <summary>Stands for half a surrogate pair, which a JSON text can hold and a JSON node cannot.</summary>
    private const string Half = "\uE000";

    /// <summary>A definition with some of its values put elsewhere or replaced.</summary>
    private static JsonNode Broken(Dice dice, JsonNode definition, int changes)
    {
        for (var i = 0; i < changes; i++)
        {
            var places = Places(definition).ToList();
            if (places.Count == 0)
            {
                return definition;
            }

            var at = dice.Pick(places);
            var other = dice.Chance(50) ? dice.Pick(places)?.DeepClone() : JsonNode.Parse(dice.Pick("null", "0", "-1", "1e400", "1.5", "\"\"", "\"x\"", $"\"{Half}\"", "true", "[]", "{}", "[[]]", "{\"type\":\"property\"}", "\"2024-01-01\"", "99999999999"));
            if (at is null)
            {
                continue;
            }

            switch (at.Parent)
            {
                case JsonObject fields when dice.Chance(25):
                    fields.Remove(at.GetPropertyName());
                    break;
                case JsonObject fields:
                    fields[dice.Chance(80) ? at.GetPropertyName() : dice.Pick("mistyped", Half)] = other;
                    break;
                case JsonArray elements:
                    elements[at.GetElementIndex()] = other;
                    break;
                default:
                    definition = other ?? JsonNode.Parse("[]")!;
                    break;
            }
        }

        return definition;
    }

    private static IEnumerable<JsonNode?> Places(JsonNode? node) => node switch
    {
        JsonObject fields => fields.Select(static field => field.Value).SelectMany(Places).Prepend(node),
        JsonArray elements => elements.SelectMany(Places).Prepend(node),
        _ => [node],
    };
}
