using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

/// <summary>Now is 15 May 2024, noon in UTC.</summary>
public sealed class EventTests
{
    private static readonly Contact someone = Some.Contact();

    private static ContactEvent Order(string at, string properties = "{}") => Some.Event("order", at, properties);

    private static ContactEvent Worth(string value, int minute = 0) => Order($"2024-05-01T00:{minute:00}:00Z", $$"""{"value":{{value}}}""");

    private static Question Event(string more = "", string schema = "{}") => new($$"""{"type":"event","event":"order"{{more}}}""") { Schema = schema };

    private static string Count(string op, string n) => $$""","count":{"op":"{{op}}","n":{{n}}}""";

    [Fact]
    public void R16_counts_are_total()
    {
        Event().Is(Truth.False, someone).Is(Truth.True, someone, Order("2024-05-01T00:00:00Z"));
        Event(Count("eq", "0")).Is(Truth.True, someone).Is(Truth.False, someone, Order("2024-05-01T00:00:00Z")).Is(Truth.True, someone, Some.Event("refund", "2024-05-01T00:00:00Z"));
        Event(Count("lt", "1") + ""","missing":"no_match" """).Is(Truth.True, someone);
    }

    [Theory]
    [InlineData("eq", "2", Truth.True)]
    [InlineData("neq", "2", Truth.False)]
    [InlineData("lt", "2", Truth.False)]
    [InlineData("lte", "2", Truth.True)]
    [InlineData("gt", "2", Truth.False)]
    [InlineData("gte", "2", Truth.True)]
    [InlineData("gte", "0", Truth.True)]
    [InlineData("gte", "3", Truth.False)]
    public void A35d_counts_compare_with_a_whole_number(string op, string n, Truth expected) =>
        Event(Count(op, n)).Is(expected, someone, Order("2024-05-01T00:00:00Z"), Order("2024-05-01T00:00:00Z"));

    [Theory]
    [InlineData("in", "0", "op", "unknown_operator")]
    [InlineData("eq", "-1", "n", "wrong_type")]
    [InlineData("eq", "1.5", "n", "wrong_type")]
    [InlineData("eq", "\"1\"", "n", "wrong_type")]
    public void A35d_other_counts_are_refused(string op, string n, string field, string code) => Event(Count(op, n)).Refused($"$.count.{field}", code);

    [Fact]
    public void R16_windows_go_by_the_events_own_time()
    {
        var hour = Event(""","window":{"last":{"amount":1,"unit":"hour"}}""");
        hour.Is(Truth.True, someone, Order("2024-05-15T12:00:00Z")).Is(Truth.True, someone, Order("2024-05-15T11:00:00.0000001Z"));
        hour.Is(Truth.False, someone, Order("2024-05-15T11:00:00Z")).Is(Truth.False, someone, Order("2024-05-15T12:00:00.0000001Z"));
        var month = Event(""","window":{"last":{"amount":1,"unit":"month","calendar":true}}""");
        month.Is(Truth.True, someone, Order("2024-05-01T00:00:00Z")).Is(Truth.False, someone, Order("2024-04-30T23:59:59Z"));
    }

    [Fact]
    public void A22_a_windows_calendar_may_name_its_zone()
    {
        var day = Event(""","window":{"last":{"amount":1,"unit":"day","calendar":true,"zone":"Asia/Tokyo"}}""");
        day.Is(Truth.True, someone, Order("2024-05-14T15:00:00Z")).Is(Truth.False, someone, Order("2024-05-14T14:59:59Z"));
        Event(""","window":{"last":{"amount":1,"unit":"month"}}""").Refused("$.window.last.unit", "wrong_unit");
        Event(""","window":{"last":{"amount":1,"unit":"day","zone":"Nowhere"}}""").Refused("$.window.last.zone", "unknown_zone");
    }

