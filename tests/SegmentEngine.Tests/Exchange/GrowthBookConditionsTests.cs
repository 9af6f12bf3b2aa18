using SegmentEngine.Exchange;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Exchange;

/// <summary>What a GrowthBook condition becomes, beyond what its own cases look at.</summary>
public sealed class GrowthBookConditionsTests
{
    [Theory]
    [InlineData("{}", """{"type":"all_contacts"}""")]
    [InlineData("""{"$and":[]}""", """{"type":"all_contacts"}""")]
    [InlineData("""{"plan":{"$in":[]}}""", """{"type":"no_contacts"}""")]
    [InlineData("""{"plan":{"$nin":[]}}""", """{"type":"all_contacts"}""")]
    [InlineData("""{"plan":"pro"}""", """{"type":"trait","trait":"plan","op":"eq","value":"pro","case_sensitive":true}""")]
    [InlineData("""{"seats":5,"plan":null}""", """{"and":[{"type":"trait","trait":"seats","op":"eq","value":5},{"type":"trait","trait":"plan","op":"is_not_set"}]}""")]
    [InlineData("""{"email":"a@b.example"}""", """{"type":"trait","trait":"custom_data.email","op":"eq","value":"a@b.example","case_sensitive":true}""")]
    [InlineData("""{"plan":{"$ne":"pro"}}""", """{"type":"trait","trait":"plan","op":"neq","value":"pro","case_sensitive":true,"missing":"match"}""")]
    [InlineData("""{"plan":{"$not":{"$regexi":"^p"}}}""", """{"not":{"type":"trait","trait":"plan","op":"matches","value":"^p","case_sensitive":false,"missing":"no_match"}}""")]
    [InlineData("""{"$nor":[{"seats":1}]}""", """{"not":{"or":[{"type":"trait","trait":"seats","op":"eq","value":1,"missing":"no_match"}]}}""")]
    [InlineData("""{"tags":{"$elemMatch":{"$ne":"a"}}}""", """{"type":"trait","trait":"tags","quantifier":"all","op":"neq","value":"a","case_sensitive":true}""")]
    [InlineData("""{"tags":{"$all":[]}}""", """{"type":"trait","trait":"tags","op":"size","value":{"op":"gte","n":0}}""")]
    [InlineData("""{"x":{"$in":[1,"a",null]}}""", """{"or":[{"type":"trait","trait":"x","op":"in","values":[1]},{"type":"trait","trait":"x","op":"in","values":["a"],"case_sensitive":true},{"type":"trait","trait":"x","op":"is_not_set"}]}""")]
    [InlineData("""{"app":{"$vgte":"2.1"}}""", """{"type":"trait","trait":"app","value_type":"version","op":"gte","value":"2.1"}""")]
    public void A_condition_becomes_a_rule(string condition, string rule)
    {
        var reading = GrowthBookConditions.Read(condition);
        Assert.Empty(reading.Diagnostics);
        Assert.Equal(rule, RuleJson.Print(reading.Condition!));
    }

    [Theory]
    [InlineData("""{"a":{"$type":"string"}}""", "$.a[\"$type\"]", "unsupported")]
    [InlineData("""{"$and":[{"a":1},{"b":[1]}]}""", "$[\"$and\"][1].b", "unsupported")]
    [InlineData("""{"a":{"$regx":"x"}}""", "$.a[\"$regx\"]", "unknown_operator")]
    [InlineData("""{"a":{"$regex":"(?=x)"}}""", "$.a[\"$regex\"]", "bad_pattern")]
    [InlineData("""{"a":{"$gt":"5"}}""", "$.a[\"$gt\"]", "wrong_type")]
    [InlineData("""{"a":{"$in":1}}""", "$.a[\"$in\"]", "wrong_type")]
    [InlineData("""{"a":{"$inGroup":"g"}}""", "$.a[\"$inGroup\"]", "unknown_group")]
    [InlineData("""{"a":{"$vgt":"x"}}""", "$.a[\"$vgt\"]", "wrong_type")]
    [InlineData("""{"$or":[]}""", "$[\"$or\"]", "empty")]
    [InlineData("""{"$nor":[]}""", "$[\"$nor\"]", "empty")]
    [InlineData("""{"$not":[]}""", "$[\"$not\"]", "wrong_type")]
    [InlineData("""{"":1}""", "$[\"\"]", "empty")]
    [InlineData("""{"a\\.b":1}""", "$[\"a\\\\.b\"]", "unsupported")]
    public void What_cannot_be_said_is_parked_in_its_place_with_its_path(string condition, string path, string code)
    {
        var reading = GrowthBookConditions.Read(condition);
        var found = Assert.Single(reading.Diagnostics);
        Assert.Equal((path, code, DiagnosticSeverity.Error), (found.Path, found.Code, found.Severity));
        Assert.Contains("\"type\":\"unsupported\",\"origin\":\"growthbook\"", RuleJson.Print(reading.Condition!), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_parked_keeps_the_name_of_its_attribute() =>
        Assert.Equal("""{"type":"unsupported","origin":"growthbook","raw":{"a":{"$type":"string"}}}""", RuleJson.Print(GrowthBookConditions.Read("""{"a":{"$type":"string"}}""").Condition!));

    [Fact]
    public void A_version_declared_as_one_needs_no_value_type() =>
        Assert.Equal("""{"type":"trait","trait":"app","op":"lt","value":"2"}""",
            RuleJson.Print(GrowthBookConditions.Read("""{"app":{"$vlt":"2"}}""", default, Some.Schema("""{"traits":{"app":"version"}}""")).Condition!));

    [Fact]
    public void A_rule_that_breaks_a_limit_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"$not":""", 12)) + "{}" + new string('}', 12);
        Assert.Equal(["too_deep"], GrowthBookConditions.Read(deep).Diagnostics.Select(static found => found.Code));
    }
}
