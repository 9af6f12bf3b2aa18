using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

public static partial class JsonLogicRules
{
    private sealed class Writer
    {
        private static readonly JsonSerializerOptions plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 2 * Limits.ForeignNestingMax };

        private readonly ImmutableArray<RuleDiagnostic>.Builder diagnostics = ImmutableArray.CreateBuilder<RuleDiagnostic>();

        public RuleExport Write(Condition condition) => new(Node(condition, "$", isNegated: false).ToJsonString(plain), diagnostics.DrainToImmutable());

        /// <summary>What is true for whom the condition is TRUE; within an odd number of negations for whom it is TRUE or UNKNOWN, so that its negation is true for whom it is FALSE.</summary>
        private JsonNode Node(Condition condition, string path, bool isNegated)
        {
            switch (condition)
            {
                case Condition.AllOf all:
                    return Operation("and", [.. all.Of.Select((of, i) => Node(of, $"{path}.and[{i}]", isNegated))]);
                case Condition.AnyOf any:
                    return Operation("or", [.. any.Of.Select((of, i) => Node(of, $"{path}.or[{i}]", isNegated))]);
                case Condition.Negation not:
                    var inner = Node(not.Of, $"{path}.not", !isNegated);

                    // The negation of a test that has a negative twin would be read as that twin.
                    return Not(not.Of is Condition.InSegment { Negated: false } || (not.Of is Condition.ValueTest { Operator: var op } && NegativeOf(op) is not null) ? Operation("!!", inner) : inner);
            }

            var leaf = (Condition.Leaf)condition;
            if (leaf.Label is not null)
            {
                diagnostics.Add(new($"{path}.label", "label", DiagnosticSeverity.Warning, "JsonLogic has no place for a label; it is left out"));
            }

            return leaf switch
            {
                Condition.Group group => Node(group.Node, $"{path}.node", isNegated),
                Condition.AllContacts => JsonValue.Create(true),
                Condition.NoContacts => JsonValue.Create(false),
                Condition.InSegment { Negated: true } segment => Not(Operation(SegmentOperation, JsonValue.Create(segment.SegmentId))),
                Condition.InSegment segment => Operation(SegmentOperation, JsonValue.Create(segment.SegmentId)),
                Condition.ValueTest test when WhyNot(test, isNegated) is { } reason => Park(leaf, path, reason),
                Condition.ValueTest test => Test(test, isNegated),
                _ => Park(leaf, path, "JsonLogic has no operation for this"),
            };
        }

        private JsonObject Park(Condition.Leaf leaf, string path, string reason)
        {
            diagnostics.Add(new(path, "unsupported", DiagnosticSeverity.Error, $"{reason}; it is written as the operation `{OwnOperation}`, which JsonLogic does not know"));
            return new() { [OwnOperation] = new JsonArray(JsonNode.Parse(RuleJson.Print(leaf), documentOptions: ForeignReader.DeepEnough)) };
        }