    [Fact]
    public void A29b_a_window_from_to_ends_before_to_and_at_now()
    {
        var may = Event(""","window":{"from":"2024-05-01T00:00:00Z","to":"2024-06-01T00:00:00Z"}""");
        may.Is(Truth.True, someone, Order("2024-05-01T00:00:00Z")).Is(Truth.False, someone, Order("2024-05-20T00:00:00Z")).Is(Truth.False, someone, Order("2024-04-30T23:59:59Z"));
        var to = Event(""","window":{"to":"2024-05-01T00:00:00Z"}""");
        to.Is(Truth.True, someone, Order("2024-04-30T23:59:59.9999999Z")).Is(Truth.False, someone, Order("2024-05-01T00:00:00Z"));
        Event(""","window":{"from":"2024-05-01T00:00:00Z"}""").Is(Truth.True, someone, Order("2024-05-15T12:00:00Z")).Is(Truth.False, someone, Order("2024-05-15T12:00:00.0000001Z"));
        Event(""","window":{"from":1714521600000}""").Is(Truth.True, someone, Order("2024-05-01T00:00:00Z"));
        Event(""","window":{}""").Refused("$.window", "empty");
        Event(""","window":{"from":"2024-05-01"}""").Refused("$.window.from", "wrong_type");
        Event(""","window":{"from":"2024-05-01T00:00:00Z","last":{"amount":1,"unit":"day"}}""").Refused("$.window.last", "wrong_shape");
        Event(""","window":{"from":"2024-05-01T00:00:00Z","to":"2024-04-01T00:00:00Z"}""").Warned("$.window", "never_true");
    }

    [Fact]
    public void A36b_what_happens_after_now_never_counts()
    {
        var future = Order("2024-05-15T12:00:00.0000001Z", """{"value":5}""");
        Event(Count("eq", "0")).Is(Truth.True, someone, future);
        new Question("""{"type":"event_last","event":"order","is":{"type":"property","property":"value","op":"eq","value":5}}""").Is(Truth.Unknown, someone, future);
        new Question("""{"type":"event_aggregate","event":"order","property":"value","fn":"sum","op":"gt","value":0}""").Is(Truth.Unknown, someone, future);
    }

    [Fact]
    public void R16_where_lets_in_only_what_it_is_TRUE_of()
    {
        Event(""","where":{"type":"property","property":"value","op":"gt","value":5}""", """{"events":{"order":{"value":"number"}}}""")
            .Is(Truth.True, someone, Worth("6"))
            .Is(Truth.True, someone, Worth("\"6\""))
            .Is(Truth.False, someone, Worth("5"))
            .Is(Truth.False, someone, Worth("null"))
            .Is(Truth.False, someone, Order("2024-05-01T00:00:00Z"));
        Event(""","where":{"not":{"type":"property","property":"value","op":"gt","value":5}}""").Is(Truth.False, someone, Worth("\"x\"")).Is(Truth.True, someone, Worth("4"));
        Event(""","where":{"type":"property","property":"value","op":"gt","value":5,"missing":"match"}""").Is(Truth.True, someone, Worth("null"));
        Event(""","where":{"type":"property","property":"value","op":"is_not_set"}""").Is(Truth.True, someone, Worth("null")).Is(Truth.False, someone, Worth("0"));
    }

    [Fact]
    public void A29b_dates_inside_where_count_from_now() =>
        Event(""","where":{"type":"property","property":"due","op":"in_next","amount":1,"unit":"day"}""", """{"events":{"order":{"due":"datetime"}}}""")
            .Is(Truth.True, someone, Order("2020-01-01T00:00:00Z", """{"due":"2024-05-16T00:00:00Z"}"""))
            .Is(Truth.False, someone, Order("2020-01-01T00:00:00Z", """{"due":"2020-01-01T12:00:00Z"}"""));

    [Fact]
    public void Property_between_is_told_apart_by_its_operands()
    {
        const string schema = """{"events":{"order":{"value":"number","due":"date"}}}""";
        Event(""","where":{"type":"property","property":"value","op":"between","values":[1,3]}""", schema).Is(Truth.True, someone, Worth("3")).Is(Truth.False, someone, Worth("4"));
        Event(""","where":{"type":"property","property":"due","op":"between","values":["2024-01-01","2024-01-31"]}""", schema)
            .Is(Truth.True, someone, Order("2024-05-01T00:00:00Z", """{"due":"2024-01-31"}"""));
    }

