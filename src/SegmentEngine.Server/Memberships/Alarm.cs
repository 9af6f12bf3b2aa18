using SegmentEngine.Contacts;

namespace SegmentEngine.Server.Memberships;

/// <summary>Calls once when an instant has come. Setting it again replaces what was set.</summary>
public sealed class Alarm : IDisposable
{
    /// <summary>Answers that change in quick succession are taken together.</summary>
    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(250);

    /// <summary>Timers reach no further than some weeks; whoever is called too early sets the alarm again.</summary>
    private static readonly TimeSpan Latest = TimeSpan.FromHours(1);

    private readonly TimeProvider clock;
    private readonly ITimer timer;

    public Alarm(TimeProvider clock, Action call)
    {
        this.clock = clock;
        timer = clock.CreateTimer(_ => call(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Set(Instant at)
    {
        var ticks = Math.Clamp(at.Ticks - Instant.From(clock.GetUtcNow()).Ticks, Soonest.Ticks, Latest.Ticks);
        _ = timer.Change(at == Instant.MaxValue ? Timeout.InfiniteTimeSpan : new TimeSpan(ticks), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => timer.Dispose();
}
