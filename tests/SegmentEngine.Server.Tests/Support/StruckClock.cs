namespace SegmentEngine.Server.Tests.Support;

/// <summary>The machine's clock, whose timers go off when they are told to, and only then.</summary>
internal sealed class StruckClock : TimeProvider
{
    private readonly List<Timer> timers = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        lock (timers)
        {
            timers.Add(timer);
        }

        return timer;
    }

    /// <summary>All timers that somebody waits for go off.</summary>
    public void Strike()
    {
        List<Timer> struck;
        lock (timers)
        {
            struck = [.. timers];
        }

        struck.ForEach(static timer => timer.Ring());
    }

    private sealed class Timer(StruckClock clock, Action ring) : ITimer
    {
        public Action Ring => ring;

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            lock (clock.timers)
            {
                _ = clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
