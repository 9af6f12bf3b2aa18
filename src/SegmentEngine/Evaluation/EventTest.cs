using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>An atom over events. For the whole shard one pass over the event tables works out every contact's answer; for one contact its own events are visited.</summary>
internal abstract class EventTest(EventRows rows, ShardColumns columns) : AtomTest
{
    private ulong[] trueSeats = [];
    private ulong[] falseSeats = [];

    protected EventRows Rows => rows;

    /// <summary>Words of 64 seats.</summary>
    protected int Words => columns.Words;

    public override void Begin(Instant now) => rows.Begin(now);

    public override void Release()
    {
        (trueSeats, falseSeats) = ([], []);
        rows.Release();
    }

    public override void True(int firstWord, Span<ulong> bits) => trueSeats.AsSpan(firstWord, bits.Length).CopyTo(bits);

    public override void False(int firstWord, Span<ulong> bits) => falseSeats.AsSpan(firstWord, bits.Length).CopyTo(bits);

    public override Instant NextChange(Instant now) => rows.NextChange(asked: null, now);

    public override Instant NextChange(int row, Instant now) => rows.NextChange(asked: null, row, now);

    /// <summary>Begins with one answer for everyone.</summary>
    protected void AnswerAll(Truth truth)
    {
        (trueSeats, falseSeats) = (new ulong[Words], new ulong[Words]);
        trueSeats.AsSpan().Fill(truth == Truth.True ? ulong.MaxValue : 0);
        falseSeats.AsSpan().Fill(truth == Truth.False ? ulong.MaxValue : 0);
    }

    protected void Answer(int seat, Truth truth)
    {
        BitKernels.Clear(trueSeats, seat);
        BitKernels.Clear(falseSeats, seat);
        if (truth != Truth.Unknown)
        {
            BitKernels.Set(truth == Truth.True ? trueSeats : falseSeats, seat);
        }
    }

    /// <summary>Answers everyone by a count.</summary>
    protected void AnswerCounts(CountCheck check, ReadOnlySpan<int> counts)
    {
        AnswerAll(Truth.False);
        Comparisons.Fill(check.Operator, counts, (int)Math.Clamp(check.N, int.MinValue, int.MaxValue), trueSeats);
        BitKernels.AndNot(falseSeats, trueSeats, falseSeats);
    }
}

/// <summary>How many events, or how many different values they have.</summary>
internal sealed class EventCountTest(Atom.EventCount atom, EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    public override void Gather()
    {
        var counts = new int[Words * 64];
        if (atom.Events.HasDistinct)
        {
            CountDistinct(counts);
            return;
        }

        Rows.ForEach((selector, row) => counts[selector.Table.Seat(row)]++);
        AnswerCounts(atom.Count, counts);
    }

    public override Truth Of(int row)
    {
        var count = 0;
        if (!atom.Events.HasDistinct)
        {
            Rows.ForEach(row, (_, _) => count++);
            return Kleene.Of(atom.Count.Holds(count));
        }

        var found = new List<(SelectorRows Selector, int Row)>();
        Rows.ForEach(row, (selector, at) => found.Add((selector, at)));
        found.Sort(InTime.Compare);
        var values = new HashSet<TraitValue>();
        foreach (var (selector, at) in found)
        {
            if (selector.Distinct!.Value(at) is { } value)
            {
                values.Add(value);
            }
        }

        return Kleene.Of(atom.Count.Holds(values.Count));
    }

    private void CountDistinct(int[] counts)
    {
        var numbers = new ValueNumbers();
        var pairs = new List<long>();
        var inexact = new HashSet<int>();
        Rows.ForEach((selector, row) =>
        {
            var number = numbers.Of(selector.Distinct!, row);
            if (number >= 0)
            {
                pairs.Add(((long)selector.Table.Seat(row) << 32) | (uint)number);
            }
            else if (number == ValueNumbers.Inexact)
            {
                inexact.Add(selector.Table.Seat(row));
            }
        });

        pairs.Sort();
        for (var i = 0; i < pairs.Count; i++)
        {
            counts[pairs[i] >> 32] += i == 0 || pairs[i] != pairs[i - 1] ? 1 : 0;
        }

        AnswerCounts(atom.Count, counts);
        foreach (var seat in inexact)
        {
            Answer(seat, Of(seat));
        }
    }
}

/// <summary>The order of rows in time, and of arrival where they are of one instant.</summary>
internal static class InTime
{
    public static readonly Comparison<(SelectorRows Selector, int Row)> Compare =
        static (left, right) => EventTable.Compare(left.Selector.Table, left.Row, right.Selector.Table, right.Row);
}
