using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

/// <summary>
/// LaunchDarkly's segments, and the rules they and flags are made of, read as rules. A user's attributes are custom data by their names; those of another kind of context lie in an object
/// under the kind's name; <c>kind</c> is the list of the kinds there are.
/// </summary>
public static class LaunchDarklySegments
{
    /// <summary>Reads a segment: who is included, else who is not excluded and satisfies a rule. Never throws on what the text holds.</summary>
    /// <param name="json">The segment.</param>
    /// <param name="findSegment">The id here of a segment by its key there; null where there is none.</param>
    /// <param name="schema">The declared traits: what is not declared is read as an instant or a version where such are compared.</param>
    /// <returns>The rule; what it cannot say is an <c>unsupported</c> condition, with a diagnostic at its path in the source.</returns>
    public static RuleReading Read(string json, Func<string, string?> findSegment, TraitSchema? schema = null) => new SegmentReader(findSegment, schema ?? TraitSchema.Empty).Read(json);

    /// <inheritdoc cref="Read(string, Func{string, string?}, TraitSchema?)"/>
    public static RuleReading Read(JsonElement json, Func<string, string?> findSegment, TraitSchema? schema = null) => new SegmentReader(findSegment, schema ?? TraitSchema.Empty).Read(json);

    /// <summary>Reads one rule of a segment or a flag: all of its clauses.</summary>
    /// <inheritdoc cref="Read(string, Func{string, string?}, TraitSchema?)"/>
    public static RuleReading ReadRule(JsonElement json, Func<string, string?> findSegment, TraitSchema? schema = null) => new RuleOnlyReader(findSegment, schema ?? TraitSchema.Empty).Read(json);

    private sealed class RuleOnlyReader(Func<string, string?> findSegment, TraitSchema schema) : ClauseReader(findSegment, schema)
    {
        protected override Condition Root(JsonElement json) => Rule(json, "$");
    }

    private sealed class SegmentReader(Func<string, string?> findSegment, TraitSchema schema) : ClauseReader(findSegment, schema)
    {
        protected override Condition Root(JsonElement json)
        {
            if (json.ValueKind != JsonValueKind.Object)
            {
                return Park(json, "$", "wrong_type", $"a segment is an object, not {RuleFields.Shown(json)}");
            }

            if (json.TryGetProperty("unbounded", out var unbounded) && unbounded.ValueKind == JsonValueKind.True)
            {
                return Park(json, "$.unbounded", "unsupported", "who is in a big segment is not written in it");
            }

            if (Misshapen(json, "$", "included", "includedContexts", "excluded", "excludedContexts", "rules") is { } parked)
            {
                return parked;
            }

            var included = Listed(json, "included", "includedContexts", TraitOperator.In);
            var excluded = Listed(json, "excluded", "excludedContexts", TraitOperator.NotIn);
            var rules = List(json, "rules").Select((rule, i) => Rule(rule, $"$.rules[{i}]")).ToList();
            if (rules.Count == 0)
            {
                return included.Count == 0 ? new Condition.NoContacts() : Any(included);
            }

            return Any([.. included, All([.. excluded, Any(rules)])]);
        }

        /// <summary>A list of keys, and those of each kind of context. Lists have two values: who has no key is simply not on them.</summary>
        private List<Condition> Listed(JsonElement segment, string ofUsers, string ofContexts, TraitOperator op)
        {
            var found = new List<Condition>();
            Add("user", List(segment, ofUsers), RuleFields.PathOf("$", ofUsers));
            foreach (var (context, i) in List(segment, ofContexts).Select(static (context, i) => (context, i)))
            {
                var path = $"$.{ofContexts}[{i}]";
                if (context.ValueKind != JsonValueKind.Object)
                {
                    found.Add(Park(context, path, "wrong_type", $"a list of contexts is an object, not {RuleFields.Shown(context)}"));
                }
                else if (Misshapen(context, path, "values") is { } parked)
                {
                    found.Add(parked);
                }
                else if (KindOf(context) is { } kind)
                {
                    Add(kind, List(context, "values"), $"{path}.values");
                }
                else
                {
                    found.Add(Park(context, $"{path}.contextKind", "wrong_type", "`contextKind` is a text"));
                }
            }

            return found;

            void Add(string kind, List<JsonElement> keys, string path)
            {
                if (keys.Count == 0)
                {
                    return;
                }

                var raw = Array(keys);
                found.Add(keys.Exists(static key => key.ValueKind != JsonValueKind.String) ? Park(raw, path, "wrong_type", "keys are texts")
                    : TraitOf(kind, ["key"]) is not { } trait ? Park(raw, path, "unsupported", $"\"{kind}\" holds a backslash, which no trait's name can say")
                    : Leaf(new Condition.ValueTest(new(IsProperty: false, trait), op) { Values = [.. keys], CaseSensitive = true, Missing = op == TraitOperator.In ? MissingAs.NoMatch : MissingAs.Match }, raw, path));
            }
        }

