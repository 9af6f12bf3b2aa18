using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using Xunit.Abstractions;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Contacts with hundreds of events beside contacts with few: every engine gives one answer, before and after the events are laid in order.</summary>
public sealed class LongHistoryTests(ITestOutputHelper output)
{
    private static readonly RuleContext context = new(
        Some.Schema("""{"traits":{},"events":{"order":{"value":"number","city":"string","n":"number"},"view":{"value":"number","city":"string"}}}"""), TimeZoneInfo.Utc, static _ => null);

    private static readonly string[] rules =
    [
        """{"type":"event","event":"order","count":{"op":"gte","n":60},"window":{"last":{"amount":100,"unit":"day"}}}""",
        """{"type":"event","event":"order","count":{"op":"neq","n":3},"where":{"type":"property","property":"city","op":"eq","value":"city 3","case_sensitive":true}}""",
        """{"type":"event","event_in":["order","view"],"count":{"op":"lt","n":130},"window":{"last":{"amount":300,"unit":"day"}}}""",
        """{"type":"event","event":"order","distinct_by":"city","count":{"op":"gt","n":17}}""",
        """{"type":"event","event":"order","distinct_by":"n","count":{"op":"lte","n":40}}""",
        """{"type":"event","event_in":["order","view"],"distinct_by":"city","count":{"op":"eq","n":25}}""",
        """{"type":"event_aggregate","event":"order","fn":"sum","property":"value","op":"gt","value":9000.5}""",
        """{"type":"event_aggregate","event":"order","fn":"avg","property":"value","op":"lte","value":50,"window":{"last":{"amount":200,"unit":"day"}}}""",
        """{"type":"event_aggregate","event_in":["order","view"],"fn":"max","property":"value","op":"gte","value":99.5}""",
        """{"type":"event_aggregate","event":"order","fn":"min","property":"value","op":"lt","value":0.25,"where":{"type":"property","property":"n","op":"gt","value":20}}""",
        """{"type":"event_last","event":"order","is":{"type":"property","property":"value","op":"gt","value":50}}""",
        """{"type":"event_first","event":"order","where":{"type":"property","property":"city","op":"eq","value":"city 7","case_sensitive":true},"is":{"type":"property","property":"value","op":"gt","value":50},"missing":"match"}""",
        """{"type":"event_last","event":"order","where":{"type":"property","property":"city","op":"eq","value":"city 7","case_sensitive":true},"window":{"last":{"amount":40,"unit":"day"}}}""",
        """{"type":"event_last","event_in":["order","view"],"is":{"type":"property","property":"value","op":"gt","value":50}}""",
        """{"type":"event_last","event":"order","per":"city","is":{"type":"property","property":"value","op":"gt","value":98}}""",
        """{"type":"event_first","event":"order","per":"n","is":{"type":"property","property":"value","op":"gt","value":98}}""",
        """{"type":"event_sequence","steps":[{"event":"view"},{"event":"order","within":{"amount":1,"unit":"hour"}},{"event":"order","within":{"amount":1,"unit":"hour"}}]}""",
        """{"type":"event_sequence","steps":[{"event":"view","where":{"type":"property","property":"value","op":"gt","value":95}},{"event":"order","where":{"and":[{"type":"property","property":"city","op":"eq","value":{"step":0,"property":"city"}},{"type":"property","property":"value","op":"gt","value":95}]},"within":{"amount":30,"unit":"day"}}]}""",
        """{"type":"event_sequence","steps":[{"event":"view"},{"event":"order","where":{"type":"property","property":"value","op":"eq","value":{"step":0,"property":"value"}}}]}""",
        """{"type":"event_frequency","event":"order","period":{"amount":3,"unit":"day"},"at_least":20,"out_of":40}""",
        """{"type":"event_lifecycle","event":"order","state":"regular","active":{"amount":2,"unit":"day"},"quiet":{"amount":2,"unit":"day"}}""",
    ];

    [Fact]
    public void Who_did_much_is_answered_like_others()
    {
        output.WriteLine($"SEGMENT_SEED={Dice.FirstSeed}");
        Dice.Throw(2, dice =>
        {
            var now = Some.At("2024-05-15T12:00:00Z");
            var checkedRules = rules.Select(static (rule, i) => (Segment: new SegmentId(new Guid(i + 1, 0, 0, new byte[8])), Rule: Some.Rule(rule, context))).ToList();
            var plan = RulePlan.Of(checkedRules);
            var columns = new ShardColumns();
            var histories = Enumerable.Range(0, 40).Select(static _ => new List<ContactEvent>()).ToArray();
            var arrived = 0;
            var first = Draw().Take(1_200).ToList();
            columns.Extend(plan, histories.Select(static (_, seat) => (new ContactIndex(seat * 7), Some.Contact())), first);
            Compare();
            foreach (var (seat, happened) in Draw().Take(1_600))
            {
                columns.Add(seat, happened);
            }

            var waiting = new ShardEvaluator(plan, columns).RunOneByOne(now, static _ => null);
            Compare();
            Assert.Equal(new ShardEvaluator(plan, columns).RunOneByOne(now, static _ => null).Rules.Select(static rule => (rule.Segment, rule.Members, rule.NextChange)), waiting.Rules.Select(static rule => (rule.Segment, rule.Members, rule.NextChange)));

            IEnumerable<(ContactIndex, ContactEvent)> Draw()
            {
                while (true)
                {
                    // Half of the contacts do nearly everything; some of it happens at one instant, and some hereafter.
                    var seat = dice.Chance(90) ? dice.Below(histories.Length / 2) : dice.Below(histories.Length);
                    var at = now.Plus(TimeSpan.FromMinutes(15 - dice.Below(600_000 / (1 + (seat % 5)))));
                    var value = dice.Chance(2) ? "0.1000000000000000000001" : (dice.Below(10_000) / 100m).ToString(CultureInfo.InvariantCulture);
                    var happened = Some.Event(dice.Chance(70) ? "order" : "view", "2024-01-01T00:00:00Z", $$"""{"value":{{value}},"city":"city {{dice.Below(25)}}","n":{{dice.Below(seat < 5 ? 20 : 60)}}}""") with { At = at, Sequence = arrived++ };
                    histories[seat].Add(happened);
                    yield return (new(seat * 7), happened);
                }
            }

            void Compare()
            {
                var evaluator = new ShardEvaluator(plan, columns);
                var sets = evaluator.Run(now, static _ => null);
                var one = evaluator.At(now, static _ => null);
                foreach (var (segment, rule) in checkedRules)
                {
                    for (var seat = 0; seat < histories.Length; seat++)
                    {
                        var inOrder = histories[seat].OrderBy(static happened => happened.At.Ticks).ThenBy(static happened => happened.Sequence).ToList();
                        var truth = Interpreter.Evaluate(rule, Some.Contact(), inOrder, now, static _ => null);
                        Assert.True(truth == one.Ask(new(seat * 7), segment), $"{RuleJson.Print(rule.Condition)}: {truth} of seat {seat}, otherwise by its own events");
                        Assert.True((truth == Truth.True) == sets[segment].Members.Contains(new(seat * 7)), $"{RuleJson.Print(rule.Condition)}: {truth} of seat {seat}, otherwise by the sets");
                    }
                }
            }
        });
    }
}
