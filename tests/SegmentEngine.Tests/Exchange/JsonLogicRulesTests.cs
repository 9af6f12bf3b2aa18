using SegmentEngine.Contacts;
using SegmentEngine.Exchange;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;

namespace SegmentEngine.Tests.Exchange;

/// <summary>JsonLogic in and out, beyond what its own cases look at.</summary>
public sealed class JsonLogicRulesTests
{
    private const int Rules = 2_000;

    private static readonly Dictionary<string, SegmentId> segments = new() { ["vips"] = new(Guid.NewGuid()), ["quiet"] = new(Guid.NewGuid()) };

    [Theory]
    [InlineData("""{"===":[{"var":"plan"},"pro"]}""", """{"type":"trait","trait":"plan","op":"eq","value":"pro","case_sensitive":true}""")]
    [InlineData("""{"===":["pro",{"var":["plan"]}]}""", """{"type":"trait","trait":"plan","op":"eq","value":"pro","case_sensitive":true}""")]
    [InlineData("""{"!==":[{"var":"seats"},1]}""", """{"type":"trait","trait":"seats","op":"neq","value":1,"missing":"match"}""")]
    [InlineData("""{"and":[{"!==":[{"var":"seats"},null]},{"!==":[{"var":"seats"},1]}]}""", """{"type":"trait","trait":"seats","op":"neq","value":1}""")]
    [InlineData("""{"or":[{"===":[{"var":"seats"},null]},{">":[{"var":"seats"},1]}]}""", """{"type":"trait","trait":"seats","op":"gt","value":1,"missing":"match"}""")]
    [InlineData("""{"!":{"in":[{"var":"plan"},["a"]]}}""", """{"type":"trait","trait":"plan","op":"not_in","values":["a"],"case_sensitive":true,"missing":"match"}""")]
    [InlineData("""{"!":{"!!":{"===":[{"var":"seats"},1]}}}""", """{"not":{"type":"trait","trait":"seats","op":"eq","value":1,"missing":"no_match"}}""")]
    [InlineData("""{"<":[5,{"var":"seats"}]}""", """{"type":"trait","trait":"seats","op":"gt","value":5}""")]
    [InlineData("""{"<=":[5,{"var":"seats"},9]}""", """{"type":"trait","trait":"seats","op":"between","values":[5,9]}""")]
    [InlineData("""{"<":[5,{"var":"seats"},9]}""", """{"and":[{"type":"trait","trait":"seats","op":"gt","value":5},{"type":"trait","trait":"seats","op":"lt","value":9}]}""", "missing_differs")]
    [InlineData("""{"<":[{"var":"seats"},9]}""", """{"type":"trait","trait":"seats","op":"lt","value":9}""", "missing_differs")]
    [InlineData("""{"==":[{"var":"seats"},9]}""", """{"type":"trait","trait":"seats","op":"eq","value":9}""", "loose_equality")]
    [InlineData("""{"!=":[{"var":"seats"},null]}""", """{"type":"trait","trait":"seats","op":"is_set"}""")]
    [InlineData("""{"in":["a",{"var":"plan"}]}""", """{"type":"trait","trait":"plan","op":"contains","value":"a","case_sensitive":true}""", "part_of_text")]
    [InlineData("""{"in":[1,{"var":"tags"}]}""", """{"type":"trait","trait":"tags","quantifier":"any","op":"eq","value":1}""")]
    [InlineData("""{"in":[{"var":"plan"},[]]}""", """{"type":"no_contacts"}""")]
    [InlineData("""{"!!":{"var":"vip"}}""", """{"type":"trait","trait":"vip","op":"eq","value":true}""", "truthiness")]
    [InlineData("""{"and":[{"!":{"var":"vip"}},true]}""", """{"and":[{"not":{"type":"trait","trait":"vip","op":"eq","value":true,"missing":"no_match"}},{"type":"all_contacts"}]}""", "truthiness")]
    [InlineData("""{"in_segment":"vips"}""", """{"type":"segment","segment_id":"vips","op":"in"}""")]
    [InlineData("""{"and":[{"!":{"in_segment":["vips"]}},{"===":[{"var":"seats"},1]}]}""", """{"and":[{"type":"segment","segment_id":"vips","op":"not_in"},{"type":"trait","trait":"seats","op":"eq","value":1}]}""")]
    [InlineData("""{"!":{"!!":{"in_segment":["vips"]}}}""", """{"not":{"type":"segment","segment_id":"vips","op":"in"}}""")]
    [InlineData("""{"!":{"missing":["plan"]}}""", """{"not":{"type":"trait","trait":"plan","op":"is_empty"}}""", "empty_list")]
    public void A_rule_becomes_ours(string jsonLogic, string rule, string? warned = null)
    {
        var reading = JsonLogicRules.Read(jsonLogic);
        Assert.Equal(rule, RuleJson.Print(reading.Condition!));
        Assert.Equal(warned is null ? [] : [warned], reading.Diagnostics.Select(static found => found.Code));
        Assert.All(reading.Diagnostics, static found => Assert.Equal(DiagnosticSeverity.Warning, found.Severity));
    }

