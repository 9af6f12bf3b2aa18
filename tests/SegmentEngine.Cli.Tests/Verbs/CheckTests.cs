using SegmentEngine.Cli.Tests.Support;

namespace SegmentEngine.Cli.Tests.Verbs;

public sealed class CheckTests : IDisposable
{
    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task A_rule_that_fits_is_taken()
    {
        var answer = await Shell.Run("check", files.Write("r.json", """{"type":"all_contacts"}"""));
        answer.IsFine($"{files["r.json"]}: 0 errors, 0 warnings\n".ReplaceLineEndings());
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_with_place_severity_suggestion_and_code()
    {
        var rule = files.Write("r.json", """
            {"rule":{"or":[{"and":[{"type":"trait","trait":"seats","op":"eqq","value":1}]},{"type":"trait","trait":"seats","op":"contains","value":"x"},{"type":"trait","trait":"plan","op":"in","values":[]}]}}
            """);
        var answer = await Shell.Run("check", rule, "--schema", files.Write("s.json", """{"traits":{"seats":"number"}}"""), "--zone", "Europe/Paris");
        Assert.Equal(ExitCode.Refused, answer.Exit);
        var lines = answer.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(lines, line => line.StartsWith($"{rule}: $.or[0].and[0].op: error: ", StringComparison.Ordinal) && line.Contains("(did you mean `eq`?)", StringComparison.Ordinal) && line.EndsWith("[unknown_operator]", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"{rule}: $.or[1]", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"{rule}: $.or[2].values: error: ", StringComparison.Ordinal));
        Assert.EndsWith("3 errors, 0 warnings", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_text_is_said_with_line_and_column()
    {
        var rule = files.Write("r.rule", "plan.Contain(\"x\")\n  && seats >= \"many\"\n  && InSegment(\"nobody\")\n");
        var answer = await Shell.Run("check", rule, "--schema", files.Write("s.json", """{"traits":{"seats":"number"}}"""));
        Assert.Equal(ExitCode.Refused, answer.Exit);
        var lines = answer.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith($"{rule}:1:6: error: `Contain` is no operator (did you mean `Contains`?) [unknown_operator]", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{rule}:2:15: error: ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith($"{rule}:3:16: warning: there is no rule \"nobody\"", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("2 errors, 1 warning", lines[^1], StringComparison.Ordinal);
        (await Shell.Run("check", files.Write("fine.rule", "AllContacts()"))).IsFine($"{files["fine.rule"]}: 0 errors, 0 warnings\n".ReplaceLineEndings());
    }

    [Fact]
    public async Task References_are_looked_up_in_the_folder()
    {
        files.Write("rules/vip.json", """{"type":"segment","segment_id":"mine","op":"in"}""");
        var unknown = files.Write("a.json", """{"type":"segment","segment_id":"vipp","op":"in"}""");
        Assert.Contains("$.segment_id: warning: there is no rule \"vipp\"", (await Shell.Run("check", unknown, "--rules", files["rules"])).Output, StringComparison.Ordinal);
        var circle = await Shell.Run("check", files.Write("mine.json", """{"type":"segment","segment_id":"vip","op":"in"}"""), "--rules", files["rules"]);
        Assert.Contains("mine → vip → mine", circle.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Refused, circle.Exit);
    }

    [Fact]
    public async Task Standard_input_is_read()
    {
        var answer = await Shell.RunWith(Shell.Given.Text("""{"type":"all_contact"}"""), "check", "-");
        Assert.Equal(ExitCode.Refused, answer.Exit);
        Assert.Contains("standard input: $", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_in_a_sentence()
    {
        (await Shell.Run("check", files["none.json"])).IsRefused("there is no file");
        (await Shell.Run("check", files.Path)).IsRefused("is a folder");
        (await Shell.Run("check")).IsRefused("segment --help");
        (await Shell.Run("check", files.Write("r.json", "{}"), "--zone", "")).IsRefused("is no time zone");
    }
}
