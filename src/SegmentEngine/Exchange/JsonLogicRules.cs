using System.Text.Json;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

/// <summary>
/// JsonLogic's boolean operations on single values and lists of single values, both ways. A <c>var</c> is a trait by its name; <c>in_segment</c> asks for a membership. Equality is by type, as everywhere here; the rest of JsonLogic computes values,
/// and is parked.
/// </summary>
public static partial class JsonLogicRules
{
    /// <summary>The operation that carries what JsonLogic cannot say: whoever evaluates it without knowing it stops, and reading it back gives the same condition.</summary>
    private const string OwnOperation = "segment_engine";

    /// <summary>Whether the contact is in the segment with this id: an operation that whoever evaluates JsonLogic adds.</summary>
    private const string SegmentOperation = "in_segment";

    /// <summary>Reads a rule; never throws on what the text holds.</summary>
    /// <returns>The rule; what it cannot say is an <c>unsupported</c> condition, with a diagnostic at its path in the source.</returns>
    public static RuleReading Read(string json) => new Reader().Read(json);

    /// <inheritdoc cref="Read(string)"/>
    public static RuleReading Read(JsonElement json) => new Reader().Read(json);

    /// <summary>
    /// Writes a rule that JsonLogic finds true for exactly our members, for values of the kind an operand has: a guard keeps what is missing from being taken for 0 or for different from everything.
    /// Reading it back gives the same rule, or one that means the same.
    /// </summary>
    public static RuleExport Write(Condition condition) => new Writer().Write(condition);

    /// <summary>What JsonLogic makes of a comparison with what is missing: null, which it takes for 0.</summary>
    private static bool HoldsForZero(TraitOperator op, params ReadOnlySpan<JsonElement> operands)
    {
        static int ComparedWithZero(JsonElement number) => Math.Sign(number.TryGetDouble(out var value) ? value : 0);
        return op switch
        {
            TraitOperator.Lt => ComparedWithZero(operands[0]) > 0,
            TraitOperator.Lte => ComparedWithZero(operands[0]) >= 0,
            TraitOperator.Gt => ComparedWithZero(operands[0]) < 0,
            TraitOperator.Gte => ComparedWithZero(operands[0]) <= 0,
            TraitOperator.Between => ComparedWithZero(operands[0]) <= 0 && ComparedWithZero(operands[1]) >= 0,
            _ => throw new InvalidOperationException($"{op} is no order"),
        };
    }

    private static TraitOperator? NegativeOf(TraitOperator op) => op switch
    {
        TraitOperator.Eq => TraitOperator.Neq,
        TraitOperator.In => TraitOperator.NotIn,
        TraitOperator.Between => TraitOperator.NotBetween,
        TraitOperator.Contains => TraitOperator.NotContains,
        TraitOperator.IsEmpty => TraitOperator.IsNotEmpty,
        _ => null,
    };
}