    [Fact]
    public void A35c_distinct_by_counts_different_values()
    {
        var two = Event(""","distinct_by":"value","count":{"op":"eq","n":2}""");
        two.Is(Truth.True, someone, Worth("1"), Worth("2"), Worth("1.0"), Worth("null"), Order("2024-05-01T00:00:00Z"));
        two.Is(Truth.True, someone, Worth("1"), Worth("\"1\""));
        two.Is(Truth.True, someone, Worth("true"), Worth("\"true\""), Worth("true"));
        two.Is(Truth.True, someone, Worth("\"a\""), Worth("\"A\""));
        two.Is(Truth.True, someone, Worth("[1]"), Worth("[1.0]"), Worth("[2]"));
        (two with { Schema = """{"events":{"order":{"value":"number"}}}""" }).Is(Truth.True, someone, Worth("1"), Worth("1.0"), Worth("\"1.0\""), Worth("2"), Worth("\"x\""));
        Event(""","distinct_by":"value","count":{"op":"eq","n":0}""").Is(Truth.True, someone).Is(Truth.True, someone, Worth("null"));
    }

    [Fact]
    public void A19c_event_names_are_NFC_and_exact()
    {
        var commande = new Question("""{"type":"event","event":"commande re\u0301gle\u0301e"}""");
        commande.Is(Truth.True, someone, Some.Event("commande réglée", "2024-05-01T00:00:00Z")).Is(Truth.False, someone, Some.Event("Commande réglée", "2024-05-01T00:00:00Z"));
        new Question("""{"type":"event_in","event":"order"}""").Refused("$.type", "unknown_type");
        new Question("""{"type":"event","event":"order","event_in":["order"]}""").Refused("$.event", "wrong_shape");
    }

    [Fact]
    public void A19m_each_event_reads_a_property_by_its_own_declaration()
    {
        var either = new Question("""{"type":"event","event_in":["order","refund"],"where":{"type":"property","property":"value","op":"eq","value":5},"count":{"op":"eq","n":2}}""") { Schema = """{"events":{"order":{"value":"number"}}}""" };
        either.Is(Truth.True, someone, Worth("\"5\""), Some.Event("refund", "2024-05-01T00:00:00Z", """{"value":5}"""));
        either.Is(Truth.False, someone, Worth("\"5\""), Some.Event("refund", "2024-05-01T00:00:00Z", """{"value":"5"}"""));
    }

    [Fact]
    public void R16_first_and_last_over_no_events_are_missing()
    {
        foreach (var type in new[] { "event_first", "event_last" })
        {
            var week = $$""" {"type":"{{type}}","event":"order","window":{"last":{"amount":1,"unit":"week"} } """;
            new Question(week + "}").Is(Truth.Unknown, someone);
            new Question(week + ""","missing":"match"}""").Is(Truth.True, someone);
            new Question(week + ""","missing":"no_match"}""").Is(Truth.False, someone);
        }
    }

    [Fact]
    public void A36_where_comes_first_then_the_choice_then_is_or_the_window()
    {
        ContactEvent[] history = [Order("2024-01-01T00:00:00Z", """{"value":1,"kind":"a"}"""), Order("2024-05-10T00:00:00Z", """{"value":2,"kind":"b"}"""), Order("2024-05-12T00:00:00Z", """{"kind":"a"}""")];
        Question End(string type, string more) => new($$"""{"type":"{{type}}","event":"order"{{more}}}""");
        const string week = ""","window":{"last":{"amount":1,"unit":"week"}}""";
        const string two = ""","is":{"type":"property","property":"value","op":"eq","value":2}""";
        End("event_first", week).Is(Truth.False, someone, history);
        End("event_last", week).Is(Truth.True, someone, history);
        End("event_first", ""","where":{"type":"property","property":"kind","op":"eq","value":"b"}""" + week).Is(Truth.True, someone, history);
        End("event_first", two).Is(Truth.False, someone, history);
        End("event_last", two).Is(Truth.Unknown, someone, history);
        End("event_last", two + ""","missing":"match" """).Is(Truth.Unknown, someone, history);
        End("event_last", ""","where":{"type":"property","property":"value","op":"is_set"}""" + two).Is(Truth.True, someone, history);
        End("event_last", ""","where":{"type":"property","property":"kind","op":"eq","value":"z"}""" + two + ""","missing":"match" """).Is(Truth.True, someone, history);
        End("event_last", "").Refused("$", "wrong_shape");
        End("event_last", week + two).Refused("$", "wrong_shape");
    }

    [Fact]
    public void A31_at_the_same_instant_the_order_of_arrival_decides()
    {
        const string one = """,  "is":{"type":"property","property":"value","op":"eq","value":1}}""";
        new Question("""{"type":"event_last","event":"order" """ + one).Is(Truth.True, someone, Worth("2"), Worth("1")).Is(Truth.False, someone, Worth("1"), Worth("2"));
        new Question("""{"type":"event_first","event":"order" """ + one).Is(Truth.False, someone, Worth("2"), Worth("1")).Is(Truth.True, someone, Worth("1"), Worth("2"));
        new Question("""{"type":"event_last","event":"order" """ + one).Is(Truth.True, someone, Worth("1", minute: 5), Worth("2", minute: 4));
    }

