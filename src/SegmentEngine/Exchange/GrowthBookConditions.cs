using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

/// <summary>GrowthBook's conditions, read as rules. An attribute is custom data, whatever its name; a dot in it nests.</summary>
public static class GrowthBookConditions
{
    /// <summary>Reads a condition; never throws on what the text holds.</summary>
    /// <param name="json">The condition.</param>
    /// <param name="savedGroups">What <c>$inGroup</c> names: an object with a list of values a group; none where it is left out.</param>
    /// <param name="schema">The declared traits: what is not declared is read as a version where versions are compared.</param>
    /// <returns>The rule; what it cannot say is an <c>unsupported</c> condition, with a diagnostic at its path in the source.</returns>
    public static RuleReading Read(string json, JsonElement savedGroups = default, TraitSchema? schema = null) => new Reader(savedGroups, schema ?? TraitSchema.Empty).Read(json);

    /// <inheritdoc cref="Read(string, JsonElement, TraitSchema?)"/>
    public static RuleReading Read(JsonElement json, JsonElement savedGroups = default, TraitSchema? schema = null) => new Reader(savedGroups, schema ?? TraitSchema.Empty).Read(json);

    private sealed class Reader(JsonElement groups, TraitSchema schema) : ForeignReader("growthbook")
    {
        private static readonly string[] operators =
        [
            "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$ini", "$nini", "$inGroup", "$notInGroup", "$all", "$alli", "$elemMatch", "$size", "$exists", "$not",
            "$regex", "$regexi", "$notRegex", "$notRegexi", "$veq", "$vne", "$vgt", "$vgte", "$vlt", "$vlte", "$type",
        ];

        /// <summary>Within an odd number of negations. There TRUE and FALSE are all there is in the source, so a missing value has to be FALSE for its negation to hold.</summary>
        private bool isNegated;

        protected override Condition Root(JsonElement json) => IsText(groups) ? Node(json, "$") : Park(json, "$", RuleJson.HalfName.Code, "a saved group holds half a surrogate pair, which is no text");

        private Condition Node(JsonElement json, string path)
        {
            if (json.ValueKind != JsonValueKind.Object)
            {
                return Park(json, path, "wrong_type", $"a condition is an object, not {RuleFields.Shown(json)}");
            }

            var parts = json.EnumerateObject().Select(field => Part(field.Name, field.Value, RuleFields.PathOf(path, field.Name))).ToList();
            return parts.Count == 0 ? new Condition.AllContacts() : All(parts);
        }

        private Condition Part(string name, JsonElement value, string path) => name switch
        {
            "$and" => Nodes(name, value, path) is { } all ? all.Count == 0 ? new Condition.AllContacts() : new Condition.AllOf([.. all]) : NoList(name, value, path),
            "$or" => Nodes(name, value, path) is { } any ? any.Count == 0 ? Empty(name, value, path) : new Condition.AnyOf([.. any]) : NoList(name, value, path),
            "$nor" => Negated(() => Nodes(name, value, path) is { } any ? any.Count == 0 ? Empty(name, value, path) : new Condition.AnyOf([.. any]) : NoList(name, value, path)),
            "$not" => Negated(() => Node(value, path)),
            _ => Attribute(name, value, path),
        };

        private List<Condition>? Nodes(string name, JsonElement value, string path) =>
            value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select((node, i) => Node(node, $"{path}[{i}]"))] : null;

        private Condition.Unsupported NoList(string name, JsonElement value, string path) => Park(Raw(name, value), path, "wrong_type", $"`{name}` takes a list, not {RuleFields.Shown(value)}");

        private Condition.Unsupported Empty(string name, JsonElement value, string path) =>
            Park(Raw(name, value), path, "empty", $"an empty `{name}` lets everyone in there; here a rule that lost its branches admits nobody: say everyone with all_contacts");

        private Condition.Negation Negated(Func<Condition> inner)
        {
            isNegated = !isNegated;
            var condition = inner();
            isNegated = !isNegated;
            return new(condition);
        }

