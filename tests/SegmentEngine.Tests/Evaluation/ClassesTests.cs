using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Many conditions on one column: its rows are classed once a block, and every condition reads the classes.</summary>
public sealed class ClassesTests
{
    private const int People = 9_000;
    private const int RulesEach = 700;

    private static readonly Instant now = Some.At("2024-05-15T12:00:00Z");

    private static readonly RuleContext context = new(
        Some.Schema("""{"traits":{"number":"number","text":"string","day":"date","moment":"datetime"}}"""),
        TimeZoneInfo.Utc,
        static name => new(Guid.Parse(name)));

    [Fact]
    public void Numbers_compare_with_many_others() => Dice.Throw(3, static dice =>
        Check(dice, "number", () => Number(dice), () => dice.Below(4) switch
        {
            0 => $$"""{"type":"trait","trait":"number","op":"between","values":[{{Number(dice)}},{{Number(dice)}}]}""",
            1 => $$"""{"type":"trait","trait":"number","op":"{{dice.Pick("in", "not_in")}}","values":[{{Number(dice)}},{{Number(dice)}},{{Number(dice)}}]}""",
            _ => $$"""{"type":"trait","trait":"number","op":"{{dice.Pick("eq", "neq", "lt", "lte", "gt", "gte")}}","value":{{Number(dice)}},"missing":"{{dice.Pick("unknown", "match", "no_match")}}"}""",
        }));

    [Fact]
    public void Days_compare_with_many_others() => Dice.Throw(3, static dice =>
        Check(dice, "day", () => $"\"{Day(dice)}\"", () => $$"""{"type":"date","trait":"day","op":"{{dice.Pick("before", "after", "on")}}","value":"{{Day(dice)}}"}"""));

    [Fact]
    public void Moments_compare_with_many_others() => Dice.Throw(3, static dice =>
        Check(dice, "moment", () => $"\"{Moment(dice)}\"", () => dice.Chance(50)
            ? $$"""{"type":"date","trait":"moment","op":"{{dice.Pick("before", "after")}}","value":"{{Moment(dice)}}"}"""
            : $$"""{"type":"date","trait":"moment","op":"{{dice.Pick("in_last", "more_than_ago")}}","amount":{{dice.From(1, 900)}},"unit":"{{dice.Pick("minute", "hour", "day")}}"}"""));

    [Fact]
    public void Texts_are_asked_much_while_they_come_and_go() => Dice.Throw(2, static dice =>
    {
        var (plan, columns) = Fill(dice, "text", () => $"\"v{dice.Below(1_500)}\"", () => dice.Below(3) switch
        {
            0 => $$"""{"type":"trait","trait":"text","op":"contains","value":"{{dice.Below(100)}}"}""",
            1 => $$"""{"type":"trait","trait":"text","op":"not_in","values":["v{{dice.Below(1_500)}}","v{{dice.Below(2_500)}}"]}""",
            _ => $$"""{"type":"trait","trait":"text","op":"eq","value":"v{{dice.Below(2_500)}}"}""",
        });
        var evaluator = new ShardEvaluator(plan, columns);
        for (var round = 0; round < 4; round++)
        {
            CheckRun(evaluator);
            for (var i = 0; i < 200; i++)
            {
                // Values that there were not: some of them in classes that there were not.
                columns.Put(new(dice.Below(People)), Some.Contact($$"""{"text":"v{{1_500 + dice.Below(1_000 * (round + 1))}}"}"""));
            }
        }
    });

    private static void Check(Dice dice, string trait, Func<string> value, Func<string> condition)
    {
        var (plan, columns) = Fill(dice, trait, value, condition);
        var evaluator = new ShardEvaluator(plan, columns);
        CheckRun(evaluator);
        columns.Put(new(People / 2), Some.Contact($$"""{"{{trait}}":{{value()}}}"""));
        columns.Remove(new(People / 3));
        CheckRun(evaluator);
    }

    /// <summary>Rules of one to four conditions, some of which refer to rules before.</summary>
    private static (RulePlan Plan, ShardColumns Columns) Fill(Dice dice, string trait, Func<string> value, Func<string> condition)
    {
        var rules = new List<(SegmentId Segment, CheckedRule)>();
        for (var i = 0; i < RulesEach; i++)
        {
            var rule = dice.Below(4) switch
            {
                0 => condition(),
                1 => $$"""{"and":[{{condition()}},{"not":{{condition()}}}]}""",
                2 => $$"""{"or":[{{condition()}},{"and":[{{condition()}},{{condition()}}]}]}""",
                _ when i > 0 => $$"""{"and":[{{condition()}},{"type":"segment","segment_id":"{{dice.Pick<(SegmentId Segment, CheckedRule)>(rules).Segment.Value}}","op":"{{dice.Pick("in", "not_in")}}"}]}""",
                _ => condition(),
            };
            rules.Add((new(new Guid(i + 1, 0, 0, new byte[8])), Some.Rule(rule, context)));
        }

        var plan = RulePlan.Of(rules);
        var columns = new ShardColumns();
        columns.Extend(plan, Enumerable.Range(0, People).Where(_ => dice.Chance(95)).Select(seat => (new ContactIndex(seat), Some.Contact(dice.Chance(90) ? $$"""{"{{trait}}":{{value()}}}""" : "{}"))), []);
        return (plan, columns);
    }

    private static void CheckRun(ShardEvaluator evaluator)
    {
        var (sets, alone) = (evaluator.Run(now, static _ => null), evaluator.RunOneByOne(now, static _ => null));
        foreach (var (set, one) in sets.Rules.Zip(alone.Rules))
        {
            Assert.Equal(one.Members, set.Members);
        }
    }

    /// <summary>Few different ones, so that many are equal; some that no double is, and neighbours of theirs.</summary>
    private static string Number(Dice dice) => dice.Below(12) switch
    {
        0 => dice.Pick("0", "-0.0", "0.1", "0.30000000000000004", "0.3", "0.3000000000000000444", "1e-20"),
        1 => dice.Pick("9007199254740993", "9007199254740992", "9007199254740991", "1e30", "-1e30", "1e300"),
        2 => $"{dice.From(-200, 200)}.{dice.Below(100):00}{dice.Pick("", "0000000000000000001", "0000000000000000009")}",
        < 8 => dice.From(-200, 200).ToString(CultureInfo.InvariantCulture),
        _ => $"{dice.From(-200, 200)}.{dice.Below(100):00}",
    };

    private static string Day(Dice dice) => dice.Chance(2) ? dice.Pick("0001-01-01", "9999-12-31") : new DateOnly(2024, 1, 1).AddDays(dice.Below(500)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Some of them so near to one another that they are one double.</summary>
    private static string Moment(Dice dice) => dice.Below(10) switch
    {
        0 => dice.Pick("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"),
        < 5 => new Instant(now.Ticks - (dice.Below(20) * TimeSpan.TicksPerDay) + dice.From(-200, 200)).ToString(),
        _ => now.Plus(TimeSpan.FromMinutes(-dice.Below(40_000))).ToString(),
    };
}
