using System.Numerics;
using System.Text;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

public sealed partial class Interpreter
{
    private Truth OfCount(Condition.DidEvent leaf)
    {
        var count = Counted(leaf);
        return leaf.Count is { } test ? Is(Compares(test.Operator, count.CompareTo(test.N))) : Is(count >= 1);
    }

    private long Counted(Condition.DidEvent leaf)
    {
        var events = Chosen(leaf.Choice, leaf.Window).ToList();
        return leaf.DistinctBy is { } property ? Different(events, property) : events.Count;
    }

    private Truth OfFirstOrLast(Condition.FirstOrLastEvent leaf)
    {
        var ends = Ends(leaf);
        return ends.Count == 0 ? IfMissing(leaf) : Or(ends.Select(happened => leaf.Is is { } asked ? Of(asked, happened) : Is(LiesIn(leaf.Window, happened))));
    }

    /// <summary>The first or last event, or that of each value of a property.</summary>
    private List<ContactEvent> Ends(Condition.FirstOrLastEvent leaf)
    {
        var events = Chosen(leaf.Choice, window: null).ToList();
        var groups = leaf.Per is { } property
            ? events.Where(happened => Property(happened, property).Value is not null).GroupBy(happened => Property(happened, property).Value)
            : events.GroupBy(static _ => (TraitValue?)null);
        return groups.Select(group => leaf.Last ? group.Last() : group.First()).ToList();
    }

    private Truth OfAggregate(Condition.EventAggregate leaf)
    {
        var events = Chosen(leaf.Choice, leaf.Window).ToList();
        var operand = NumberOf(leaf.Value);
        if (leaf.Function == AggregateFunction.CountDistinct)
        {
            return Is(Compares(leaf.Operator, new Numeric(Different(events, leaf.Property)).CompareTo(operand)));
        }

        var numbers = events.Select(happened => Property(happened, leaf.Property).Value).OfType<TraitValue.Number>().Select(static number => number.Value).ToList();
        return numbers.Count == 0 ? IfMissing(leaf) : Is(Compares(leaf.Operator, leaf.Function switch
        {
            AggregateFunction.Sum => CompareSum(numbers, operand, times: 1),
            AggregateFunction.Avg => CompareSum(numbers, operand, times: numbers.Count),
            AggregateFunction.Min => numbers.Min(number => number.CompareTo(operand)),
            AggregateFunction.Max => numbers.Max(number => number.CompareTo(operand)),
            var other => throw new InvalidOperationException($"no meaning for {other}"),
        }));
    }

    /// <summary>The sum of some numbers against a number so many times, as exact fractions where all of them are exact.</summary>
    private static int CompareSum(List<Numeric> numbers, Numeric operand, int times) =>
        numbers.TrueForAll(static number => number.IsExact) && operand.IsExact
            ? numbers.Aggregate(BigInteger.Zero, static (sum, number) => sum + Scaled(number.Exact)).CompareTo(Scaled(operand.Exact) * times)
            : (numbers.Aggregate(0.0, static (sum, number) => sum + number.Approximate) / times).CompareTo(operand.Approximate);

    /// <summary>A decimal as a whole number of 10^-28.</summary>
    private static BigInteger Scaled(decimal value)
    {
        var coefficient = decimal.GetBits(value).Take(3).Reverse().Aggregate(BigInteger.Zero, static (higher, bits) => (higher << 32) + unchecked((uint)bits));
        return coefficient * BigInteger.Pow(10, 28 - value.Scale) * (value < 0 ? -1 : 1);
    }

    private int Different(IEnumerable<ContactEvent> events, string property) =>
        events.Select(happened => Property(happened, property).Value).Where(static value => value is not null).Distinct().Count();

    /// <summary>The events a leaf speaks of, in order of time; only those of which its <c>where</c> is TRUE.</summary>
    private IEnumerable<ContactEvent> Chosen(EventChoice choice, Window? window)
    {
        var names = choice.Names.Select(static name => name.Normalize(NormalizationForm.FormC)).ToList();
        return history.Where(happened => names.Contains(happened.Name) && LiesIn(window, happened) && (choice.Where is null || Of(choice.Where, happened) == Truth.True));
    }

    private bool LiesIn(Window? window, ContactEvent happened) =>
        window is null
        || (window.Last is { } last
            ? IsInLast(last, happened.At, Clock(last))
            : (InstantOf(window.From) is not { } from || happened.At >= from) && (InstantOf(window.To) is not { } to || happened.At < to));

    /// <summary>An event's property, read by that event's own declaration.</summary>
    private (TraitValue? Value, TraitType? Type) Property(ContactEvent happened, string name, TraitType? valueType = null)
    {
        var path = TraitPath.OfProperty(name);
        var type = context.Schema.TypeOf(happened.Name, path) ?? valueType;
        return (TraitSchema.Read(happened.Properties, path, type), type);
    }
}