        /// <summary>Why JsonLogic cannot say a test; null where it can.</summary>
        private static string? WhyNot(Condition.ValueTest test, bool isNegated)
        {
            var operands = test.Values.IsDefault ? [test.Value] : test.Values;
            var isWhole = test.Operator is TraitOperator.IsSet or TraitOperator.IsNotSet or TraitOperator.IsEmpty or TraitOperator.IsNotEmpty;
            var positive = PositiveOf(test.Operator);
            return test.Subject.Name.Contains('\\') ? "a dot inside a key has no escape in `var`"
                : test.Subject.Source == DataSource.Any ? "JsonLogic knows one kind of data, not which of it is verified"
                : isWhole ? null
                : test.Subject.ValueType is not null ? "JsonLogic does not say as what a value is read"
                : positive is not (TraitOperator.Eq or TraitOperator.In or TraitOperator.Contains or TraitOperator.Between or TraitOperator.Lt or TraitOperator.Lte or TraitOperator.Gt or TraitOperator.Gte) ? $"JsonLogic has no `{RuleNames.Of(test.Operator)}`"
                : operands.Any(static operand => operand.ValueKind == JsonValueKind.String) && test.CaseSensitive != true ? "JsonLogic compares texts with regard to case; add \"case_sensitive\": true"
                : test.AccentSensitive == false ? "JsonLogic compares texts with regard to accents"
                : positive is not (TraitOperator.Eq or TraitOperator.In or TraitOperator.Contains) && operands.Any(static operand => operand.ValueKind != JsonValueKind.Number) ? "JsonLogic orders numbers as we do, and nothing else"
                : operands.Any(static operand => operand.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)) ? "an operand is no text, number, true or false"
                : test.Subject.Quantifier == Quantifier.All && (isNegated || positive != test.Operator) ? "`all` over an empty list is false in JsonLogic and unknown here, which a negation tells apart"
                : null;
        }

        private static JsonObject Test(Condition.ValueTest test, bool isNegated)
        {
            switch (test.Operator)
            {
                case TraitOperator.IsSet:
                    return Operation("!=", Variable(test.Subject.Name), null);
                case TraitOperator.IsNotSet:
                    return Operation("==", Variable(test.Subject.Name), null);
                case TraitOperator.IsEmpty:
                    return Emptiness(test.Subject.Name);
                case TraitOperator.IsNotEmpty:
                    return Not(Emptiness(test.Subject.Name));
            }

            var positive = PositiveOf(test.Operator);
            var (expression, ifMissing) = Positive(test, positive);
            if (positive != test.Operator)
            {
                expression = test.Operator == TraitOperator.Neq && test.Subject.Quantifier is null ? Operation("!==", Variable(test.Subject.Name), Value(test.Value)) : Not(expression);
                ifMissing = !ifMissing;
            }

            var wanted = test.Missing switch
            {
                MissingAs.Match => true,
                MissingAs.NoMatch => false,
                _ => isNegated,
            };

            // That a missing number passes is always written out: unguarded it would read as a slip.
            var isOrder = test.Subject.Quantifier is null && positive is not (TraitOperator.Eq or TraitOperator.In or TraitOperator.Contains);
            return ifMissing == wanted && !(isOrder && wanted && !isNegated) ? expression
                : wanted ? Operation("or", Operation("===", Variable(test.Subject.Name), null), expression)
                : Operation("and", Operation("!==", Variable(test.Subject.Name), null), expression);
        }

        private static (JsonObject Expression, bool IfMissing) Positive(Condition.ValueTest test, TraitOperator op)
        {
            if (test.Subject.Quantifier is { } quantifier)
            {
                var word = quantifier switch { Quantifier.Any => "some", Quantifier.All => "all", _ => "none" };
                return (Operation(word, Variable(test.Subject.Name), Compared(test, op, "")), quantifier == Quantifier.None);
            }

            var ifMissing = op switch
            {
                TraitOperator.Eq or TraitOperator.In or TraitOperator.Contains => false,
                TraitOperator.Between => HoldsForZero(op, test.Values[0], test.Values[1]),
                _ => HoldsForZero(op, test.Value),
            };
            return (Compared(test, op, test.Subject.Name), ifMissing);
        }

        private static JsonObject Compared(Condition.ValueTest test, TraitOperator op, string name) => op switch
        {
            TraitOperator.Eq => Operation("===", Variable(name), Value(test.Value)),
            TraitOperator.In => Operation("in", Variable(name), new JsonArray([.. test.Values.Select(Value)])),
            TraitOperator.Contains => Operation("in", Value(test.Value), Variable(name)),
            TraitOperator.Between => Operation("<=", Value(test.Values[0]), Variable(name), Value(test.Values[1])),
            TraitOperator.Lt => Operation("<", Variable(name), Value(test.Value)),
            TraitOperator.Lte => Operation("<=", Variable(name), Value(test.Value)),
            TraitOperator.Gt => Operation(">", Variable(name), Value(test.Value)),
            TraitOperator.Gte => Operation(">=", Variable(name), Value(test.Value)),
            _ => throw new InvalidOperationException($"no JsonLogic for {op}"),
        };

        /// <summary>Falsy, but neither 0 nor false.</summary>
        private static JsonObject Emptiness(string name) =>
            Operation("and", Operation("!", Variable(name)), Operation("!==", Variable(name), JsonValue.Create(0)), Operation("!==", Variable(name), JsonValue.Create(false)));

        private static TraitOperator PositiveOf(TraitOperator op) => Enum.GetValues<TraitOperator>().FirstOrDefault(positive => NegativeOf(positive) == op, op);

        private static JsonNode? Value(JsonElement json) => JsonNode.Parse(json.GetRawText(), documentOptions: ForeignReader.DeepEnough);

        private static JsonObject Variable(string name) => new() { ["var"] = name };

        private static JsonObject Not(JsonNode of) => Operation("!", of);

        private static JsonObject Operation(string op, params JsonNode?[] of) => new() { [op] = new JsonArray(of) };
    }
}
