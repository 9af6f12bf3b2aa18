using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>Instants, in ticks.</summary>
internal sealed class MomentColumn : ScalarColumn
{
    private const long None = long.MinValue;

    /// <summary>So many values are looked at for one threshold after the other while they are near.</summary>
    private const int RowsAtOnce = 4096;

    /// <summary>Thresholds that are no longer asked for are kept until there are so many.</summary>
    private const int KnownMax = 4096;

    private readonly Dictionary<long, long> leastAbove = [];
    private readonly HashSet<long> awaited = [];
    private long[] ticks = [];

    public override long Bytes => (ticks.Length * 8L) + PresentBytes;

    public override void Grow(int capacity)
    {
        base.Grow(capacity);
        var before = ticks.Length;
        Array.Resize(ref ticks, capacity);
        ticks.AsSpan(before).Fill(None);
    }

    public override void Reorder(ReadOnlySpan<int> order, int capacity)
    {
        base.Reorder(order, capacity);
        ticks = ColumnTable.Reordered(ticks, order, capacity, None);
    }

    public override void Set(int row, TraitValue? value)
    {
        ticks[row] = value is TraitValue.Moment { Value: var moment } ? moment.Ticks : None;
        Mark(row, has: value is not null);
        leastAbove.Clear();
    }

    public override long Key(int row) => ticks[row];

    public override double OfKey(long key) => key;

    public override bool RoundsKeys => true;

    public override ReadOnlySpan<double> Approximate(int firstRow, Span<double> room)
    {
        var rows = ticks.AsSpan(firstRow, room.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            room[i] = rows[i] == None ? double.NaN : rows[i];
        }

        return room;
    }

    public override TraitValue? Value(int row) => ticks[row] == None ? null : new TraitValue.Moment(new(ticks[row]));

    public override long Glance(int row) => ticks[row];

    protected override long Missing => None;

    protected override IEnumerable<long>? CutsOf(ValueCheck check) => check is DateCheck.InStretch { ReadsClock: false } stretch && stretch.At(Instant.MinValue) is var at ? [at.FromTicks, at.ToTicks] : null;

    public override Probe? Probe(ValueCheck check) => check switch
    {
        DateCheck.InStretch stretch => new StretchProbe(this, stretch),
        DateCheck date => new DateProbe(this, date),
        _ => null,
    };

    /// <summary>The first value after an instant, or <see cref="long.MaxValue"/>. What is awaited as well is found in the same pass.</summary>
    private long LeastAbove(long threshold)
    {
        if (leastAbove.TryGetValue(threshold, out var known))
        {
            return known;
        }

        awaited.Add(threshold);
        long[] thresholds = [.. awaited];
        awaited.Clear();
        var least = new long[thresholds.Length];
        least.AsSpan().Fill(long.MaxValue);
        for (var start = 0; start < ticks.Length; start += RowsAtOnce)
        {
            var rows = ticks.AsSpan(start, Math.Min(RowsAtOnce, ticks.Length - start));
            for (var i = 0; i < least.Length; i++)
            {
                least[i] = ComparisonKernels.LeastAbove(rows, thresholds[i], least[i]);
            }
        }

        if (leastAbove.Count > KnownMax)
        {
            leastAbove.Clear();
        }

        for (var i = 0; i < least.Length; i++)
        {
            leastAbove[thresholds[i]] = least[i];
        }

        return leastAbove[threshold];
    }

    private sealed class StretchProbe(MomentColumn column, DateCheck.InStretch check) : Probe
    {
        private Stretch stretch;

        public override void Begin(Instant now) => stretch = check.At(now);

        public override void Fill(int firstWord, Span<ulong> bits) =>
            ComparisonKernels.Fill<long, Within>(column.ticks.AsSpan(firstWord * 64, bits.Length * 64), stretch.FromTicks, stretch.ToTicks - 1, bits);

        public override bool Holds(int row) => column.ticks[row] >= stretch.FromTicks && column.ticks[row] < stretch.ToTicks;

        public override bool TryStretches(List<(long From, long To)> stretches)
        {
            stretches.Add((stretch.FromTicks, stretch.ToTicks - 1));
            return true;
        }

        public override void Await(Instant now)
        {
            if (check.ReadsClock)
            {
                column.awaited.Add(now.Ticks);
                if (check.RollingEdge is { } edge)
                {
                    column.awaited.Add(Less(now.Ticks, edge.Ticks));
                }
            }
        }

        public override Instant NextChange(Instant now)
        {
            if (!check.ReadsClock)
            {
                return Instant.MaxValue;
            }

            var passed = column.LeastAbove(now.Ticks);
            var whenPassed = passed == long.MaxValue ? Instant.MaxValue : new Instant(passed);
            if (check.RollingEdge is { } edge)
            {
                // The nearest value beyond the edge turns first.
                var beyond = column.LeastAbove(Less(now.Ticks, edge.Ticks));
                var turns = beyond == long.MaxValue ? Instant.MaxValue : new Instant(beyond).Plus(edge);
                return turns > now && turns < whenPassed ? turns : whenPassed;
            }

            if (check.TurnsAtMidnight)
            {
                return column.Present.ContainsAnyExcept(0UL) && check.NextChange(new TraitValue.Moment(Instant.MinValue), now) is var midnight && midnight < whenPassed ? midnight : whenPassed;
            }

            var soonest = Instant.MaxValue;
            foreach (var row in new RowsOf(column.Present))
            {
                soonest = NextChange(row, now) is var own && own < soonest ? own : soonest;
            }

            return soonest;
        }

        public override Instant NextChange(int row, Instant now) => column.Value(row) is { } value ? check.NextChange(value, now) : Instant.MaxValue;

        public override void Due(Instant now, ReadOnlySpan<ulong> rows, Span<long> due)
        {
            if (check.RollingEdge is not { } edge)
            {
                base.Due(now, rows, due);
                return;
            }

            foreach (var row in new RowsOf(column.Present[..rows.Length]))
            {
                // A value turns when it comes, and where the edge of the span reaches it.
                var at = column.ticks[row];
                var turns = at > now.Ticks ? at : long.MaxValue;
                var reached = new Instant(at).Plus(edge).Ticks;
                due[row] = Math.Min(due[row], reached > now.Ticks ? Math.Min(turns, reached) : turns);
            }
        }

        /// <summary>A difference that stops at the largest number.</summary>
        private static long Less(long ticks, long edge) => edge < 0 && ticks > long.MaxValue + edge ? long.MaxValue : ticks - edge;
    }
}
