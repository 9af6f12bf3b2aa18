using System.Text.Json;
using SegmentEngine.Exchange;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;

namespace SegmentEngine.Tests.Exchange;

/// <summary>The queries of react-querybuilder, in and out.</summary>
public sealed class ReactQueryBuilderTests
{
    private const int Rules = 1_500;
    private static readonly string[] combinators = ["and", "or"];
    private static readonly string[] ofGroups = ["combinator", "rules", "not", "meta"];
    private static readonly string[] ofRules = ["field", "operator", "value", "meta"];

    [Fact]
    public void Tree_to_query_to_tree_is_the_same_rule() => Dice.Throw(Rules, static dice =>
    {
        var rule = RuleJson.Read(RandomRule.Of(dice)).Condition!;
        var query = ReactQueryBuilder.Write(rule);
        var back = ReactQueryBuilder.Read(query);
        Assert.Empty(back.Diagnostics);
        Assert.Equal(RuleJson.Print(rule), RuleJson.Print(back.Condition!));
    });

    [Fact]
    public void A_query_has_only_rules_and_groups_as_react_querybuilder_knows_them() => Dice.Throw(Rules / 10, static dice =>
    {
        IsGroup(Some.Json(ReactQueryBuilder.Write(RuleJson.Read(RandomRule.Of(dice)).Condition!)));

        static void IsGroup(JsonElement group)
        {
            Assert.Contains(group.GetProperty("combinator").GetString(), combinators);
            Assert.All(group.EnumerateObject(), static field => Assert.Contains(field.Name, ofGroups));
            Assert.All(group.GetProperty("rules").EnumerateArray(), static rule =>
            {
                if (rule.TryGetProperty("rules", out _))
                {
                    IsGroup(rule);
                    return;
                }

                Assert.NotEqual("", rule.GetProperty("field").GetString());
                Assert.NotEqual("", rule.GetProperty("operator").GetString());
                Assert.True(rule.TryGetProperty("value", out _));
                Assert.All(rule.EnumerateObject(), static field => Assert.Contains(field.Name, ofRules));
            });
        }
    });

    [Fact]
    public void The_deepest_rule_there_is_goes_there_and_back()
    {
        var rule = string.Concat(Enumerable.Repeat("""{"type":"group","node":""", Limits.JsonNestingMax - 1)) + """{"type":"all_contacts"}""" + new string('}', Limits.JsonNestingMax - 1);
        Assert.Equal(rule, RuleJson.Print(ReactQueryBuilder.Read(ReactQueryBuilder.Write(RuleJson.Read(rule).Condition!)).Condition!));
    }

    [Theory]
    [InlineData("""{"and":[{"type":"trait","trait":"plan","op":"eq","value":"pro","case_sensitive":true}]}""", """{"combinator":"and","rules":[{"field":"plan","operator":"=","value":"pro"}]}""")]
    [InlineData("""{"type":"trait","trait":"seats","op":"not_between","values":[1,5]}""", """{"combinator":"and","rules":[{"field":"seats","operator":"notBetween","value":[1,5]}],"meta":{"segment_engine":{}}}""")]
    [InlineData("""{"not":{"or":[{"type":"trait","trait":"plan","op":"is_set"}]}}""", """{"combinator":"or","rules":[{"field":"plan","operator":"notNull","value":null}],"not":true}""")]
    [InlineData("""{"and":[{"type":"trait","trait":"plan","op":"eq","value":"pro"}]}""", """{"combinator":"and","rules":[{"field":"plan","operator":"=","value":"pro","meta":{"segment_engine":{"type":"trait"}}}]}""")]
    [InlineData("""{"and":[{"type":"trait","trait":"seats","op":"lt","value":5,"missing":"match"}]}""", """{"combinator":"and","rules":[{"field":"seats","operator":"<","value":5,"meta":{"segment_engine":{"missing":"match","type":"trait"}}}]}""")]
    [InlineData("""{"and":[{"type":"date","trait":"born","op":"before","value":"2024-05-01"}]}""", """{"combinator":"and","rules":[{"field":"born","operator":"<","value":"2024-05-01"}]}""")]
    [InlineData("""{"and":[{"type":"date","trait":"born","op":"in_last","amount":3,"unit":"day"}]}""", """{"combinator":"and","rules":[{"field":"born","operator":"in_last","value":{"amount":3,"unit":"day"}}]}""")]
    [InlineData("""{"and":[{"type":"segment","segment_id":"vip","op":"in"}]}""", """{"combinator":"and","rules":[{"field":"segment","operator":"holds","value":{"type":"segment","segment_id":"vip","op":"in"}}]}""")]
    public void A_rule_is_written_as_plainly_as_it_can_be(string rule, string query) => Assert.Equal(query, ReactQueryBuilder.Write(RuleJson.Read(rule).Condition!));

