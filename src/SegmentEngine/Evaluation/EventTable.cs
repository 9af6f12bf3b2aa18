using System.Numerics;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;

namespace SegmentEngine.Evaluation;

/// <summary>
/// The events of one name, a row each. The settled rows lie by contact and, of one contact, in order of time, so that a contact's events are a run of rows. What arrives in that order is settled at once;
/// anything else waits behind, as a chain per contact, until so much waits that all rows are laid in order again, or until the whole table is read.
/// A removed contact leaves rows that lie before all time; they go when rows are laid in order, at the latest when they are many.
/// </summary>
internal sealed class EventTable
{
    private const int DeadMin = 1024;
    private const int WaitingMin = 4096;
    private const int WaitingShare = 8;
    private const int PageShift = 12;
    private const long Never = long.MinValue;

    private long[] ticks = [];
    private long[] sequences = [];
    private int dead;

    // The settled rows: a bit for each seat that has a run, the runs before each word of seats, and where each run begins; one more than there are runs.
    private ulong[] present = [];
    private int[] runsBefore = [];
    private int[] starts = [0];
    private int runs;
    private int lastSeat = -1;
    private int settled;

    // Of each waiting row the one before it of the same contact; and each contact's latest, by pages of seats, as its number among the waiting from 1.
    private readonly List<int[]?> latest = [];
    private int[] waitingBefore = [];

    private (Instant Now, long Ticks)? upcoming;

    public ColumnTable Properties { get; } = new();

    public int Rows { get; private set; }

    /// <summary>Words of 64 rows.</summary>
    public int Words => (Rows + 63) / 64;

    /// <summary>When each event happened; rows beyond the last and rows without a contact lie before all time.</summary>
    public ReadOnlySpan<long> Ticks => ticks;

    public long Bytes => Properties.Bytes + (16L * ticks.Length) + (8L * present.Length) + (4L * (runsBefore.Length + starts.Length + waitingBefore.Length))
        + latest.Sum(static page => page is null ? 8 : 8 + (4L << PageShift));

    private int Waiting => Rows - settled;

    public Instant At(int row) => new(ticks[row]);

    /// <summary>Of 64 seats those that have settled rows.</summary>
    public ulong Present(int word) => word < present.Length ? present[word] : 0;

    /// <summary>How many contacts before those of a word have settled rows.</summary>
    public int RunsBefore(int word) => word < runsBefore.Length ? runsBefore[word] : runs;

    /// <summary>The settled rows of the contact so many after the first that has some.</summary>
    public (int First, int End) RunAt(int run) => (starts[run], starts[run + 1]);

    /// <summary>A contact's settled rows, in order of time.</summary>
    public (int First, int End) Run(int seat)
    {
        var word = seat >> 6;
        if ((uint)word >= (uint)present.Length || ((present[word] >> (seat & 63)) & 1) == 0)
        {
            return default;
        }

        return RunAt(runsBefore[word] + BitOperations.PopCount(present[word] & ((1UL << (seat & 63)) - 1)));
    }

    /// <summary>A contact's latest arrived row that is not settled, or −1.</summary>
    public int Latest(int seat)
    {
        var page = seat >> PageShift;
        return page < latest.Count && latest[page] is { } there && there[seat & ((1 << PageShift) - 1)] is > 0 and var number ? settled + number - 1 : -1;
    }

    /// <summary>The row of the same contact that arrived before, of those that are not settled; or −1.</summary>
    public int Previous(int row) => waitingBefore[row - settled];

    /// <summary>The first instant at which an event comes after now, or <see cref="long.MaxValue"/>: every atom asks for it.</summary>
    public long Upcoming(Instant now)
    {
        if (upcoming?.Now != now)
        {
            upcoming = (now, ComparisonKernels.LeastAbove(ticks, now.Ticks));
        }

        return upcoming.Value.Ticks;
    }

    /// <summary>The order of two events in time, and of arrival where they are of one instant.</summary>
    public static int Compare(EventTable left, int leftRow, EventTable right, int rightRow)
    {
        var order = left.ticks[leftRow].CompareTo(right.ticks[rightRow]);
        return order != 0 ? order : left.sequences[leftRow].CompareTo(right.sequences[rightRow]);
    }

    public void Add(int seat, ContactEvent happened)
    {
        if (Waiting >= WaitingMin && Waiting >= settled / WaitingShare)
        {
            Arrange();
        }

        Load(seat, happened);
    }

    /// <summary>The same for one of many, after which all are settled: however many wait.</summary>
    public void Load(int seat, ContactEvent happened)
    {
        if (Properties.Reserve(Rows + 1) || ticks.Length < Properties.Capacity)
        {
            Grow();
        }

        var row = Rows++;
        ticks[row] = happened.At.Ticks;
        sequences[row] = happened.Sequence;
        Properties.Set(row, happened);
        upcoming = null;
        if (row == settled && IsNext(seat, row))
        {
            Settle(seat);
        }
        else
        {
            Wait(seat, row);
        }
    }

    /// <summary>Lays every row in its place, where some wait.</summary>
    public void Settle()
    {
        if (Waiting > 0)
        {
            Arrange();
        }
    }

    /// <summary>The same, and gives back room that is not needed soon.</summary>
    public void Pack()
    {
        if (Waiting > 0 || ticks.Length > Room(Rows) + (Rows / WaitingShare))
        {
            Arrange();
        }
    }

    /// <summary>Forgets a contact's events.</summary>
    public void Remove(int seat)
    {
        var (first, end) = Run(seat);
        for (var row = first; row < end; row++)
        {
            Kill(row);
        }

        for (var row = Latest(seat); row >= 0; row = Previous(row))
        {
            Kill(row);
        }

        if (Latest(seat) >= 0)
        {
            latest[seat >> PageShift]![seat & ((1 << PageShift) - 1)] = 0;
        }

        upcoming = null;
        if (dead > DeadMin && dead * 2L > Rows)
        {
            Arrange();
        }
    }

