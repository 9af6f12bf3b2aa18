using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

/// <summary>Events in an order. Now is 15 May 2024, noon in UTC; the times are of 1 May.</summary>
public sealed class SequenceTests
{
    private static readonly Contact someone = Some.Contact();

    private static Question Steps(string steps, string more = "") => new($$"""{"type":"event_sequence","steps":[{{steps}}]{{more}}}""");

    private static ContactEvent At(string time, string name, string properties = "{}") => Some.Event(name, $"2024-05-01T{time}Z", properties);

    private static Question CartThenOrder(string within = "", string where = "") => Steps($$"""{"event":"cart"},{"event":"order"{{where}}{{within}}}""");

    [Fact]
    public void Steps_come_in_their_order()
    {
        CartThenOrder().Is(Truth.True, someone, At("10:00:00", "cart"), At("11:00:00", "order")).Is(Truth.True, someone, At("11:00:00", "order"), At("10:00:00", "cart"));
        CartThenOrder().Is(Truth.False, someone, At("10:00:00", "order"), At("11:00:00", "cart")).Is(Truth.False, someone, At("10:00:00", "cart"));
        Steps("""{"event":"cart"}""").Is(Truth.True, someone, At("10:00:00", "cart"));
    }

    [Fact]
    public void A33_without_any_event_it_is_FALSE()
    {
        CartThenOrder().Is(Truth.False, someone);
        Steps("""{"event":"cart"}""", ""","missing":"match" """).Is(Truth.False, someone);
    }

    [Fact]
    public void A32_no_event_serves_two_steps()
    {
        var twice = Steps("""{"event":"cart"},{"event":"cart"}""");
        twice.Is(Truth.False, someone, At("10:00:00", "cart")).Is(Truth.True, someone, At("10:00:00", "cart"), At("10:00:00", "cart"));
        Steps("""{"event":"cart"},{"event":"cart"},{"event":"cart"}""").Is(Truth.False, someone, At("10:00:00", "cart"), At("10:00:00", "cart"));
    }

    [Fact]
    public void A32_the_same_instant_is_after_whatever_the_order_of_the_lines()
    {
        CartThenOrder().Is(Truth.True, someone, At("10:00:00", "order"), At("10:00:00", "cart")).Is(Truth.True, someone, At("10:00:00", "cart"), At("10:00:00", "order"));
        Steps("""{"event":"a","where":{"type":"property","property":"p","op":"is_set"}},{"event":"a","where":{"type":"property","property":"q","op":"is_set"}},{"event":"b"},{"event":"a"}""")
            .Is(Truth.True, someone, At("10:00:00", "b"), At("10:00:00", "a", """{"p":1,"q":1}"""), At("10:00:00", "a", """{"p":1}"""), At("10:00:00", "a"))
            .Is(Truth.False, someone, At("10:00:00", "b"), At("10:00:00", "a", """{"p":1,"q":1}"""), At("10:00:00", "a"), At("10:00:00", "a"))
            .Is(Truth.False, someone, At("10:00:00", "b"), At("10:00:00", "a", """{"p":1,"q":1}"""), At("10:00:00", "a", """{"p":1}"""));
    }

    [Fact]
    public void A32_within_is_inclusive_and_counts_from_the_step_before()
    {
        var hour = CartThenOrder(""","within":{"amount":1,"unit":"hour"}""");
        hour.Is(Truth.True, someone, At("10:00:00", "cart"), At("11:00:00", "order")).Is(Truth.False, someone, At("10:00:00", "cart"), At("11:00:00.0000001", "order"));
        Steps("""{"event":"a"},{"event":"b","within":{"amount":1,"unit":"hour"}},{"event":"c","within":{"amount":1,"unit":"hour"}}""")
            .Is(Truth.True, someone, At("10:00:00", "a"), At("11:00:00", "b"), At("12:00:00", "c"))
            .Is(Truth.False, someone, At("10:00:00", "a"), At("10:30:00", "b"), At("12:00:00", "c"));
    }

    [Fact]
    public void A32_any_fitting_choice_will_do_not_only_the_first()
    {
        var hour = CartThenOrder(""","within":{"amount":1,"unit":"hour"}""");
        hour.Is(Truth.True, someone, At("08:00:00", "cart"), At("10:30:00", "cart"), At("11:00:00", "order"));
        Steps("""{"event":"a"},{"event":"b","within":{"amount":1,"unit":"hour"}},{"event":"c","within":{"amount":1,"unit":"hour"}}""")
            .Is(Truth.True, someone, At("08:00:00", "a"), At("08:10:00", "b"), At("09:00:00", "b"), At("10:00:00", "c"))
            .Is(Truth.False, someone, At("08:00:00", "a"), At("08:10:00", "b"), At("09:00:00.0000001", "b"), At("10:00:00", "c"));
    }

