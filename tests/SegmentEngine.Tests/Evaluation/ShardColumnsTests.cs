using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

public sealed class ShardColumnsTests
{
    private static readonly Instant now = Some.At("2024-05-15T12:00:00Z");

    private static readonly RuleContext context = new(
        Some.Schema("""{"traits":{"plan":"string","seats":"number"},"events":{"order":{"value":"number","city":"string"}}}"""), TimeZoneInfo.Utc, static _ => null);

    [Fact]
    public void Columns_say_what_must_be_streamed_before_a_plan_can_run()
    {
        var columns = new ShardColumns();
        var plans = Plan("""{"type":"trait","trait":"plan","op":"eq","value":"pro"}""");
        Assert.True(columns.Needs(plans) is { Contacts: ContactParts.CustomData, Events.IsEmpty: true });
        Assert.Throws<InvalidOperationException>(() => new ShardEvaluator(plans, columns).Run(now, static _ => null));

        columns.Extend(plans, [(new(0), Some.Contact("""{"plan":"pro","seats":5}"""))], [(new(0), Some.Event("order", "2024-05-01T00:00:00Z"))]);
        Assert.True(columns.Holds(plans));

        var orders = Plan("""{"type":"event","event":"order"}""", """{"type":"trait","trait":"seats","op":"gt","value":1}""");
        Assert.Equal(["order"], columns.Needs(orders).Events);
        columns.Extend(orders, [(new(0), Some.Contact("""{"plan":"pro","seats":5}"""))], [(new(0), Some.Event("order", "2024-05-01T00:00:00Z")), (new(0), Some.Event("other", "2024-05-01T00:00:00Z"))]);
        Assert.True(columns.Holds(orders) && columns.Holds(plans));
        Assert.Equal([1, 1], Counts(orders, columns));

        var cities = Plan("""{"type":"event","event":"order","where":{"type":"property","property":"city","op":"eq","value":"Rome"}}""");
        Assert.Equal(ContactParts.None, columns.Needs(cities).Contacts);
        Assert.Equal(["order"], columns.Needs(cities).Events);
        columns.Extend(cities, [], [(new(0), Some.Event("order", "2024-05-01T00:00:00Z", """{"city":"Rome"}"""))]);
        Assert.Equal([1], Counts(cities, columns));
        Assert.Equal([1, 1], Counts(orders, columns));

        columns.TrimTo(plans, cities);
        Assert.True(columns.Holds(plans) && columns.Holds(cities) && !columns.Holds(orders));
        Assert.Equal([1], Counts(cities, columns));
        columns.TrimTo(plans);
        Assert.True(columns.Holds(plans) && !columns.Holds(cities));
        Assert.Equal([1], Counts(plans, columns));
    }

    [Fact]
    public void An_evaluator_follows_columns_that_come_and_go()
    {
        var columns = new ShardColumns();
        var plan = Plan("""{"type":"event","event":"order","count":{"op":"gte","n":2}}""");
        columns.Extend(plan, [(new(0), Some.Contact())], []);
        var evaluator = new ShardEvaluator(plan, columns);
        Assert.Empty(evaluator.Run(now, static _ => null).Rules[0].Members);
        columns.TrimTo(RulePlan.Of(Array.Empty<(SegmentId, CheckedRule)>()));
        columns.Extend(plan, [], Enumerable.Range(0, 2).Select(static i => (new ContactIndex(0), Some.Event("order", "2024-05-01T00:00:00Z") with { Sequence = i })));
        Assert.Single(evaluator.Run(now, static _ => null).Rules[0].Members);
        Assert.Equal(Truth.True, evaluator.At(now, static _ => null).Ask(new(0), evaluator.Run(now, static _ => null).Rules[0].Segment));
    }

