using System.Text.Json;
using SegmentEngine.Rules;

namespace SegmentEngine.Scripting.Tests;

/// <summary>What each phrase of the text form means, as JSON.</summary>
public sealed class ReadTests
{
    [Theory]
    [InlineData("""plan == "pro" """, """{"type":"trait","trait":"plan","op":"eq","value":"pro"}""")]
    [InlineData("""custom_data.company.size > 1.50""", """{"type":"trait","trait":"custom_data.company.size","op":"gt","value":1.50}""")]
    [InlineData("""Trait("odd name") != -3""", """{"type":"trait","trait":"odd name","op":"neq","value":-3}""")]
    [InlineData("""plan is "pro" """, """{"type":"trait","trait":"plan","op":"in","values":["pro"]}""")]
    [InlineData("""plan is not ("a" or "b")""", """{"type":"trait","trait":"plan","op":"not_in","values":["a","b"]}""")]
    [InlineData("""plan is not "a" """, """{"type":"trait","trait":"plan","op":"not_in","values":["a"]}""")]
    [InlineData("""plan.NotIn("a", 2, null)""", """{"type":"trait","trait":"plan","op":"not_in","values":["a",2,null]}""")]
    [InlineData("""seats.Between(1, 5)""", """{"type":"trait","trait":"seats","op":"between","values":[1,5]}""")]
    [InlineData("""born.Between("2024-05-01", "2024-06-01")""", """{"type":"date","trait":"born","op":"between","values":["2024-05-01","2024-06-01"]}""")]
    [InlineData("""born.BetweenDates(0, 1)""", """{"type":"date","trait":"born","op":"between","values":[0,1]}""")]
    [InlineData("""email.EndsWith(@"@acme.com").With(caseSensitive: true, missing: "match")""", """{"type":"trait","trait":"email","op":"ends_with","value":"@acme.com","case_sensitive":true,"missing":"match"}""")]
    [InlineData("(tags == \"vip\").With(quantifier: \"all\").With(label: \"\"\"all \"vip\" \"\"\")", """{"type":"trait","trait":"tags","op":"eq","value":"vip","quantifier":"all","label":"all \"vip\" "}""")]
    [InlineData("""tags.Size() >= 2""", """{"type":"trait","trait":"tags","op":"size","value":{"op":"gte","n":2}}""")]
    [InlineData("""last_seen_at.InLast(1.Months(calendar: true, zone: "Europe/Paris"))""", """{"type":"date","trait":"last_seen_at","op":"in_last","amount":1,"unit":"month","calendar":true,"zone":"Europe/Paris"}""")]
    [InlineData("""created_at.MoreThanAgo(1.Day())""", """{"type":"date","trait":"created_at","op":"more_than_ago","amount":1,"unit":"day"}""")]
    [InlineData("""plan.HasBeen("pro") < 30.Days()""", """{"type":"trait_age","trait":"plan","value":"pro","for":{"op":"lt","amount":30,"unit":"day"}}""")]
    [InlineData("""!InSegment("a") && OnList("b")""", """{"or":[{"and":[{"not":{"type":"segment","op":"in","segment_id":"a"}},{"type":"list","list_id":"b","op":"in"}]}]}""")]
    [InlineData("""a == 1 || b == 2 && c == 3""", """{"or":[{"and":[{"type":"trait","trait":"a","op":"eq","value":1}]},{"and":[{"type":"trait","trait":"b","op":"eq","value":2},{"type":"trait","trait":"c","op":"eq","value":3}]}]}""")]
    [InlineData("""(AllContacts() && AllContacts()) && AllContacts()""", """{"or":[{"and":[{"and":[{"type":"all_contacts"},{"type":"all_contacts"}]},{"type":"all_contacts"}]}]}""")]
    [InlineData("""Any(All(AllContacts()))""", """{"or":[{"and":[{"type":"all_contacts"}]}]}""")]
    [InlineData("""All(AllContacts(), Group(Any(NoContacts())))""", """{"or":[{"and":[{"type":"all_contacts"},{"type":"group","node":{"or":[{"type":"no_contacts"}]}}]}]}""")]
    [InlineData("""CreatedAtBetween(null, "2024-01-01T00:00:00Z")""", """{"type":"contacts_created_at_between","after":null,"before":"2024-01-01T00:00:00Z"}""")]
    [InlineData("""Event("a")""", """{"type":"event","event":"a"}""")]
    [InlineData("""Event(["a"])""", """{"type":"event","event_in":["a"]}""")]
    [InlineData("""Event("a", "b").Last(7.Days()).DistinctBy("id").Where(kind is "x" or "y").Count() == 0""",
        """{"type":"event","event_in":["a","b"],"where":{"type":"property","property":"kind","op":"in","values":["x","y"]},"distinct_by":"id","window":{"last":{"amount":7,"unit":"day"}},"count":{"op":"eq","n":0}}""")]
    [InlineData("""Event("order").From("2024-01-01T00:00:00Z").Sum("value") >= 300""", """{"type":"event_aggregate","event":"order","property":"value","fn":"sum","op":"gte","value":300,"window":{"from":"2024-01-01T00:00:00Z"}}""")]
    [InlineData("""LastEvent("rating").Per("ticket").Is(score <= 2 && !Property("late-by").IsSet())""",
        """{"type":"event_last","event":"rating","per":"ticket","is":{"and":[{"type":"property","property":"score","op":"lte","value":2},{"not":{"type":"property","property":"late-by","op":"is_set"}}]}}""")]
    [InlineData("""FirstEvent("order").InLast(30.Days())""", """{"type":"event_first","event":"order","window":{"last":{"amount":30,"unit":"day"}}}""")]
    [InlineData("""Sequence(Event("a"), Event("b").Where(id == Step(0, "id")).Within(3.Days())).Last(30.Days())""",
        """{"type":"event_sequence","steps":[{"event":"a"},{"event":"b","where":{"type":"property","property":"id","op":"eq","value":{"step":0,"property":"id"}},"within":{"amount":3,"unit":"day"}}],"window":{"last":{"amount":30,"unit":"day"}}}""")]
    [InlineData("""Event("a").Frequency(period: 1.Weeks(), atLeast: 3, outOf: 4)""", """{"type":"event_frequency","event":"a","period":{"amount":1,"unit":"week"},"at_least":3,"out_of":4}""")]
    [InlineData("""Event("a").Lifecycle("stopped", quiet: 60.Days(), active: 30.Days())""", """{"type":"event_lifecycle","event":"a","state":"stopped","active":{"amount":30,"unit":"day"},"quiet":{"amount":60,"unit":"day"}}""")]
    [InlineData("\uFEFF// a comment\nAllContacts( /* everybody */ )\r\n", """{"type":"all_contacts"}""")]
    public void A_phrase_is_read(string text, string json) => Reads(text, json.StartsWith("""{"or":""", StringComparison.Ordinal) ? json : $$"""{"or":[{"and":[{{json}}]}]}""");