        private static JsonElement Array(List<JsonElement> elements) => Written(writer =>
        {
            writer.WriteStartArray();
            elements.ForEach(element => element.WriteTo(writer));
            writer.WriteEndArray();
        });
    }

    private abstract class ClauseReader(Func<string, string?> findSegment, TraitSchema schema) : ForeignReader("launchdarkly")
    {
        /// <summary>A rollout's weight that takes everyone.</summary>
        private const int WholeWeight = 100_000;

        private static readonly string[] operators =
        [
            "in", "startsWith", "endsWith", "contains", "matches", "lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual", "before", "after", "segmentMatch", "semVerEqual", "semVerLessThan", "semVerGreaterThan",
        ];

        protected Condition Rule(JsonElement rule, string path)
        {
            if (rule.ValueKind != JsonValueKind.Object)
            {
                return Park(rule, path, "wrong_type", $"a rule is an object, not {RuleFields.Shown(rule)}");
            }

            if (rule.TryGetProperty("weight", out var weight) && weight.ValueKind != JsonValueKind.Null && !(weight.ValueKind == JsonValueKind.Number && weight.TryGetInt32(out var share) && share == WholeWeight))
            {
                return Park(rule, $"{path}.weight", "unsupported", "a share of the contacts is drawn by another hash there; draw your own with `sample`");
            }

            if (Misshapen(rule, path, "clauses") is { } parked)
            {
                return parked;
            }

            if (List(rule, "clauses") is { Count: > 0 } clauses)
            {
                return All([.. clauses.Select((clause, i) => Clause(clause, $"{path}.clauses[{i}]"))]);
            }

            Warn(path, "everyone", "a rule without clauses matches everyone",
                rule.EnumerateObject().Where(static field => field.Name != "clauses").Select(static field => RuleNames.Nearest(field.Name, ["clauses"])).FirstOrDefault(static near => near is not null));
            return new Condition.AllContacts();
        }

        private Condition Clause(JsonElement clause, string path)
        {
            if (clause.ValueKind != JsonValueKind.Object)
            {
                return Park(clause, path, "wrong_type", $"a clause is an object, not {RuleFields.Shown(clause)}");
            }

            if (!clause.TryGetProperty("op", out var op) || op.ValueKind != JsonValueKind.String || !operators.Contains(op.GetString()))
            {
                return Park(clause, $"{path}.op", "unknown_operator", op.ValueKind == JsonValueKind.Undefined ? "`op` is missing" : $"{RuleFields.Shown(op)} is no operator of LaunchDarkly",
                    op.ValueKind == JsonValueKind.String ? RuleNames.Nearest(op.GetString()!, operators) : null);
            }

            if (Misshapen(clause, path, "values") is { } parked)
            {
                return parked;
            }

            var values = List(clause, "values");
            var condition = op.ValueEquals("segmentMatch") ? Segments(clause, values, path) : Test(clause, op.GetString()!, values, path);
            return condition is Condition.Unsupported || !IsNegated(clause) ? condition : new Condition.Negation(condition);
        }

        private static bool IsNegated(JsonElement clause) => clause.TryGetProperty("negate", out var negate) && negate.ValueKind == JsonValueKind.True;

