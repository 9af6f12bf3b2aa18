using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

public sealed partial class Interpreter
{
    private Truth OfValue(Condition.ValueTest leaf, ContactEvent? happened)
    {
        var (value, type) = Read(leaf.Subject, happened);
        var isEmpty = value is null or TraitValue.Text { Value: "" } or TraitValue.List { Elements.Length: 0 };
        return leaf.Operator switch
        {
            TraitOperator.IsSet => Is(value is not null),
            TraitOperator.IsNotSet => Is(value is null),
            TraitOperator.IsEmpty => Is(isEmpty),
            TraitOperator.IsNotEmpty => Is(!isEmpty),
            _ when value is null => IfMissing(leaf),
            _ when StepReference.TryRead(leaf.Value, out var reference) && !Compares(PositiveTwin(leaf.Operator) ?? leaf.Operator, OfStep(reference)) => Truth.Unknown,
            TraitOperator.Size => OfSize(leaf, value),
            var op when PositiveTwin(op) is { } twin => Not(Quantified(leaf.Subject, value, element => Holds(twin, leaf, element, type))),
            var op => Quantified(leaf.Subject, value, element => Holds(op, leaf, element, type)),
        };
    }

    /// <summary>The value a leaf looks at, and the type it was read as: declared, else the leaf's own <c>value_type</c>, else none.</summary>
    private (TraitValue? Value, TraitType? Type) Read(Subject subject, ContactEvent? happened)
    {
        if (happened is not null)
        {
            return Property(happened, subject.Name, subject.ValueType);
        }

        var path = TraitPath.Of(subject.Name);
        var type = context.Schema.TypeOf(path) ?? subject.ValueType;
        return (TraitSchema.Read(contact, path, type, any: subject.Source == DataSource.Any), type);
    }

    /// <summary>The operator that a negative one denies; null for one that denies nothing.</summary>
    private static TraitOperator? PositiveTwin(TraitOperator op) => op switch
    {
        TraitOperator.Neq => TraitOperator.Eq,
        TraitOperator.NotIn => TraitOperator.In,
        TraitOperator.NotContains => TraitOperator.Contains,
        TraitOperator.NotStartsWith => TraitOperator.StartsWith,
        TraitOperator.NotEndsWith => TraitOperator.EndsWith,
        TraitOperator.NotMatches => TraitOperator.Matches,
        TraitOperator.NotInCidr => TraitOperator.InCidr,
        TraitOperator.NotBetween => TraitOperator.Between,
        _ => null,
    };

    /// <summary>A test over a value: of a list, over its elements; what is no list counts as a list of one.</summary>
    private static Truth Quantified(Subject subject, TraitValue value, Func<TraitValue, Truth> holds)
    {
        var elements = value is TraitValue.List list ? list.Elements : [value];
        var answers = elements.Select(element => element is null ? Truth.Unknown : holds(element));
        return (subject.Quantifier ?? Quantifier.Any) switch
        {
            Quantifier.Any => answers.DefaultIfEmpty(Truth.False).Max(),
            Quantifier.None => Not(answers.DefaultIfEmpty(Truth.False).Max()),
            Quantifier.All => answers.DefaultIfEmpty(Truth.Unknown).Min(),
            var other => throw new InvalidOperationException($"no meaning for the quantifier {other}"),
        };
    }

    private static Truth OfSize(Condition.ValueTest leaf, TraitValue value)
    {
        if (value is not TraitValue.List list)
        {
            return Truth.Unknown;
        }

        var length = new Numeric(list.Elements.Length).CompareTo(NumberOf(leaf.Value.GetProperty("n")));
        return Is(leaf.Value.GetProperty("op").GetString() switch
        {
            "eq" => length == 0,
            "neq" => length != 0,
            "lt" => length < 0,
            "lte" => length <= 0,
            "gt" => length > 0,
            "gte" => length >= 0,
            var other => throw new InvalidOperationException($"{other} compares no sizes"),
        });
    }

