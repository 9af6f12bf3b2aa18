using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;
using SegmentEngine.Tests.Tidy;

namespace SegmentEngine.Tests.Spec;

/// <summary>The published cases, by every way of running a rule.</summary>
public sealed partial class SpecTests
{
    private const int CasesLeast = 300;

    private static readonly string[] themes =
    [
        "three-valued-logic", "refused", "missing-values", "conversion", "numbers", "text", "versions", "lists", "verified-data", "dates-rolling", "dates-calendar-zones", "anniversaries", "windows", "counts",
        "late-and-duplicate-events", "first-and-last", "aggregates", "sequences", "frequency", "lifecycle", "trait-age", "references", "samples", "lists-and-order",
    ];

    private static readonly string[] caseFields = ["name", "pins", "schema", "zone", "now", "contacts", "events", "segments", "include", "exclude", "rule", "refused", "members", "unknown", "then"];

    private static readonly string[] laterFields = ["now", "contacts", "events", "members", "unknown"];

    private static readonly string[] answers = ["members", "unknown"];

    private static readonly string[] contactFields =
    [
        "id", "external_id", "email", "phone_number", "name", "created_at", "updated_at", "last_seen_at", "custom_data", "non_verified_custom_data", "lists", "sequences",
    ];

    private static readonly string[] eventFields = ["type", "userId", "event", "timestamp", "messageId", "properties", "traits"];

    public static TheoryData<string> Taken => [.. SpecCase.All.Where(static each => !each.IsRefused).Select(static each => each.Name)];

    public static TheoryData<string> Refused => [.. SpecCase.All.Where(static each => each.IsRefused).Select(static each => each.Name)];

    [Theory, MemberData(nameof(Taken))]
    public void Every_engine_gives_the_answers_of_the_case_then_and_later(string name)
    {
        var asked = SpecCase.Find(name);
        var world = new SpecCase.World();
        foreach (var line in SpecCase.Lines(asked.Json, "contacts"))
        {
            _ = world.Contact(line);
        }

        foreach (var line in SpecCase.Lines(asked.Json, "events"))
        {
            _ = world.Event(line);
        }

        var rules = asked.Rules(world);
        Assert.False(rules.IsEmpty, "the rule is refused");
        var own = rules.IndexOf(rules.Single(static rule => rule.Id == SpecCase.Own));
        var moment = At(asked.Json);
        AnswersAre(asked.Json, asked, world, Engines.AllAgree(moment)[own]);

        var seats = Enumerable.Range(0, world.Names.Length).ToArray();
        var shard = new Shard(moment, seats);
        foreach (var later in asked.Moments.Skip(1))
        {
            foreach (var seat in SpecCase.Lines(later, "contacts").Select(line => world.Contact(line)!.Value))
            {
                shard.Columns.Put(shard.Seat(seat), world.People[seat].Contact);
            }

            foreach (var (seat, happened) in SpecCase.Lines(later, "events").Select(world.Event).OfType<(int, ContactEvent)>())
            {
                shard.Columns.Add(shard.Seat(seat), happened);
            }

            moment = At(later);
            AnswersAre(later, asked, world, Engines.AllAgree(moment)[own]);
            Assert.Empty(shard.Now(moment, seats).Disagreements(Engines.Reference(moment)));
        }

        Case At(JsonElement json) => new(Some.At(json.GetProperty("now").GetString()!), [.. rules.Select(static rule => (rule.Id, rule.Rule))], world.People, ImmutableDictionary<SegmentId, ImmutableArray<bool>>.Empty);
    }

    [Theory, MemberData(nameof(Refused))]
    public void A_rule_that_the_case_refuses_is_refused(string name) => Assert.Empty(SpecCase.Find(name).Rules(new()));

    [Fact]
    public void There_are_cases_enough_of_every_theme()
    {
        Assert.Equal(themes.Order(StringComparer.Ordinal), SpecCase.Files.Select(static file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal));
        Assert.Equal(themes.Order(StringComparer.Ordinal), SpecCase.All.Select(static each => each.Theme).Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(SpecCase.All.Count, CasesLeast, int.MaxValue);
    }

    [Fact]
    public void Every_type_of_leaf_occurs() =>
        Kindly.Nothing(from leaf in RuleNames.LeafTypes.Except(SpecCase.All.SelectMany(static each => Types(each.Json)))
                       select $"{leaf}: no case asks for it; write one in spec/");

    [Fact]
    public void Every_numbered_rule_is_pinned_and_every_pin_is_explained()
    {
        var explained = Row().Matches(File.ReadAllText(Path.Combine(Tree.Root, SpecCase.Folder, "README.md"))).Select(static row => row.Groups["pin"].Value).ToHashSet();
        var pinned = SpecCase.All.SelectMany(static each => each.Pins).ToHashSet();
        Assert.All(SpecCase.All, static each => Assert.NotEmpty(each.Pins));
        Assert.Superset(Enumerable.Range(1, 18).Select(static i => $"R{i}").ToHashSet(), pinned);
        Assert.Equal(pinned.Order(StringComparer.Ordinal), explained.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_files_hold_what_the_README_describes_and_nothing_else() =>
        Kindly.Nothing(from each in SpecCase.All
                       from problem in Fields(each.Json, caseFields)
                           .Concat(each.IsRefused == each.Json.TryGetProperty("members", out _) ? ["either `members` or `refused`"] : [])
                           .Concat(each.Moments.Skip(1).SelectMany(static later => Fields(later, laterFields)))
                           .Concat(each.Moments.SelectMany(static moment => SpecCase.Lines(moment, "contacts")).SelectMany(static line => Fields(line, contactFields)))
                           .Concat(each.Moments.SelectMany(static moment => SpecCase.Lines(moment, "events")).SelectMany(static line => Fields(line, eventFields)))
                           .Concat(each.Moments.SelectMany(static moment => answers.SelectMany(field => Disorder(moment, field))))
                       select $"{each.Name}: {problem}");

    /// <summary>The lists come after the rule: they change who is a member, not what the rule says.</summary>
    private static void AnswersAre(JsonElement expected, SpecCase asked, SpecCase.World world, Truth[] said)
    {
        var (included, excluded) = (asked.Texts("include").ToHashSet(), asked.Texts("exclude").ToHashSet());
        var members = world.Names.Where((name, i) => !excluded.Contains(name) && (included.Contains(name) || said[i] == Truth.True));
        var unknown = world.Names.Where((_, i) => said[i] == Truth.Unknown);
        Assert.Equal((Joined(SpecCase.Texts(expected, "members")), Joined(SpecCase.Texts(expected, "unknown"))), (Joined(members), Joined(unknown)));

        static string Joined(IEnumerable<string> names) => string.Join(' ', names.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Fields(JsonElement json, string[] known) => json.EnumerateObject().Select(static field => field.Name).Except(known).Select(static field => $"`{field}` is no field");

    private static IEnumerable<string> Disorder(JsonElement moment, string field)
    {
        var ids = SpecCase.Texts(moment, field).ToList();
        return ids.SequenceEqual(ids.Distinct().Order(StringComparer.Ordinal)) ? [] : [$"`{field}` is not in order"];
    }

    private static IEnumerable<string> Types(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Types),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(static field => field is { Name: "type", Value.ValueKind: JsonValueKind.String } ? [field.Value.GetString()!] : Types(field.Value)),
        _ => [],
    };

    [GeneratedRegex("""^\| (?<pin>[RAH]\d+[a-z]?) \|""", RegexOptions.Multiline)]
    private static partial Regex Row();
}
