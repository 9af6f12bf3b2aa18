using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using Xunit.Abstractions;

namespace SegmentEngine.Tests.Evaluation;

public sealed class ExplainerTests(ITestOutputHelper output)
{
    private static readonly Instant now = Some.At("2024-05-15T12:00:00Z");

    private static readonly SegmentId vip = new(Guid.Parse("7d9b0f4e-8a53-4f0e-9d6b-3f7a6a2f9c11"));

    [Theory]
    [InlineData("""{"op":"eq","value":"pro"}""", """{"t":"Pro"}""", Truth.True, Reason.None, "\"Pro\"")]
    [InlineData("""{"op":"eq","value":"pro"}""", "{}", Truth.Unknown, Reason.Missing, null)]
    [InlineData("""{"op":"eq","value":"pro"}""", """{"t":null}""", Truth.Unknown, Reason.Missing, null)]
    [InlineData("""{"op":"eq","value":"pro","missing":"match"}""", "{}", Truth.True, Reason.Missing, null)]
    [InlineData("""{"op":"eq","value":"pro"}""", """{"t":7}""", Truth.Unknown, Reason.OtherType, "7")]
    [InlineData("""{"op":"gt","value":1,"value_type":"number"}""", """{"t":"many"}""", Truth.Unknown, Reason.NotConvertible, "\"many\"")]
    [InlineData("""{"op":"is_set"}""", "{}", Truth.False, Reason.None, null)]
    [InlineData("""{"op":"eq","value":"a","quantifier":"all"}""", """{"t":[]}""", Truth.Unknown, Reason.EmptyList, "[]")]
    [InlineData("""{"op":"neq","value":"a"}""", """{"t":["b",null]}""", Truth.Unknown, Reason.UnusableElement, """["b",null]""")]
    [InlineData("""{"op":"size","value":{"op":"gte","n":1}}""", """{"t":"x"}""", Truth.Unknown, Reason.OtherType, "\"x\"")]
    public void A_value_is_shown_as_it_came_with_the_reason_for_what_it_counts_as(string test, string data, Truth truth, Reason reason, string? seen)
    {
        var explained = Explain("""{"type":"trait","trait":"t",""" + test[1..], Some.Contact(data));
        Assert.Equal((truth, reason, seen), (explained.Truth, explained.Reason, explained.Seen?.GetRawText()));
    }

    [Fact]
    public void A_text_that_is_too_long_for_a_pattern_says_so() =>
        Assert.Equal(Reason.TooLong, Explain("""{"type":"trait","trait":"t","op":"matches","value":"a"}""", Some.Contact($$"""{"t":"{{new string('a', 5_000)}}" }""")).Reason);

    [Fact]
    public void A_tree_is_explained_part_by_part_with_the_paths_of_the_rule()
    {
        var explained = Explain(
            $$"""
            {"or":[{"and":[
              {"type":"trait","trait":"plan","op":"eq","value":"pro"},
              {"type":"group","node":{"not":{"type":"segment","op":"in","segment_id":"{{vip}}"} } }
            ]}]}
            """,
            Some.Contact("""{"plan":"pro"}"""), inVip: null);
        Assert.Equal("$ Unknown, $.or[0] Unknown, $.or[0].and[0] True, $.or[0].and[1] Unknown, $.or[0].and[1].node Unknown, $.or[0].and[1].node.not Unknown", string.Join(", ", Flat(explained).Select(static each => $"{each.Path} {each.Truth}")));
        var leaf = Flat(explained).Last();
        Assert.Equal((Reason.SegmentNotReady, null), (leaf.Reason, leaf.Seen));
        Assert.Equal("true", Flat(Explain($$"""{"type":"segment","op":"not_in","segment_id":"{{vip}}"}""", Some.Contact(), inVip: true)).Single().Seen?.GetRawText());
    }

    [Fact]
    public void What_events_amount_to_is_shown_and_when_the_answer_changes_by_itself()
    {
        ContactEvent[] orders =
        [
            Some.Event("order", "2024-05-10T12:00:00Z", """{"value":12.5}"""), Some.Event("order", "2024-05-12T00:00:00Z", """{"value":0.1}"""),
            Some.Event("order", "2024-05-20T00:00:00Z", """{"value":900}"""),
        ];
        var counted = Explain("""{"type":"event","event":"order","count":{"op":"gte","n":2},"window":{"last":{"amount":7,"unit":"day"}}}""", Some.Contact(), events: orders);
        Assert.Equal((Truth.True, "2"), (counted.Truth, counted.Seen?.GetRawText()));

        // On the 17th the first leaves the window; the one on the 20th has not happened yet.
        Assert.Equal((Some.At("2024-05-17T12:00:00Z"), Truth.False), (counted.NextChange!.Value, counted.NextTruth));

        var summed = Explain("""{"type":"event_aggregate","event":"order","property":"value","fn":"sum","op":"gt","value":100}""", Some.Contact(), events: orders);
        Assert.Equal((Truth.False, "12.6"), (summed.Truth, summed.Seen?.GetRawText()));
        Assert.Equal((Some.At("2024-05-20T00:00:00Z"), Truth.True), (summed.NextChange!.Value, summed.NextTruth));
        Assert.Equal((Truth.Unknown, Reason.Missing, null), Explain("""{"type":"event_aggregate","event":"refund","property":"value","fn":"avg","op":"gt","value":100}""", Some.Contact(), events: orders) is var none ? (none.Truth, none.Reason, none.Seen) : default);

        var last = Explain("""{"type":"event_last","event":"order","is":{"type":"property","property":"value","op":"lt","value":1}}""", Some.Contact(), events: orders);
        Assert.Equal(0.1m, last.Seen!.Value.GetProperty("properties").GetProperty("value").GetDecimal());
        Assert.Equal(Some.At("2024-05-20T00:00:00Z"), last.NextChange);
    }