    [Theory]
    [InlineData("17", "$", "unsupported")]
    [InlineData("""{"var":"x"}""", "$", "unsupported")]
    [InlineData("""{"and":[true,{"if":[1,2]}]}""", "$.and[1].if", "unsupported")]
    [InlineData("""{"or":[]}""", "$.or", "empty")]
    [InlineData("""{"smoe":[{"var":"x"},true]}""", "$.smoe", "unknown_operator")]
    [InlineData("""{"===":[{"var":["x",1]},1]}""", "$[\"===\"]", "unsupported")]
    [InlineData("""{"===":[{"var":"x"},{"var":"y"}]}""", "$[\"===\"]", "unsupported")]
    [InlineData("""{"<":[{"var":"x"},"a"]}""", "$[\"<\"]", "unsupported")]
    [InlineData("""{"all":[{"var":"x"},{"!==":[{"var":""},1]}]}""", "$.all", "unsupported")]
    [InlineData("""{"segment_engine":[{"type":"evnt"}]}""", "$.segment_engine", "unknown_type")]
    public void What_cannot_be_said_is_parked_with_its_path(string jsonLogic, string path, string code)
    {
        var reading = JsonLogicRules.Read(jsonLogic);
        var found = Assert.Single(reading.Diagnostics);
        Assert.Equal((path, code, DiagnosticSeverity.Error), (found.Path, found.Code, found.Severity));
        Assert.Contains("\"type\":\"unsupported\",\"origin\":\"jsonlogic\"", RuleJson.Print(reading.Condition!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"trait","trait":"seats","op":"lt","value":5}""", """{"and":[{"!==":[{"var":"seats"},null]},{"<":[{"var":"seats"},5]}]}""")]
    [InlineData("""{"type":"trait","trait":"seats","op":"gt","value":5}""", """{">":[{"var":"seats"},5]}""")]
    [InlineData("""{"type":"trait","trait":"seats","op":"neq","value":5}""", """{"and":[{"!==":[{"var":"seats"},null]},{"!==":[{"var":"seats"},5]}]}""")]
    [InlineData("""{"not":{"type":"trait","trait":"seats","op":"gt","value":5}}""", """{"!":[{"or":[{"===":[{"var":"seats"},null]},{">":[{"var":"seats"},5]}]}]}""")]
    [InlineData("""{"type":"trait","trait":"plan","op":"is_empty"}""", """{"and":[{"!":[{"var":"plan"}]},{"!==":[{"var":"plan"},0]},{"!==":[{"var":"plan"},false]}]}""")]
    [InlineData("""{"type":"trait","trait":"tags","quantifier":"any","op":"eq","value":"é","case_sensitive":true}""", """{"some":[{"var":"tags"},{"===":[{"var":""},"é"]}]}""")]
    public void A_missing_value_is_guarded(string rule, string jsonLogic) => Assert.Equal(jsonLogic, JsonLogicRules.Write(RuleJson.Read(rule).Condition!).Json);

    [Theory]
    [InlineData("""{"type":"trait","trait":"plan","op":"eq","value":"pro"}""", "with regard to case")]
    [InlineData("""{"type":"trait","trait":"plan","op":"matches","value":"^p","case_sensitive":true}""", "has no `matches`")]
    [InlineData("""{"type":"trait","trait":"a\\.b","op":"is_set"}""", "no escape")]
    [InlineData("""{"type":"trait","trait":"app","op":"lt","value":"2.0.0","value_type":"version"}""", "as what a value is read")]
    [InlineData("""{"type":"trait","trait":"plan","op":"is_set","source":"any"}""", "which of it is verified")]
    [InlineData("""{"not":{"type":"trait","trait":"tags","quantifier":"all","op":"eq","value":1}}""", "an empty list")]
    [InlineData("""{"type":"event","event":"order"}""", "no operation for this")]
    [InlineData("""{"type":"list","list_id":"s","op":"in"}""", "no operation for this")]
    public void What_JsonLogic_cannot_say_is_written_under_our_own_name(string rule, string reason)
    {
        var written = JsonLogicRules.Write(RuleJson.Read(rule).Condition!);
        var found = Assert.Single(written.Diagnostics);
        Assert.Equal(("unsupported", DiagnosticSeverity.Error), (found.Code, found.Severity));
        Assert.Contains(reason, found.Message, StringComparison.Ordinal);
        Assert.Contains("{\"segment_engine\":[{", written.Json, StringComparison.Ordinal);
        Assert.Equal(RuleJson.Print(RuleJson.Read(rule).Condition!), RuleJson.Print(JsonLogicRules.Read(written.Json).Condition!));
    }

    [Fact]
    public void Ours_to_JsonLogic_to_ours_is_the_same_rule() => Dice.Throw(Rules, static dice =>
    {
        var rule = RuleJson.Print(RuleJson.Read(Node(dice, depth: 4, isNegated: false)).Condition!);
        var written = JsonLogicRules.Write(RuleJson.Read(rule).Condition!);
        Assert.Empty(written.Diagnostics);
        var back = JsonLogicRules.Read(written.Json);
        Assert.False(back.HasErrors, $"{rule}\n{written.Json}\n{string.Join("; ", back.Diagnostics)}");
        Assert.Equal(rule, RuleJson.Print(back.Condition!));
    });

    [Fact]
    public void JsonLogic_finds_it_true_for_exactly_our_members() => Dice.Throw(Rules / 5, static dice =>
    {
        var rule = Node(dice, depth: 4, isNegated: false);
        var written = Some.Json(JsonLogicRules.Write(RuleJson.Read(rule).Condition!).Json);
        var checkedRule = Some.Rule(rule, new(TraitSchema.Empty, TimeZoneInfo.Utc, static name => segments.TryGetValue(name, out var id) ? id : null));
        for (var i = 0; i < 20; i++)
        {
            var data = Some.Json($"{{{string.Join(',', new[] { Field("n", dice.Pick("0", "1", "5", "-3", "null")), Field("t", dice.Pick("\"\"", "\"a\"", "\"abc\"", "\"A\"", "null")), Field("b", dice.Pick("true", "false", "null")), Field("l", dice.Pick("[]", "[1]", "[1,5]", "[5,5]", "null")) }.Where(_ => dice.Chance(80)).Append(Field(NaiveJsonLogic.Segments, dice.Pick("[]", "[\"vips\"]", "[\"quiet\",\"vips\"]"))))}}}");
            var answer = Engines.Answer(checkedRule, new(new() { Id = new(dice.Id()), CustomData = data }), Some.At("2024-05-15T12:00:00Z"), segment => data.GetProperty(NaiveJsonLogic.Segments).EnumerateArray().Any(name => segments[name.GetString()!] == segment));
            Assert.True(NaiveJsonLogic.IsTruthy(written, data) == (answer == Truth.True), $"{rule}\n{written}\nof {data} is {answer}");
        }

        static string Field(string name, string value) => $"\"{name}\":{value}";
    });

    /// <summary>A rule of the part of the language that JsonLogic has.</summary>
    private static string Node(Dice dice, int depth, bool isNegated)
    {
        if (depth > 1 && dice.Chance(60))
        {
            return dice.Below(3) switch
            {
                0 => $$"""{"and":[{{Nodes()}}]}""",
                1 => $$"""{"or":[{{Nodes()}}]}""",
                _ => $$"""{"not":{{Node(dice, depth - 1, !isNegated)}}}""",
            };
        }

        // Where a missing value counts as what it counts as anyway, there is nothing to tell apart.
        var missing = dice.Chance(60) ? "" : isNegated ? ",\"missing\":\"no_match\"" : ",\"missing\":\"match\"";
        return dice.Below(11) switch
        {
            10 => $$"""{"type":"segment","segment_id":"{{dice.Pick([.. segments.Keys])}}","op":"{{dice.Pick("in", "not_in")}}"}""",
            0 => dice.Pick("""{"type":"all_contacts"}""", """{"type":"no_contacts"}"""),
            1 => $$"""{"type":"trait","trait":"{{dice.Pick("n", "t", "b", "l")}}","op":"{{dice.Pick("is_set", "is_not_set", "is_empty", "is_not_empty")}}"}""",
            2 or 3 => $$"""{"type":"trait","trait":"n","op":"{{dice.Pick("eq", "neq", "lt", "lte", "gt", "gte")}}","value":{{Number()}}{{missing}}}""",
            4 => $$"""{"type":"trait","trait":"n","op":"{{dice.Pick("in", "not_in", "between", "not_between")}}","values":[{{Number()}},{{Number()}}]{{missing}}}""",
            5 => $$"""{"type":"trait","trait":"t","op":"{{dice.Pick("eq", "neq", "contains", "not_contains")}}","value":"{{dice.Pick("", "a", "abc")}}","case_sensitive":true{{missing}}}""",
            6 => $$"""{"type":"trait","trait":"t","op":"{{dice.Pick("in", "not_in")}}","values":["a","{{dice.Pick("b", "abc")}}"],"case_sensitive":true{{missing}}}""",
            7 => $$"""{"type":"trait","trait":"b","op":"{{dice.Pick("eq", "neq")}}","value":{{dice.Pick("true", "false")}}{{missing}}}""",
            8 when !isNegated => $$"""{"type":"trait","trait":"l","op":"{{dice.Pick("eq", "lt", "gte")}}","value":{{Number()}},"quantifier":"all"{{missing}}}""",
            _ => $$"""{"type":"trait","trait":"l","op":"{{dice.Pick("eq", "neq")}}","value":{{Number()}},"quantifier":"{{dice.Pick("any", "none")}}"{{missing}}}""",
        };

        string Number() => dice.Pick("0", "1", "5", "-3", "1.50");
        string Nodes() => string.Join(',', Enumerable.Range(0, dice.From(1, 3)).Select(_ => Node(dice, depth - 1, isNegated)));
    }
}