    [Theory]
    [InlineData("AllContacts()", """{"or":[{"and":[{"type":"all_contacts"}]}]}""")]
    [InlineData("a.IsSet() && b.IsSet()", """{"or":[{"and":[{"type":"trait","trait":"a","op":"is_set"},{"type":"trait","trait":"b","op":"is_set"}]}]}""")]
    [InlineData("AllContacts() || NoContacts() && AllContacts()", """{"or":[{"and":[{"type":"all_contacts"}]},{"and":[{"type":"no_contacts"},{"type":"all_contacts"}]}]}""")]
    [InlineData("((AllContacts()) || (NoContacts()))", """{"or":[{"and":[{"type":"all_contacts"}]},{"and":[{"type":"no_contacts"}]}]}""")]
    [InlineData("Any(AllContacts(), All(NoContacts(), AllContacts()))", """{"or":[{"and":[{"type":"all_contacts"}]},{"and":[{"type":"no_contacts"},{"type":"all_contacts"}]}]}""")]
    [InlineData("All(Any(AllContacts(), NoContacts()))", """{"or":[{"and":[{"or":[{"type":"all_contacts"},{"type":"no_contacts"}]}]}]}""")]
    [InlineData("(AllContacts() || NoContacts()) && !AllContacts()", """{"or":[{"and":[{"or":[{"type":"all_contacts"},{"type":"no_contacts"}]},{"not":{"type":"all_contacts"}}]}]}""")]
    [InlineData("Tree(AllContacts())", """{"type":"all_contacts"}""")]
    [InlineData("Tree(!AllContacts())", """{"not":{"type":"all_contacts"}}""")]
    [InlineData("(Tree(AllContacts() && NoContacts()))", """{"and":[{"type":"all_contacts"},{"type":"no_contacts"}]}""")]
    [InlineData("Tree(AllContacts() || NoContacts() && AllContacts())", """{"or":[{"type":"all_contacts"},{"and":[{"type":"no_contacts"},{"type":"all_contacts"}]}]}""")]
    [InlineData("Tree(Any(AllContacts()))", """{"or":[{"type":"all_contacts"}]}""")]
    public void A_whole_rule_is_alternatives_of_conditions_or_a_tree_that_says_so(string text, string json) => Reads(text, json);

    private static void Reads(string text, string json)
    {
        var reading = RuleText.Read(text);
        Assert.True(reading.Diagnostics.IsEmpty, string.Join('\n', reading.Diagnostics));
        Assert.Equal(RuleJson.Print(RuleJson.Read(json).Condition!), RuleJson.Print(reading.Rule.Condition!));
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), JsonElement.Parse(RuleJson.Print(reading.Rule.Condition!))));
    }

    [Fact]
    public void A_short_rule_is_printed_on_one_line_and_a_long_one_in_lines()
    {
        const string text = """
            (plan is "pro" or "enterprise" && seats >= 50)
            || Event("ticket_created").Where(priority == "high").Last(30.Days()).Count() >= 3
               && !InSegment("trial-users")
               && last_seen_at.InLast(14.Days())
            """;
        var printed = RuleText.Print(RuleText.Read(text).Rule.Condition!);
        Assert.Equal(
            """
            plan is "pro" or "enterprise" && seats >= 50
            || (
                Event("ticket_created").Where(priority == "high").Last(30.Days()).Count() >= 3
                && !InSegment("trial-users")
                && last_seen_at.InLast(14.Days())
            )
            """.ReplaceLineEndings("\n"), printed);
        Assert.Equal("""(plan == "pro").With(missing: "match") || !AllContacts()""", RuleText.Print(RuleText.Read("""( (plan=="pro").With(missing : "match") )||!( AllContacts( ) )""").Rule.Condition!));
    }
}
