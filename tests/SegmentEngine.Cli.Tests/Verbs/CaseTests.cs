using System.Text.Json;
using SegmentEngine.Cli.Tests.Support;

namespace SegmentEngine.Cli.Tests.Verbs;

/// <summary>Real questions to real data: every engine finds exactly the members that were found without it.</summary>
public sealed class CaseTests
{
    private static readonly string[] sets = Directory.Exists(Shared.At("cases")) ? [.. Directory.EnumerateDirectories(Shared.At("cases")).Select(static set => Path.GetFileName(set)).Order(StringComparer.Ordinal)] : [];

    private static readonly string[] engines = ["set", "contact", "reference"];

    public static IEnumerable<object[]> SetsAndEngines => from set in sets from engine in engines select new object[] { set, engine };

    public static IEnumerable<object[]> Cases =>
        from set in sets where set != "online-retail" from file in Directory.EnumerateFiles(Shared.At("cases", set), "*.json").Order(StringComparer.Ordinal) select new object[] { set, Path.GetFileNameWithoutExtension(file) };

    [SharedTheory, MemberData(nameof(SetsAndEngines))]
    public async Task A_folder_of_cases_gives_the_expected_members(string set, string engine)
    {
        using var found = new TempFolder();
        var cases = Directory.EnumerateFiles(Shared.At("cases", set), "*.json").ToList();
        var (now, zone) = Asked(cases[0]);
        var answer = await Shell.Run(
            ["evaluate", .. Data(set), "--rules", Shared.At("cases", set), "--now", now, "--zone", zone, "--engine", engine, "--out", found.Path]);
        answer.IsFine("");
        Assert.All(cases, file => Assert.Equal((now, zone), Asked(file)));
        Assert.All(cases, file => Assert.Equal(File.ReadAllText(Path.ChangeExtension(file, ".txt")), File.ReadAllText(found[Path.GetFileNameWithoutExtension(file) + ".txt"])));
    }

    [SharedTheory, MemberData(nameof(Cases))]
    public async Task A_case_alone_gives_the_expected_members(string set, string name)
    {
        var file = Shared.At("cases", set, name + ".json");
        var (now, zone) = Asked(file);
        var answer = await Shell.Run(["evaluate", .. Data(set), "--rule", file, "--now", now, "--zone", zone]);
        answer.IsFine(await File.ReadAllTextAsync(Path.ChangeExtension(file, ".txt")));
    }

    private static string[] Data(string set)
    {
        string[] contacts = ["--contacts", Shared.At("data", set, "contacts.jsonl.gz"), "--schema", Shared.At("data", set, "schema.json")];
        var events = Shared.At("data", set, "events.jsonl.gz");
        return File.Exists(events) ? [.. contacts, "--events", events] : contacts;
    }

    private static (string Now, string Zone) Asked(string file)
    {
        var json = JsonElement.Parse(File.ReadAllText(file));
        return (json.GetProperty("now").GetString()!, json.TryGetProperty("zone", out var zone) ? zone.GetString()! : "UTC");
    }
}
