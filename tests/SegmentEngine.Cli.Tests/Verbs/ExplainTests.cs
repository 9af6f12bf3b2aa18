using SegmentEngine.Cli.Tests.Support;

namespace SegmentEngine.Cli.Tests.Verbs;

public sealed class ExplainTests : IDisposable
{
    private const string Contacts = """
        {"external_id":"ada","custom_data":{"plan":"pro","seats":"many"}}
        {"external_id":"ben","custom_data":{"plan":"free"}}
        """;

    private const string Events = """
        {"type":"track","userId":"ada","event":"order","timestamp":"2024-05-30T12:00:00Z"}
        {"type":"track","userId":"ada","event":"order","timestamp":"2024-05-31T00:00:00Z"}
        {"type":"track","userId":"ben","event":"order","timestamp":"2024-05-31T00:00:00Z"}
        """;

    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task Each_condition_is_told_with_its_answer_what_it_saw_and_when_it_changes()
    {
        _ = files.Write("rules/payers.json", """{"type":"trait","trait":"plan","op":"eq","value":"pro"}""");
        var rule = files.Write("rules/busy.json", """
            {"or":[{"and":[
              {"type":"segment","segment_id":"payers","op":"in"},
              {"type":"event","event":"order","count":{"op":"gte","n":2},"window":{"last":{"amount":2,"unit":"day"}}},
              {"type":"group","node":{"not":{"type":"trait","trait":"seats","op":"gt","value":5,"missing":"no_match"}}}]}]}
            """);
        var answer = await Explain("ada", rule, "--rules", files["rules"], "--schema", files.Write("s.json", """{"traits":{"seats":"number"},"events":{}}"""));
        Assert.Equal((ExitCode.Fine, ""), (answer.Exit, answer.Error));
        Assert.Equal(
            """
            ada is a member of busy at 2024-06-01T00:00:00Z
            ✓ all of   (✗ from 2024-06-01T12:00:00Z)
            ├─ ✓ InSegment("payers")   saw true
            ├─ ✓ Event("order").Last(2.Days()).Count() >= 2   saw 2   (✗ from 2024-06-01T12:00:00Z)
            └─ ✓ not
               └─ ✗ (seats > 5).With(missing: "no_match")   saw "many", which is not of the declared type, which counts as no match

            """,
            answer.Output);
    }

    [Fact]
    public async Task Who_is_no_member_is_told_why_not_and_who_cannot_be_told_so()
    {
        var plan = files.Write("r.json", """{"type":"trait","trait":"plan","op":"eq","value":"pro"}""");
        Assert.Equal("ben is not a member of r at 2024-06-01T00:00:00Z\n✗ plan == \"pro\"   saw \"free\"\n", (await Explain("ben", plan)).Output);
        var country = files.Write("r.json", """{"type":"trait","trait":"country","op":"neq","value":"US"}""");
        Assert.Equal("ben is not a member of r at 2024-06-01T00:00:00Z, for it is not known whether the rule holds\n? country != \"US\"   there is no value\n", (await Explain("ben", country)).Output);
    }

    [Fact]
    public async Task A_contact_that_is_not_there_and_a_rule_that_is_refused_are_said_in_a_sentence()
    {
        (await Explain("cy", files.Write("r.json", """{"type":"all_contacts"}"""))).IsRefused("no contact is called \"cy\"");
        (await Explain("ada", files.Write("r.json", """{"type":"trait","trait":"plan","op":"equals","value":"pro"}"""))).IsRefused("$.op: error: ");
        (await Shell.Run("explain", "--contact", "ada", "--contacts", "-", "--rule", "-", "--now", "2024-06-01T00:00:00Z")).IsRefused("standard input (-) can stand for one file only");
    }

    private Task<Shell.Answer> Explain(string contact, string rule, params string[] more) =>
        Shell.Run(["explain", "--contact", contact, "--contacts", files.Write("c.jsonl", Contacts), "--events", files.Write("e.jsonl", Events), "--rule", rule, "--now", "2024-06-01T00:00:00Z", .. more]);
}
