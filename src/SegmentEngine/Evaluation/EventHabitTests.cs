using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>An atom whose events turn as they grow older, beside coming and going.</summary>
internal abstract class EventHabitTest(EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    private long soonest;

    protected Instant Now { get; private set; }

    public override void Begin(Instant now)
    {
        base.Begin(now);
        Now = now;
    }

    public override void Gather(CancellationToken cancel)
    {
        soonest = Instant.MaxValue.Ticks;
        base.Gather(cancel);
    }

    public override Instant NextChange(Instant now) => Earlier(new(soonest), base.NextChange(now));

    public override Instant NextChange(int row, Instant now)
    {
        var next = Instant.MaxValue.Ticks;
        foreach (var hit in Rows.Of(row))
        {
            next = Math.Min(next, Turns(hit.Ticks));
        }

        return Earlier(new(next), base.NextChange(row, now));
    }

    protected override Truth OfGathered(int seat)
    {
        var hits = Rows.Gathered();
        foreach (var hit in hits)
        {
            soonest = Math.Min(soonest, Turns(hit.Ticks));
        }

        return hits.IsEmpty ? OfNone : Of(hits);
    }

    /// <summary>When an event up to now turns next; the ticks of <see cref="Instant.MaxValue"/>: never.</summary>
    protected abstract long Turns(long ticks);
}

/// <summary>In at least so many of the last so many periods.</summary>
internal sealed class EventFrequencyTest(Atom.EventFrequency atom, EventRows rows, ShardColumns columns) : EventHabitTest(rows, columns)
{
    protected override Truth OfNone => Kleene.Of(atom.AtLeast <= 0);

    protected override Truth Of(ReadOnlySpan<Hit> hits)
    {
        var (periods, last) = (0, -1);
        for (var i = hits.Length - 1; i >= 0 && periods < atom.AtLeast; i--)
        {
            var period = atom.PeriodOf(new(hits[i].Ticks), Now);
            if (period < 0)
            {
                break;
            }

            periods += period == last ? 0 : 1;
            last = period;
        }

        return Kleene.Of(periods >= atom.AtLeast);
    }

    /// <summary>An event turns when it comes into the next period, and when it leaves the last.</summary>
    protected override long Turns(long ticks) =>
        atom.PeriodOf(new(ticks), Now) < 0 ? Instant.MaxValue.Ticks : Now.Plus(new(atom.Period.Ticks - ((Now.Ticks - ticks) % atom.Period.Ticks))).Ticks;
}

/// <summary>What the active time, the quiet time before it and the time before both saw.</summary>
internal sealed class EventLifecycleTest(Atom.EventLifecycle atom, EventRows rows, ShardColumns columns) : EventHabitTest(rows, columns)
{
    protected override Truth OfNone => Kleene.Of(atom.Holds(Atom.EventLifecycle.Times.None));

    protected override Truth Of(ReadOnlySpan<Hit> hits)
    {
        var seen = Atom.EventLifecycle.Times.None;
        foreach (var hit in hits)
        {
            seen |= atom.TimeOf(new(hit.Ticks), Now);
        }

        return Kleene.Of(atom.Holds(seen));
    }

    /// <summary>An event turns when it leaves the active time, and when it leaves the quiet one.</summary>
    protected override long Turns(long ticks) => atom.TimeOf(new(ticks), Now) switch
    {
        Atom.EventLifecycle.Times.Active => new Instant(ticks).Plus(atom.Active).Ticks,
        Atom.EventLifecycle.Times.Quiet => new Instant(ticks).Plus(atom.ActiveAndQuiet).Ticks,
        _ => Instant.MaxValue.Ticks,
    };
}
