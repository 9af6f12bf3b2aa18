using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

public sealed class RulePlanTests
{
    private static readonly Instant now = Some.At("2024-05-15T12:00:00Z");
    private static readonly SegmentId pro = Segment(1);
    private static readonly SegmentId notPro = Segment(2);
    private static readonly SegmentId outside = Segment(3);

    private static readonly RuleContext context = new(
        Some.Schema("""{"traits":{"plan":"string","seen":"datetime"}}"""),
        TimeZoneInfo.Utc,
        static name => name switch { "pro" => pro, "not_pro" => notPro, "outside" => outside, _ => null });

    private static readonly CheckedRule isPro = Rule("""{"type":"trait","trait":"plan","op":"eq","value":"pro"}""");
    private static readonly CheckedRule isNotPro = Rule("""{"type":"segment","segment_id":"pro","op":"not_in"}""");

    [Fact]
    public void Identical_conditions_are_one()
    {
        var plan = RulePlan.Of([
            (pro, Rule("""{"and":[{"type":"trait","trait":"plan","op":"eq","value":"pro"},{"type":"trait","trait":"custom_data.plan","op":"neq","value":"PRO"}]}""")),
            (notPro, Rule("""{"not":{"type":"trait","trait":"plan","op":"in","values":["pro"],"case_sensitive":false}}""")),
        ]);
        Assert.Equal(1, plan.Conditions);
        Assert.Equal([pro, notPro], plan.Segments.AsEnumerable());
        Assert.Equal((0, 1, -1), (plan.IndexOf(pro), plan.IndexOf(notPro), plan.IndexOf(outside)));
    }

    [Fact]
    public void A_rule_comes_after_those_it_refers_to()
    {
        Assert.Throws<ArgumentException>(static () => RulePlan.Of([(notPro, isNotPro), (pro, isPro)]));
        Assert.Throws<ArgumentException>(static () => RulePlan.Of([(pro, isPro), (pro, isPro)]));
        Assert.Throws<ArgumentException>(static () => RulePlan.Of([(pro, isNotPro)]));
        Assert.Empty(RulePlan.Of([(pro, isPro), (notPro, isNotPro)]).Outside);
        Assert.Equal([pro], RulePlan.Of([(notPro, isNotPro)]).Outside);
    }

    [Fact]
    public void An_unknown_rule_makes_its_readers_sure_that_nobody_is_a_member()
    {
        var evaluator = Evaluator(RulePlan.Of([(pro, isPro), (notPro, isNotPro)]), """{"plan":"pro"}""", """{"plan":"free"}""", "{}");
        var result = evaluator.Run(now, static _ => null);
        Assert.Equal([0], Seats(result[pro]));
        Assert.Equal([1, 2], Seats(result[notPro]));
        Assert.Equal([1, 2], Seats(evaluator.RunOneByOne(now, static _ => null)[notPro]));
    }

    [Fact]
    public void Members_of_other_segments_are_asked_for_and_unknown_until_there_are_any()
    {
        var evaluator = Evaluator(RulePlan.Of([(pro, Rule("""{"type":"segment","segment_id":"outside","op":"in"}""")), (notPro, Rule("""{"type":"segment","segment_id":"outside","op":"not_in"}"""))]), "{}", "{}");
        Assert.All(evaluator.Run(now, static _ => null).Rules, static rule => Assert.Empty(rule.Members));
        Assert.Equal(Truth.Unknown, evaluator.At(now, static _ => null).Ask(new(0), notPro));
        var members = ContactSet.Of([new(1), new(5_000)]);
        var result = evaluator.Run(now, segment => segment == outside ? members : null);
        Assert.Equal([1], Seats(result[pro]));
        Assert.Equal([0], Seats(result[notPro]));
        Assert.Equal(Truth.False, evaluator.At(now, _ => members).Ask(new(1), notPro));
    }

    [Fact]
    public void Some_of_the_rules_are_evaluated_with_those_they_refer_to()
    {
        var evaluator = Evaluator(RulePlan.Of([(outside, Rule("""{"type":"all_contacts"}""")), (pro, isPro), (notPro, isNotPro)]), """{"plan":"pro"}""");
        Assert.Equal([pro, notPro], evaluator.Run(now, static _ => null, [notPro]).Rules.Select(static rule => rule.Segment));
        Assert.Equal([outside], evaluator.Run(now, static _ => null, [outside]).Rules.Select(static rule => rule.Segment));
        Assert.Empty(evaluator.Run(now, static _ => null, []).Rules);
        Assert.Throws<ArgumentException>(() => evaluator.Run(now, static _ => null, [Segment(9)]));
    }

    [Fact]
    public void What_a_rule_refers_to_changes_it_in_time()
    {
        var rule = Rule("""{"type":"date","trait":"seen","op":"in_last","amount":1,"unit":"day"}""");
        var plan = RulePlan.Of([(pro, rule), (notPro, isNotPro), (outside, Rule("""{"type":"all_contacts"}"""))]);
        var evaluator = Evaluator(plan, """{"seen":"2024-05-15T06:00:00Z"}""", """{"seen":"2024-05-15T13:00:00Z"}""", """{"seen":"2024-05-01T13:00:00Z"}""");
        var result = evaluator.Run(now, static _ => null);
        Assert.Equal([0], Seats(result[pro]));
        Assert.Equal(Some.At("2024-05-15T13:00:00Z"), result[pro].NextChange);
        Assert.Equal(Some.At("2024-05-15T13:00:00Z"), result[notPro].NextChange);
        Assert.Equal(Instant.MaxValue, result[outside].NextChange);
        Assert.Equal(Some.At("2024-05-15T13:00:00Z"), result.NextChange);
        var one = evaluator.At(now, static _ => null);
        Assert.Equal([Some.At("2024-05-16T06:00:00Z"), Some.At("2024-05-16T06:00:00Z"), Instant.MaxValue], one.NextChanges(new(0)));
        Assert.Equal(Some.At("2024-05-16T06:00:00Z"), one.NextChange(new(0)));
        Assert.Equal(Instant.MaxValue, one.NextChange(new(2)));
        Assert.Equal(result.NextChange, evaluator.RunOneByOne(now, static _ => null).NextChange);
    }

    [Fact]
    public void An_empty_plan_and_an_empty_shard_have_nobody()
    {
        var none = RulePlan.Of(Array.Empty<(SegmentId, CheckedRule)>());
        Assert.Empty(Evaluator(none, "{}").Run(now, static _ => null).Rules);
        Assert.Equal(Instant.MaxValue, Evaluator(none, "{}").Run(now, static _ => null).NextChange);
        Assert.Empty(Evaluator(RulePlan.Of([(pro, isPro)])).Run(now, static _ => null)[pro].Members);
    }

    private static ShardEvaluator Evaluator(RulePlan plan, params string[] contacts)
    {
        var columns = new ShardColumns();
        columns.Extend(plan, contacts.Select(static (data, seat) => (new ContactIndex(seat), Some.Contact(data))), []);
        return new(plan, columns);
    }

    private static int[] Seats(RuleResult rule) => [.. rule.Members.Select(static contact => contact.Value)];

    private static CheckedRule Rule(string json) => Some.Rule(json, context);

    private static SegmentId Segment(int number) => new(new Guid(number, 0, 0, new byte[8]));
}
