using SegmentEngine.Exchange;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Exchange;

/// <summary>What a LaunchDarkly segment becomes, beyond what its own cases look at.</summary>
public sealed class LaunchDarklySegmentsTests
{
    [Theory]
    [InlineData("""{"key":"s"}""", """{"type":"no_contacts"}""")]
    [InlineData("""{"included":["a"]}""", """{"type":"trait","trait":"key","op":"in","values":["a"],"case_sensitive":true,"missing":"no_match"}""")]
    [InlineData("""{"included":["a"],"excluded":["b"],"rules":[{"clauses":[{"attribute":"plan","op":"startsWith","values":["p"]}]}]}""",
        """{"or":[{"type":"trait","trait":"key","op":"in","values":["a"],"case_sensitive":true,"missing":"no_match"},{"and":[{"type":"trait","trait":"key","op":"not_in","values":["b"],"case_sensitive":true,"missing":"match"},{"type":"trait","trait":"plan","op":"starts_with","value":"p","case_sensitive":true}]}]}""")]
    [InlineData("""{"includedContexts":[{"contextKind":"org","values":["o"]}]}""", """{"type":"trait","trait":"org.key","op":"in","values":["o"],"case_sensitive":true,"missing":"no_match"}""")]
    public void A_segment_becomes_a_rule(string segment, string rule) => Becomes(LaunchDarklySegments.Read(segment, static _ => null), rule);

    [Theory]
    [InlineData("""{"attribute":"name","op":"in","values":["x"]}""", """{"type":"trait","trait":"custom_data.name","op":"in","values":["x"],"case_sensitive":true}""")]
    [InlineData("""{"attribute":"a.b","op":"in","values":[1]}""", """{"type":"trait","trait":"a\\.b","op":"in","values":[1]}""")]
    [InlineData("""{"contextKind":"user","attribute":"/a/b~1c","op":"in","values":[true],"negate":true}""", """{"not":{"type":"trait","trait":"a.b/c","op":"in","values":[true]}}""")]
    [InlineData("""{"contextKind":"org","attribute":"size","op":"lessThanOrEqual","values":[5,7]}""", """{"or":[{"type":"trait","trait":"org.size","op":"lte","value":5},{"type":"trait","trait":"org.size","op":"lte","value":7}]}""")]
    [InlineData("""{"attribute":"x","op":"in","values":[1,"a"]}""", """{"or":[{"type":"trait","trait":"x","op":"in","values":[1]},{"type":"trait","trait":"x","op":"in","values":["a"],"case_sensitive":true}]}""")]
    [InlineData("""{"attribute":"at","op":"before","values":[1512543600000]}""", """{"type":"date","trait":"at","value_type":"datetime","op":"before","value":1512543600000}""")]
    [InlineData("""{"attribute":"app","op":"semVerGreaterThan","values":["2-rc"]}""", """{"type":"trait","trait":"app","value_type":"version","op":"gt","value":"2-rc"}""")]
    [InlineData("""{"attribute":"x","op":"in","values":[]}""", """{"type":"no_contacts"}""")]
    [InlineData("""{"attribute":"x","op":"in","values":[],"negate":true}""", """{"not":{"type":"trait","trait":"x","op":"is_not_set"}}""")]
    [InlineData("""{"op":"segmentMatch","values":["vip","beta"],"negate":true}""", """{"not":{"or":[{"type":"segment","segment_id":"our-vip","op":"in"},{"type":"segment","segment_id":"our-beta","op":"in"}]}}""")]
    public void A_clause_becomes_a_condition(string clause, string rule) => Becomes(ReadClause(clause), rule);

    [Theory]
    [InlineData("""{"attribute":"x","op":"endWith","values":["a"]}""", "$.clauses[0].op", "unknown_operator")]
    [InlineData("""{"attribute":"x","values":["a"]}""", "$.clauses[0].op", "unknown_operator")]
    [InlineData("""{"op":"in","values":["a"]}""", "$.clauses[0].attribute", "missing_field")]
    [InlineData("""{"attribute":"x","op":"in","values":"a"}""", "$.clauses[0].values", "wrong_type")]
    [InlineData("""{"attribute":"x","op":"in","values":[["a"]]}""", "$.clauses[0].values", "unsupported")]
    [InlineData("""{"attribute":"x","op":"before","values":["2017-12-06"]}""", "$.clauses[0].values[0]", "wrong_type")]
    [InlineData("""{"attribute":"x","op":"semVerEqual","values":["1.0","2.0.0.0"]}""", "$.clauses[0].values[1]", "wrong_type")]
    [InlineData("""{"attribute":"x","op":"matches","values":["(?=x)"]}""", "$.clauses[0].values[0]", "bad_pattern")]
    [InlineData("""{"op":"segmentMatch","values":["vip","gone"]}""", "$.clauses[0].values[1]", "unknown_segment")]
    [InlineData("""{"contextKind":"org","attribute":"/a~2","op":"in","values":[1]}""", "$.clauses[0].attribute", "bad_reference")]
    [InlineData("""{"contextKind":7,"attribute":"a","op":"in","values":[1]}""", "$.clauses[0].contextKind", "wrong_type")]
    [InlineData("7", "$.clauses[0]", "wrong_type")]
    public void What_cannot_be_said_is_parked_with_its_path(string clause, string path, string code) => Parks(ReadClause(clause), path, code);

    [Theory]
    [InlineData("""{"unbounded":true}""", "$.unbounded", "unsupported")]
    [InlineData("""{"included":"a"}""", "$.included", "wrong_type")]
    [InlineData("""{"includedContexts":[{"contextKind":"org","values":1}]}""", "$.includedContexts[0].values", "wrong_type")]
    [InlineData("""{"rules":[{"weight":5000,"clauses":[]}]}""", "$.rules[0].weight", "unsupported")]
    [InlineData("""{"rules":[{"clauses":{}}]}""", "$.rules[0].clauses", "wrong_type")]
    [InlineData("""[]""", "$", "wrong_type")]
    public void So_is_what_a_segment_cannot_say(string segment, string path, string code) => Parks(LaunchDarklySegments.Read(segment, static _ => null), path, code);

    [Fact]
    public void A_rule_without_clauses_is_everyone_and_says_so()
    {
        var reading = LaunchDarklySegments.Read("""{"rules":[{"clauss":[]}]}""", static _ => null);
        Assert.Equal("""{"type":"all_contacts"}""", RuleJson.Print(reading.Condition!));
        Assert.Equal(new("$.rules[0]", "everyone", DiagnosticSeverity.Warning, "a rule without clauses matches everyone", "`clauses`"), Assert.Single(reading.Diagnostics));
    }

    private static RuleReading ReadClause(string clause) => LaunchDarklySegments.ReadRule(Some.Json($$"""{"clauses":[{{clause}}]}"""), static key => key == "gone" ? null : $"our-{key}");

    private static void Becomes(RuleReading reading, string rule)
    {
        Assert.Empty(reading.Diagnostics);
        Assert.Equal(rule, RuleJson.Print(reading.Condition!));
    }

    private static void Parks(RuleReading reading, string path, string code)
    {
        var found = Assert.Single(reading.Diagnostics);
        Assert.Equal((path, code, DiagnosticSeverity.Error), (found.Path, found.Code, found.Severity));
        Assert.Contains("\"type\":\"unsupported\",\"origin\":\"launchdarkly\"", RuleJson.Print(reading.Condition!), StringComparison.Ordinal);
    }
}
