using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Cases;
using SegmentEngine.Tests.Evaluation;
using SegmentEngine.Tests.Tidy;

namespace SegmentEngine.Tests.Conformance;

/// <summary>One product's suite, and the file beside the tests that says by name which of its cases we answer otherwise on purpose and which cannot be said, each with the reason.</summary>
internal sealed class Suite
{
    private static readonly Instant now = Some.At("2024-05-15T12:00:00Z");

    private readonly Dictionary<string, string> deviations;
    private readonly Dictionary<string, string> unsayable;

    private Suite(string name)
    {
        var listed = Some.Json(File.ReadAllText(Path.Combine(Tree.Root, "tests/SegmentEngine.Tests/Conformance", $"{name}.json")));
        (deviations, unsayable) = (Reasons(listed.GetProperty("deviations")), Reasons(listed.GetProperty("unsayable")));
    }

    /// <summary>Why the suites cannot be run; null where they can, or have to be.</summary>
    public static string? Absent => Directory.Exists(Folder) || Environment.GetEnvironmentVariable("CI") == "true" ? null : $"the suites are not here: {Folder}";

    public static string Folder { get; } = Path.Combine(DataSet.Shared, "suites");

    public static Suite GrowthBook { get; } = new("growthbook");
    public static Suite LaunchDarkly { get; } = new("launchdarkly");
    public static Suite JsonLogic { get; } = new("jsonlogic");

    public static JsonElement Read(string file) => Some.Json(File.ReadAllText(Path.Combine(Folder, file)));

    /// <summary>Names that are not unique get a count: the second is <c>NAME (2)</c>.</summary>
    public static IEnumerable<(string Name, T Case)> Named<T>(IEnumerable<(string Name, T Case)> cases)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, of) in cases)
        {
            var count = seen[name] = seen.GetValueOrDefault(name) + 1;
            yield return (count == 1 ? name : $"{name} ({count})", of);
        }
    }

    public static TheoryData<string> Names<T>(IEnumerable<(string Name, T Case)> cases)
    {
        var names = new TheoryData<string>();
        foreach (var (name, _) in cases)
        {
            names.Add(name);
        }

        return names;
    }

    /// <summary>A contact of whom only custom data is known.</summary>
    public static Contact Contact(JsonElement data) => new() { Id = new(new Guid(1, 0, 0, new byte[8])), CustomData = data };

    /// <summary>What every engine says of a rule that was read; UNKNOWN where it is refused, for then nobody is a member.</summary>
    public static Truth Answer(RuleReading reading, Contact contact, Func<string, SegmentId?>? find = null, Func<SegmentId, bool?>? membership = null) =>
        RuleChecker.Check(reading, new(TraitSchema.Empty, TimeZoneInfo.Utc, find ?? (static _ => null))).Rule is { } rule
            ? Engines.Answer(rule, new(contact), now, membership ?? (static _ => null))
            : Truth.Unknown;

    /// <summary>Holds a case against the lists: what cannot be said and what is answered otherwise is listed, and what is listed is so.</summary>
    public void Judge(string name, bool canBeSaid, bool agrees, Func<string> told)
    {
        if (!canBeSaid)
        {
            Assert.True(unsayable.ContainsKey(name), $"{name}: cannot be said, and is not listed so: {told()}");
            return;
        }

        Assert.False(unsayable.ContainsKey(name), $"{name}: listed as not to be said, and can be: {told()}");
        Assert.True(agrees != deviations.ContainsKey(name), agrees ? $"{name}: listed as a deviation, and agrees: {told()}" : $"{name}: {told()}");
    }

    /// <summary>Every listed case is one of the suite's, and there are as many as there should be.</summary>
    public void IsListed(IEnumerable<string> names, int cases, int notSayable, int deviating)
    {
        var all = names.ToHashSet(StringComparer.Ordinal);
        Kindly.Nothing(deviations.Keys.Concat(unsayable.Keys).Where(name => !all.Contains(name)).Select(static name => $"{name}: listed, and no case of the suite"));
        Kindly.Nothing(deviations.Keys.Where(unsayable.ContainsKey).Select(static name => $"{name}: listed twice"));
        Assert.Equal((cases, notSayable, deviating), (all.Count, unsayable.Count, deviations.Count));
    }

    /// <summary>Reasons, each with the cases it is the reason of.</summary>
    private static Dictionary<string, string> Reasons(JsonElement json) =>
        json.EnumerateObject().SelectMany(static reason => reason.Value.EnumerateArray().Select(name => (Name: name.GetString()!, Reason: reason.Name))).ToDictionary(static pair => pair.Name, static pair => pair.Reason, StringComparer.Ordinal);
}