        private Condition Segments(JsonElement clause, List<JsonElement> keys, string path)
        {
            if (keys.Count == 0)
            {
                return new Condition.NoContacts();
            }

            var parts = new List<Condition>();
            foreach (var (key, i) in keys.Select(static (key, i) => (key, i)))
            {
                if (key.ValueKind != JsonValueKind.String || findSegment(key.GetString()!) is not { } id)
                {
                    return Park(clause, $"{path}.values[{i}]", "unknown_segment", $"there is no segment {RuleFields.Shown(key)}; a reference that leads nowhere never matches");
                }

                parts.Add(Leaf(new Condition.InSegment(id, Negated: false), clause, path));
            }

            return Any(parts);
        }

        private Condition Test(JsonElement clause, string op, List<JsonElement> values, string path)
        {
            if (AttributeOf(clause, path, out var refused) is not { } trait)
            {
                return refused!;
            }

            var subject = new Subject(IsProperty: false, trait);
            if (values.Count == 0)
            {
                return NoValue(subject, clause, path);
            }

            if (op == "in")
            {
                return In(subject, clause, values, path);
            }

            var parts = new List<Condition>();
            foreach (var (value, i) in values.Select(static (value, i) => (value, i)))
            {
                if (Misfit(op, value) is { } wanted)
                {
                    return Park(clause, $"{path}.values[{i}]", "wrong_type", $"`{op}` compares {wanted}, not {RuleFields.Shown(value)}; the clause never matches");
                }

                var one = One(subject, op, value, clause, $"{path}.values[{i}]");
                if (one is Condition.Unsupported)
                {
                    return one;
                }

                parts.Add(one);
            }

            return Any(parts);
        }

        private Condition One(Subject subject, string op, JsonElement value, JsonElement clause, string path)
        {
            switch (op)
            {
                case "before" or "after":
                    return Leaf(new Condition.DateTest(Typed(subject, TraitKind.DateTime), op == "before" ? DateOperator.Before : DateOperator.After) { Value = value }, clause, path);
                case "matches":
                    return Pattern(new(subject, TraitOperator.Matches) { Value = value, CaseSensitive = true }, clause, path);
                default:
                    var (word, of) = op switch
                    {
                        "startsWith" => (TraitOperator.StartsWith, subject),
                        "endsWith" => (TraitOperator.EndsWith, subject),
                        "contains" => (TraitOperator.Contains, subject),
                        "lessThan" => (TraitOperator.Lt, subject),
                        "lessThanOrEqual" => (TraitOperator.Lte, subject),
                        "greaterThan" => (TraitOperator.Gt, subject),
                        "greaterThanOrEqual" => (TraitOperator.Gte, subject),
                        "semVerEqual" => (TraitOperator.Eq, Typed(subject, TraitKind.Version)),
                        "semVerLessThan" => (TraitOperator.Lt, Typed(subject, TraitKind.Version)),
                        "semVerGreaterThan" => (TraitOperator.Gt, Typed(subject, TraitKind.Version)),
                        _ => throw new InvalidOperationException($"no reading for the operator {op}"),
                    };
                    return Leaf(new Condition.ValueTest(of, word) { Value = value, CaseSensitive = of.ValueType is null && schema.TypeOf(TraitPath.Of(of.Name))?.Kind != TraitKind.Version ? CaseOf(value) : null }, clause, path);
            }
        }

        private Condition In(Subject subject, JsonElement clause, List<JsonElement> values, string path)
        {
            var nulls = values.RemoveAll(static value => value.ValueKind == JsonValueKind.Null);
            if (nulls > 0)
            {
                Warn($"{path}.values", "never_true", "a value that is null never matches, and is left out");
            }

            if (values.Count == 0)
            {
                return NoValue(subject, clause, path);
            }

            return ByKind(values) is { } kinds
                ? Any([.. kinds.Select(kind => Leaf(new Condition.ValueTest(subject, TraitOperator.In) { Values = kind, CaseSensitive = CaseOf(kind[0]) }, clause, path))])
                : Park(clause, $"{path}.values", "unsupported", "a value is compared with whole lists or objects");
        }

