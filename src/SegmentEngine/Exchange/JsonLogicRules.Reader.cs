using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

public static partial class JsonLogicRules
{
    private sealed class Reader() : ForeignReader("jsonlogic")
    {
        private static readonly string[] computing =
        [
            "+", "-", "*", "/", "%", "min", "max", "cat", "substr", "if", "?:", "map", "filter", "reduce", "merge", "missing_some", "log", "method", "val", "??", "exists", "length", "throw", "try", "preserve",
        ];

        private static readonly string[] boolean = ["and", "or", "!", "!!", "==", "===", "!=", "!==", "<", "<=", ">", ">=", "in", "all", "some", "none", "var", "missing", SegmentOperation];

        /// <summary>Within an odd number of negations. There TRUE and FALSE are all there is in the source, so a missing value may have to be FALSE for its negation to hold.</summary>
        private bool isNegated;

        protected override Condition Root(JsonElement json) =>
            json.ValueKind == JsonValueKind.Object && json.GetPropertyCount() == 1 && Operation(json).Op is "var" or "missing"
                ? Park(json, "$", "unsupported", $"`{Operation(json).Op}` yields a value, and a rule says yes or no; ask whether it is truthy with `!!`")
                : Node(json, "$");

        private Condition Node(JsonElement json, string path)
        {
            if (json.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                return json.GetBoolean() ? new Condition.AllContacts() : new Condition.NoContacts();
            }

            if (json.ValueKind != JsonValueKind.Object || json.GetPropertyCount() != 1)
            {
                return Park(json, path, "unsupported", $"{RuleFields.Shown(json)} is a constant: no trait is read");
            }

            var (op, of) = Operation(json);
            var place = RuleFields.PathOf(path, op);
            string PlaceOf(int i) => json.EnumerateObject().First().Value.ValueKind == JsonValueKind.Array ? $"{place}[{i}]" : place;
            switch (op)
            {
                case "and" or "or" when of.Count == 0:
                    return Park(json, place, "empty", $"an empty `{op}` admits nobody; say everyone with true, nobody with false");
                case "and" or "or":
                    return Guarded(op, of) is { } guarded
                        ? Leaf(guarded, ifMissing: op == "or", json, path)
                        : op == "and" && IsEmptiness(of) is { } empty ? Leaf(new Condition.ValueTest(new(false, empty), TraitOperator.IsEmpty), json, path)
                        : op == "and" ? new Condition.AllOf(Nodes(of, PlaceOf)) : new Condition.AnyOf(Nodes(of, PlaceOf));
                case "!" when of.Count == 1:
                    return Negated(json, of[0], path, PlaceOf(0));
                case "!!" when of.Count == 1:
                    return Node(of[0], PlaceOf(0));
                case "var":
                    return Variable(json) is { Length: > 0 } flag ? Truthy(flag, json, path) : NotAValue(json, place);
                case "missing":
                    return Missing(json, of, place);
                case SegmentOperation:
                    return SegmentOf(json) is { } named ? new Condition.InSegment(named, Negated: false) : Park(json, place, "unsupported", $"`{SegmentOperation}` takes the id of one segment");
                case OwnOperation when of.Count == 1:
                    return Own(json, of[0], place);
                case "<" when Between(of) is { } strictly && Variable(of[1]) is { Length: > 0 } trait:
                    return All([.. new[] { (TraitOperator.Gt, strictly.Low), (TraitOperator.Lt, strictly.High) }.Select(end => Leaf(Ordered(trait, end.Item1, end.Item2), null, json, path))]);
            }

            if (IsNull(op, of) is { } whole)
            {
                return Leaf(whole, json, path);
            }

            if (TestOf(json) is { Test.Subject.Name.Length: > 0 } test)
            {
                return test.Test is { Operator: TraitOperator.In, Values.IsEmpty: true } ? new Condition.NoContacts() : Leaf(test, null, json, path);
            }

            return computing.Contains(op) ? Park(json, place, "unsupported", $"`{op}` computes a value; a rule only asks")
                : boolean.Contains(op) ? NotAValue(json, place)
                : Park(json, place, "unknown_operator", $"`{op}` is no operation of JsonLogic", RuleNames.Nearest(op, boolean));
        }

