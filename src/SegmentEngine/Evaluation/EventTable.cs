using SegmentEngine.Contacts;

namespace SegmentEngine.Evaluation;

/// <summary>
/// The events of one name, a row each in the order they arrived. A contact's events are a chain: its latest row, and from each row the one before it.
/// A removed contact leaves rows without a seat, that lie before all time; they are squeezed out once they are many.
/// </summary>
internal sealed class EventTable
{
    private const int DeadMin = 1024;
    private const int PageShift = 12;
    private const long Never = long.MinValue;

    private readonly List<int[]?> latest = [];
    private int[] seats = [];
    private long[] ticks = [];
    private long[] sequences = [];
    private int[] previous = [];
    private int dead;

    public ColumnTable Properties { get; } = new();

    public int Rows { get; private set; }

    /// <summary>Words of 64 rows.</summary>
    public int Words => (Rows + 63) / 64;

    /// <summary>When each event happened; rows beyond the last and rows without a contact lie before all time.</summary>
    public ReadOnlySpan<long> Ticks => ticks;

    public long Bytes => Properties.Bytes + (24L * ticks.Length) + latest.Sum(static page => page is null ? 8 : 8 + (4L << PageShift));

    public int Seat(int row) => seats[row];

    public Instant At(int row) => new(ticks[row]);

    /// <summary>A contact's latest arrived row, or −1.</summary>
    public int Latest(int seat)
    {
        var page = seat >> PageShift;
        return page < latest.Count && latest[page] is { } there ? there[seat & ((1 << PageShift) - 1)] - 1 : -1;
    }

    /// <summary>The row of the same contact that arrived before, or −1.</summary>
    public int Previous(int row) => previous[row];

    /// <summary>The order of two events in time, and of arrival where they are of one instant.</summary>
    public static int Compare(EventTable left, int leftRow, EventTable right, int rightRow)
    {
        var order = left.ticks[leftRow].CompareTo(right.ticks[rightRow]);
        return order != 0 ? order : left.sequences[leftRow].CompareTo(right.sequences[rightRow]);
    }

    public void Add(int seat, ContactEvent happened)
    {
        if (Properties.Reserve(Rows + 1) || ticks.Length < Properties.Capacity)
        {
            Grow();
        }

        var row = Rows++;
        ticks[row] = happened.At.Ticks;
        sequences[row] = happened.Sequence;
        Properties.Set(row, happened);
        Link(row, seat);
    }

    /// <summary>Forgets a contact's events.</summary>
    public void Remove(int seat)
    {
        for (var row = Latest(seat); row >= 0; row = previous[row])
        {
            seats[row] = -1;
            ticks[row] = Never;
            Properties.Clear(row);
            dead++;
        }

        SetLatest(seat, -1);
        if (dead > DeadMin && dead * 2L > Rows)
        {
            Squeeze();
        }
    }

    private void Squeeze()
    {
        var kept = 0;
        for (var row = 0; row < Rows; row++)
        {
            if (seats[row] < 0)
            {
                continue;
            }

            if (kept < row)
            {
                (seats[kept], ticks[kept], sequences[kept]) = (seats[row], ticks[row], sequences[row]);
                Properties.Move(row, kept);
            }

            kept++;
        }

        ticks.AsSpan(kept).Fill(Never);
        latest.Clear();
        (Rows, dead) = (kept, 0);
        for (var row = 0; row < kept; row++)
        {
            Link(row, seats[row]);
        }
    }

    private void Link(int row, int seat)
    {
        seats[row] = seat;
        previous[row] = Latest(seat);
        SetLatest(seat, row);
    }

    private void SetLatest(int seat, int row)
    {
        var page = seat >> PageShift;
        while (latest.Count <= page)
        {
            latest.Add(null);
        }

        (latest[page] ??= new int[1 << PageShift])[seat & ((1 << PageShift) - 1)] = row + 1;
    }

    private void Grow()
    {
        var (before, capacity) = (ticks.Length, Properties.Capacity);
        Array.Resize(ref seats, capacity);
        Array.Resize(ref ticks, capacity);
        Array.Resize(ref sequences, capacity);
        Array.Resize(ref previous, capacity);
        ticks.AsSpan(before).Fill(Never);
    }
}
