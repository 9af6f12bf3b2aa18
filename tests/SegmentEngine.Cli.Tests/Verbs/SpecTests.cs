using System.Text.Json;
using SegmentEngine.Cli.Tests.Support;

namespace SegmentEngine.Cli.Tests.Verbs;

/// <summary>The published cases as files: the lines are what <c>segment evaluate</c> reads, and its answers are those of the cases.</summary>
public sealed class SpecTests
{
    private static readonly string folder = Path.Combine(Shared.Repository, "spec");

    public static TheoryData<string> Themes => [.. Directory.EnumerateFiles(folder, "*.json").Select(static file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Themes))]
    public async Task The_command_gives_the_answers_of_every_case(string theme)
    {
        foreach (var asked in JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, theme + ".json"))).GetProperty("cases").EnumerateArray())
        {
            var (contacts, events) = (new List<string>(), new List<string>());
            foreach (var moment in asked.TryGetProperty("then", out var then) ? then.EnumerateArray().Prepend(asked) : [asked])
            {
                contacts.AddRange(Lines(moment, "contacts"));
                events.AddRange(Lines(moment, "events"));
                await Ask(theme, asked, moment, string.Join('\n', contacts), string.Join('\n', events));
            }
        }
    }

    private static async Task Ask(string theme, JsonElement asked, JsonElement moment, string contacts, string events)
    {
        using var files = new TempFolder();
        _ = files.Write("rules/rule.json", asked.GetProperty("rule").GetRawText());
        var others = asked.TryGetProperty("segments", out var segments) ? segments.EnumerateObject().Where(static segment => segment.Value.ValueKind != JsonValueKind.Null).ToList() : [];
        others.ForEach(segment => files.Write($"rules/{segment.Name}.json", segment.Value.GetRawText()));
        string[] rules = others.Count > 0 ? ["--rules", files["rules"]] : ["--rule", files["rules/rule.json"]];
        string[] lists = [.. Listed("include"), .. Listed("exclude")];
        var schema = asked.TryGetProperty("schema", out var declared) ? declared.GetRawText() : "{}";
        var zone = asked.TryGetProperty("zone", out var named) ? named.GetString()! : "UTC";
        var answer = await Shell.Run([
            "evaluate", "--contacts", files.Write("contacts.jsonl", contacts), "--events", files.Write("events.jsonl", events), "--schema", files.Write("schema.json", schema),
            .. rules, .. lists, "--zone", zone, "--now", moment.GetProperty("now").GetString()!, "--out", files["members"]]);
        var about = $"{theme}: {asked.GetProperty("name")}: {answer.Error}";
        if (asked.TryGetProperty("refused", out _))
        {
            Assert.True(answer.Exit == ExitCode.Refused && !File.Exists(files["members/rule.txt"]), about);
            return;
        }

        Assert.True(answer.Exit == ExitCode.Fine, about);
        Assert.Equal((about, string.Concat(moment.GetProperty("members").EnumerateArray().Select(static id => $"{id}\n"))), (about, await File.ReadAllTextAsync(files["members/rule.txt"])));

        string[] Listed(string list) => asked.TryGetProperty(list, out var ids) ? [$"--{list}", files.Write($"{list}.txt", string.Join('\n', ids.EnumerateArray()))] : [];
    }

    private static IEnumerable<string> Lines(JsonElement moment, string field) => moment.TryGetProperty(field, out var lines) ? lines.EnumerateArray().Select(static line => line.GetRawText().ReplaceLineEndings(" ")) : [];
}
