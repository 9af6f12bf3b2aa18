using System.Numerics;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>Sum, mean, least or greatest of a number property. Events whose property is missing or no number are left out.</summary>
internal sealed class EventAggregateTest(Atom.EventAggregate atom, EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    /// <summary>Below this, as many numbers as there can be events add up without overflow.</summary>
    private const decimal PlainMax = 1_000_000_000_000_000_000;

    private readonly Numeric operand = atom.Check.Operand;

    private bool Adds => atom.Function is AggregateFunction.Sum or AggregateFunction.Avg;

    public override void Gather()
    {
        AnswerAll(Atom.IfMissing(atom.Missing));
        if (Adds)
        {
            GatherSums();
        }
        else
        {
            GatherExtremes();
        }
    }

    public override Truth Of(int row)
    {
        var found = new List<(SelectorRows Selector, int Row)>();
        Rows.ForEach(row, (selector, at) => found.Add((selector, at)));
        found.Sort(InTime.Compare);
        var numbers = new List<Numeric>();
        foreach (var (selector, at) in found)
        {
            if (TryNumber(selector.Of!, at, out var number))
            {
                numbers.Add(number);
            }
        }

        return numbers.Count == 0 ? Atom.IfMissing(atom.Missing) : Holds(Adds ? CompareSum(numbers) : numbers.Select(Compare).Aggregate(Further));
    }

    private void GatherSums()
    {
        var (sums, counts, special) = (new decimal[Words * 64], new int[Words * 64], new HashSet<int>());
        Rows.ForEach((selector, row) =>
        {
            if (TryNumber(selector.Of!, row, out var number))
            {
                var seat = selector.Table.Seat(row);
                counts[seat]++;
                if (!number.IsExact || !TryAdd(ref sums[seat], number.Exact))
                {
                    special.Add(seat);
                }
            }
        });

        for (var seat = 0; seat < counts.Length; seat++)
        {
            if (counts[seat] > 0 && operand.IsExact && !special.Contains(seat))
            {
                Answer(seat, Holds(ExactNumbers.Compare(sums[seat], Times(counts[seat]), operand.Exact)));
            }
            else if (counts[seat] > 0)
            {
                // Where an addition would round, or the order of it matters, a contact is looked at by itself.
                Answer(seat, Of(seat));
            }
        }
    }

    private void GatherExtremes()
    {
        const int none = int.MinValue;
        var orders = new int[Words * 64];
        orders.AsSpan().Fill(none);
        Rows.ForEach((selector, row) =>
        {
            if (TryNumber(selector.Of!, row, out var number))
            {
                ref var order = ref orders[selector.Table.Seat(row)];
                order = order == none ? Compare(number) : Further(order, Compare(number));
            }
        });

        for (var seat = 0; seat < orders.Length; seat++)
        {
            if (orders[seat] != none)
            {
                Answer(seat, Holds(orders[seat]));
            }
        }
    }

    private int CompareSum(List<Numeric> inTime) =>
        operand.IsExact && inTime.TrueForAll(static number => number.IsExact)
            ? ExactNumbers.Compare(inTime.Aggregate(BigInteger.Zero, static (sum, number) => sum + ExactNumbers.Scaled(number.Exact)), Times(inTime.Count), operand.Exact)
            : (inTime.Aggregate(0.0, static (sum, number) => sum + number.Approximate) / Times(inTime.Count)).CompareTo(operand.Approximate);

    /// <summary>How often the operand is laid against the sum.</summary>
    private int Times(int count) => atom.Function == AggregateFunction.Avg ? count : 1;

    private int Compare(Numeric number) => Math.Sign(number.CompareTo(operand));

    /// <summary>The least lies to the operand as the least of all comparisons says, the greatest as the greatest.</summary>
    private int Further(int left, int right) => atom.Function == AggregateFunction.Min ? Math.Min(left, right) : Math.Max(left, right);

    private Truth Holds(int order) => Kleene.Of(ValueCheck.Holds(atom.Check.Operator, order));

    /// <summary>False where the sum is, or may be, rounded: .NET's addition keeps the larger scale unless the digits do not fit.</summary>
    private static bool TryAdd(ref decimal sum, decimal number)
    {
        var scale = Math.Max(sum.Scale, number.Scale);
        if (Math.Abs(number) > PlainMax)
        {
            return false;
        }

        sum += number;
        return sum.Scale == scale;
    }

    private static bool TryNumber(Column column, int row, out Numeric number)
    {
        if (column is NumberColumn numbers)
        {
            var has = numbers.Has(row);
            number = has ? numbers.Number(row) : default;
            return has;
        }

        var value = column.Value(row) as TraitValue.Number;
        number = value?.Value ?? default;
        return value is not null;
    }
}
