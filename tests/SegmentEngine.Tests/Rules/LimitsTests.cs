using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

/// <summary>A limit broken is a diagnostic, never an exception; at the limit a rule is taken.</summary>
public sealed class LimitsTests
{
    private const string Leaf = """{"type":"all_contacts"}""";

    private static readonly RuleContext context = new(TraitSchema.Empty, TimeZoneInfo.Utc, static _ => new SegmentId(Guid.Empty));

    [Fact]
    public void A52_a_rule_has_10_levels_the_root_being_the_first()
    {
        Taken(Nested(9, Leaf));
        Refused(Nested(10, Leaf), "$" + string.Concat(Enumerable.Repeat(".not", 10)), "too_deep");
    }

    [Fact]
    public void A52_a_group_adds_no_level_and_where_counts_anew()
    {
        Taken(string.Concat(Enumerable.Repeat("""{"type":"group","node":""", 30)) + Nested(9, Leaf) + new string('}', 30));
        Taken(Nested(9, $$"""{"type":"event","event":"e","where":{{Nested(9, Property)}} }"""));
        Refused($$"""{"type":"event","event":"e","where":{{Nested(10, Property)}} }""", "$.where" + string.Concat(Enumerable.Repeat(".not", 10)), "too_deep");
    }

    [Fact]
    public void A52_property_leaves_count_as_leaves()
    {
        Taken(AllOf(250, Leaf));
        Refused(AllOf(251, Leaf), "$", "too_many_conditions");
        Taken(AllOf(125, $$"""{"type":"event","event":"e","where":{{Property}}}"""));
        Refused(AllOf(126, $$"""{"type":"event","event":"e","where":{{Property}}}"""), "$", "too_many_conditions");
        Taken(AllOf(250, $$"""{"type":"group","node":{{Leaf}}}"""));
    }

    [Fact]
    public void Values_references_and_texts_have_their_limits()
    {
        Taken($$"""{"type":"trait","trait":"t","op":"in","values":[{{string.Join(',', Enumerable.Range(0, 1_000))}}]}""");
        Refused($$"""{"type":"trait","trait":"t","op":"in","values":[{{string.Join(',', Enumerable.Range(0, 1_001))}}]}""", "$.values", "too_many_values");
        const string segment = """{"type":"segment","segment_id":"s","op":"in"}""";
        Taken(AllOf(20, segment));
        Refused(AllOf(21, segment), "$", "too_many_references");
        Taken($$"""{"type":"trait","trait":"t","op":"eq","value":"{{new string('é', 512)}}"}""");
        Refused($$"""{"type":"trait","trait":"t","op":"eq","value":"{{new string('é', 513)}}"}""", "$.value", "text_too_long");
        Refused($$"""{"type":"trait","trait":"{{new string('t', 1_025)}}","op":"is_set"}""", "$.trait", "text_too_long");
    }

    [Fact]
    public void A_definition_has_256_KiB()
    {
        Taken(Leaf + new string(' ', Limits.JsonBytesMax - Leaf.Length));
        Refused(Leaf + new string(' ', Limits.JsonBytesMax - Leaf.Length + 1), "$", "too_large");
    }

    [Theory]
    [InlineData("{\"not\":", "}")]
    [InlineData("{\"and\":[", "]}")]
    [InlineData("[", "]")]
    [InlineData("{\"type\":\"group\",\"node\":", "}")]
    [InlineData("{\"type\":\"trait\",\"trait\":\"t\",\"op\":\"eq\",\"value\":[", "]}")]
    [InlineData("[", "")]
    [InlineData("{\"a\":", "")]
    public void A_hundred_thousand_nested_brackets_are_a_diagnostic(string open, string close)
    {
        var times = Math.Min(100_000, (Limits.JsonBytesMax - 100) / (open.Length + close.Length));
        var check = RuleChecker.Check(string.Concat(Enumerable.Repeat(open, times)) + Leaf + string.Concat(Enumerable.Repeat(close, times)), context);
        Assert.Null(check.Rule);
        Assert.Equal("too_deep", Assert.Single(check.Diagnostics).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"type\":\"all_contacts\"} x")]
    [InlineData("{'type':'all_contacts'}")]
    [InlineData("{\"type\":\"all_contacts\",}")]
    [InlineData("{\"type\":\"all_contacts\",\"type\":\"no_contacts\"}")]
    [InlineData("{\"type\":\"all_contacts\",\"\\ud800\":1}")]
    public void What_is_no_JSON_is_a_diagnostic(string text) => Assert.Equal("malformed_json", Assert.Single(RuleChecker.Check(text, context).Diagnostics).Code);

    [Theory]
    [InlineData("", "The input does not contain any JSON tokens, at line 1, byte 1")]
    [InlineData("{\n  \"or\": x\n}", "'x' is an invalid start of a value, at line 2, byte 9")]
    public void What_is_no_JSON_is_so_at_a_place(string text, string reason) => Assert.Equal($"this is no JSON: {reason}", Assert.Single(RuleChecker.Check(text, context).Diagnostics).Message);

    [Fact]
    public void Half_a_surrogate_pair_in_a_name_within_a_larger_document_is_a_diagnostic() =>
        Assert.Equal("malformed_json", Assert.Single(RuleChecker.Check(Some.Json("""{"rule":{"or":[{"type":"all_contacts","\ud800":1}]}}""").GetProperty("rule"), context).Diagnostics).Code);

    private const string Property = """{"type":"property","property":"p","op":"is_set"}""";

    private static string Nested(int times, string inner) => string.Concat(Enumerable.Repeat("{\"not\":", times)) + inner + new string('}', times);

    private static string AllOf(int times, string leaf) => $$"""{"and":[{{string.Join(',', Enumerable.Repeat(leaf, times))}}]}""";

    private static void Taken(string rule) => Some.Rule(rule, context);

    private static void Refused(string rule, string path, string code)
    {
        var check = RuleChecker.Check(rule, context);
        Assert.Null(check.Rule);
        Assert.Contains(check.Diagnostics, diagnostic => diagnostic.Path == path && diagnostic.Code == code);
    }
}