    [Fact]
    public void A_node_changes_when_it_does_and_not_when_one_of_its_parts_does()
    {
        const string Seen = """{"type":"date","trait":"last_seen_at","op":"in_last","amount":1,"unit":"day"}""";
        var contact = Some.Contact("""{"plan":"free"}""") with { LastSeenAt = Some.At("2024-05-15T00:00:00Z") };
        var explained = Explain($$"""{"and":[{"type":"trait","trait":"plan","op":"eq","value":"pro"},{{Seen}}]}""", contact);
        Assert.Equal(Some.At("2024-05-16T00:00:00Z"), explained.Parts[1].NextChange);
        Assert.Equal((Truth.False, null, null), (explained.Truth, explained.NextChange, explained.ForeseenUntil));
    }

    [Fact]
    public void What_does_not_look_at_the_clock_is_not_said_to_be_the_same_until_some_time()
    {
        const string Ordered = """{"type":"event","event":"order","window":{"last":{"amount":1,"unit":"month","calendar":true}}}""";
        var explained = Explain($$"""{"and":[{"type":"trait","trait":"plan","op":"eq","value":"pro"},{{Ordered}}]}""", Some.Contact("""{"plan":"pro"}"""), events: new ContactEvent("order", Some.At("2023-05-15T00:00:00Z"), 0, Some.Json("{}")));
        Assert.NotNull(explained.Parts[1].ForeseenUntil);
        Assert.Equal((Truth.True, null, null), (explained.Parts[0].Truth, explained.Parts[0].NextChange, explained.Parts[0].ForeseenUntil));
    }

    [Fact]
    public void The_announced_change_is_the_first_one_and_every_answer_is_that_of_the_engines()
    {
        output.WriteLine($"SEGMENT_SEED={Dice.FirstSeed}");
        var (nodes, changes) = (0, 0);
        Dice.Throw(40, dice =>
        {
            var world = new RandomWorld(dice, clock: true);
            var asked = world.Case(rules: 4, people: 4);
            var answers = Engines.Reference(asked);
            for (var rule = 0; rule < asked.Rules.Length; rule++)
            {
                for (var i = 0; i < asked.People.Length; i++)
                {
                    var (contact, checkedRule) = (asked.People[i].Contact, asked.Rules[rule].Rule);
                    ContactEvent[] events = [.. asked.People[i].Events.Select(static (happened, place) => happened with { Sequence = place })];
                    bool? Member(SegmentId segment) => asked.Rules.Select(static each => each.Segment).ToList().IndexOf(segment) is >= 0 and var other
                        ? answers[other][i] == Truth.True
                        : asked.Outside.TryGetValue(segment, out var members) ? members[i] : null;
                    var explained = Explainer.Explain(checkedRule, contact, events, asked.Now, Member);
                    Truth At(Instant time) => Interpreter.Evaluate(checkedRule, contact, events, time, Member);
                    Assert.True(answers[rule][i] == explained.Truth, $"{RuleJson.Print(checkedRule.Condition)} is {answers[rule][i]}, explained as {explained.Truth}");
                    nodes += Flat(explained).Count();
                    if (explained.NextChange is not { } change)
                    {
                        Assert.Null(explained.NextTruth);
                        continue;
                    }

                    changes++;
                    Assert.True(change > asked.Now);
                    Assert.NotEqual(explained.Truth, explained.NextTruth);
                    Assert.True(explained.NextTruth == At(change), $"{RuleJson.Print(checkedRule.Condition)} is {At(change)} at {change}, announced to be {explained.NextTruth}");
                    foreach (var before in new[] { new(change.Ticks - 1), new Instant(asked.Now.Ticks + ((change.Ticks - asked.Now.Ticks) / dice.From(2, 9))) })
                    {
                        Assert.True(explained.Truth == At(before), $"{RuleJson.Print(checkedRule.Condition)} is {explained.Truth} at {asked.Now} and {At(before)} at {before}, before the announced {change}");
                    }
                }
            }
        });
        output.WriteLine($"{nodes} nodes explained, {changes} changes of rules announced");
        Assert.True(changes > 50, "hardly any rule changes with time");
    }

    private static Explanation Explain(string rule, Contact contact, bool? inVip = false, params ContactEvent[] events) =>
        Explainer.Explain(
            Some.Rule(rule, new(TraitSchema.Empty, TimeZoneInfo.Utc, static name => Guid.TryParse(name, out var id) ? new SegmentId(id) : null)),
            contact, events, now, _ => inVip);

    private static IEnumerable<Explanation> Flat(Explanation explained) => explained.Parts.SelectMany(Flat).Prepend(explained);
}
