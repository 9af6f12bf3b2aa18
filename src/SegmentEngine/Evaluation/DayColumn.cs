using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>Calendar days, by day number.</summary>
internal sealed class DayColumn : ScalarColumn
{
    private const int None = int.MinValue;
    private int[] days = [];

    public override long Bytes => (days.Length * 4L) + PresentBytes;

    public override void Grow(int capacity)
    {
        base.Grow(capacity);
        var before = days.Length;
        Array.Resize(ref days, capacity);
        days.AsSpan(before).Fill(None);
    }

    public override void Reorder(ReadOnlySpan<int> order, int capacity)
    {
        base.Reorder(order, capacity);
        days = ColumnTable.Reordered(days, order, capacity, None);
    }

    public override void Set(int row, TraitValue? value)
    {
        days[row] = value is TraitValue.Day { Value: var day } ? day.DayNumber : None;
        Mark(row, has: value is not null);
    }

    public override TraitValue? Value(int row) => days[row] == None ? null : new TraitValue.Day(DateOnly.FromDayNumber(days[row]));

    public override long Glance(int row) => days[row];

    protected override long Missing => None;

    protected override IEnumerable<long>? CutsOf(ValueCheck check) => check is DateCheck.InStretch { ReadsClock: false } stretch && stretch.At(Instant.MinValue) is var at ? [at.FromDay, at.ToDay + 1L] : null;

    public override long Key(int row) => days[row];

    public override double OfKey(long key) => key;

    public override ReadOnlySpan<double> Approximate(int firstRow, Span<double> room)
    {
        var rows = days.AsSpan(firstRow, room.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            room[i] = rows[i] == None ? double.NaN : rows[i];
        }

        return room;
    }

    public override Probe? Probe(ValueCheck check) => check switch
    {
        DateCheck.InStretch stretch => new StretchProbe(this, stretch),
        DateCheck date => new DateProbe(this, date),
        _ => null,
    };

    private sealed class StretchProbe(DayColumn column, DateCheck.InStretch check) : Probe
    {
        private Stretch stretch;

        public override void Begin(Instant now) => stretch = check.At(now);

        public override void Fill(int firstWord, Span<ulong> bits) =>
            ComparisonKernels.Fill<int, Within>(column.days.AsSpan(firstWord * 64, bits.Length * 64), stretch.FromDay, stretch.ToDay, bits);

        public override bool Holds(int row) => column.days[row] >= stretch.FromDay && column.days[row] <= stretch.ToDay;

        public override bool TryStretches(List<(long From, long To)> stretches)
        {
            stretches.Add((stretch.FromDay, stretch.ToDay));
            return true;
        }

        /// <summary>A day's answer turns with the day, whichever day it is.</summary>
        public override Instant NextChange(Instant now) =>
            column.Present.ContainsAnyExcept(0UL) ? check.NextChange(new TraitValue.Day(DateOnly.MinValue), now) : Instant.MaxValue;

        public override Instant NextChange(int row, Instant now) => column.Value(row) is { } day ? check.NextChange(day, now) : Instant.MaxValue;

        public override void Due(Instant now, ReadOnlySpan<ulong> rows, Span<long> due)
        {
            var turns = NextChange(now).Ticks;
            foreach (var row in new RowsOf(column.Present[..rows.Length]))
            {
                due[row] = Math.Min(due[row], turns);
            }
        }
    }
}

/// <summary>A date operator asked row by row: the anniversary.</summary>
internal sealed class DateProbe(ScalarColumn column, DateCheck check) : Probe
{
    private Instant now;

    public override double Cost => 1000;

    public override void Begin(Instant now) => this.now = now;

    public override void Fill(int firstWord, Span<ulong> bits)
    {
        bits.Clear();
        foreach (var row in new RowsOf(column.Present.Slice(firstWord, bits.Length)))
        {
            if (Holds((firstWord * 64) + row))
            {
                BitKernels.Set(bits, row);
            }
        }
    }

    public override bool Holds(int row) => column.Value(row) is { } value && check.Of(value, now) == Truth.True;

    public override Instant NextChange(Instant now)
    {
        var next = Instant.MaxValue;
        foreach (var row in new RowsOf(column.Present))
        {
            next = NextChange(row, now) is var own && own < next ? own : next;
        }

        return next;
    }

    public override Instant NextChange(int row, Instant now) => column.Value(row) is { } value ? check.NextChange(value, now) : Instant.MaxValue;
}
