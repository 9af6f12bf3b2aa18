using System.Buffers;
using System.Collections.Immutable;
using System.Numerics;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>A selection of events bound to their tables: the rows of a contact that count, found one contact after another in sets made of the whole tables, or of one contact alone.</summary>
internal sealed class EventRows(ImmutableArray<SelectorRows> selectors, EventWindow? window)
{
    /// <summary>Up to so many rows are sorted by insertion: most lie right already.</summary>
    private const int InsertedMax = 32;

    private readonly ulong[][] chosen = new ulong[selectors.Length][];
    private readonly (ulong Present, int RunsBefore)[] atWord = new (ulong, int)[selectors.Length];
    private readonly (int First, int End)[] runs = new (int, int)[selectors.Length];
    private Hit[] hits = new Hit[16];
    private int found;
    private bool isGathered;
    private long earliest;
    private long fromTicks;
    private long toTicks;

    public ImmutableArray<SelectorRows> Selectors => selectors;

    public void Begin(Instant now)
    {
        (fromTicks, toTicks) = EventWindow.At(window, now);
        isGathered = false;
        foreach (var selector in selectors)
        {
            selector.Where?.Begin(now);
            selector.Is?.Begin(now);
        }
    }

    /// <summary>Makes the sets of the rows that count, of every contact.</summary>
    public void Gather(CancellationToken cancel)
    {
        (isGathered, earliest) = (true, long.MaxValue);
        for (var i = 0; i < selectors.Length; i++)
        {
            var table = selectors[i].Table;
            cancel.ThrowIfCancellationRequested();
            table.Settle();
            var where = selectors[i].Where is { } formula ? formula.Gather() : default;
            chosen[i] = ArrayPool<ulong>.Shared.Rent(table.Words + 1);
            for (var first = 0; first < table.Words; first += BlockMachine.WordsMax)
            {
                var block = chosen[i].AsSpan(first, Math.Min(BlockMachine.WordsMax, table.Words - first));
                var ticks = table.Ticks.Slice(first * 64, block.Length * 64);
                ComparisonKernels.Fill<long, Within>(ticks, fromTicks, toTicks - 1, block);
                if (!where.IsEmpty)
                {
                    BitKernels.And(block, where.Slice(first, block.Length), block);
                }

                if (window?.Last is not null)
                {
                    earliest = Math.Min(earliest, ComparisonKernels.LeastAbove(ticks, block, Stretch.Beginning));
                }
            }
        }
    }