        private ImmutableArray<Condition> Nodes(List<JsonElement> of, Func<int, string> placeOf) => [.. of.Select((node, i) => Node(node, placeOf(i)))];

        private Condition.Unsupported NotAValue(JsonElement json, string path) =>
            Park(json, path, "unsupported", "only a trait (`var`, without a default) against a constant can be said: texts, numbers, true and false are equal or not, numbers have an order, and a list holds such values");

        private Condition Negated(JsonElement json, JsonElement of, string path, string place)
        {
            if (TestOf(json) is { Test.Subject.Name.Length: > 0 } test)
            {
                return test.Test is { Operator: TraitOperator.NotIn, Values.IsEmpty: true } ? new Condition.AllContacts() : Leaf(test, null, json, path);
            }

            if (SegmentOf(of) is { } segment)
            {
                return new Condition.InSegment(segment, Negated: true);
            }

            if (of.ValueKind == JsonValueKind.Object && of.GetPropertyCount() == 1 && Operation(of) is ("and", { } all) && IsEmptiness(all) is { } empty)
            {
                return Leaf(new Condition.ValueTest(new(false, empty), TraitOperator.IsNotEmpty), json, path);
            }

            isNegated = !isNegated;
            var condition = Node(of, place);
            isNegated = !isNegated;
            return new Condition.Negation(condition);
        }

        private Condition Truthy(string flag, JsonElement json, string path)
        {
            Warn(path, "truthiness", $"`{flag}` is taken as true or false; there any number but 0 and any text that is not empty counts as true");
            return Leaf(new(new(new(false, flag), TraitOperator.Eq) { Value = JsonElement.Parse("true") }, IfMissing: false), null, json, path);
        }

        private Condition Missing(JsonElement json, List<JsonElement> keys, string path)
        {
            if (keys.Count == 0)
            {
                return new Condition.NoContacts();
            }

            if (keys.Exists(static key => key.ValueKind != JsonValueKind.String || !IsName(key.GetString()!) || key.GetString()!.Length == 0))
            {
                return Park(json, path, "unsupported", "`missing` takes the names of traits");
            }

            Warn(path, "empty_list", "an empty list counts as missing here, as null and empty text do there");
            return Any([.. keys.Select(key => Leaf(new Condition.ValueTest(new(false, key.GetString()!), TraitOperator.IsEmpty), json, path))]);
        }

        /// <summary>The segment that is asked about; null where this asks about none.</summary>
        private static string? SegmentOf(JsonElement json) =>
            json.ValueKind == JsonValueKind.Object && json.GetPropertyCount() == 1 && Operation(json) is (SegmentOperation, [{ ValueKind: JsonValueKind.String } id]) ? id.GetString() : null;

        private Condition Own(JsonElement json, JsonElement own, string path)
        {
            var reading = RuleJson.Read(own);
            return reading.Diagnostics.FirstOrDefault(static found => found.Severity == DiagnosticSeverity.Error) is { } fault ? Park(json, path, fault.Code, fault.Message, fault.Suggestion) : reading.Condition!;
        }

        /// <summary>
        /// A test as a leaf. What it says of a missing value there, by itself or by a guard, is said here too; but a missing number is never 0, as elsewhere.
        /// </summary>
        private Condition Leaf(Found found, bool? ifMissing, JsonElement raw, string path)
        {
            foreach (var (code, message) in found.Notes)
            {
                Warn(path, code, message);
            }

            var holds = ifMissing ?? found.IfMissing;
            if (found.IsOrder && ifMissing is null && holds && !isNegated)
            {
                Warn(path, "missing_differs", $"`{found.Test.Subject.Name}` counts as 0 there where it is missing, and never here");
                holds = false;
            }

            if (found.Test.Subject.Quantifier == Quantifier.All && (isNegated || found.IsTwin))
            {
                Warn(path, "empty_list", "over an empty list `all` is false there, and neither true nor false here");
            }

            // Where it does what an UNKNOWN does at this place, there is nothing to say.
            return Leaf(found.Test with { Missing = holds == isNegated ? null : holds ? MissingAs.Match : MissingAs.NoMatch }, raw, path);
        }

