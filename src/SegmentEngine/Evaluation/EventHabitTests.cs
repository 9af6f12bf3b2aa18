using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>In at least so many of the last so many periods.</summary>
internal sealed class EventFrequencyTest(Atom.EventFrequency atom, EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    private Instant now;

    public override void Begin(Instant now)
    {
        base.Begin(now);
        this.now = now;
    }

    public override void Gather()
    {
        var pairs = new List<long>();
        Rows.ForEach((selector, row) =>
        {
            if (atom.PeriodOf(selector.Table.At(row), now) is >= 0 and var period)
            {
                pairs.Add(((long)selector.Table.Seat(row) << 32) | (uint)period);
            }
        });

        pairs.Sort();
        var counts = new int[Words * 64];
        for (var i = 0; i < pairs.Count; i++)
        {
            counts[pairs[i] >> 32] += i == 0 || pairs[i] != pairs[i - 1] ? 1 : 0;
        }

        AnswerCounts(new(TraitOperator.Gte, atom.AtLeast), counts);
    }

    public override Truth Of(int row)
    {
        var periods = new HashSet<int>();
        Rows.ForEach(row, (selector, at) =>
        {
            if (atom.PeriodOf(selector.Table.At(at), now) is >= 0 and var period)
            {
                periods.Add(period);
            }
        });
        return Kleene.Of(periods.Count >= atom.AtLeast);
    }

    public override Instant NextChange(Instant now) => Rows.NextTurn(Turns, now);

    public override Instant NextChange(int row, Instant now) => Rows.NextTurn(Turns, row, now);

    /// <summary>An event turns when it comes into the next period, and when it leaves the last.</summary>
    private Instant Turns(Instant at) =>
        atom.PeriodOf(at, now) < 0 ? Instant.MaxValue : now.Plus(new(atom.Period.Ticks - ((now.Ticks - at.Ticks) % atom.Period.Ticks)));
}

/// <summary>What the active time, the quiet time before it and the time before both saw.</summary>
internal sealed class EventLifecycleTest(Atom.EventLifecycle atom, EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    private Instant now;

    public override void Begin(Instant now)
    {
        base.Begin(now);
        this.now = now;
    }

    public override void Gather()
    {
        var seen = new Atom.EventLifecycle.Times[Words * 64];
        Rows.ForEach((selector, row) => seen[selector.Table.Seat(row)] |= atom.TimeOf(selector.Table.At(row), now));
        AnswerAll(Truth.False);
        for (var seat = 0; seat < seen.Length; seat++)
        {
            if (atom.Holds(seen[seat]))
            {
                Answer(seat, Truth.True);
            }
        }
    }

    public override Truth Of(int row)
    {
        var seen = Atom.EventLifecycle.Times.None;
        Rows.ForEach(row, (selector, at) => seen |= atom.TimeOf(selector.Table.At(at), now));
        return Kleene.Of(atom.Holds(seen));
    }

    public override Instant NextChange(Instant now) => Rows.NextTurn(Turns, now);

    public override Instant NextChange(int row, Instant now) => Rows.NextTurn(Turns, row, now);

    /// <summary>An event turns when it leaves the active time, and when it leaves the quiet one.</summary>
    private Instant Turns(Instant at) => atom.TimeOf(at, now) switch
    {
        Atom.EventLifecycle.Times.Active => at.Plus(atom.Active),
        Atom.EventLifecycle.Times.Quiet => at.Plus(atom.ActiveAndQuiet),
        _ => Instant.MaxValue,
    };
}