        private Condition Attribute(string attribute, JsonElement value, string path)
        {
            if (TraitAt(attribute.Split('.')) is not { } trait)
            {
                return Park(Raw(attribute, value), path, "unsupported", $"`{attribute}` has a key that ends with a backslash, which no trait's name can say");
            }

            var of = new Attributed(attribute, trait);
            if (value.ValueKind != JsonValueKind.Object)
            {
                return Equal(of, "$eq", value, path);
            }

            var fields = value.EnumerateObject().ToList();
            return fields.Count == 0 || !fields.TrueForAll(static field => field.Name.StartsWith('$'))
                ? Park(Raw(attribute, value), path, "unsupported", $"`{attribute}` is compared with a whole object; compare its fields one by one")
                : Operators(of, fields, path);
        }

        private Condition Operators(Attributed of, IEnumerable<JsonProperty> fields, string path) =>
            All([.. fields.Select(field => Operator(of, field.Name, field.Value, RuleFields.PathOf(path, field.Name)))]);

        private Condition Operator(Attributed of, string op, JsonElement value, string path) => op switch
        {
            "$eq" or "$ne" => Equal(of, op, value, path),
            "$gt" or "$gte" or "$lt" or "$lte" => Ordered(of, op, value, path),
            "$in" or "$ini" or "$nin" or "$nini" => value.ValueKind == JsonValueKind.Array ? In(of, op, value, path) : NoList(of, op, value, path),
            "$inGroup" or "$notInGroup" => Group(of, op, value, path),
            "$all" or "$alli" => value.ValueKind == JsonValueKind.Array ? AllIn(of, op, value, path) : NoList(of, op, value, path),
            "$elemMatch" => Element(of, value, path),
            "$size" => Length(of, value, path),
            "$exists" => value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? Test(of, op, value, path, new(of.Subject, value.GetBoolean() ? TraitOperator.IsSet : TraitOperator.IsNotSet))
                : Park(Raw(of, op, value), path, "wrong_type", $"`$exists` is true or false, not {RuleFields.Shown(value)}"),
            "$not" => value.ValueKind == JsonValueKind.Object && value.EnumerateObject().All(static field => field.Name.StartsWith('$')) && value.GetPropertyCount() > 0
                ? Negated(() => Operators(of, value.EnumerateObject(), path))
                : Negated(() => Equal(of, "$eq", value, path)),
            "$regex" or "$regexi" or "$notRegex" or "$notRegexi" => Pattern(
                Missing(new(of.Subject, op.StartsWith("$not", StringComparison.Ordinal) ? TraitOperator.NotMatches : TraitOperator.Matches) { Value = value, CaseSensitive = !op.EndsWith('i') }), Raw(of, op, value), path),
            "$veq" or "$vne" or "$vgt" or "$vgte" or "$vlt" or "$vlte" => Version(of, op, value, path),
            "$type" => value.ValueKind == JsonValueKind.String && value.ValueEquals("null")
                ? Test(of, op, value, path, new(of.Subject, TraitOperator.IsNotSet))
                : Park(Raw(of, op, value), path, "unsupported", "a rule cannot ask what type a value has; traits are declared in the schema"),
            _ => Park(Raw(of, op, value), path, "unknown_operator", $"`{op}` is no operator of GrowthBook", RuleNames.Nearest(op, operators)),
        };

        private Condition Equal(Attributed of, string op, JsonElement value, string path)
        {
            var negative = op == "$ne";
            return value.ValueKind switch
            {
                JsonValueKind.Null => Test(of, op, value, path, new(of.Subject, negative ? TraitOperator.IsSet : TraitOperator.IsNotSet)),
                JsonValueKind.Array or JsonValueKind.Object =>
                    Park(Raw(of, op, value), path, "unsupported", $"`{of.Name}` is compared with a whole {(value.ValueKind == JsonValueKind.Array ? "list; ask for its elements with $all and $size" : "object; compare its fields one by one")}"),
                _ => Test(of, op, value, path, new(of.Subject, negative ? TraitOperator.Neq : TraitOperator.Eq) { Value = value, CaseSensitive = CaseOf(value) }),
            };
        }