    [Theory]
    [InlineData("""{"field":"plan","operator":"=","value":"pro","id":"r-1","valueSource":"value"}""", """{"type":"trait","trait":"plan","op":"eq","value":"pro","case_sensitive":true}""")]
    [InlineData("""{"field":"plan","operator":"doesNotBeginWith","value":"p"}""", """{"type":"trait","trait":"plan","op":"not_starts_with","value":"p","case_sensitive":true}""")]
    [InlineData("""{"field":"plan","operator":"null","value":""}""", """{"type":"trait","trait":"plan","op":"is_not_set"}""")]
    [InlineData("""{"field":"plan","operator":"in","value":"pro, team"}""", """{"type":"trait","trait":"plan","op":"in","values":["pro","team"],"case_sensitive":true}""")]
    [InlineData("""{"field":"plan","operator":"in","value":[]}""", """{"type":"no_contacts"}""")]
    [InlineData("""{"field":"plan","operator":"notIn","value":""}""", """{"type":"all_contacts"}""")]
    [InlineData("""{"field":"seats","operator":">=","value":"5"}""", """{"type":"trait","trait":"seats","op":"gte","value":5}""", "read_as_number")]
    [InlineData("""{"field":"seats","operator":"between","value":"1,5"}""", """{"type":"trait","trait":"seats","op":"between","values":[1,5]}""", "read_as_number")]
    [InlineData("""{"field":"born","operator":"<=","value":"2024-05-01"}""", """{"not":{"type":"date","trait":"born","op":"after","value":"2024-05-01"}}""")]
    [InlineData("""{"field":"born","operator":"notBetween","value":["2024-05-01","2024-06-01"]}""", """{"not":{"type":"date","trait":"born","op":"between","values":["2024-05-01","2024-06-01"]}}""")]
    [InlineData("""{"field":"at","operator":"between","value":["2024-05-01T00:00:00Z","2024-06-01T00:00:00Z"]}""", """{"and":[{"not":{"type":"date","trait":"at","op":"before","value":"2024-05-01T00:00:00Z"}},{"not":{"type":"date","trait":"at","op":"after","value":"2024-06-01T00:00:00Z"}}]}""")]
    [InlineData("""{"field":"plan","operator":"matches","value":"^p"}""", """{"type":"trait","trait":"plan","op":"matches","value":"^p","case_sensitive":true}""")]
    [InlineData("""{"combinator":"AND","rules":[]}""", """{"type":"all_contacts"}""", "everyone")]
    [InlineData("""{"rules":[{"field":"a","operator":"=","value":1},"and",{"field":"b","operator":"=","value":1},"or",{"field":"c","operator":"=","value":1}]}""",
        """{"or":[{"and":[{"type":"trait","trait":"a","op":"eq","value":1},{"type":"trait","trait":"b","op":"eq","value":1}]},{"type":"trait","trait":"c","op":"eq","value":1}]}""")]
    public void A_rule_of_a_query_becomes_a_condition(string rule, string condition, string? warned = null)
    {
        var reading = Read(rule);
        Assert.Equal(condition, RuleJson.Print(Assert.Single(((Condition.AllOf)reading.Condition!).Of)));
        Assert.Equal(warned is null ? [] : [warned], reading.Diagnostics.Select(static found => found.Code));
        Assert.False(reading.HasErrors);
    }

