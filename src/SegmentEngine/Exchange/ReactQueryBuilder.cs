using System.Text.Json;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

/// <summary>
/// The queries of react-querybuilder, both ways and without loss for our own rules. Its operators stand wherever they say the same; others have our names; what a rule of a query says
/// otherwise or has no field for lies in its <c>meta.segment_engine</c>, which react-querybuilder keeps; and a condition on anything but a trait is one rule with the operator <c>holds</c>, whose value is the condition.
/// </summary>
public static partial class ReactQueryBuilder
{
    private const string Holds = "holds";
    private const string Own = "segment_engine";

    private static readonly (string Theirs, TraitOperator Ours)[] operators =
    [
        ("=", TraitOperator.Eq), ("!=", TraitOperator.Neq), ("<", TraitOperator.Lt), ("<=", TraitOperator.Lte), (">", TraitOperator.Gt), (">=", TraitOperator.Gte),
        ("contains", TraitOperator.Contains), ("doesNotContain", TraitOperator.NotContains), ("beginsWith", TraitOperator.StartsWith), ("doesNotBeginWith", TraitOperator.NotStartsWith),
        ("endsWith", TraitOperator.EndsWith), ("doesNotEndWith", TraitOperator.NotEndsWith), ("null", TraitOperator.IsNotSet), ("notNull", TraitOperator.IsSet),
        ("in", TraitOperator.In), ("notIn", TraitOperator.NotIn), ("between", TraitOperator.Between), ("notBetween", TraitOperator.NotBetween),
    ];

    private static readonly (string Theirs, DateOperator Ours)[] dateOperators = [("<", DateOperator.Before), (">", DateOperator.After), ("between", DateOperator.Between)];

    /// <summary>Reads a query; never throws on what the text holds.</summary>
    /// <returns>The rule; what it cannot say is an <c>unsupported</c> condition, with a diagnostic at its path in the source.</returns>
    public static RuleReading Read(string json) => new Reader().Read(json);

    /// <inheritdoc cref="Read(string)"/>
    public static RuleReading Read(JsonElement json) => new Reader().Read(json);

    /// <summary>Writes a rule as a query. Reading it back gives the same rule.</summary>
    public static string Write(Condition condition) => Writer.Write(condition);
}
