using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>A selection of events bound to their tables: visits the rows that count, of everyone or of one contact.</summary>
internal sealed class EventRows(ImmutableArray<SelectorRows> selectors, EventWindow? window)
{
    private long fromTicks;
    private long toTicks;

    public ImmutableArray<SelectorRows> Selectors => selectors;

    public void Begin(Instant now)
    {
        (fromTicks, toTicks) = EventWindow.At(window, now);
        foreach (var selector in selectors)
        {
            selector.Where?.Begin(now);
            selector.Is?.Begin(now);
        }
    }

    public void Release()
    {
        foreach (var selector in selectors)
        {
            selector.Where?.Release();
            selector.Is?.Release();
        }
    }

    /// <summary>Every row that counts, of every contact; in no order of time.</summary>
    public void ForEach(Action<SelectorRows, int> visit)
    {
        Span<ulong> bits = stackalloc ulong[BlockMachine.WordsMax];
        foreach (var selector in selectors)
        {
            var table = selector.Table;
            var where = selector.Where is { } formula ? formula.Gather() : default;
            for (var first = 0; first < table.Words; first += BlockMachine.WordsMax)
            {
                var block = bits[..Math.Min(BlockMachine.WordsMax, table.Words - first)];
                ComparisonKernels.Fill<long, Within>(table.Ticks.Slice(first * 64, block.Length * 64), fromTicks, toTicks - 1, block);
                if (selector.Where is not null)
                {
                    BitKernels.And(block, where.Slice(first, block.Length), block);
                }

                foreach (var row in new RowsOf(block))
                {
                    visit(selector, (first * 64) + row);
                }
            }
        }
    }

    /// <summary>Every row of one contact that counts; in no order of time.</summary>
    public void ForEach(int seat, Action<SelectorRows, int> visit)
    {
        foreach (var selector in selectors)
        {
            for (var row = selector.Table.Latest(seat); row >= 0; row = selector.Table.Previous(row))
            {
                var ticks = selector.Table.Ticks[row];
                if (ticks >= fromTicks && ticks < toTicks && (selector.Where is null || selector.Where.Of(row) == Truth.True))
                {
                    visit(selector, row);
                }
            }
        }
    }

    /// <summary>When some event begins or stops to count in the selection's window, or in another that is asked of the chosen ones.</summary>
    public Instant NextChange(EventWindow? asked, Instant now)
    {
        var next = Instant.MaxValue;
        foreach (var selector in selectors)
        {
            // A condition that itself hangs on the clock may let in rows that it keeps out now, so all of them are looked at.
            var where = selector.Where is { ReadsClock: false } steady ? steady.Gather() : default;
            next = Earlier(next, selector.Where is { ReadsClock: true } turning ? turning.NextChange(now) : Instant.MaxValue);
            next = Earlier(next, selector.Is?.NextChange(now) ?? Instant.MaxValue);
            next = Earlier(next, Nearest(selector.Table, where, now, asked ?? window));
        }

        return next;
    }

    /// <summary>The same for one contact.</summary>
    public Instant NextChange(EventWindow? asked, int seat, Instant now)
    {
        var next = Instant.MaxValue;
        foreach (var selector in selectors)
        {
            for (var row = selector.Table.Latest(seat); row >= 0; row = selector.Table.Previous(row))
            {
                if (selector.Where is { ReadsClock: false } steady && steady.Of(row) != Truth.True)
                {
                    continue;
                }

                next = Earlier(next, EventWindow.NextChange(asked ?? window, selector.Table.At(row), now));
                next = Earlier(next, selector.Where?.NextChange(row, now) ?? Instant.MaxValue);
                next = Earlier(next, selector.Is?.NextChange(row, now) ?? Instant.MaxValue);
            }
        }

        return next;
    }

    /// <summary>When the first of some instants that an event leads to comes, or the first event after now.</summary>
    /// <param name="turns">For an event up to now the instant after now at which it turns; <see cref="Instant.MaxValue"/>: never.</param>
    public Instant NextTurn(Func<Instant, Instant> turns, Instant now)
    {
        var next = NextChange(asked: null, now);
        foreach (var selector in selectors)
        {
            var table = selector.Table;
            if (selector.Where is { ReadsClock: false } steady)
            {
                foreach (var row in new RowsOf(steady.Gather()))
                {
                    Take(table.Ticks[row]);
                }
            }
            else
            {
                foreach (var ticks in table.Ticks[..table.Rows])
                {
                    Take(ticks);
                }
            }
        }

        return next;

        void Take(long ticks)
        {
            // A row without a contact lies before all time.
            if (ticks >= 0 && ticks <= now.Ticks)
            {
                next = Earlier(next, turns(new(ticks)));
            }
        }
    }

    /// <summary>The same for one contact.</summary>
    public Instant NextTurn(Func<Instant, Instant> turns, int seat, Instant now)
    {
        var next = NextChange(asked: null, seat, now);
        foreach (var selector in selectors)
        {
            for (var row = selector.Table.Latest(seat); row >= 0; row = selector.Table.Previous(row))
            {
                if (selector.Table.At(row) <= now && (selector.Where is null or { ReadsClock: true } || selector.Where.Of(row) == Truth.True))
                {
                    next = Earlier(next, turns(selector.Table.At(row)));
                }
            }
        }

        return next;
    }

    private static Instant Nearest(EventTable table, ReadOnlySpan<ulong> where, Instant now, EventWindow? window)
    {
        // An event's turning points are when it comes and, in a rolling window, one length later; so the soonest is that of the first event after now, or of the first one still inside.
        var (coming, inside) = (long.MaxValue, long.MaxValue);
        var edge = window?.Last is { Calendar: not true } last ? ZoneCalendar.Rolling(last.Amount, last.Unit) : TimeSpan.Zero;
        var still = edge.Ticks > now.Ticks ? Stretch.Beginning : now.Ticks - edge.Ticks;
        if (where.IsEmpty)
        {
            coming = ComparisonKernels.LeastAbove(table.Ticks, now.Ticks);
            inside = ComparisonKernels.LeastAbove(table.Ticks, still);
        }
        else
        {
            foreach (var row in new RowsOf(where))
            {
                var ticks = table.Ticks[row];
                coming = ticks > now.Ticks ? Math.Min(coming, ticks) : coming;
                inside = ticks > still ? Math.Min(inside, ticks) : inside;
            }
        }

        var next = coming == long.MaxValue ? Instant.MaxValue : new Instant(coming);
        return inside <= now.Ticks || (window?.Last is { Calendar: true } && table.Rows > 0) ? Earlier(next, EventWindow.NextChange(window, new(Math.Min(inside, now.Ticks)), now)) : next;
    }

    private static Instant Earlier(Instant left, Instant right) => left < right ? left : right;
}

/// <summary>One event name of a selection: its table, and the columns and formulas that are asked of its rows.</summary>
internal sealed record SelectorRows(EventTable Table)
{
    /// <summary>Its place among the selectors.</summary>
    public required int Number { get; init; }
    public RowFormula? Where { get; init; }
    public RowFormula? Is { get; init; }
    public Column? Distinct { get; init; }
    public Column? Of { get; init; }
    public Column? Per { get; init; }

    /// <summary>What later steps of a sequence compare with, in the order of the selector's sources.</summary>
    public ImmutableArray<Column> Carried { get; init; } = [];
}