        private Condition Ordered(Attributed of, string op, JsonElement value, string path)
        {
            if (value.ValueKind == JsonValueKind.Number)
            {
                return Test(of, op, value, path, new(of.Subject, Comparison(op[1..])) { Value = value });
            }

            if (!TraitSchema.TryText(value, out var text))
            {
                return Park(Raw(of, op, value), path, "wrong_type", $"`{op}` compares numbers, not {RuleFields.Shown(value)}");
            }

            return Numeric.TryParse(text, out var number)
                ? Park(Raw(of, op, value), path, "wrong_type", "a text is never compared with a number here", $"`{number}`")
                : Park(Raw(of, op, value), path, "unsupported", "texts have no order here; only numbers, dates and versions have");
        }

        private Condition In(Attributed of, string op, JsonElement values, string path)
        {
            var negative = op is "$nin" or "$nini" or "$notInGroup";
            var all = values.EnumerateArray().ToList();
            if (all.Count == 0)
            {
                return negative ? new Condition.AllContacts() : new Condition.NoContacts();
            }

            if (ByKind(all.Where(static value => value.ValueKind != JsonValueKind.Null)) is not { } kinds)
            {
                return Park(Raw(of, op, values), path, "unsupported", $"`{of.Name}` is compared with whole lists or objects");
            }

            var parts = kinds.Select(kind => Test(of, op, values, path, new(of.Subject, negative ? TraitOperator.NotIn : TraitOperator.In)
            {
                Values = kind,
                CaseSensitive = CaseOf(kind[0]) is null ? null : op is not ("$ini" or "$nini"),
            })).ToList();
            if (all.Exists(static value => value.ValueKind == JsonValueKind.Null))
            {
                parts.Add(Test(of, op, values, path, new(of.Subject, negative ? TraitOperator.IsSet : TraitOperator.IsNotSet)));
            }

            return negative ? All(parts) : Any(parts);
        }

        private Condition Group(Attributed of, string op, JsonElement id, string path)
        {
            if (id.ValueKind != JsonValueKind.String)
            {
                return Park(Raw(of, op, id), path, "wrong_type", $"`{op}` takes the id of a group, not {RuleFields.Shown(id)}");
            }

            return groups.ValueKind == JsonValueKind.Object && groups.TryGetProperty(id.GetString()!, out var values) && values.ValueKind == JsonValueKind.Array
                ? In(of, op, values, path)
                : Park(Raw(of, op, id), path, "unknown_group", $"there is no saved group {RuleFields.Shown(id)}; a reference that leads nowhere never matches");
        }

        private Condition AllIn(Attributed of, string op, JsonElement values, string path)
        {
            if (ByKind(values.EnumerateArray()) is null)
            {
                return Park(Raw(of, op, values), path, "unsupported", $"`{op}` over anything but texts, numbers, true and false");
            }

            var list = of.Subject with { Quantifier = Quantifier.Any };
            var parts = values.EnumerateArray().Select(value => Test(of, op, values, path, new(list, TraitOperator.Eq) { Value = value, CaseSensitive = CaseOf(value) is null ? null : op == "$all" })).ToList();

            // Nothing is asked of the elements, only that it is a list.
            return parts.Count == 0 ? Test(of, op, values, path, new(of.Subject, TraitOperator.Size) { Value = Size(TraitOperator.Gte, JsonElement.Parse("0")) }) : All(parts);
        }

        private Condition Element(Attributed of, JsonElement value, string path)
        {
            if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() != 1)
            {
                return Park(Raw(of, "$elemMatch", value), path, "unsupported", "`$elemMatch` with several conditions on one element");
            }

