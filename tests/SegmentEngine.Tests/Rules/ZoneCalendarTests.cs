using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

/// <summary>Days that are not 24 hours long, and one that the clock on the wall comes back to for an hour: in St. John's clocks went back from one minute past midnight until 2011.</summary>
public sealed class ZoneCalendarTests
{
    private static readonly string[] zones = ["America/St_Johns", "Europe/Paris", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "America/Havana", "Africa/Cairo", "Pacific/Apia", "UTC"];

    [Fact]
    public void The_day_turns_no_later_than_it_is_said_to()
    {
        foreach (var calendar in zones.Select(static zone => new ZoneCalendar(TimeZoneInfo.FindSystemTimeZoneById(zone))))
        {
            Each((now, step) =>
            {
                var turns = calendar.DayTurns(now);
                Assert.True(turns > now);
                Assert.True(calendar.DayOf(now) == calendar.DayOf(now.Plus(step)) || turns <= now.Plus(step), $"{calendar.Key} at {now}: {turns}");
            });
        }
    }

    [Fact]
    public void A_time_of_day_passes_a_moment_no_later_than_it_is_said_to()
    {
        foreach (var calendar in zones.Select(static zone => new ZoneCalendar(TimeZoneInfo.FindSystemTimeZoneById(zone))))
        {
            Each((now, step) =>
            {
                for (var minutes = -180; minutes <= 180; minutes += 60)
                {
                    var moment = calendar.Add(now, -1, TimeUnit.Day).Plus(TimeSpan.FromMinutes(minutes)).Plus(TimeSpan.FromTicks(-1));
                    bool Passed(Instant at) => moment <= calendar.Add(at, -1, TimeUnit.Day);
                    var passes = calendar.Passes(now, -1, TimeUnit.Day, moment);
                    Assert.True(passes > now);
                    Assert.True(Passed(now) == Passed(now.Plus(step)) || passes <= now.Plus(step), $"{calendar.Key} at {now}, {moment}: {passes}");
                }
            });
        }
    }

    /// <summary>Steps through the days around the changes of two years.</summary>
    private static void Each(Action<Instant, TimeSpan> look)
    {
        var step = TimeSpan.FromMinutes(29);
        for (var now = Some.At("2010-09-20T00:00:00Z"); now < Some.At("2010-11-12T00:00:00Z"); now = now.Plus(step))
        {
            look(now, step);
        }

        for (var now = Some.At("2010-11-07T02:31:00Z"); now < Some.At("2010-11-07T03:35:00Z"); now = now.Plus(TimeSpan.FromMinutes(1)))
        {
            look(now, TimeSpan.FromMinutes(1));
            look(now, TimeSpan.FromMinutes(57));
        }

        for (var now = Some.At("2011-03-10T00:00:00Z"); now < Some.At("2011-04-05T00:00:00Z"); now = now.Plus(step))
        {
            look(now, step);
        }
    }
}