    [Theory]
    [InlineData("""{"field":"plan","operator":"~","value":""}""", "$.rules[0]", "missing_field")]
    [InlineData("""{"field":"plan","value":""}""", "$.rules[0]", "missing_field")]
    [InlineData("""{"field":"plan","operator":"contians","value":"a"}""", "$.rules[0].operator", "unknown_operator")]
    [InlineData("""{"field":"plan","operator":"contains","value":1}""", "$.rules[0].value", "wrong_type")]
    [InlineData("""{"field":"plan","operator":"=","value":null}""", "$.rules[0].value", "wrong_type")]
    [InlineData("""{"field":"plan","operator":"<","value":"pro"}""", "$.rules[0].value", "unsupported")]
    [InlineData("""{"field":"plan","operator":"=","value":"other","valueSource":"field"}""", "$.rules[0].valueSource", "unsupported")]
    [InlineData("""{"field":"items","operator":"=","value":{},"match":{"mode":"all"}}""", "$.rules[0].match", "unsupported")]
    [InlineData("""{"field":"plan","operator":"matches","value":"(?=x)"}""", "$.rules[0]", "bad_pattern")]
    [InlineData("""{"field":"seats","operator":"between","value":[1]}""", "$.rules[0].value", "wrong_type")]
    [InlineData("""{"field":"event","operator":"holds","value":{"type":"event","event":"order","count":{"op":"gte"}}}""", "$.rules[0].value.count.n", "missing_field")]
    [InlineData("""{"field":"plan","operator":"=","value":"pro","meta":{"segment_engine":{"type":"trait","mising":"match"}}}""", "$.rules[0]", "unknown_field")]
    [InlineData("""{"combinator":"or","rules":[]}""", "$.rules[0].rules", "empty")]
    [InlineData("""{"combinator":"xor","rules":[7]}""", "$.rules[0].combinator", "unsupported")]
    [InlineData("""{"rules":[{"field":"a","operator":"=","value":1},"xor",{"field":"b","operator":"=","value":1}]}""", "$.rules[0].rules", "unsupported")]
    [InlineData("""{"rules":[{"field":"a","operator":"=","value":1},"and"]}""", "$.rules[0].rules", "wrong_shape")]
    [InlineData("7", "$.rules[0]", "wrong_type")]
    public void What_cannot_be_said_is_parked_with_its_path(string rule, string path, string code)
    {
        var reading = Read(rule);
        var found = Assert.Single(reading.Diagnostics);
        Assert.Equal((path, code, DiagnosticSeverity.Error), (found.Path, found.Code, found.Severity));
        Assert.Contains("\"type\":\"unsupported\",\"origin\":\"react-querybuilder\"", RuleJson.Print(reading.Condition!), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_muted_is_left_out_and_named()
    {
        var reading = ReactQueryBuilder.Read("""{"combinator":"and","rules":[{"field":"a","operator":"=","value":1,"muted":true},{"field":"b","operator":"=","value":1}]}""");
        Assert.Equal("""{"and":[{"type":"trait","trait":"b","op":"eq","value":1}]}""", RuleJson.Print(reading.Condition!));
        Assert.Equal(("$.rules[0]", "muted"), (Assert.Single(reading.Diagnostics).Path, reading.Diagnostics[0].Code));
    }

    [Fact]
    public void What_was_changed_in_the_query_is_changed_in_the_rule()
    {
        var query = ReactQueryBuilder.Write(RuleJson.Read("""{"and":[{"type":"trait","trait":"plan","op":"eq","value":"pro","missing":"match"}]}""").Condition!);
        Assert.Equal("""{"and":[{"type":"trait","trait":"plan","op":"neq","value":"team","missing":"match"}]}""",
            RuleJson.Print(ReactQueryBuilder.Read(query.Replace("\"=\"", "\"!=\"", StringComparison.Ordinal).Replace("pro", "team", StringComparison.Ordinal)).Condition!));
    }

    private static RuleReading Read(string rule) => ReactQueryBuilder.Read($$"""{"combinator":"and","rules":[{{rule}}]}""");
}