            var field = value.EnumerateObject().First();
            Quantifier? quantifier = field.Name switch
            {
                "$eq" or "$gt" or "$gte" or "$lt" or "$lte" or "$in" or "$ini" or "$regex" or "$regexi" or "$veq" or "$vgt" or "$vgte" or "$vlt" or "$vlte" => Quantifier.Any,

                // Some element is not so: not all of them are.
                "$ne" or "$nin" or "$nini" or "$notRegex" or "$notRegexi" or "$vne" => Quantifier.All,
                _ => null,
            };
            return quantifier is null
                ? Park(Raw(of, "$elemMatch", value), path, "unsupported", "lists hold single values here: `$elemMatch` takes one operator on an element, not its fields")
                : Operator(of with { Quantifier = quantifier }, field.Name, field.Value, RuleFields.PathOf(path, field.Name));
        }

        private Condition Length(Attributed of, JsonElement value, string path)
        {
            Condition Sized(string op, JsonElement n, string place) => Test(of, "$size", value, place, new(of.Subject, TraitOperator.Size) { Value = Size(Comparison(op[1..]), n) });
            bool IsWhole(JsonElement n) => n.ValueKind == JsonValueKind.Number && n.TryGetInt32(out var whole) && whole >= 0;

            if (IsWhole(value))
            {
                return Sized("$eq", value, path);
            }

            return value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() > 0
                && value.EnumerateObject().All(field => field.Name is "$eq" or "$ne" or "$gt" or "$gte" or "$lt" or "$lte" && IsWhole(field.Value))
                ? All([.. value.EnumerateObject().Select(field => Sized(field.Name, field.Value, RuleFields.PathOf(path, field.Name)))])
                : Park(Raw(of, "$size", value), path, "wrong_type", $"a size is compared with whole numbers from 0, not {RuleFields.Shown(value)}");
        }

        private Condition Version(Attributed of, string op, JsonElement value, string path)
        {
            if (!TraitSchema.TryText(value, out var text) || !SemanticVersion.TryParse(text, out _))
            {
                return Park(Raw(of, op, value), path, "wrong_type", $"{RuleFields.Shown(value)} is no version such as \"1.2.3\"");
            }

            var subject = of.Subject;
            subject = schema.TypeOf(TraitPath.Of(subject.Name)) is null ? subject with { ValueType = new(TraitKind.Version, IsList: subject.Quantifier is not null) } : subject;
            return Test(of, op, value, path, new(subject, Comparison(op[2..])) { Value = value });
        }

        private Condition Test(Attributed of, string op, JsonElement value, string path, Condition.ValueTest test) => Leaf(Missing(test), Raw(of, op, value), path);

        /// <summary>There a missing value is never equal to anything: negative operators hold for it, all others do not.</summary>
        private Condition.ValueTest Missing(Condition.ValueTest test) => test with
        {
            Missing = test.Operator switch
            {
                TraitOperator.IsSet or TraitOperator.IsNotSet => null,
                TraitOperator.Neq or TraitOperator.NotIn or TraitOperator.NotMatches when test.Subject.Quantifier is null => MissingAs.Match,
                _ => isNegated ? MissingAs.NoMatch : null,
            },
        };

        private static TraitOperator Comparison(string word) => word == "ne" ? TraitOperator.Neq : RuleNames.TryFind<TraitOperator>(word, out var op) ? op : throw new InvalidOperationException($"no comparison for {word}");

        private Condition.Unsupported NoList(Attributed of, string op, JsonElement value, string path) => Park(Raw(of, op, value), path, "wrong_type", $"`{op}` takes a list, not {RuleFields.Shown(value)}");

        private static JsonElement Raw(string name, JsonElement value) => Written(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName(name);
            value.WriteTo(writer);
            writer.WriteEndObject();
        });

        private static JsonElement Raw(Attributed of, string op, JsonElement value) => Raw(of.Name, Raw(op, value));

        /// <summary>An attribute under its name in the source, and the trait it is here.</summary>
        private sealed record Attributed(string Name, string Trait)
        {
            public Quantifier? Quantifier { get; init; }

            public Subject Subject => new(IsProperty: false, Trait) { Quantifier = Quantifier };
        }
    }
}
