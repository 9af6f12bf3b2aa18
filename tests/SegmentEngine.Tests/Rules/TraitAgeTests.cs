using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

/// <summary>Now is 15 May 2024, noon in UTC.</summary>
public sealed class TraitAgeTests
{
    private static readonly Contact pro = Some.Contact("""{"plan":"pro"}""");

    private static Question Age(string op, string more = "", string length = "\"amount\":10,\"unit\":\"day\"") => new($$"""{"type":"trait_age","trait":"plan","value":"pro","for":{"op":"{{op}}",{{length}}}{{more}}}""");

    private static ContactEvent Set(string at, string traits = """{"plan":"pro"}""") => Some.Event(ContactEvent.Traits, at, traits);

    [Fact]
    public void A30_at_least_and_less_than_so_long()
    {
        Age("gte").Is(Truth.True, pro, Set("2024-05-05T12:00:00Z")).Is(Truth.False, pro, Set("2024-05-05T12:00:00.0000001Z"));
        Age("lt").Is(Truth.False, pro, Set("2024-05-05T12:00:00Z")).Is(Truth.True, pro, Set("2024-05-05T12:00:00.0000001Z"));
        Age("gte", length: "\"amount\":90,\"unit\":\"minute\"").Is(Truth.True, pro, Set("2024-05-15T10:30:00Z")).Is(Truth.False, pro, Set("2024-05-15T10:30:00.0000001Z"));
    }

    [Fact]
    public void A30_an_update_that_is_still_equal_does_not_restart_it()
    {
        Age("gte").Is(Truth.True, pro, Set("2024-05-01T00:00:00Z"), Set("2024-05-14T00:00:00Z"), Set("2024-05-15T00:00:00Z", """{"plan":"PRO","seats":5}"""));
        Age("gte").Is(Truth.True, pro, Set("2024-05-15T00:00:00Z"), Set("2024-05-01T00:00:00Z"));
    }

    [Fact]
    public void A30_null_and_another_value_restart_it()
    {
        Age("gte").Is(Truth.False, pro, Set("2024-05-01T00:00:00Z"), Set("2024-05-10T00:00:00Z", """{"plan":null}"""), Set("2024-05-10T00:00:01Z"));
        Age("gte").Is(Truth.False, pro, Set("2024-05-01T00:00:00Z"), Set("2024-05-10T00:00:00Z", """{"plan":"free"}"""), Set("2024-05-10T00:00:01Z"));
        Age("gte").Is(Truth.False, pro, Set("2024-05-01T00:00:00Z"), Set("2024-05-10T00:00:00Z", """{"plan":7}"""), Set("2024-05-10T00:00:01Z"));
        Age("gte").Is(Truth.True, pro, Set("2024-05-01T00:00:00Z"), Set("2024-05-10T00:00:00Z", """{"seats":7}"""), Set("2024-05-10T00:00:01Z"));
    }

    [Fact]
    public void A31_changes_of_one_instant_come_in_the_order_of_their_lines()
    {
        Age("gte").Is(Truth.Unknown, pro, Set("2024-05-01T00:00:00Z"), Set("2024-05-01T00:00:00Z", """{"plan":"free"}"""));
        Age("gte").Is(Truth.True, pro, Set("2024-05-01T00:00:00Z", """{"plan":"free"}"""), Set("2024-05-01T00:00:00Z"));
    }

    [Fact]
    public void A30_another_value_now_is_FALSE_for_lt_too()
    {
        var free = Some.Contact("""{"plan":"free"}""");
        Age("gte").Is(Truth.False, free, Set("2024-05-01T00:00:00Z"));
        Age("lt").Is(Truth.False, free, Set("2024-05-14T00:00:00Z"));
        Age("lt").Is(Truth.Unknown, Some.Contact("""{"plan":7}"""), Set("2024-05-14T00:00:00Z"));
    }

    [Fact]
    public void A30_this_value_without_a_history_is_UNKNOWN()
    {
        Age("gte").Is(Truth.Unknown, pro).Is(Truth.Unknown, pro, Set("2024-05-01T00:00:00Z", """{"seats":1}""")).Is(Truth.Unknown, pro, Set("2024-05-16T00:00:00Z"));
        Age("lt", ""","missing":"match" """).Is(Truth.Unknown, pro).Is(Truth.Unknown, pro, Set("2024-05-01T00:00:00Z", """{"plan":"free"}"""));
    }