        private static Found? Guarded(string op, List<JsonElement> of)
        {
            if (of.Count != 2 || of[0].ValueKind != JsonValueKind.Object || of[0].GetPropertyCount() != 1)
            {
                return null;
            }

            var (guard, operands) = Operation(of[0]);
            return guard == (op == "and" ? "!==" : "===") && operands is [var variable, { ValueKind: JsonValueKind.Null }] && Variable(variable) is { Length: > 0 } trait && TestOf(of[1]) is { } test
                && test.Test.Subject.Name == trait && test.Test.Values is not { IsDefault: false, IsEmpty: true } ? test : null;
        }

        /// <summary>Falsy, but neither 0 nor false: null, empty text or an empty list, which is <c>is_empty</c>.</summary>
        private static string? IsEmptiness(List<JsonElement> of)
        {
            if (of.Count != 3 || !of.TrueForAll(static part => part.ValueKind == JsonValueKind.Object && part.GetPropertyCount() == 1))
            {
                return null;
            }

            return Operation(of[0]) is ("!", [var falsy]) && Variable(falsy) is { Length: > 0 } trait
                && Operation(of[1]) is ("!==", [var first, { ValueKind: JsonValueKind.Number } zero]) && Variable(first) == trait && zero.GetRawText() == "0"
                && Operation(of[2]) is ("!==", [var second, { ValueKind: JsonValueKind.False }]) && Variable(second) == trait ? trait : null;
        }

        private static Condition.ValueTest? IsNull(string op, List<JsonElement> of)
        {
            var isSet = op is "!=" or "!==";
            if ((!isSet && op is not ("==" or "===")) || of.Count != 2)
            {
                return null;
            }

            var variable = of[1].ValueKind == JsonValueKind.Null ? of[0] : of[0].ValueKind == JsonValueKind.Null ? of[1] : default;
            return variable.ValueKind == JsonValueKind.Object && Variable(variable) is { Length: > 0 } trait ? new(new(false, trait), isSet ? TraitOperator.IsSet : TraitOperator.IsNotSet) : null;
        }

        /// <summary>A test of one trait, or, with an empty name, of an element; null where it is none.</summary>
        private static Found? TestOf(JsonElement json)
        {
            if (json.ValueKind != JsonValueKind.Object || json.GetPropertyCount() != 1)
            {
                return null;
            }

            var (op, of) = Operation(json);
            switch (op)
            {
                case "===" or "!==" or "==" or "!=" when of.Count == 2:
                    var (equal, constant) = Variable(of[0]) is { } left ? (left, of[1]) : (Variable(of[1]), of[0]);
                    return equal is not null && IsSingle(constant)
                        ? new(new(new(false, equal), op[0] == '!' ? TraitOperator.Neq : TraitOperator.Eq) { Value = constant, CaseSensitive = CaseOf(constant) }, IfMissing: op[0] == '!')
                        {
                            Notes = op.Length == 2 ? [("loose_equality", $"`{op}` compares values of one type only here: 1 is not \"1\"")] : [],
                        }
                        : null;
                case "<" or "<=" or ">" or ">=" when of.Count == 2:
                    if (Variable(of[0]) is { } lesser && of[1].ValueKind == JsonValueKind.Number)
                    {
                        return Ordered(lesser, OrderOf(op), of[1]);
                    }

                    return Variable(of[1]) is { } greater && of[0].ValueKind == JsonValueKind.Number ? Ordered(greater, OrderOf(op switch { "<" => ">", "<=" => ">=", ">" => "<", _ => "<=" }), of[0]) : null;
                case "<=" when Between(of) is { } ends && Variable(of[1]) is { } between:
                    return new(new(new(false, between), TraitOperator.Between) { Values = [ends.Low, ends.High] }, HoldsForZero(TraitOperator.Between, ends.Low, ends.High)) { IsOrder = true };
                case "in" when of.Count == 2:
                    return In(of[0], of[1]);
                case "some" or "all" or "none" when of.Count == 2 && Variable(of[0]) is { Length: > 0 } list && TestOf(of[1]) is { IsTwin: false, Test: { Subject: { Name: "", Quantifier: null } } test } element && test.Operator != TraitOperator.Neq:
                    var quantifier = op switch { "some" => Quantifier.Any, "all" => Quantifier.All, _ => Quantifier.None };
                    return new(test with { Subject = new(false, list) { Quantifier = quantifier } }, IfMissing: op == "none") { Notes = [.. element.Notes.Where(static note => note.Code == "loose_equality")] };
                case "!" when of.Count == 1 && TestOf(of[0]) is { IsTwin: false } positive && NegativeOf(positive.Test.Operator) is { } negative:
                    return positive with { Test = positive.Test with { Operator = negative }, IfMissing = !positive.IfMissing, IsTwin = true };
                default:
                    return null;
            }
        }