    [Fact]
    public void A_seat_that_nobody_has_is_in_no_set()
    {
        string[] everyone =
        [
            """{"type":"all_contacts"}""",
            """{"type":"event","event":"order","count":{"op":"eq","n":0}}""",
            """{"type":"trait","trait":"plan","op":"is_not_set"}""",
            """{"type":"trait","trait":"plan","op":"neq","value":"pro","missing":"match"}""",
            """{"type":"event_aggregate","event":"order","fn":"sum","property":"value","op":"gt","value":1,"missing":"match"}""",
            """{"not":{"type":"contact_id_in","contact_ids":["11111111-1111-4111-8111-111111111111"]}}""",
        ];
        var plan = Plan(everyone);
        var columns = new ShardColumns();
        columns.Extend(plan, [(new(1), Some.Contact()), (new(70_000), Some.Contact())], []);
        columns.Put(new(5), Some.Contact());
        columns.Remove(new(5));
        columns.Remove(new(6));
        var evaluator = new ShardEvaluator(plan, columns);
        Assert.All(evaluator.Run(now, static _ => null).Rules, rule => Assert.Equal([1, 70_000], rule.Members.Select(static contact => contact.Value)));
        Assert.Equal([1, 70_000], columns.Contacts.Select(static contact => contact.Value));
        Assert.Equal(2, columns.Count);
        var one = evaluator.At(now, static _ => null);
        Assert.All(plan.Segments, segment => Assert.Equal((Truth.True, Truth.Unknown, Truth.Unknown), (one.Ask(new(1), segment), one.Ask(new(5), segment), one.Ask(new(99_999), segment))));
    }

    [Fact]
    public void An_event_needs_a_contact_and_a_rule_that_reads_it()
    {
        var columns = new ShardColumns();
        columns.Extend(Plan("""{"type":"event","event":"order"}"""), [(new(0), Some.Contact())], []);
        Assert.Throws<ArgumentException>(() => columns.Add(new(1), Some.Event("order", "2024-05-01T00:00:00Z")));
        var before = columns.Bytes;
        for (var i = 0; i < 10_000; i++)
        {
            columns.Add(new(0), Some.Event("login", "2024-05-01T00:00:00Z"));
        }

        Assert.Equal(before, columns.Bytes);
    }

    [Fact]
    public void Events_of_removed_contacts_are_squeezed_out()
    {
        var plan = Plan("""{"type":"event","event":"order","distinct_by":"city","count":{"op":"eq","n":3}}""", """{"type":"event_last","event":"order","is":{"type":"property","property":"value","op":"eq","value":9}}""");
        var columns = new ShardColumns();
        columns.Extend(plan, [], []);
        for (var round = 0; round < 20; round++)
        {
            for (var seat = 0; seat < 100; seat++)
            {
                columns.Put(new(seat), Some.Contact());
                for (var i = 0; i < 10; i++)
                {
                    columns.Add(new(seat), Some.Event("order", $"2024-05-{i + 1:00}T00:00:00Z", $$"""{"city":"{{i % 3}}","value":{{i}}}""") with { Sequence = (round * 1_000) + i });
                }
            }

            Assert.Equal([100, 100], Counts(plan, columns));
            for (var seat = 0; seat < 100; seat += round % 2 == 0 ? 1 : 3)
            {
                columns.Remove(new(seat));
            }

            for (var seat = 0; seat < 100; seat++)
            {
                columns.Remove(new(seat));
            }
        }

        Assert.InRange(columns.Bytes, 0, 200_000);
        Assert.Equal([0, 0], Counts(plan, columns));
    }