    [Fact]
    public void The_window_holds_for_all_steps()
    {
        var day = Steps("""{"event":"cart"},{"event":"order"}""", ""","window":{"from":"2024-05-01T10:00:00Z","to":"2024-05-01T11:00:00Z"}""");
        day.Is(Truth.True, someone, At("10:00:00", "cart"), At("10:59:59", "order"));
        day.Is(Truth.False, someone, At("09:59:59", "cart"), At("10:30:00", "order")).Is(Truth.False, someone, At("10:00:00", "cart"), At("11:00:00", "order"));
        Steps("""{"event":"cart"},{"event":"order"}""").Is(Truth.False, someone, At("10:00:00", "cart"), Some.Event("order", "2024-05-16T00:00:00Z"));
    }

    [Fact]
    public void A_later_step_compares_with_the_value_an_earlier_one_had()
    {
        var same = CartThenOrder(where: ""","where":{"type":"property","property":"cart_id","op":"eq","value":{"step":0,"property":"id"}}""");
        same.Is(Truth.True, someone, At("10:00:00", "cart", """{"id":"c1"}"""), At("11:00:00", "order", """{"cart_id":"C1"}"""));
        same.Is(Truth.False, someone, At("10:00:00", "cart", """{"id":"c1"}"""), At("11:00:00", "order", """{"cart_id":"c2"}"""));
        same.Is(Truth.True, someone, At("10:00:00", "cart", """{"id":"c1"}"""), At("10:10:00", "cart", """{"id":"c2"}"""), At("11:00:00", "order", """{"cart_id":"c1"}"""));
        same.Is(Truth.True, someone, At("10:00:00", "order", """{"cart_id":5}"""), At("10:00:00", "cart", """{"id":5.0}"""));
    }

    [Fact]
    public void A32b_text_goes_by_the_options_of_the_leaf() =>
        CartThenOrder(where: ""","where":{"type":"property","property":"cart_id","op":"eq","value":{"step":0,"property":"id"},"case_sensitive":true}""")
            .Is(Truth.False, someone, At("10:00:00", "cart", """{"id":"c1"}"""), At("11:00:00", "order", """{"cart_id":"C1"}"""));

    [Fact]
    public void A32b_missing_or_of_another_kind_does_not_fit_negated_or_not()
    {
        foreach (var op in new[] { "eq", "neq" })
        {
            var compared = CartThenOrder(where: $$""","where":{"type":"property","property":"cart_id","op":"{{op}}","value":{"step":0,"property":"id"} }""");
            compared.Is(Truth.False, someone, At("10:00:00", "cart"), At("11:00:00", "order", """{"cart_id":"c1"}"""));
            compared.Is(Truth.False, someone, At("10:00:00", "cart", """{"id":5}"""), At("11:00:00", "order", """{"cart_id":"5"}"""));
            compared.Is(Truth.False, someone, At("10:00:00", "cart", """{"id":"c1"}"""), At("11:00:00", "order"));
        }
    }

    [Fact]
    public void A32b_any_earlier_step_may_be_compared_with()
    {
        var steps = Steps("""
            {"event":"a"},
            {"event":"b","where":{"type":"property","property":"n","op":"gt","value":{"step":0,"property":"n"}}},
            {"event":"c","where":{"and":[{"type":"property","property":"n","op":"gt","value":{"step":1,"property":"n"}},{"type":"property","property":"id","op":"eq","value":{"step":0,"property":"id"}}]}}
            """);
        steps.Is(Truth.True, someone, At("10:00:00", "a", """{"n":1,"id":"x"}"""), At("10:30:00", "a", """{"n":2,"id":"y"}"""), At("11:00:00", "b", """{"n":3}"""), At("11:10:00", "b", """{"n":9}"""), At("12:00:00", "c", """{"n":4,"id":"x"}"""));
        steps.Is(Truth.False, someone, At("10:00:00", "a", """{"n":1,"id":"x"}"""), At("10:30:00", "a", """{"n":2,"id":"y"}"""), At("11:10:00", "b", """{"n":9}"""), At("12:00:00", "c", """{"n":4,"id":"x"}"""));
    }