    /// <summary>Lets go of these sets.</summary>
    public void Scatter()
    {
        for (var i = 0; i < chosen.Length; i++)
        {
            ArrayPool<ulong>.Shared.Return(chosen[i]);
            chosen[i] = [];
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

    /// <summary>Whether a contact's events are one run: there is one event name.</summary>
    public bool IsSingle => selectors.Length == 1;

    /// <summary>The set of the rows that count; where there is one event name.</summary>
    public ulong[] Chosen => chosen[0];

    /// <summary>Of the seats that the rows are at, the place of the first run; where there is one event name.</summary>
    public int FirstRun => atWord[0].RunsBefore;

    /// <summary>Goes to 64 seats, and says which of them have events, whether they count or not.</summary>
    public ulong Enter(int word)
    {
        var present = 0UL;
        for (var i = 0; i < atWord.Length; i++)
        {
            atWord[i] = (selectors[i].Table.Present(word), selectors[i].Table.RunsBefore(word));
            present |= atWord[i].Present;
        }

        return present;
    }

    /// <summary>Goes to one of these seats: what is asked for by the sets is of that contact.</summary>
    public void GoTo(int bit)
    {
        for (var i = 0; i < atWord.Length; i++)
        {
            var (present, before) = atWord[i];
            runs[i] = ((present >> bit) & 1) == 0 ? default : selectors[i].Table.RunAt(before + BitOperations.PopCount(present & ((1UL << bit) - 1)));
        }
    }

    /// <summary>How many rows count, by the sets.</summary>
    public int CountGathered()
    {
        var count = 0;
        for (var i = 0; i < runs.Length; i++)
        {
            var (first, end) = runs[i];
            for (var at = first; at < end; at += BitKernels.PieceMax)
            {
                count += BitOperations.PopCount(BitKernels.Piece(chosen[i], at, Math.Min(end - at, BitKernels.PieceMax)));
            }
        }

        return count;
    }

    /// <summary>Whether some row of each selector counts, by the sets.</summary>
    public bool HasEach()
    {
        for (var i = 0; i < runs.Length; i++)
        {
            if (FirstGathered(i) < 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The rows that count, in order of time, by the sets; until rows are asked for again.</summary>
    public ReadOnlySpan<Hit> Gathered()
    {
        found = 0;
        for (var i = 0; i < runs.Length; i++)
        {
            var (first, end) = runs[i];
            if (hits.Length < found + end - first)
            {
                Array.Resize(ref hits, Math.Max(found + end - first, hits.Length * 2));
            }

            var into = hits.AsSpan(found);
            var ticks = selectors[i].Table.Ticks;
            var filled = 0;
            for (var at = first; at < end; at += BitKernels.PieceMax)
            {
                for (var piece = BitKernels.Piece(chosen[i], at, Math.Min(end - at, BitKernels.PieceMax)); piece != 0; piece &= piece - 1)
                {
                    var row = at + BitOperations.TrailingZeroCount(piece);
                    into[filled++] = new(ticks[row], i, row);
                }
            }

            found += filled;
        }

        return Sorted(areInOrder: selectors.Length == 1);
    }

    /// <summary>The first or last row that counts, by the sets; false where none does.</summary>
    public bool TryEdge(bool last, out Hit edge)
    {
        edge = default;
        var isFound = false;
        for (var i = 0; i < runs.Length; i++)
        {
            var row = last ? LastGathered(i) : FirstGathered(i);
            if (row >= 0)
            {
                var hit = new Hit(selectors[i].Table.Ticks[row], i, row);
                edge = !isFound || (new InTime(selectors).Compare(hit, edge) > 0) == last ? hit : edge;
                isFound = true;
            }
        }

        return isFound;
    }

    /// <summary>Up to so many of a column's values of the rows that count, by the sets; false where there are more.</summary>
    public bool TryValues(ReadOnlySpan<double> column, Span<double> values, out int count)
    {
        count = 0;
        var (first, end) = runs[0];
        for (var at = first; at < end; at += BitKernels.PieceMax)
        {
            var piece = BitKernels.Piece(chosen[0], at, Math.Min(end - at, BitKernels.PieceMax));
            if (count + BitOperations.PopCount(piece) > values.Length)
            {
                return false;
            }

            for (; piece != 0; piece &= piece - 1)
            {
                values[count++] = column[at + BitOperations.TrailingZeroCount(piece)];
            }
        }

        return true;
    }

    /// <summary>The rows of one contact that count, in order of time; until rows are asked for again.</summary>
    public ReadOnlySpan<Hit> Of(int seat)
    {
        found = 0;
        var areInOrder = selectors.Length == 1;
        for (var i = 0; i < selectors.Length; i++)
        {
            var (table, where) = (selectors[i].Table, selectors[i].Where);
            var (first, end) = table.Run(seat);
            for (var row = FirstFrom(table, first, end, fromTicks); row < end && table.Ticks[row] < toTicks; row++)
            {
                if (where is null || where.Of(row) == Truth.True)
                {
                    Take(new(table.Ticks[row], i, row));
                }
            }

            for (var row = table.Latest(seat); row >= 0; row = table.Previous(row))
            {
                var ticks = table.Ticks[row];
                if (ticks >= fromTicks && ticks < toTicks && (where is null || where.Of(row) == Truth.True))
                {
                    Take(new(ticks, i, row));
                    areInOrder = false;
                }
            }
        }

        return Sorted(areInOrder);
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
            next = Earlier(next, selector.Is is { ReadsClock: true } asking ? asking.NextChange(now) : Instant.MaxValue);
            next = Earlier(next, isGathered && asked is null ? Coming(selector.Table, where, now) : Nearest(selector.Table, where, now, asked ?? window));
        }

        // Of those that were found to count the first one stops first.
        return isGathered && asked is null && earliest < long.MaxValue ? Earlier(next, EventWindow.NextChange(window, new(earliest), now)) : next;
    }

    /// <summary>The same for one contact.</summary>
    public Instant NextChange(EventWindow? asked, int seat, Instant now)
    {
        var next = Instant.MaxValue;
        foreach (var selector in selectors)
        {
            var table = selector.Table;
            var (first, end) = table.Run(seat);
            if (selector.Where is { ReadsClock: true } || selector.Is is { ReadsClock: true })
            {
                // A contact who had the seat before may have left rows before all time.
                for (var row = FirstFrom(table, first, end, Stretch.Beginning); row < end; row++)
                {
                    next = Earlier(next, Turns(selector, row, asked ?? window, now));
                }
            }
            else
            {
                // The first that still counts stops first, and the first to come comes first.
                var edge = Edge(asked ?? window, now);
                var row = FirstFrom(table, first, end, edge + 1);
                next = Earlier(next, FirstTurn(selector, row, end, asked ?? window, now));
                next = Earlier(next, FirstTurn(selector, FirstFrom(table, row, end, now.Ticks + 1), end, asked ?? window, now));
            }

            for (var row = table.Latest(seat); row >= 0; row = table.Previous(row))
            {
                next = Earlier(next, Turns(selector, row, asked ?? window, now));
            }
        }

        return next;
    }

    /// <summary>The first row from an instant on, of rows in order of time.</summary>
    private static int FirstFrom(EventTable table, int first, int end, long fromTicks)
    {
        var ticks = table.Ticks;
        if (end - first <= 16)
        {
            while (first < end && ticks[first] < fromTicks)
            {
                first++;
            }

            return first;
        }

        while (first < end)
        {
            var middle = (int)(((uint)first + (uint)end) / 2);
            (first, end) = ticks[middle] < fromTicks ? (middle + 1, end) : (first, middle);
        }

        return first;
    }

    /// <summary>When a row begins or stops to count, or its conditions turn.</summary>
    private static Instant Turns(SelectorRows selector, int row, EventWindow? window, Instant now)
    {
        if (selector.Where is { ReadsClock: false } steady && steady.Of(row) != Truth.True)
        {
            return Instant.MaxValue;
        }

        var next = EventWindow.NextChange(window, selector.Table.At(row), now);
        next = selector.Where is { ReadsClock: true } turning ? Earlier(next, turning.NextChange(row, now)) : next;
        return selector.Is is { ReadsClock: true } asking ? Earlier(next, asking.NextChange(row, now)) : next;
    }

    private static Instant FirstTurn(SelectorRows selector, int row, int end, EventWindow? window, Instant now)
    {
        for (; row < end; row++)
        {
            if (selector.Where is null || selector.Where.Of(row) == Truth.True)
            {
                return EventWindow.NextChange(window, selector.Table.At(row), now);
            }
        }

        return Instant.MaxValue;
    }

    private static Instant Nearest(EventTable table, ReadOnlySpan<ulong> where, Instant now, EventWindow? window)
    {
        // An event's turning points are when it comes and, in a rolling window, one length later; so the soonest is that of the first event after now, or of the first one still inside.
        var next = Coming(table, where, now);
        var edge = Edge(window, now);
        if (edge >= now.Ticks)
        {
            return next;
        }

        var inside = where.IsEmpty ? ComparisonKernels.LeastAbove(table.Ticks, edge) : ComparisonKernels.LeastAbove(table.Ticks, where, edge);
        return inside <= now.Ticks ? Earlier(next, EventWindow.NextChange(window, new(inside), now)) : next;
    }

    private static Instant Coming(EventTable table, ReadOnlySpan<ulong> where, Instant now)
    {
        var coming = table.Upcoming(now);
        coming = where.IsEmpty || coming == long.MaxValue ? coming : ComparisonKernels.LeastAbove(table.Ticks, where, now.Ticks);
        return coming == long.MaxValue ? Instant.MaxValue : new Instant(coming);
    }

    /// <summary>The instant after which events that count will once stop to; now, where none does.</summary>
    private static long Edge(EventWindow? window, Instant now) => window?.Last switch
    {
        null => now.Ticks,
        { Calendar: true } => Stretch.Beginning,
        var last => DateCheck.Back(now, ZoneCalendar.Rolling(last.Amount, last.Unit)),
    };

    private int FirstGathered(int selector)
    {
        var (first, end) = runs[selector];
        for (var at = first; at < end; at += BitKernels.PieceMax)
        {
            if (BitKernels.Piece(chosen[selector], at, Math.Min(end - at, BitKernels.PieceMax)) is > 0 and var piece)
            {
                return at + BitOperations.TrailingZeroCount(piece);
            }
        }

        return -1;
    }

    private int LastGathered(int selector)
    {
        var (first, end) = runs[selector];
        for (; end > first; end -= BitKernels.PieceMax)
        {
            var at = Math.Max(first, end - BitKernels.PieceMax);
            if (BitKernels.Piece(chosen[selector], at, end - at) is > 0 and var piece)
            {
                return at + BitOperations.Log2(piece);
            }
        }

        return -1;
    }

    private void Take(Hit hit)
    {
        if (found == hits.Length)
        {
            Array.Resize(ref hits, found * 2);
        }

        hits[found++] = hit;
    }

    private ReadOnlySpan<Hit> Sorted(bool areInOrder)
    {
        var all = hits.AsSpan(0, found);
        if (areInOrder || found < 2)
        {
            return all;
        }

        var order = new InTime(selectors);
        if (found > InsertedMax)
        {
            all.Sort(order);
            return all;
        }

        for (var i = 1; i < all.Length; i++)
        {
            var (hit, at) = (all[i], i);
            for (; at > 0 && (all[at - 1].Ticks > hit.Ticks || (all[at - 1].Ticks == hit.Ticks && order.Compare(all[at - 1], hit) > 0)); at--)
            {
                all[at] = all[at - 1];
            }

            all[at] = hit;
        }

        return all;
    }

    private static Instant Earlier(Instant left, Instant right) => left < right ? left : right;

    private readonly struct InTime(ImmutableArray<SelectorRows> selectors) : IComparer<Hit>
    {
        public int Compare(Hit left, Hit right)
        {
            var order = left.Ticks.CompareTo(right.Ticks);
            order = order != 0 ? order : EventTable.Compare(selectors[left.Selector].Table, left.Row, selectors[right.Selector].Table, right.Row);
            return order != 0 ? order : (left.Selector, left.Row).CompareTo((right.Selector, right.Row));
        }
    }
}

/// <summary>An event that counts.</summary>
/// <param name="Ticks">When it happened.</param>
/// <param name="Selector">The place of its name in the selection.</param>
/// <param name="Row">In that name's table.</param>
internal readonly record struct Hit(long Ticks, int Selector, int Row);

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
