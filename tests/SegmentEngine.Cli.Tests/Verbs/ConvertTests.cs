using SegmentEngine.Cli.Tests.Support;

namespace SegmentEngine.Cli.Tests.Verbs;

public sealed class ConvertTests : IDisposable
{
    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task A_rule_goes_into_another_form_and_back()
    {
        var rule = files.Write("r.json", """{"rule":{"and":[{"type":"trait","trait":"plan","op":"eq","value":"é","missing":"match"},{"type":"event","event":"order"}]}}""");
        var query = await Shell.Run("convert", "--from", "json", "--to", "react-querybuilder", rule);
        Assert.Equal((ExitCode.Fine, ""), (query.Exit, query.Error));
        Assert.StartsWith("{\n  \"combinator\": \"and\",\n", query.Output, StringComparison.Ordinal);
        Assert.Contains("\"é\"", query.Output, StringComparison.Ordinal);
        var back = await Shell.Run("convert", "--from", "react-querybuilder", "--to", "json", files.Write("q.json", query.Output));
        Assert.Equal(await Shell.Run("convert", "--from", "json", "--to", "json", rule), back);
    }

    [Fact]
    public async Task A_rule_goes_into_text_and_back()
    {
        const string json = """{"or":[{"and":[{"type":"trait","trait":"plan","op":"in","values":["pro","é"]},{"type":"event","event":"order","count":{"op":"gte","n":3}}]}]}""";
        var text = await Shell.RunWith(Shell.Given.Text(json), "convert", "--from", "json", "--to", "text", "-");
        text.IsFine("plan is \"pro\" or \"é\" && Event(\"order\").Count() >= 3\n");
        var back = await Shell.RunWith(Shell.Given.Text(text.Output), "convert", "--from", "text", "--to", "json", "-");
        Assert.Equal(await Shell.RunWith(Shell.Given.Text(json), "convert", "--from", "json", "--to", "json", "-"), back);
        (await Shell.RunWith(Shell.Given.Text("plan = 1"), "convert", "--from", "text", "--to", "json", "-")).IsRefused("standard input:1:6: error: a single `=` compares nothing (did you mean `==`?) [syntax]");
    }

    [Fact]
    public async Task What_gets_lost_is_named_with_its_path_and_parked_in_its_place()
    {
        var condition = files.Write("c.json", """{"plan":"pro","a":{"$type":"string"}}""");
        var answer = await Shell.Run("convert", "--from", "growthbook", "--to", "json", condition);
        Assert.Equal(ExitCode.Refused, answer.Exit);
        Assert.StartsWith($"{condition}: $.a[\"$type\"]: error: ", answer.Error, StringComparison.Ordinal);
        Assert.EndsWith("[unsupported]" + Environment.NewLine, answer.Error, StringComparison.Ordinal);
        Assert.Contains("\"type\": \"unsupported\"", answer.Output, StringComparison.Ordinal);
        Assert.Contains("\"value\": \"pro\"", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_target_cannot_say_is_named_too()
    {
        var answer = await Shell.RunWith(Shell.Given.Text("""{"type":"event","event":"order"}"""), "convert", "--from", "json", "--to", "jsonlogic", "-");
        Assert.Equal(ExitCode.Refused, answer.Exit);
        Assert.StartsWith("standard input: $: error: JsonLogic has no operation for this", answer.Error, StringComparison.Ordinal);
        Assert.Contains("\"segment_engine\"", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_warning_is_no_loss()
    {
        var answer = await Shell.RunWith(Shell.Given.Text("""{"==":[{"var":"seats"},5]}"""), "convert", "--from", "jsonlogic", "--to", "json", "-");
        Assert.Equal(ExitCode.Fine, answer.Exit);
        Assert.Contains("warning: ", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_and_schema_say_what_names_stand_for()
    {
        var answer = await Shell.Run("convert", "--from", "growthbook", "--to", "json", files.Write("c.json", """{"id":{"$inGroup":"g"},"app":{"$vgt":"2.0"}}"""),
            "--groups", files.Write("g.json", """{"g":[1,2]}"""), "--schema", files.Write("s.json", """{"traits":{"app":"version"}}"""));
        Assert.Equal((ExitCode.Fine, ""), (answer.Exit, answer.Error));
        Assert.DoesNotContain("value_type", answer.Output, StringComparison.Ordinal);
        Assert.Contains("\"custom_data.id\"", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_segment_names_others_by_their_keys()
    {
        var answer = await Shell.RunWith(Shell.Given.Text("""{"rules":[{"clauses":[{"op":"segmentMatch","values":["vip"]}]}]}"""), "convert", "--from", "launchdarkly", "--to", "json", "-");
        answer.IsFine("{\n  \"type\": \"segment\",\n  \"segment_id\": \"vip\",\n  \"op\": \"in\"\n}\n");
    }

    [Fact]
    public async Task What_is_no_rule_is_refused_and_nothing_is_printed()
    {
        foreach (var format in new[] { "json", "react-querybuilder", "jsonlogic", "growthbook", "launchdarkly" })
        {
            var answer = await Shell.RunWith(Shell.Given.Text("{"), "convert", "--from", format, "--to", "json", "-");
            Assert.Equal((ExitCode.Refused, ""), (answer.Exit, answer.Output));
            Assert.Contains("[malformed_json]", answer.Error, StringComparison.Ordinal);
        }

        var unreadable = await Shell.RunWith(Shell.Given.Text("""{"and":[{"type":"trail"}]}"""), "convert", "--from", "json", "--to", "json", "-");
        Assert.Equal((ExitCode.Refused, ""), (unreadable.Exit, unreadable.Output));
        Assert.Contains("did you mean `trait`?", unreadable.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Formats_that_there_are_not_are_refused_in_a_sentence()
    {
        (await Shell.Run("convert", "--from", "sql", "--to", "json", "-")).IsRefused("there is no format \"sql\"");
        (await Shell.Run("convert", "--from", "json", "--to", "growthbook", "-")).IsRefused("growthbook is not written here");
        (await Shell.Run("convert", "--from", "json", "--to", "json", "-", "--groups", files.Write("g.json", "{}"))).IsRefused("--groups goes with --from growthbook");
        (await Shell.Run("convert", "--from", "growthbook", "--to", "json", files.Write("c.json", "{}"), "--groups", files.Write("g.json", "[1"))).IsRefused("are no JSON");
        (await Shell.Run("convert", "--from", "json", "-")).IsRefused("--to");
    }
}