    [Fact]
    public void A_text_that_changes_all_the_time_does_not_fill_the_memory()
    {
        var plan = Plan("""{"type":"trait","trait":"plan","op":"contains","value":"77"}""");
        var columns = new ShardColumns();
        columns.Extend(plan, [], []);
        var evaluator = new ShardEvaluator(plan, columns);
        for (var i = 0; i < 20_000; i++)
        {
            columns.Put(new(i % 7), Some.Contact($$"""{"plan":"plan {{i}}"}"""));
            if (i % 999 == 0)
            {
                Assert.Equal(evaluator.RunOneByOne(now, static _ => null).Rules[0].Members, evaluator.Run(now, static _ => null).Rules[0].Members);
            }
        }

        Assert.InRange(columns.Bytes, 0, 300_000);
        Assert.Equal(Enumerable.Range(19_993, 7).Count(static i => i.ToString(CultureInfo.InvariantCulture).Contains("77", StringComparison.Ordinal)), Counts(plan, columns)[0]);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(300)]
    [InlineData(70_000)]
    public void Dictionaries_of_every_width_give_the_same_answers(int distinct)
    {
        string[] rules =
        [
            """{"type":"trait","trait":"plan","op":"eq","value":"plan 150"}""",
            """{"type":"trait","trait":"plan","op":"in","values":["plan 0","plan 199","plan 299","plan 69999","plan"]}""",
            """{"type":"trait","trait":"plan","op":"contains","value":"9"}""",
            """{"type":"trait","trait":"plan","op":"neq","value":"plan 7"}""",
            """{"not":{"type":"trait","trait":"plan","op":"ends_with","value":"0","missing":"match"}}""",
        ];
        var plan = Plan(rules);
        var columns = new ShardColumns();
        columns.Extend(plan, Enumerable.Range(0, 70_000).Select(i => (new ContactIndex(i), Some.Contact(i % 10 == 3 ? "{}" : $$"""{"plan":"plan {{i % distinct}}"}"""))), []);
        var evaluator = new ShardEvaluator(plan, columns);
        var oneByOne = evaluator.RunOneByOne(now, static _ => null).Rules.Select(static rule => rule.Members).ToList();
        var sets = evaluator.Run(now, static _ => null).Rules.Select(static rule => rule.Members).ToList();
        Assert.Equal(oneByOne, sets);
        Assert.Equal(Enumerable.Range(0, 70_000).Where(i => i % 10 != 3 && i % distinct == 150), sets[0].Select(static contact => contact.Value));
        Assert.Equal(Enumerable.Range(0, 70_000).Where(i => i % 10 != 3 && (i % distinct) % 10 != 0), sets[4].Select(static contact => contact.Value));
    }

    [Theory]
    [InlineData("eq", "0.1", "0.1,0.10,1e-1,0.1000000000000000000000000000")]
    [InlineData("gt", "0.1", "0.1000000000000000000000000001,0.1000000000000001,2")]
    [InlineData("lt", "0.1", "0.0999999999999999999999999999,-5,0,-0.0,1e-28")]
    [InlineData("gte", "9007199254740993", "9007199254740993,9007199254740994,9007199254740993.1")]
    [InlineData("eq", "9007199254740993", "9007199254740993,9007199254740993.0")]
    [InlineData("lt", "9007199254740993", "9007199254740992,9007199254740992.9,0")]
    [InlineData("gt", "79228162514264337593543950334", "79228162514264337593543950335,1e30,1e300")]
    [InlineData("lte", "1e-40", "0,-0.0,1e-40,-1e-28,1e-50")]
    [InlineData("between\",\"values\":[0.3,0.3],\"label", "0", "0.3,0.30,3e-1")]
    [InlineData("in\",\"values\":[0.3,1e30,9007199254740993],\"label", "0", "0.3,1e30,9007199254740993")]
    public void Numbers_that_doubles_cannot_tell_apart_are_told_apart(string op, string operand, string holding)
    {
        string[] numbers =
        [
            "0.1", "0.10", "1e-1", "0.1000000000000000000000000000", "0.1000000000000000000000000001", "0.1000000000000001", "2", "0.0999999999999999999999999999", "-5", "0", "-0.0", "1e-28", "-1e-28",
            "9007199254740992", "9007199254740993", "9007199254740993.0", "9007199254740994", "9007199254740992.9", "9007199254740993.1", "79228162514264337593543950334", "79228162514264337593543950335",
            "1e30", "1e300", "1e-40", "1e-50", "0.3", "0.30", "3e-1", "0.30000000000000004",
        ];
        var written = op.Contains("label", StringComparison.Ordinal) ? "\"x\"" : operand;
        var rule = op.Contains("label", StringComparison.Ordinal)
            ? $$"""{"type":"trait","trait":"seats","op":"{{op}}":{{written}}}"""
            : $$"""{"type":"trait","trait":"seats","op":"{{op}}","value":{{written}}}""";
        var plan = Plan(rule);
        var columns = new ShardColumns();
        columns.Extend(plan, numbers.Select(static (number, i) => (new ContactIndex(i), Some.Contact($$"""{"seats":{{number}}}"""))), []);
        var evaluator = new ShardEvaluator(plan, columns);
        var members = evaluator.Run(now, static _ => null).Rules[0].Members;
        Assert.Equal(evaluator.RunOneByOne(now, static _ => null).Rules[0].Members, members);
        foreach (var number in holding.Split(','))
        {
            Assert.True(members.Contains(new(Array.IndexOf(numbers, number))), $"{number} {op} {operand}");
        }

        var check = Some.Rule(rule, context);
        Assert.Equal(numbers.Index().Where(each => Interpreter.Evaluate(check, Some.Contact($$"""{"seats":{{each.Item}}}"""), [], now, static _ => null) == Truth.True).Select(static each => each.Index), members.Select(static contact => contact.Value));
    }

