using System.Numerics;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>Sum, mean, least or greatest of a number property. Events whose property is missing or no number are left out.</summary>
internal sealed class EventAggregateTest(Atom.EventAggregate atom, EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    /// <summary>Below this, as many numbers as there can be events add up without overflow.</summary>
    private const decimal PlainMax = 1_000_000_000_000_000_000;

    /// <summary>Numbers of one contact that are copied side by side.</summary>
    private const int AtHandMax = 64;

    private readonly bool adds = atom.Function is AggregateFunction.Sum or AggregateFunction.Avg;
    private readonly double[] atHand = new double[AtHandMax];
    private readonly Numeric operand = atom.Check.Operand;
    private readonly bool isPlain = NumberColumn.IsPlain(atom.Check.Operand);
    private readonly long? millionths = FixedPoint.Of(atom.Check.Operand);
    private readonly NumberColumn[] numbers = [.. rows.Selectors.Select(static selector => (NumberColumn)selector.Of!)];

    protected override Truth OfNone => Atom.IfMissing(atom.Missing);

    protected override Truth Of(ReadOnlySpan<Hit> hits) => adds ? OfMillionths(hits) ?? OfDecimals(hits) ?? OfNumbers(hits) : OfDoubles(hits) ?? OfComparisons(hits);

    protected override Truth OfGathered(int seat)
    {
        // The common case, without a look at the rows: one event name, and doubles that say all there is to its numbers.
        if (!isPlain || numbers is not [{ HasFine: false } column] || !Rows.TryValues(column.Values, atHand, out var count))
        {
            return base.OfGathered(seat);
        }

        return count == 0 ? OfNone : (adds ? OfMillionths(atHand.AsSpan(0, count)) : OfDoubles(atHand.AsSpan(0, count))) ?? base.OfGathered(seat);
    }

    private Truth? OfMillionths(ReadOnlySpan<double> values)
    {
        if (millionths is null)
        {
            return null;
        }

        var (sum, count) = (0L, 0);
        foreach (var value in values)
        {
            if (FixedPoint.TryOf(value, out var whole))
            {
                sum += whole;
                count++;
            }
            else if (!double.IsNaN(value))
            {
                return null;
            }
        }

        return HoldsOfSum(sum, count);
    }

    private Truth OfDoubles(ReadOnlySpan<double> values)
    {
        var furthest = double.NaN;
        foreach (var value in values)
        {
            furthest = Further(furthest, value);
        }

        return double.IsNaN(furthest) ? OfNone : Holds(furthest.CompareTo(operand.Approximate));
    }

    /// <summary>By whole millionths, where every number is some and they cannot overflow; null where not.</summary>
    private Truth? OfMillionths(ReadOnlySpan<Hit> hits)
    {
        if (millionths is null || hits.Length > FixedPoint.AddedMax)
        {
            return null;
        }

        var (sum, count) = (0L, 0);
        foreach (var hit in hits)
        {
            var column = numbers[hit.Selector];
            var value = column.Values[hit.Row];
            if (double.IsNaN(value))
            {
                continue;
            }

            if (column.IsFine(hit.Row) || !FixedPoint.TryOf(value, out var whole))
            {
                return null;
            }

            sum += whole;
            count++;
        }

        return HoldsOfSum(sum, count);
    }

    /// <summary>By decimals, where no addition rounds; null where one does.</summary>
    private Truth? OfDecimals(ReadOnlySpan<Hit> hits)
    {
        var (sum, count) = (0m, 0);
        foreach (var hit in hits)
        {
            if (TryNumber(hit, out var number))
            {
                if (!number.IsExact || !TryAdd(ref sum, number.Exact))
                {
                    return null;
                }

                count++;
            }
        }

        return count == 0 ? OfNone : operand.IsExact ? Holds(ExactNumbers.Compare(sum, Times(count), operand.Exact)) : null;
    }

    /// <summary>By numbers of any size, or by doubles in order of time where one is no decimal.</summary>
    private Truth OfNumbers(ReadOnlySpan<Hit> hits)
    {
        var (exact, doubles, count, areExact) = (BigInteger.Zero, 0.0, 0, operand.IsExact);
        foreach (var hit in hits)
        {
            if (TryNumber(hit, out var number))
            {
                doubles += number.Approximate;
                areExact &= number.IsExact;
                exact += areExact ? ExactNumbers.Scaled(number.Exact) : 0;
                count++;
            }
        }

        return count == 0 ? OfNone : Holds(areExact ? ExactNumbers.Compare(exact, Times(count), operand.Exact) : (doubles / Times(count)).CompareTo(operand.Approximate));
    }

    /// <summary>The least or greatest by doubles, where these say all there is to the numbers; null where not.</summary>
    private Truth? OfDoubles(ReadOnlySpan<Hit> hits)
    {
        var furthest = double.NaN;
        foreach (var hit in hits)
        {
            if (!isPlain || numbers[hit.Selector].IsFine(hit.Row))
            {
                return null;
            }

            furthest = Further(furthest, numbers[hit.Selector].Values[hit.Row]);
        }

        return double.IsNaN(furthest) ? OfNone : Holds(furthest.CompareTo(operand.Approximate));
    }

    /// <summary>The least lies to the operand as the least of all comparisons says, the greatest as the greatest.</summary>
    private Truth OfComparisons(ReadOnlySpan<Hit> hits)
    {
        int? furthest = null;
        foreach (var hit in hits)
        {
            if (TryNumber(hit, out var number))
            {
                var order = Math.Sign(number.CompareTo(operand));
                furthest = furthest is not { } before ? order : atom.Function == AggregateFunction.Min ? Math.Min(before, order) : Math.Max(before, order);
            }
        }

        return furthest is { } found ? Holds(found) : OfNone;
    }

    /// <summary>How a sum of millionths lies to the operand, taken once or for each number.</summary>
    private Truth HoldsOfSum(long sum, int count) =>
        count == 0 ? OfNone : Times(count) == 1 ? Holds(sum.CompareTo(millionths!.Value)) : Holds(((Int128)sum).CompareTo(Math.BigMul(millionths!.Value, Times(count))));

    /// <summary>Of two numbers the lesser or the greater; NaN is none.</summary>
    private double Further(double left, double right) => double.IsNaN(left) || (atom.Function == AggregateFunction.Min ? right < left : right > left) ? right : left;

    /// <summary>How often the operand is laid against the sum.</summary>
    private int Times(int count) => atom.Function == AggregateFunction.Avg ? count : 1;

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

    private bool TryNumber(Hit hit, out Numeric number)
    {
        var column = numbers[hit.Selector];
        var has = column.Has(hit.Row);
        number = has ? column.Number(hit.Row) : default;
        return has;
    }
}