    [Fact]
    public void Per_takes_the_last_of_each_value_and_one_that_holds_suffices()
    {
        ContactEvent State(string at, string ticket, string state) => Some.Event("ticket", at, $$"""{"id":{{ticket}},"state":{{state}}}""");
        var open = new Question("""{"type":"event_last","event":"ticket","per":"id","is":{"type":"property","property":"state","op":"eq","value":"open"}}""");
        open.Is(Truth.True, someone, State("2024-05-01T00:00:00Z", "1", "\"open\""), State("2024-05-02T00:00:00Z", "2", "\"closed\""));
        open.Is(Truth.False, someone, State("2024-05-01T00:00:00Z", "1", "\"open\""), State("2024-05-02T00:00:00Z", "1.0", "\"closed\""));
        open.Is(Truth.Unknown, someone, State("2024-05-01T00:00:00Z", "1", "null"), State("2024-05-02T00:00:00Z", "2", "\"closed\""));
        open.Is(Truth.True, someone, State("2024-05-01T00:00:00Z", "1", "null"), State("2024-05-02T00:00:00Z", "2", "\"open\""));
        open.Is(Truth.Unknown, someone, State("2024-05-01T00:00:00Z", "null", "\"open\""));
        open.Is(Truth.False, someone, State("2024-05-01T00:00:00Z", "null", "\"open\""), State("2024-05-02T00:00:00Z", "2", "\"closed\""));
        open.Is(Truth.True, someone, State("2024-05-01T00:00:00Z", "\"a\"", "\"open\""), State("2024-05-02T00:00:00Z", "\"A\"", "\"closed\""));
        open.Is(Truth.Unknown, someone);
        var recent = new Question("""{"type":"event_first","event":"ticket","per":"id","window":{"last":{"amount":1,"unit":"week"}}}""");
        recent.Is(Truth.True, someone, State("2024-01-01T00:00:00Z", "1", "1"), State("2024-05-14T00:00:00Z", "2", "1"));
        recent.Is(Truth.False, someone, State("2024-01-01T00:00:00Z", "1", "1"), State("2024-05-14T00:00:00Z", "1", "1"));
    }

    private static Question Aggregate(string function, string op, string value, string more = "", string schema = "{}") =>
        new($$"""{"type":"event_aggregate","event_in":["order","refund"],"property":"value","fn":"{{function}}","op":"{{op}}","value":{{value}}{{more}}}""") { Schema = schema };

    [Fact]
    public void R16_aggregates_over_no_events_are_missing()
    {
        foreach (var function in new[] { "sum", "avg", "min", "max" })
        {
            Aggregate(function, "gte", "-1e9").Is(Truth.Unknown, someone).Is(Truth.Unknown, someone, Worth("\"x\""), Order("2024-05-01T00:00:00Z"), Worth("true"), Worth("[1]"));
            Aggregate(function, "gte", "-1e9", ""","missing":"match" """).Is(Truth.True, someone).Is(Truth.True, someone, Worth("\"x\""));
            Aggregate(function, "lt", "0", ""","missing":"no_match" """).Is(Truth.False, someone);
        }
    }

    [Fact]
    public void R5_sums_of_decimals_are_exact()
    {
        ContactEvent[] thrice = [Worth("0.1"), Worth("0.2"), Worth("0.3")];
        Aggregate("sum", "eq", "0.6").Is(Truth.True, someone, thrice);
        Aggregate("sum", "neq", "0.6").Is(Truth.False, someone, thrice);
        Aggregate("sum", "gt", "0.6").Is(Truth.False, someone, thrice);
        Aggregate("sum", "eq", "79228162514264337593543950334").Is(Truth.True, someone, Worth("79228162514264337593543950335"), Worth("-1"));
        Aggregate("sum", "eq", "-0.5", schema: """{"events":{"order":{"value":"number"}}}""").Is(Truth.True, someone, Worth("\"1.5\""), Some.Event("refund", "2024-05-01T00:00:00Z", """{"value":-2}"""));
    }

