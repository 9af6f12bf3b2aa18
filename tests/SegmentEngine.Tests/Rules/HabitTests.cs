using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

/// <summary>Frequency and life cycle. Now is 15 May 2024, noon in UTC.</summary>
public sealed class HabitTests
{
    private static readonly Contact someone = Some.Contact();

    private static ContactEvent Login(string at, string properties = "{}") => Some.Event("login", at, properties);

    private static Question Frequency(int atLeast, int outOf, string more = "") =>
        new($$"""{"type":"event_frequency","event":"login","period":{"amount":1,"unit":"day"},"at_least":{{atLeast}},"out_of":{{outOf}}{{more}}}""");

    /// <summary>Active: the last 10 days. Quiet: the 20 before.</summary>
    private static Question Lifecycle(string state, string more = "") =>
        new($$"""{"type":"event_lifecycle","event":"login","state":"{{state}}","active":{"amount":10,"unit":"day"},"quiet":{"amount":20,"unit":"day"}{{more}}}""");

    [Fact]
    public void A34b_a_period_begins_after_its_start_and_holds_its_end()
    {
        Frequency(1, 1).Is(Truth.True, someone, Login("2024-05-15T12:00:00Z")).Is(Truth.True, someone, Login("2024-05-14T12:00:00.0000001Z")).Is(Truth.False, someone, Login("2024-05-14T12:00:00Z"));
        Frequency(1, 2).Is(Truth.True, someone, Login("2024-05-14T12:00:00Z")).Is(Truth.False, someone, Login("2024-05-13T12:00:00Z"));
        Frequency(1, 3).Is(Truth.False, someone, Login("2024-05-15T12:00:00.0000001Z"));
    }

    [Fact]
    public void A34b_periods_are_counted_and_not_events()
    {
        Frequency(2, 3).Is(Truth.False, someone, Login("2024-05-15T12:00:00Z"), Login("2024-05-15T11:00:00Z"), Login("2024-05-14T13:00:00Z"));
        Frequency(2, 3).Is(Truth.True, someone, Login("2024-05-15T12:00:00Z"), Login("2024-05-14T12:00:00Z"));
        Frequency(2, 3).Is(Truth.True, someone, Login("2024-05-12T12:00:00.0000001Z"), Login("2024-05-15T10:00:00Z"));
        Frequency(2, 3).Is(Truth.False, someone, Login("2024-05-12T12:00:00Z"), Login("2024-05-15T10:00:00Z"));
    }

    [Fact]
    public void A33_without_any_event_it_is_FALSE()
    {
        Frequency(1, 3).Is(Truth.False, someone);
        Frequency(1, 3, ""","missing":"match" """).Is(Truth.False, someone);
        Frequency(0, 3).Is(Truth.True, someone);
        foreach (var state in new[] { "new", "regular", "stopped", "returned" })
        {
            Lifecycle(state).Is(Truth.False, someone);
            Lifecycle(state, ""","missing":"match" """).Is(Truth.False, someone);
        }
    }

    [Fact]
    public void More_periods_than_there_are_is_a_warning() => Frequency(4, 3).Warned("$.at_least", "never_true");

    [Fact]
    public void R16_where_lets_in_only_what_it_is_TRUE_of() =>
        Frequency(1, 1, ""","where":{"type":"property","property":"ok","op":"eq","value":true}""")
            .Is(Truth.True, someone, Login("2024-05-15T12:00:00Z", """{"ok":true}"""))
            .Is(Truth.False, someone, Login("2024-05-15T12:00:00Z"));

    [Theory]
    [InlineData("new", "A")]
    [InlineData("regular", "AQ", "AQE")]
    [InlineData("stopped", "Q", "QE")]
    [InlineData("returned", "AE")]
    public void A34_states(string state, params string[] holding)
    {
        foreach (var seen in new[] { "", "A", "Q", "E", "AQ", "AE", "QE", "AQE" })
        {
            var events = seen.Select(static time => Login(time switch { 'A' => "2024-05-10T00:00:00Z", 'Q' => "2024-04-20T00:00:00Z", _ => "2024-01-01T00:00:00Z" })).ToArray();
            Lifecycle(state).Is(holding.Contains(seen) ? Truth.True : Truth.False, someone, events);
        }
    }

    [Fact]
    public void A34_times_begin_after_their_start_and_hold_their_end()
    {
        Lifecycle("new").Is(Truth.True, someone, Login("2024-05-05T12:00:00.0000001Z")).Is(Truth.False, someone, Login("2024-05-05T12:00:00Z"));
        Lifecycle("stopped").Is(Truth.True, someone, Login("2024-05-05T12:00:00Z")).Is(Truth.True, someone, Login("2024-04-15T12:00:00.0000001Z")).Is(Truth.False, someone, Login("2024-04-15T12:00:00Z"));
        Lifecycle("returned").Is(Truth.True, someone, Login("2024-04-15T12:00:00Z"), Login("2024-05-15T12:00:00Z"));
        Lifecycle("new").Is(Truth.False, someone, Login("2024-05-15T12:00:00.0000001Z"));
    }

    [Fact]
    public void Several_events_are_one_habit() =>
        new Question("""{"type":"event_lifecycle","event_in":["login","open"],"state":"regular","active":{"amount":10,"unit":"day"},"quiet":{"amount":20,"unit":"day"}}""")
            .Is(Truth.True, someone, Login("2024-05-10T00:00:00Z"), Some.Event("open", "2024-04-20T00:00:00Z"));
}