    [Fact]
    public void A_day_or_an_instant_of_an_earlier_step_is_compared_by_date()
    {
        var after = Steps("""{"event":"trial"},{"event":"order","where":{"type":"property","property":"due","op":"after","value":{"step":0,"property":"ends"}}}""") with { Schema = """{"events":{"trial":{"ends":"date"},"order":{"due":"datetime"}}}""" };
        after.Is(Truth.True, someone, At("10:00:00", "trial", """{"ends":"2024-05-03"}"""), At("11:00:00", "order", """{"due":"2024-05-04T00:00:00Z"}"""));
        after.Is(Truth.False, someone, At("10:00:00", "trial", """{"ends":"2024-05-03"}"""), At("11:00:00", "order", """{"due":"2024-05-03T23:59:59Z"}"""));
        after.Is(Truth.False, someone, At("10:00:00", "trial", """{"ends":"soon"}"""), At("11:00:00", "order", """{"due":"2024-05-04T00:00:00Z"}"""));
    }

    [Theory]
    [InlineData("""{"type":"property","property":"p","op":"eq","value":{"step":1,"property":"p"}}""", "$.steps[1].where.value", "unknown_step")]
    [InlineData("""{"type":"property","property":"p","op":"eq","value":{"step":-1,"property":"p"}}""", "$.steps[1].where.value", "wrong_type")]
    [InlineData("""{"type":"property","property":"p","op":"in","values":[{"step":0,"property":"p"}]}""", "$.steps[1].where.values[0]", "wrong_type")]
    [InlineData("""{"type":"property","property":"p","op":"matches","value":{"step":0,"property":"p"}}""", "$.steps[1].where.value", "wrong_operand")]
    [InlineData("""{"type":"property","property":"p","op":"in_cidr","value":{"step":0,"property":"p"}}""", "$.steps[1].where.value", "wrong_operand")]
    [InlineData("""{"type":"property","property":"text","op":"lt","value":{"step":0,"property":"p"}}""", "$.steps[1].where.op", "wrong_operator")]
    [InlineData("""{"type":"property","property":"day","op":"eq","value":{"step":0,"property":"p"}}""", "$.steps[1].where.op", "wrong_operator")]
    public void A32b_other_references_are_refused(string where, string path, string code) =>
        (CartThenOrder(where: $",\"where\":{where}") with { Schema = """{"events":{"order":{"text":"string","day":"date"}}}""" }).Refused(path, code);

    [Fact]
    public void A32b_a_reference_belongs_into_a_later_step()
    {
        const string reference = """{"step":0,"property":"p"}""";
        Steps($$"""{"event":"a","where":{"type":"property","property":"p","op":"eq","value":{{reference}} } }""").Refused("$.steps[0].where.value", "unknown_step");
        new Question($$"""{"type":"event","event":"a","where":{"type":"property","property":"p","op":"eq","value":{{reference}} } }""").Refused("$.where.value", "misplaced");
        new Question($$"""{"type":"trait","trait":"t","op":"eq","value":{{reference}}}""").Refused("$.value", "wrong_type");
        new Question($$"""{"type":"date","trait":"created_at","op":"on","value":{{reference}}}""").Refused("$.value", "misplaced");
    }

    [Fact]
    public void Comparing_different_declared_types_is_a_warning() =>
        (CartThenOrder(where: ""","where":{"type":"property","property":"n","op":"eq","value":{"step":0,"property":"n"}}""") with { Schema = """{"events":{"cart":{"n":"string"},"order":{"n":"number"}}}""" })
            .Warned("$.steps[1].where.value", "never_true");

    [Fact]
    public void Many_events_of_one_instant_are_no_trouble()
    {
        var steps = Steps(string.Join(',', Enumerable.Range(0, 12).Select(static i => i == 0
            ? """{"event":"a"}"""
            : $$"""{"event":"a","where":{"type":"property","property":"n","op":"{{(i == 11 ? "gt" : "eq")}}","value":{"step":{{i - 1}},"property":"n"} } }""")));
        var contact = new Person(someone, [.. Enumerable.Range(0, 400).Select(static _ => At("10:00:00", "a", """{"n":1}"""))]);
        var plan = SegmentEngine.Evaluation.RulePlan.Of([(default(SegmentId), Some.Rule(steps.Rule, steps.Context))]);
        var columns = new SegmentEngine.Evaluation.ShardColumns();
        columns.Extend(plan, [(new(0), contact.Contact)], contact.Events.Select(static happened => (new ContactIndex(0), happened)));
        Assert.Empty(new SegmentEngine.Evaluation.ShardEvaluator(plan, columns).Run(Some.At(steps.Now), static _ => null)[default].Members);
    }
}