        private static Found? In(JsonElement needle, JsonElement haystack)
        {
            if (Variable(needle) is { } trait)
            {
                return haystack.ValueKind == JsonValueKind.Array && haystack.EnumerateArray().All(IsSingle)
                    ? new(new(new(false, trait), TraitOperator.In) { Values = [.. haystack.EnumerateArray()], CaseSensitive = haystack.EnumerateArray().Any(static value => value.ValueKind == JsonValueKind.String) ? true : null }, IfMissing: false)
                    : null;
            }

            if (Variable(haystack) is not { } within || !IsSingle(needle))
            {
                return null;
            }

            return needle.ValueKind == JsonValueKind.String
                ? new(new(new(false, within), TraitOperator.Contains) { Value = needle, CaseSensitive = true }, IfMissing: false)
                {
                    Notes = [("part_of_text", $"`{within}` is taken for a text that contains {RuleFields.Shown(needle)}; where it is a list, ask with `some` for an element that equals it")],
                }
                : new(new(new(false, within) { Quantifier = Quantifier.Any }, TraitOperator.Eq) { Value = needle }, IfMissing: false);
        }

        private static Found Ordered(string trait, TraitOperator op, JsonElement number) => new(new(new(false, trait), op) { Value = number }, HoldsForZero(op, number)) { IsOrder = true };

        private static (JsonElement Low, JsonElement High)? Between(List<JsonElement> of) => of is [{ ValueKind: JsonValueKind.Number } low, _, { ValueKind: JsonValueKind.Number } high] ? (low, high) : null;

        private static TraitOperator OrderOf(string op) => op switch { "<" => TraitOperator.Lt, "<=" => TraitOperator.Lte, ">" => TraitOperator.Gt, _ => TraitOperator.Gte };

        private static bool IsSingle(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;

        /// <summary>An operation and what it is of; a single operand needs no list around it.</summary>
        private static (string Op, List<JsonElement> Of) Operation(JsonElement json)
        {
            var field = json.EnumerateObject().First();
            return (field.Name, field.Value.ValueKind == JsonValueKind.Array ? [.. field.Value.EnumerateArray()] : [field.Value]);
        }

        /// <summary>The trait that is read, empty for the element itself; null for anything else.</summary>
        private static string? Variable(JsonElement json) =>
            json.ValueKind == JsonValueKind.Object && json.GetPropertyCount() == 1 && Operation(json) is ("var", [{ ValueKind: JsonValueKind.String } name]) && IsName(name.GetString()!) ? name.GetString() : null;

        /// <summary>There a dot nests and nothing escapes it.</summary>
        private static bool IsName(string name) => !name.Contains('\\');

        /// <summary>A test, and what it says there of a missing value.</summary>
        private sealed record Found(Condition.ValueTest Test, bool IfMissing)
        {
            public bool IsOrder { get; init; }

            /// <summary>Written as the negation of a positive test.</summary>
            public bool IsTwin { get; init; }

            public ImmutableArray<(string Code, string Message)> Notes { get; init; } = [];
        }
    }
}