    /// <summary>Rows and an eighth more for what comes next, in whole words.</summary>
    private static int Room(int rows) => Math.Max(64, (rows + (rows / WaitingShare) + 63) / 64 * 64);

    private void Kill(int row)
    {
        if (ticks[row] != Never)
        {
            ticks[row] = Never;
            Properties.Clear(row);
            dead++;
        }
    }

    private bool IsNext(int seat, int row) =>
        seat > lastSeat || (seat == lastSeat && (ticks[row - 1], sequences[row - 1]).CompareTo((ticks[row], sequences[row])) <= 0);

    /// <summary>Takes the next row into the order.</summary>
    private void Settle(int seat)
    {
        if (seat != lastSeat)
        {
            Begin(seat);
        }

        starts[runs] = ++settled;
    }

    /// <summary>Begins the run of a seat beyond all others.</summary>
    private void Begin(int seat)
    {
        var word = seat >> 6;
        if (word >= present.Length)
        {
            var before = present.Length;
            Array.Resize(ref present, Math.Max(word + 1, present.Length + (present.Length / 2)));
            Array.Resize(ref runsBefore, present.Length);
            runsBefore.AsSpan(before).Fill(runs);
        }

        if (present[word] == 0)
        {
            runsBefore[word] = runs;
        }

        present[word] |= 1UL << (seat & 63);
        if (++runs == starts.Length)
        {
            Array.Resize(ref starts, Math.Max(16, runs + (runs / 2)));
        }

        (starts[runs], lastSeat) = (settled, seat);
    }

    private void Wait(int seat, int row)
    {
        var number = row - settled;
        if (number >= waitingBefore.Length)
        {
            Array.Resize(ref waitingBefore, Math.Max(64, number + (number / 2)));
        }

        waitingBefore[number] = Latest(seat);
        var page = seat >> PageShift;
        while (latest.Count <= page)
        {
            latest.Add(null);
        }

        (latest[page] ??= new int[1 << PageShift])[seat & ((1 << PageShift) - 1)] = number + 1;
    }

    /// <summary>Lays the rows in order, those of removed contacts left out.</summary>
    private void Arrange()
    {
        var order = new int[Rows - dead];
        var waiting = new List<int>();
        var (filled, words) = (0, Math.Max(present.Length, latest.Count << (PageShift - 6)));
        var (before, beforeRuns, beforeStarts) = (present, runsBefore, starts);
        (present, runsBefore, starts) = (new ulong[words], new int[words], new int[runs + 1]);
        (runs, lastSeat) = (0, -1);
        for (var word = 0; word < words; word++)
        {
            runsBefore[word] = runs;
            var had = word < before.Length ? before[word] : 0;
            var run = had == 0 ? 0 : beforeRuns[word];
            for (var rest = had | WaitingOf(word); rest != 0; rest &= rest - 1)
            {
                var bit = BitOperations.TrailingZeroCount(rest);
                var seat = (word << 6) | bit;
                var (first, end) = (0, 0);
                if (((had >> bit) & 1) != 0)
                {
                    (first, end) = (beforeStarts[run], beforeStarts[run + 1]);
                    run++;
                }

                // Rows of a removed contact come first in a run.
                while (first < end && ticks[first] == Never)
                {
                    first++;
                }

                waiting.Clear();
                for (var row = Latest(seat); row >= 0; row = Previous(row))
                {
                    waiting.Add(row);
                }

                if (first == end && waiting.Count == 0)
                {
                    continue;
                }

                Begin(seat);
                filled = Merge(first, end, waiting, order, filled);
                starts[runs] = filled;
            }
        }

        var capacity = Room(order.Length);
        ticks = ColumnTable.Reordered(ticks, order, capacity, Never);
        sequences = ColumnTable.Reordered(sequences, order, capacity, 0);
        Properties.Reorder(order, capacity);
        Array.Resize(ref starts, runs + 1);
        latest.Clear();
        waitingBefore = [];
        (Rows, settled, dead, upcoming) = (order.Length, order.Length, 0, null);
    }

    /// <summary>A contact's settled rows and those that waited, in order of time.</summary>
    private int Merge(int first, int end, List<int> waiting, int[] order, int filled)
    {
        // The chain is the arrival turned round, which is mostly time turned round.
        waiting.Reverse();
        waiting.Sort(InTime);
        foreach (var row in waiting)
        {
            while (first < end && InTime(first, row) <= 0)
            {
                order[filled++] = first++;
            }

            order[filled++] = row;
        }

        while (first < end)
        {
            order[filled++] = first++;
        }

        return filled;
    }

    private int InTime(int left, int right) => Compare(this, left, this, right) is not 0 and var order ? order : left.CompareTo(right);

    /// <summary>Of 64 seats those that have waiting rows.</summary>
    private ulong WaitingOf(int word)
    {
        var page = word >> (PageShift - 6);
        if (page >= latest.Count || latest[page] is not { } there)
        {
            return 0;
        }

        var bits = 0UL;
        var numbers = there.AsSpan((word << 6) & ((1 << PageShift) - 1), 64);
        for (var i = 0; i < numbers.Length; i++)
        {
            bits |= (numbers[i] > 0 ? 1UL : 0) << i;
        }

        return bits;
    }

    private void Grow()
    {
        var (before, capacity) = (ticks.Length, Properties.Capacity);
        Array.Resize(ref ticks, capacity);
        Array.Resize(ref sequences, capacity);
        ticks.AsSpan(before).Fill(Never);
    }
}