    [Theory]
    [InlineData("sum", "eq", "0.3", "0.1,0.2")]
    [InlineData("sum", "gt", "79228162514264337593543950335", "79228162514264337593543950335,0.4")]
    [InlineData("sum", "eq", "0", "79228162514264337593543950335,79228162514264337593543950335,-79228162514264337593543950335,-79228162514264337593543950335")]
    [InlineData("sum", "eq", "1", "1e100,-1e100,1")]
    [InlineData("sum", "eq", "1", "1,1e100,-1e100", Truth.False)]
    [InlineData("avg", "eq", "0.3333333333333333333333333333", "0.3333333333333333333333333333,0.3333333333333333333333333333,0.3333333333333333333333333333")]
    [InlineData("avg", "gt", "0.3333333333333333333333333333", "0,0,1")]
    [InlineData("avg", "eq", "2", "1,2,3")]
    [InlineData("min", "eq", "0.1000000000000000000000000001", "0.1000000000000000000000000001,0.1000000000000000000000000002")]
    [InlineData("max", "lt", "9007199254740993", "9007199254740992,5")]
    [InlineData("max", "eq", "1", "", Truth.Unknown)]
    [InlineData("sum", "eq", "5", "\"no number\",5")]
    public void Money_is_added_without_rounding(string function, string op, string operand, string values, Truth expected = Truth.True)
    {
        var plan = Plan($$"""{"type":"event_aggregate","event":"order","fn":"{{function}}","property":"value","op":"{{op}}","value":{{operand}}}""");
        var columns = new ShardColumns();
        var orders = values.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static (value, i) => Some.Event("order", $"2024-05-{i + 1:00}T00:00:00Z", $$"""{"value":{{value}}}""") with { Sequence = i });

        // They arrive in the reverse order: order of time decides.
        columns.Extend(plan, [(new(0), Some.Contact())], orders.Reverse().Select(static order => (new ContactIndex(0), order)));
        var evaluator = new ShardEvaluator(plan, columns);
        Assert.Equal(expected, evaluator.At(now, static _ => null).Ask(new(0), plan.Segments[0]));
        Assert.Equal(expected == Truth.True ? 1 : 0, evaluator.Run(now, static _ => null).Rules[0].Members.Count);
    }

    private static int[] Counts(RulePlan plan, ShardColumns columns) => [.. new ShardEvaluator(plan, columns).Run(now, static _ => null).Rules.Select(static rule => rule.Members.Count)];

    private static RulePlan Plan(params string[] rules) => RulePlan.Of(rules.Select(static (rule, i) => (new SegmentId(new Guid(i + 1, 0, 0, new byte[8])), Some.Rule(rule, context))));
}