    [Fact]
    public void A17_the_mean_is_compared_as_an_exact_fraction()
    {
        ContactEvent[] thirds = [Worth("1"), Worth("0"), Worth("0")];
        Aggregate("avg", "gt", "0.3333333333333333333333333333").Is(Truth.True, someone, thirds);
        Aggregate("avg", "lt", "0.3333333333333333333333333334").Is(Truth.True, someone, thirds);
        Aggregate("avg", "eq", "2").Is(Truth.True, someone, Worth("1"), Worth("2"), Worth("3"), Worth("\"x\""));
        Aggregate("avg", "eq", "0.1").Is(Truth.True, someone, Worth("0.1"), Worth("0.1"), Worth("0.1"));
    }

    [Fact]
    public void A17_with_a_number_that_does_not_fit_doubles_are_added_in_order_of_time()
    {
        // 1e30 swallows the 1 that comes before it, not the one that comes after both.
        Aggregate("sum", "eq", "1").Is(Truth.True, someone, Worth("1", 3), Worth("1e30", 1), Worth("-1e30", 2)).Is(Truth.False, someone, Worth("1", 1), Worth("1e30", 2), Worth("-1e30", 3));
        Aggregate("sum", "eq", "0").Is(Truth.True, someone, Worth("1", 1), Worth("1e30", 2), Worth("-1e30", 3));
        Aggregate("sum", "gt", "1e300").Is(Truth.True, someone, Worth("1e301"));
        Aggregate("avg", "eq", "1e30").Is(Truth.True, someone, Worth("1e30"), Worth("1e30"));
    }

    [Fact]
    public void A35b_least_and_greatest()
    {
        ContactEvent[] some = [Worth("3"), Worth("-1.5"), Worth("\"x\""), Worth("2")];
        Aggregate("min", "eq", "-1.5").Is(Truth.True, someone, some);
        Aggregate("max", "lt", "3").Is(Truth.False, someone, some);
        Aggregate("max", "gte", "3").Is(Truth.True, someone, some);
        Aggregate("min", "gt", "-2", ""","where":{"type":"property","property":"value","op":"lt","value":0}""").Is(Truth.True, someone, some);
        Aggregate("max", "eq", "0", ""","where":{"type":"property","property":"value","op":"lt","value":-9}""").Is(Truth.Unknown, someone, some);
        Aggregate("sum", "gt", "1", schema: """{"events":{"refund":{"value":"string"}}}""").Refused("$.property", "wrong_type");
        Aggregate("sum", "gt", "\"1\"").Refused("$.value", "wrong_type");
        Aggregate("sum", "in", "1").Refused("$.op", "unknown_operator");
        Aggregate("median", "gt", "1").Refused("$.fn", "unknown_word");
    }

    [Theory]
    [InlineData("eq", "2", Truth.True)]
    [InlineData("gt", "1.5", Truth.True)]
    [InlineData("gte", "2.5", Truth.False)]
    [InlineData("lt", "2.5", Truth.True)]
    [InlineData("lte", "1.5", Truth.False)]
    [InlineData("eq", "2.5", Truth.False)]
    [InlineData("neq", "2.5", Truth.True)]
    [InlineData("eq", "2.0", Truth.True)]
    [InlineData("lt", "1e300", Truth.True)]
    [InlineData("gt", "-1e300", Truth.True)]
    [InlineData("gt", "-1", Truth.True)]
    public void A35_count_distinct_is_a_count(string op, string value, Truth expected)
    {
        Aggregate("count_distinct", op, value).Is(expected, someone, Worth("\"a\""), Worth("\"b\""), Worth("\"a\""), Worth("null"));
        Aggregate("count_distinct", "eq", "0", ""","missing":"no_match" """).Is(Truth.True, someone);
        Aggregate("count_distinct", "eq", "1", schema: """{"events":{"order":{"value":"string"}}}""").Is(Truth.True, someone, Worth("\"a\""), Worth("\"a\""));
    }

    [Fact]
    public void R16_aggregates_keep_to_their_window() =>
        Aggregate("sum", "eq", "5", ""","window":{"last":{"amount":1,"unit":"day"}}""")
            .Is(Truth.True, someone, Order("2024-05-15T00:00:00Z", """{"value":5}"""), Order("2024-05-14T12:00:00Z", """{"value":7}"""))
            .Is(Truth.Unknown, someone, Order("2024-05-14T12:00:00Z", """{"value":7}"""));
}