    /// <summary>Whether a positive operator compares anything with the value of an earlier step.</summary>
    private static bool Compares(TraitOperator op, TraitValue? operand) => operand switch
    {
        TraitValue.Text => op is TraitOperator.Eq or TraitOperator.Contains or TraitOperator.StartsWith or TraitOperator.EndsWith,
        TraitValue.Flag => op == TraitOperator.Eq,
        TraitValue.Number or TraitValue.Version => op is TraitOperator.Eq or TraitOperator.Lt or TraitOperator.Lte or TraitOperator.Gt or TraitOperator.Gte,
        _ => false,
    };

    /// <summary>A positive operator on one value that is no list.</summary>
    private Truth Holds(TraitOperator op, Condition.ValueTest leaf, TraitValue value, TraitType? type)
    {
        TraitValue? Operand(JsonElement written) =>
            StepReference.TryRead(written, out var reference) ? OfStep(reference) : TraitSchema.Convert(written, type?.Kind == TraitKind.Version ? new TraitType(TraitKind.Version) : null);

        return op switch
        {
            TraitOperator.Eq => AreEqual(leaf, value, Operand(leaf.Value)),
            TraitOperator.In => Or(leaf.Values.Select(written => AreEqual(leaf, value, Operand(written)))),
            TraitOperator.Lt or TraitOperator.Lte or TraitOperator.Gt or TraitOperator.Gte =>
                Compared(value, Operand(leaf.Value)) is { } order ? Is(Compares(op, order)) : Truth.Unknown,
            TraitOperator.Between =>
                Compared(value, Operand(leaf.Values[0])) is { } toLow && Compared(value, Operand(leaf.Values[1])) is { } toHigh ? Is(toLow >= 0 && toHigh <= 0) : Truth.Unknown,
            TraitOperator.InCidr => InNetworks(leaf, value),
            TraitOperator.Contains or TraitOperator.StartsWith or TraitOperator.EndsWith or TraitOperator.Matches =>
                value is TraitValue.Text text && Operand(leaf.Value) is TraitValue.Text part ? OfText(op, leaf, text.Value, part.Value) : Truth.Unknown,
            _ => throw new InvalidOperationException($"no meaning for {op}"),
        };
    }

    private static Truth AreEqual(Condition.ValueTest leaf, TraitValue value, TraitValue? operand) => (value, operand) switch
    {
        (TraitValue.Text left, TraitValue.Text right) => Is(string.Equals(Comparable(leaf, left.Value), Comparable(leaf, right.Value), Casing(leaf))),
        (TraitValue.Number left, TraitValue.Number right) => Is(left.Value.CompareTo(right.Value) == 0),
        (TraitValue.Flag left, TraitValue.Flag right) => Is(left.Value == right.Value),
        (TraitValue.Version left, TraitValue.Version right) => Is(left.Value.CompareTo(right.Value) == 0),
        _ => Truth.Unknown,
    };

    private static int? Compared(TraitValue value, TraitValue? operand) => (value, operand) switch
    {
        (TraitValue.Number left, TraitValue.Number right) => left.Value.CompareTo(right.Value),
        (TraitValue.Version left, TraitValue.Version right) => left.Value.CompareTo(right.Value),
        _ => null,
    };

    private static Numeric NumberOf(JsonElement written) =>
        Numeric.TryParse(written.GetRawText(), out var number) ? number : throw new InvalidOperationException($"{written} is no number");

    private static bool Compares(TraitOperator op, int order) => op switch
    {
        TraitOperator.Eq => order == 0,
        TraitOperator.Neq => order != 0,
        TraitOperator.Lt => order < 0,
        TraitOperator.Lte => order <= 0,
        TraitOperator.Gt => order > 0,
        TraitOperator.Gte => order >= 0,
        _ => throw new InvalidOperationException($"{op} compares nothing"),
    };
}
