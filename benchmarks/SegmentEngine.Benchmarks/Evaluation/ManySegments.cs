using System.Globalization;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>
/// A million contacts with twenty declared traits, and a thousand segments of four conditions each out of two thousand different ones, all from one seed; or fewer
/// or more of either, with twice as many conditions as segments. Traits: eight texts of 5 to 50,000 distinct values, seven numbers, a boolean, two days, two instants. One value in ten is missing.
/// </summary>
internal sealed class ManySegments
{
    public const int Contacts = 1_000_000;
    public const int Segments = 1_000;

    private const int Seed = 42;
    private const int MissingPercent = 10;

    public static readonly Instant Now = Instant.TryParse("2024-06-01T12:00:00Z", out var now) ? now : default;

    private static readonly int[] texts = [5, 12, 30, 80, 200, 1_000, 5_000, 50_000];
    private static readonly int[] numbers = [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

    public ManySegments(int contacts = Contacts)
    {
        Plan = RulePlan.Of(Rules());
        Columns = new();
        Columns.Extend(Plan, Everyone().Take(contacts), []);
    }

    public RulePlan Plan { get; }

    public ShardColumns Columns { get; }

    /// <summary>The column of a number trait.</summary>
    public NumberColumn Number(string trait) => (NumberColumn)Columns[Plan.Traits.Single(source => source.Path.ToString() == $"custom_data.{trait}")];

    /// <summary>Contacts without end, always the same.</summary>
    public static IEnumerable<(ContactIndex Seat, Contact Contact)> Everyone()
    {
        var random = new Random(Seed);
        for (var seat = 0;; seat++)
        {
            yield return (new(seat), new() { CustomData = JsonElement.Parse($"{{{string.Join(',', Values(random))}}}") });
        }
    }

    private static IEnumerable<string> Values(Random random)
    {
        for (var i = 0; i < texts.Length; i++)
        {
            var value = $"\"text{i}\":\"{Text(random, i)}\"";
            if (IsThere(random))
            {
                yield return value;
            }
        }

        for (var i = 0; i < numbers.Length; i++)
        {
            var value = $"\"number{i}\":{Number(random, i)}";
            if (IsThere(random))
            {
                yield return value;
            }
        }

        yield return $"\"flag0\":{(random.Next(2) == 0 ? "true" : "false")}";
        for (var i = 0; i < 2; i++)
        {
            yield return $"\"day{i}\":\"{Day(random)}\"";
            yield return $"\"moment{i}\":\"{Moment(random)}\"";
        }
    }

    /// <summary>Conditions over every trait, each different from the others; a segment takes four of them, one negated now and then, in one of four shapes.</summary>
    public static IEnumerable<(SegmentId Segment, CheckedRule Rule)> Rules(int segments = Segments)
    {
        var random = new Random(Seed + 1);
        var context = new RuleContext(Schema(), TimeZoneInfo.Utc, static _ => null);
        var conditions = new Dictionary<string, string>(StringComparer.Ordinal);
        while (conditions.Count < segments * 2)
        {
            // Two texts may say the same: `eq` and `in` of one value are one condition.
            var condition = Condition(random);
            conditions.TryAdd(Checked(condition, context).Formula.Atoms.Single().Key, condition);
        }

        // Twice round in two orders: each condition stands in two segments.
        string[] first = [.. conditions.Values], second = [.. conditions.Values];
        random.Shuffle(first);
        random.Shuffle(second);
        string[] drawn = [.. first, .. second];
        for (var i = 0; i < segments; i++)
        {
            var (a, b, c, d) = (drawn[i * 4], drawn[(i * 4) + 1], drawn[(i * 4) + 2], drawn[(i * 4) + 3]);
            var rule = (i % 4) switch
            {
                0 => $$"""{"and":[{{a}},{{b}},{{c}},{{d}}]}""",
                1 => $$"""{"and":[{"or":[{{a}},{{b}}]},{"or":[{{c}},{{d}}]}]}""",
                2 => $$"""{"and":[{{a}},{"not":{{b}}},{"or":[{{c}},{{d}}]}]}""",
                _ => $$"""{"or":[{"and":[{{a}},{{b}}]},{"and":[{{c}},{"not":{{d}}}]}]}""",
            };
            yield return (new(new Guid(i + 1, 0, 0, new byte[8])), Checked(rule, context));
        }
    }

    private static CheckedRule Checked(string rule, RuleContext context) => RuleChecker.Check(rule, context).Rule ?? throw new InvalidOperationException(rule);

    private static string Condition(Random random) => random.Next(20) switch
    {
        < 8 and var text => TextCondition(random, text),
        < 15 and var number => NumberCondition(random, number - 8),
        < 16 => random.Next(50) == 0 ? $$"""{"type":"trait","trait":"flag0","op":"eq","value":{{(random.Next(2) == 0 ? "true" : "false")}}}""" : TextCondition(random, random.Next(4, 8)),
        < 18 => $$"""{"type":"date","trait":"day{{random.Next(2)}}","op":"{{Pick(random, "before", "after", "on")}}","value":"{{Day(random)}}"}""",
        _ => random.Next(2) == 0
            ? $$"""{"type":"date","trait":"moment{{random.Next(2)}}","op":"in_last","amount":{{random.Next(1, 700)}},"unit":"day"}"""
            : $$"""{"type":"date","trait":"moment{{random.Next(2)}}","op":"{{Pick(random, "before", "after")}}","value":"{{Moment(random)}}"}""",
    };

    private static string TextCondition(Random random, int trait) => random.Next(4) switch
    {
        0 => $$"""{"type":"trait","trait":"text{{trait}}","op":"eq","value":"{{Text(random, trait)}}","case_sensitive":true}""",
        1 => $$"""{"type":"trait","trait":"text{{trait}}","op":"contains","value":"{{random.Next(texts[trait])}}","case_sensitive":false}""",
        _ => $$"""{"type":"trait","trait":"text{{trait}}","op":"in","values":[{{string.Join(',', Enumerable.Range(0, random.Next(2, 6)).Select(_ => $"\"{Text(random, trait)}\""))}}],"case_sensitive":true}""",
    };

    private static string NumberCondition(Random random, int trait) => random.Next(3) switch
    {
        0 => $$"""{"type":"trait","trait":"number{{trait}}","op":"between","values":[{{Number(random, trait)}},{{Number(random, trait)}}]}""",
        _ => $$"""{"type":"trait","trait":"number{{trait}}","op":"{{Pick(random, "eq", "lt", "lte", "gt", "gte")}}","value":{{Number(random, trait)}}}""",
    };

    private static TraitSchema Schema()
    {
        var traits = Enumerable.Range(0, texts.Length).Select(static i => $"\"text{i}\":\"string\"")
            .Concat(Enumerable.Range(0, numbers.Length).Select(static i => $"\"number{i}\":\"number\""))
            .Concat(["\"flag0\":\"boolean\"", "\"day0\":\"date\"", "\"day1\":\"date\"", "\"moment0\":\"datetime\"", "\"moment1\":\"datetime\""]);
        return TraitSchema.TryParse(JsonElement.Parse($"{{\"traits\":{{{string.Join(',', traits)}}}}}"), out var schema, out _) ? schema : throw new InvalidOperationException();
    }

    private static bool IsThere(Random random) => random.Next(100) >= MissingPercent;

    private static string Text(Random random, int trait) => $"value {random.Next(texts[trait])}";

    /// <summary>Half of them money: two decimals.</summary>
    private static string Number(Random random, int trait) =>
        trait % 2 == 0 ? random.Next(numbers[trait]).ToString(CultureInfo.InvariantCulture) : (random.Next(numbers[trait]) / 100m).ToString(CultureInfo.InvariantCulture);

    private static string Day(Random random) => new DateOnly(2022, 1, 1).AddDays(random.Next(1000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Moment(Random random) => Now.Plus(TimeSpan.FromSeconds(-random.Next(700 * 86_400))).ToString();

    private static string Pick(Random random, params string[] words) => words[random.Next(words.Length)];
}
