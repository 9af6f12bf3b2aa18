using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

/// <summary>Now is Wednesday 15 May 2024, noon in UTC, unless a test says otherwise.</summary>
public sealed class DateTests
{
    private static string Day(string day) => $"\"value\":\"{day}\"";

    private static string Last(int amount, string unit, bool calendar = false) => $"\"amount\":{amount},\"unit\":\"{unit}\"{(calendar ? ",\"calendar\":true" : "")}";

    private static Question At(string now, Question question, string zone = "UTC") => question with { Now = now, Zone = zone };

    [Fact]
    public void R7_last_is_half_open_from_now_less_a_span_to_now()
    {
        Question.Date("in_last", Last(1, "hour"))
            .True("\"2024-05-15T12:00:00Z\"", "\"2024-05-15T11:00:00.0000001Z\"")
            .False("\"2024-05-15T11:00:00Z\"", "\"2024-05-15T12:00:00.0000001Z\"")
            .Unknown("-");
        Question.Date("in_last", Last(90, "minute")).True("\"2024-05-15T10:30:01Z\"").False("\"2024-05-15T10:30:00Z\"");
        Question.Date("in_last", Last(1, "day")).True("\"2024-05-14T12:00:01Z\"").False("\"2024-05-14T12:00:00Z\"");
        Question.Date("in_last", Last(1, "week")).True("\"2024-05-08T12:00:01Z\"").False("\"2024-05-08T12:00:00Z\"");
        Question.Date("in_last", Last(int.MaxValue, "week")).True("\"0001-01-01T00:00:00Z\"").False("\"9999-12-31T00:00:00Z\"");
    }

    [Fact]
    public void R7_a_rolling_day_has_24_hours_whatever_the_clocks_do()
    {
        // In Paris the clocks went forward on 31 March 2024.
        var spring = At("2024-03-31T10:00:00Z", Question.Date("in_last", Last(1, "day")), "Europe/Paris");
        spring.True("\"2024-03-30T10:00:01Z\"").False("\"2024-03-30T10:00:00Z\"");
    }

    [Fact]
    public void A23_more_than_ago_and_in_last_cover_the_past_without_overlap()
    {
        Question.Date("more_than_ago", Last(1, "hour")).True("\"2024-05-15T11:00:00Z\"", "\"0001-01-01T00:00:00Z\"").False("\"2024-05-15T11:00:00.0000001Z\"", "\"2025-01-01T00:00:00Z\"").Unknown("-");
        Question.Date("more_than_ago", Last(3, "day"), "date").True("\"2024-05-12\"", "\"2024-01-01\"").False("\"2024-05-13\"", "\"2025-01-01\"");
        Question.Date("in_last", Last(3, "day"), "date").True("\"2024-05-13\"", "\"2024-05-15\"").False("\"2024-05-12\"", "\"2024-05-16\"");
    }

    [Fact]
    public void H3_A23_months_ago_are_arithmetic()
    {
        At("2023-03-31T10:00:00Z", Question.Date("more_than_ago", Last(1, "month", calendar: true))).True("\"2023-02-28T10:00:00Z\"").False("\"2023-02-28T10:00:00.0000001Z\"");
        At("2024-03-31T10:00:00Z", Question.Date("more_than_ago", Last(1, "month", calendar: true), "date")).True("\"2024-02-29\"").False("\"2024-03-01\"");
        At("2024-02-29T10:00:00Z", Question.Date("more_than_ago", Last(1, "year", calendar: true), "date")).True("\"2023-02-28\"").False("\"2023-03-01\"");
        Question.Date("more_than_ago", Last(2, "quarter", calendar: true), "date").True("\"2023-11-15\"").False("\"2023-11-16\"");
        Question.Date("more_than_ago", Last(2, "week", calendar: true), "date").True("\"2024-05-01\"").False("\"2024-05-02\"");

        // The same local time, though the clocks went forward in between.
        At("2024-04-01T10:00:00Z", Question.Date("more_than_ago", Last(1, "month", calendar: true)), "Europe/Paris").True("\"2024-03-01T11:00:00Z\"").False("\"2024-03-01T11:00:01Z\"");
    }

    [Fact]
    public void A28c_a_wall_clock_time_in_a_gap_is_read_with_the_offset_before_it() =>

        // On 31 March 2024 Paris had no 02:30; with the offset before the gap it is 01:30 UTC.
        At("2024-04-01T00:30:00Z", Question.Date("more_than_ago", Last(1, "day", calendar: true)), "Europe/Paris").True("\"2024-03-31T01:30:00Z\"").False("\"2024-03-31T01:30:01Z\"");

    [Theory]
    [InlineData("in_last")]
    [InlineData("not_in_last")]
    [InlineData("in_next")]
    [InlineData("not_in_next")]
    [InlineData("more_than_ago")]
    [InlineData("anniversary_in_next")]
    public void A50_a_span_stands_on_the_leaf_and_nowhere_else(string op)
    {
        Question.Date(op, Last(3, "day")).Is(op is "in_last" or "not_in_next" ? Truth.True : Truth.False, "\"2024-05-14T12:00:00Z\"");
        Question.Date(op, """ "value":{"amount":3,"unit":"day"} """).Refused("$.amount", "missing_field");
    }

    [Fact]
    public void H3_A20_last_calendar_units_hold_the_current_one()
    {
        Question.Date("in_last", Last(1, "day", calendar: true)).True("\"2024-05-15T00:00:00Z\"", "\"2024-05-15T12:00:00Z\"").False("\"2024-05-14T23:59:59.9999999Z\"", "\"2024-05-15T12:00:00.0000001Z\"");
        Question.Date("in_last", Last(1, "week", calendar: true)).True("\"2024-05-13T00:00:00Z\"").False("\"2024-05-12T23:59:59Z\"");
        Question.Date("in_last", Last(1, "month", calendar: true)).True("\"2024-05-01T00:00:00Z\"").False("\"2024-04-30T23:59:59Z\"");
        Question.Date("in_last", Last(2, "month", calendar: true)).True("\"2024-04-01T00:00:00Z\"").False("\"2024-03-31T23:59:59Z\"");
        Question.Date("in_last", Last(1, "quarter", calendar: true)).True("\"2024-04-01T00:00:00Z\"").False("\"2024-03-31T23:59:59Z\"");
        Question.Date("in_last", Last(3, "year", calendar: true)).True("\"2022-01-01T00:00:00Z\"").False("\"2021-12-31T23:59:59Z\"");
        Question.Date("in_last", Last(2, "month", calendar: true), "date").True("\"2024-04-01\"", "\"2024-05-15\"").False("\"2024-03-31\"", "\"2024-05-16\"");
        Question.Date("in_last", Last(int.MaxValue, "year", calendar: true), "date").True("\"0001-01-01\"").False("\"2024-05-16\"");
    }

    [Fact]
    public void A20_weeks_begin_on_Monday()
    {
        At("2024-05-19T12:00:00Z", Question.Date("in_last", Last(1, "week", calendar: true))).True("\"2024-05-13T00:00:00Z\"").False("\"2024-05-12T23:59:59Z\"");
        At("2024-05-20T00:00:00Z", Question.Date("in_last", Last(1, "week", calendar: true))).True("\"2024-05-20T00:00:00Z\"").False("\"2024-05-19T23:59:59Z\"");
    }

    [Fact]
    public void H3_A24_next_is_the_mirror()
    {
        Question.Date("in_next", Last(1, "hour")).True("\"2024-05-15T12:00:00.0000001Z\"", "\"2024-05-15T13:00:00Z\"").False("\"2024-05-15T12:00:00Z\"", "\"2024-05-15T13:00:00.0000001Z\"");
        Question.Date("in_next", Last(2, "month", calendar: true)).True("\"2024-05-15T12:00:01Z\"", "\"2024-06-30T23:59:59.9999999Z\"").False("\"2024-07-01T00:00:00Z\"", "\"2024-05-15T12:00:00Z\"");
        Question.Date("in_next", Last(1, "week", calendar: true)).True("\"2024-05-19T23:59:59Z\"").False("\"2024-05-20T00:00:00Z\"");
        Question.Date("in_next", Last(3, "day"), "date").True("\"2024-05-16\"", "\"2024-05-18\"").False("\"2024-05-15\"", "\"2024-05-19\"");
        Question.Date("in_next", Last(1, "year", calendar: true), "date").True("\"2024-05-16\"", "\"2024-12-31\"").False("\"2024-05-15\"", "\"2025-01-01\"");
        Question.Date("in_next", Last(int.MaxValue, "week")).True("\"9999-12-31T23:59:59Z\"").False("\"2024-05-15T12:00:00Z\"");
        Question.Date("in_next", Last(int.MaxValue, "year", calendar: true), "date").True("\"9999-12-31\"");
    }

    [Theory]
    [InlineData("in_last", "minute", false, "date", "$.unit")]
    [InlineData("in_last", "hour", false, "date", "$.unit")]
    [InlineData("in_last", "minute", true, "datetime", "$.unit")]
    [InlineData("in_last", "hour", true, "datetime", "$.unit")]
    [InlineData("in_last", "month", false, "datetime", "$.unit")]
    [InlineData("in_next", "quarter", false, "datetime", "$.unit")]
    [InlineData("more_than_ago", "year", false, "datetime", "$.unit")]
    [InlineData("anniversary_in_next", "hour", false, "datetime", "$.unit")]
    public void A21_A25_units_that_are_refused(string op, string unit, bool calendar, string type, string path) => Question.Date(op, Last(1, unit, calendar), type).Refused(path, "wrong_unit");

    [Fact]
    public void A21_calendar_false_is_as_if_absent_and_amounts_begin_at_1()
    {
        Question.Date("in_last", "\"amount\":1,\"unit\":\"day\",\"calendar\":false").True("\"2024-05-14T12:00:01Z\"");
        Question.Date("in_last", "\"amount\":1,\"unit\":\"month\",\"calendar\":false").Refused("$.unit", "wrong_unit");
        Question.Date("in_last", Last(0, "day")).Refused("$.amount", "wrong_type");
        Question.Date("in_last", "\"amount\":1.5,\"unit\":\"day\"").Refused("$.amount", "wrong_type");
        Question.Date("in_last", "\"value\":{\"amount\":1,\"unit\":\"day\"}").Refused("$.amount", "missing_field");
    }

    [Fact]
    public void A25_today_hangs_on_the_zone()
    {
        // Noon in UTC is already the 16th in Kiritimati.
        (Question.Date("in_last", Last(1, "day"), "date") with { Zone = "Pacific/Kiritimati" }).True("\"2024-05-16\"").False("\"2024-05-15\"");
        Question.Date("in_last", Last(1, "day") + ",\"zone\":\"Pacific/Kiritimati\"", "date").True("\"2024-05-16\"").False("\"2024-05-15\"");
        Question.Date("in_last", Last(2, "week"), "date").True("\"2024-05-02\"").False("\"2024-05-01\"");
        Question.Date("in_last", Last(1, "day") + ",\"zone\":\"Mars/Olympus\"", "date").Refused("$.zone", "unknown_zone");
    }

    [Fact]
    public void A26_not_in_last_holds_for_a_future_value()
    {
        Question.Date("not_in_last", Last(1, "day")).True("\"2030-01-01T00:00:00Z\"", "\"2020-01-01T00:00:00Z\"").False("\"2024-05-15T00:00:00Z\"").Unknown("-");
        Question.Date("not_in_next", Last(1, "day")).True("\"2030-01-01T00:00:00Z\"", "\"2024-05-15T12:00:00Z\"").False("\"2024-05-16T00:00:00Z\"").Unknown("-");
        Question.Date("not_in_last", Last(1, "day"), more: ",\"missing\":\"match\"").True("-").False("\"2024-05-15T00:00:00Z\"");
        Question.Date("not_in_last", Last(1, "day"), more: ",\"missing\":\"no_match\"").False("-").True("\"2020-01-01T00:00:00Z\"");
    }

    [Fact]
    public void A27_anniversaries_come_round_from_today_to_the_end_both_included()
    {
        Question.Date("anniversary_in_next", Last(30, "day"), "date").True("\"1980-05-15\"", "\"1980-06-14\"", "\"2030-05-20\"").False("\"1980-06-15\"", "\"1980-05-14\"").Unknown("-");
        Question.Date("anniversary_in_next", Last(1, "month"), "date").True("\"1980-06-15\"").False("\"1980-06-16\"");
        Question.Date("anniversary_in_next", Last(1, "month", calendar: true), "date").True("\"1980-06-15\"").False("\"1980-06-16\"");
        Question.Date("anniversary_in_next", Last(1, "quarter"), "date").True("\"1980-08-15\"").False("\"1980-08-16\"");
        Question.Date("anniversary_in_next", Last(1, "year"), "date").True("\"1980-05-14\"", "\"1980-01-01\"");
        Question.Date("anniversary_in_next", Last(1, "week"), "date").True("\"1980-05-22\"").False("\"1980-05-23\"");
        At("2024-12-20T00:00:00Z", Question.Date("anniversary_in_next", Last(30, "day"), "date")).True("\"1980-01-19\"", "\"1980-12-20\"").False("\"1980-01-20\"");
    }

    [Fact]
    public void A27_29_February_counts_as_1_March_in_other_years()
    {
        At("2023-02-28T00:00:00Z", Question.Date("anniversary_in_next", Last(1, "day"), "date")).True("\"2000-02-29\"", "\"2000-02-28\"", "\"2000-03-01\"");
        At("2023-02-27T00:00:00Z", Question.Date("anniversary_in_next", Last(1, "day"), "date")).False("\"2000-02-29\"").True("\"2000-02-28\"");
        At("2024-02-28T00:00:00Z", Question.Date("anniversary_in_next", Last(1, "day"), "date")).True("\"2000-02-29\"").False("\"2000-03-01\"");
        At("2023-12-31T00:00:00Z", Question.Date("anniversary_in_next", Last(60, "day"), "date")).True("\"2000-02-29\"").False("\"2000-03-01\"");
        At("2024-03-01T00:00:00Z", Question.Date("anniversary_in_next", Last(1, "year"), "date")).True("\"2000-02-29\"");
    }

    [Fact]
    public void A27_an_instants_day_hangs_on_the_zone()
    {
        var birthday = Question.Date("anniversary_in_next", Last(1, "day"));
        birthday.True("\"1980-05-16T23:00:00Z\"").False("\"1980-05-17T00:00:00Z\"");
        (birthday with { Zone = "Europe/Paris" }).False("\"1980-05-16T23:00:00Z\"").True("\"1980-05-16T21:59:59Z\"");
    }

    [Fact]
    public void A28_a_day_against_an_instant_is_the_whole_day_in_the_zone()
    {
        var paris = Question.Date("before", Day("2024-05-10")) with { Zone = "Europe/Paris" };
        paris.True("\"2024-05-09T21:59:59.9999999Z\"").False("\"2024-05-09T22:00:00Z\"").Unknown("-");
        (Question.Date("after", Day("2024-05-10")) with { Zone = "Europe/Paris" }).True("\"2024-05-10T22:00:00Z\"").False("\"2024-05-10T21:59:59.9999999Z\"", "\"2024-05-09T22:00:00Z\"");
        (Question.Date("on", Day("2024-05-10")) with { Zone = "Europe/Paris" }).True("\"2024-05-09T22:00:00Z\"", "\"2024-05-10T21:59:59Z\"").False("\"2024-05-09T21:59:59Z\"", "\"2024-05-10T22:00:00Z\"");
    }

    [Fact]
    public void A28_an_instant_against_an_instant_and_against_a_day()
    {
        const string instant = "\"value\":\"2024-05-10T23:00:00Z\"";
        Question.Date("before", instant).True("\"2024-05-10T22:59:59.9999999Z\"").False("\"2024-05-10T23:00:00Z\"");
        Question.Date("after", instant).True("\"2024-05-10T23:00:00.0000001Z\"").False("\"2024-05-10T23:00:00Z\"");
        Question.Date("on", instant).True("\"2024-05-10T00:00:00Z\"", "\"2024-05-10T23:59:59Z\"").False("\"2024-05-11T00:00:00Z\"");
        (Question.Date("on", instant) with { Zone = "Europe/Paris" }).True("\"2024-05-11T00:00:00Z\"").False("\"2024-05-10T21:00:00Z\"");
        (Question.Date("before", instant, "date") with { Zone = "Europe/Paris" }).True("\"2024-05-10\"").False("\"2024-05-11\"");
        (Question.Date("on", instant, "date") with { Zone = "Europe/Paris" }).True("\"2024-05-11\"").False("\"2024-05-10\"");
        (Question.Date("after", instant, "date") with { Zone = "Europe/Paris" }).True("\"2024-05-12\"").False("\"2024-05-11\"");
        Question.Date("before", "\"value\":1715382000000").True("\"2024-05-10T22:59:59Z\"").False("\"2024-05-10T23:00:00Z\"");
    }

    [Fact]
    public void A28_days_against_days()
    {
        Question.Date("before", Day("2024-05-10"), "date").True("\"2024-05-09\"").False("\"2024-05-10\"");
        Question.Date("after", Day("2024-05-10"), "date").True("\"2024-05-11\"").False("\"2024-05-10\"");
        Question.Date("on", Day("2024-05-10"), "date").True("\"2024-05-10\"").False("\"2024-05-11\"");
        Question.Date("between", "\"values\":[\"2024-05-10\",\"2024-05-12\"]", "date").True("\"2024-05-10\"", "\"2024-05-12\"").False("\"2024-05-09\"", "\"2024-05-13\"");
        Question.Date("after", Day("9999-12-31"), "date").False("\"9999-12-31\"");
        Question.Date("before", Day("0001-01-01"), "date").False("\"0001-01-01\"");
        Question.Date("after", Day("9999-12-31")).False("\"9999-12-31T23:59:59Z\"");
        Question.Date("on", Day("9999-12-31")).True("\"9999-12-31T23:59:59Z\"");
    }

    [Fact]
    public void A28b_between_goes_by_the_form_of_each_end()
    {
        string Values(string from, string to) => $"\"values\":[\"{from}\",\"{to}\"]";
        Question.Date("between", Values("2024-05-10", "2024-05-11")).True("\"2024-05-10T00:00:00Z\"", "\"2024-05-11T23:59:59.9999999Z\"").False("\"2024-05-12T00:00:00Z\"", "\"2024-05-09T23:59:59Z\"");
        Question.Date("between", Values("2024-05-10T06:00:00Z", "2024-05-11T06:00:00Z")).True("\"2024-05-10T06:00:00Z\"").False("\"2024-05-11T06:00:00Z\"", "\"2024-05-10T05:59:59Z\"");
        Question.Date("between", Values("2024-05-10T06:00:00Z", "2024-05-11")).True("\"2024-05-11T23:00:00Z\"").False("\"2024-05-10T05:00:00Z\"");
        Question.Date("between", Values("2024-05-10", "2024-05-11T06:00:00Z")).True("\"2024-05-10T00:00:00Z\"").False("\"2024-05-11T06:00:00Z\"");
        Question.Date("between", Values("2024-05-12", "2024-05-10")).False("\"2024-05-11T00:00:00Z\"");
        Question.Date("between", Values("2024-05-10T06:00:00Z", "2024-05-11T06:00:00Z"), "date").True("\"2024-05-10\"", "\"2024-05-11\"").False("\"2024-05-09\"", "\"2024-05-12\"");
        Question.Date("between", Values("2024-05-10", "tomorrow")).Refused("$.values[1]", "wrong_type");
    }

    [Fact]
    public void A28c_a_midnight_that_is_skipped_begins_the_day_after_the_gap()
    {
        // São Paulo had no midnight on 4 November 2018: the day began at 01:00, 03:00 UTC.
        (Question.Date("on", Day("2018-11-04")) with { Zone = "America/Sao_Paulo" }).True("\"2018-11-04T03:00:00Z\"", "\"2018-11-05T01:59:59Z\"").False("\"2018-11-04T02:59:59.9999999Z\"", "\"2018-11-05T02:00:00Z\"");
        (Question.Date("after", Day("2018-11-03")) with { Zone = "America/Sao_Paulo" }).True("\"2018-11-04T03:00:00Z\"").False("\"2018-11-04T02:59:59.9999999Z\"");
    }

    [Fact]
    public void A28c_a_midnight_that_comes_twice_counts_the_first_time()
    {
        // Havana puts its clocks back from 01:00 to 00:00: 3 November 2024 begins at 04:00 UTC, and 05:00 UTC is its midnight again.
        (Question.Date("on", Day("2024-11-03")) with { Zone = "America/Havana" }).True("\"2024-11-03T04:00:00Z\"", "\"2024-11-03T05:00:00Z\"").False("\"2024-11-03T03:59:59Z\"", "\"2024-11-04T05:00:00Z\"");
    }

    [Fact]
    public void A28c_a_day_that_has_begun_goes_on_though_clocks_are_put_back_into_the_evening_before()
    {
        // St. John's put its clocks back at 00:01 on 7 November 2010, to 23:01 of the 6th: the 7th begins at its first midnight, 02:30 UTC.
        const string zone = "America/St_Johns";
        (Question.Date("on", Day("2010-11-07")) with { Zone = zone }).True("\"2010-11-07T02:30:00Z\"", "\"2010-11-07T03:00:00Z\"", "\"2010-11-08T03:29:59Z\"").False("\"2010-11-07T02:29:59Z\"", "\"2010-11-08T03:30:00Z\"");
        (Question.Date("on", "\"value\":\"2010-11-07T03:00:00Z\"") with { Zone = zone }).True("\"2010-11-07T03:00:00Z\"").False("\"2010-11-07T02:29:59Z\"");
        At("2010-11-07T03:00:00Z", Question.Date("in_last", Last(1, "day"), "date"), zone).True("\"2010-11-07\"").False("\"2010-11-06\"");
        At("2010-11-07T03:00:00Z", Question.Date("in_last", Last(1, "day", calendar: true)), zone).True("\"2010-11-07T02:30:00Z\"").False("\"2010-11-07T02:29:59Z\"");
    }

    [Fact]
    public void A28c_a_day_that_is_skipped_holds_no_instant()
    {
        // Samoa skipped 30 December 2011.
        const string zone = "Pacific/Apia";
        (Question.Date("on", Day("2011-12-30")) with { Zone = zone }).False("\"2011-12-30T09:59:59Z\"", "\"2011-12-30T10:00:00Z\"", "\"2011-12-30T12:00:00Z\"");
        (Question.Date("on", Day("2011-12-29")) with { Zone = zone }).True("\"2011-12-30T09:59:59Z\"").False("\"2011-12-30T10:00:00Z\"");
        (Question.Date("on", Day("2011-12-31")) with { Zone = zone }).True("\"2011-12-30T10:00:00Z\"").False("\"2011-12-30T09:59:59Z\"");
    }

    [Fact]
    public void A_date_leaf_reads_dates_only() => Question.Date("before", Day("2024-05-10"), "string").Refused("$.op", "wrong_type");
}