        /// <summary>Nothing is equal to one of no values. Negated, whatever is there is different from all of them.</summary>
        private Condition NoValue(Subject subject, JsonElement clause, string path) =>
            IsNegated(clause) ? Leaf(new Condition.ValueTest(subject, TraitOperator.IsNotSet), clause, path) : new Condition.NoContacts();

        /// <summary>What an operator compares, where this value is no such thing.</summary>
        private static string? Misfit(string op, JsonElement value) => op switch
        {
            "startsWith" or "endsWith" or "contains" or "matches" => value.ValueKind == JsonValueKind.String ? null : "texts",
            "before" or "after" => TraitSchema.TryInstant(value, out _) ? null : "instants (RFC 3339 with an offset, or epoch milliseconds)",
            "semVerEqual" or "semVerLessThan" or "semVerGreaterThan" => TraitSchema.TryText(value, out var text) && SemanticVersion.TryParse(text, out _) ? null : "versions such as \"1.2.3\"",
            _ => value.ValueKind == JsonValueKind.Number ? null : "numbers",
        };

        private Subject Typed(Subject subject, TraitKind kind) => schema.TypeOf(TraitPath.Of(subject.Name)) is null ? subject with { ValueType = new(kind) } : subject;

        /// <summary>A clause's attribute as a trait; null with what was parked where it is none. It is a path only if the clause names a kind of context and it begins with a slash.</summary>
        private string? AttributeOf(JsonElement clause, string path, out Condition? refused)
        {
            refused = null;
            if (!clause.TryGetProperty("attribute", out var attribute) || attribute.ValueKind != JsonValueKind.String || attribute.GetString() is not { Length: > 0 } name)
            {
                refused = Park(clause, $"{path}.attribute", "missing_field", "`attribute` is missing");
                return null;
            }

            if (KindOf(clause) is not { } kind)
            {
                refused = Park(clause, $"{path}.contextKind", "wrong_type", "`contextKind` is a text");
                return null;
            }

            var isPath = clause.TryGetProperty("contextKind", out _) && name.StartsWith('/');
            if ((isPath ? Keys(name) : [name]) is not { } keys)
            {
                refused = Park(clause, $"{path}.attribute", "bad_reference", $"\"{name}\" is no path: parts are not empty, and ~ stands only before 0 and 1");
                return null;
            }

            // What kinds of context there are is asked of all of them at once.
            var trait = keys is ["kind"] ? "kind" : TraitOf(kind, keys);
            refused = trait is null ? Park(clause, $"{path}.attribute", "unsupported", $"\"{name}\" has a part that ends with a backslash, which no trait's name can say") : null;
            return trait;
        }

        private static ImmutableArray<string>? Keys(string path)
        {
            var parts = path[1..].Split('/');
            return System.Array.TrueForAll(parts, static part => part.Length > 0 && !part.Replace("~0", "", StringComparison.Ordinal).Replace("~1", "", StringComparison.Ordinal).Contains('~'))
                ? [.. parts.Select(static part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]
                : null;
        }

        /// <summary>The kind of context that something speaks of; null where it is no text.</summary>
        protected static string? KindOf(JsonElement json) =>
            !json.TryGetProperty("contextKind", out var kind) ? "user" : kind.ValueKind == JsonValueKind.String ? kind.GetString() is { Length: > 0 } named ? named : "user" : null;

        protected static string? TraitOf(string kind, ImmutableArray<string> keys) => TraitAt(kind == "user" ? keys : [kind, .. keys]);

        /// <summary>The whole of it, parked where one of its lists is none; null where they are.</summary>
        protected Condition.Unsupported? Misshapen(JsonElement json, string path, params ReadOnlySpan<string> lists)
        {
            foreach (var field in lists)
            {
                if (json.TryGetProperty(field, out var list) && list.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null))
                {
                    return Park(json, RuleFields.PathOf(path, field), "wrong_type", $"`{field}` is a list, not {RuleFields.Shown(list)}");
                }
            }

            return null;
        }

        /// <summary>A list that is one; empty where it is absent.</summary>
        protected static List<JsonElement> List(JsonElement json, string field) => json.TryGetProperty(field, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];
    }
}