    [Fact]
    public void H8_missing_acts_on_a_missing_value()
    {
        Age("gte").Is(Truth.Unknown, Some.Contact()).Is(Truth.Unknown, Some.Contact("""{"plan":null}"""), Set("2024-05-01T00:00:00Z"));
        Age("gte", ""","missing":"match" """).Is(Truth.True, Some.Contact());
        Age("lt", ""","missing":"no_match" """).Is(Truth.False, Some.Contact());
        (Age("gte", ""","missing":"match" """) with { Schema = """{"traits":{"plan":"list<string>"}}""" }).Is(Truth.True, pro);
    }

    [Fact]
    public void R4_the_declared_type_applies_now_and_in_the_history()
    {
        var seats = new Question("""{"type":"trait_age","trait":"seats","value":5,"for":{"op":"gte","amount":1,"unit":"day"}}""") { Schema = """{"traits":{"seats":"number"}}""" };
        seats.Is(Truth.True, Some.Contact("""{"seats":"5"}"""), Set("2024-05-01T00:00:00Z", """{"seats":5.0}"""));
        (seats with { Schema = "{}" }).Is(Truth.Unknown, Some.Contact("""{"seats":"5"}"""), Set("2024-05-01T00:00:00Z", """{"seats":5.0}"""));
        (seats with { Schema = """{"traits":{"seats":"string"}}""" }).Refused("$.value", "wrong_type");
        (seats with { Schema = """{"traits":{"seats":"date"}}""" }).Refused("$.trait", "wrong_type");
        var tags = new Question("""{"type":"trait_age","trait":"tags","value":"a","quantifier":"all","for":{"op":"gte","amount":1,"unit":"day"}}""");
        tags.Is(Truth.True, Some.Contact("""{"tags":["a"]}"""), Set("2024-05-01T00:00:00Z", """{"tags":["a","a"]}"""));
        tags.Is(Truth.False, Some.Contact("""{"tags":["a"]}"""), Set("2024-05-01T00:00:00Z", """{"tags":["a","b"]}"""), Set("2024-05-15T00:00:00Z", """{"tags":["a"]}"""));
    }

    [Fact]
    public void A19k_a_nested_trait_is_set_with_its_first_level_key()
    {
        var size = new Question("""{"type":"trait_age","trait":"custom_data.company.size","value":5,"for":{"op":"gte","amount":10,"unit":"day"}}""");
        var five = Some.Contact("""{"company":{"size":5}}""");
        size.Is(Truth.True, five, Set("2024-05-01T00:00:00Z", """{"company":{"size":5}}"""), Set("2024-05-14T00:00:00Z", """{"company.size":6}"""));
        size.Is(Truth.False, five, Set("2024-05-01T00:00:00Z", """{"company":{"size":5}}"""), Set("2024-05-14T00:00:00Z", """{"company":{"name":"x"}}"""), Set("2024-05-15T00:00:00Z", """{"company":{"size":5}}"""));
    }

    [Fact]
    public void A_built_in_trait_stands_in_the_history_by_its_name() =>
        new Question("""{"type":"trait_age","trait":"email","value":"a@b.example","for":{"op":"gte","amount":10,"unit":"day"}}""")
            .Is(Truth.True, new Contact { Email = "a@b.example" }, Set("2024-05-01T00:00:00Z", """{"email":"A@b.example"}"""));

    [Fact]
    public void A19l_any_source_reads_the_other_value_where_there_is_none()
    {
        var unverified = new Contact { NonVerifiedCustomData = Some.Json("""{"plan":"pro"}""") };
        Age("gte", ""","source":"any" """).Is(Truth.True, unverified, Set("2024-05-01T00:00:00Z"));
        Age("gte").Is(Truth.Unknown, unverified, Set("2024-05-01T00:00:00Z"));
    }

    [Fact]
    public void The_history_of_traits_is_no_event_that_rules_may_name() =>
        new Question("""{"type":"event","event":"$identify"}""").Refused("$.event", "reserved_name");

    [Fact]
    public void It_reads_its_trait_and_the_history()
    {
        var reads = Some.Rule(Age("gte").Rule, Age("gte").Context).Reads;
        Assert.Equal(["custom_data.plan"], reads.Traits);
        Assert.Equal([ContactEvent.Traits], reads.Events);
        Assert.True(reads.Clock);
    }
}
