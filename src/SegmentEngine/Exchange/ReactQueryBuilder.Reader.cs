using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

public static partial class ReactQueryBuilder
{
    private sealed class Reader() : ForeignReader("react-querybuilder")
    {
        /// <summary>What react-querybuilder calls a field or an operator that nobody has chosen yet.</summary>
        private const string Placeholder = "~";

        /// <summary>Independent combinators, the loosest first.</summary>
        private static readonly string[] levels = ["or", "and"];

        protected override Condition Root(JsonElement json) =>
            IsGroup(json) ? Group(json, "$") : Park(json, "$", "wrong_type", $"a query is an object with `combinator` and `rules`, not {RuleFields.Shown(json)}");

        private static bool IsGroup(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array;

        private Condition Node(JsonElement json, string path) =>
            IsGroup(json) ? Group(json, path)
            : json.ValueKind == JsonValueKind.Object ? Rule(json, path)
            : Park(json, path, "wrong_type", $"here stands a rule or a group, not {RuleFields.Shown(json)}");

        private Condition Group(JsonElement json, string path)
        {
            var rules = json.GetProperty("rules").EnumerateArray().ToList();
            var meta = MetaOf(json);
            var condition = meta is { } own && rules is [{ ValueKind: JsonValueKind.Object } only] && !IsMuted(only) ? Wrapped(only, own, $"{path}.rules[0]") : rules.Exists(static rule => rule.ValueKind == JsonValueKind.String)
                ? Independent(json, rules, path)
                : Combined(json, rules, path);
            return json.TryGetProperty("not", out var not) && not.ValueKind == JsonValueKind.True ? new Condition.Negation(condition) : condition;
        }

        /// <summary>A group of ours that is none: it carries its only rule, as a <c>group</c> condition does if it says so.</summary>
        private Condition Wrapped(JsonElement only, JsonElement own, string path)
        {
            var inner = Node(only, path);
            if (!own.TryGetProperty("type", out var type) || !type.ValueEquals("group"))
            {
                return inner;
            }

            // Its own fields are read as those of any condition are.
            var reading = RuleJson.Read(Merged("node", """{"type":"all_contacts"}""", own));
            return reading is { HasErrors: false, Condition: Condition.Group group } ? group with { Node = inner } : new Condition.Group(inner);
        }

        private Condition Combined(JsonElement json, List<JsonElement> rules, string path)
        {
            var combinator = json.TryGetProperty("combinator", out var written) && written.ValueKind == JsonValueKind.String ? written.GetString()!.ToLowerInvariant() : null;
            if (combinator is not ("and" or "or"))
            {
                return combinator == "xor" ? Park(json, $"{path}.combinator", "unsupported", "exactly one of several is not among our connectives")
                    : Park(json, $"{path}.combinator", "wrong_shape", "a group is combined with `and` or `or`");
            }

            var heard = Heard(rules.Select((rule, i) => (rule, $"{path}.rules[{i}]")));
            if (heard.Count > 0)
            {
                var parts = heard.Select(rule => Node(rule.Json, rule.Path)).ToList();
                return combinator == "and" ? new Condition.AllOf([.. parts]) : new Condition.AnyOf([.. parts]);
            }

            if (combinator == "or")
            {
                return Park(json, $"{path}.rules", "empty", "an empty `or` lets everyone in there; here a rule that lost its branches admits nobody: say everyone with all_contacts");
            }

            Warn($"{path}.rules", "everyone", "a group without rules lets everyone in");
            return new Condition.AllContacts();
        }

        /// <summary>Rules with a combinator between each two; <c>and</c> binds tighter than <c>or</c>.</summary>
        private Condition Independent(JsonElement json, List<JsonElement> rules, string path)
        {
            var words = rules.Where(static (_, i) => i % 2 == 1).ToList();
            if (rules.Count % 2 == 0 || rules.Where(static (_, i) => i % 2 == 0).Any(static rule => rule.ValueKind == JsonValueKind.String)
                || words.Exists(static word => word.ValueKind != JsonValueKind.String || !levels.Contains(word.GetString()!.ToLowerInvariant())))
            {
                return words.Exists(static word => word.ValueKind == JsonValueKind.String && word.GetString()!.Equals("xor", StringComparison.OrdinalIgnoreCase))
                    ? Park(json, $"{path}.rules", "unsupported", "exactly one of several is not among our connectives")
                    : Park(json, $"{path}.rules", "wrong_shape", "with independent combinators, rules and groups take turns with `and` or `or`");
            }

            var branches = new List<List<(JsonElement Json, string Path)>> { new() };
            for (var i = 0; i < rules.Count; i += 2)
            {
                if (i > 0 && rules[i - 1].GetString()!.Equals("or", StringComparison.OrdinalIgnoreCase))
                {
                    branches.Add([]);
                }

                branches[^1].Add((rules[i], $"{path}.rules[{i}]"));
            }

            var heard = branches.Select(Heard).Where(static branch => branch.Count > 0).Select(branch => branch.Select(rule => Node(rule.Json, rule.Path)).ToList()).ToList();
            return heard.Count == 0 ? Park(json, $"{path}.rules", "empty", "every rule of the group is muted")
                : heard.Count == 1 ? new Condition.AllOf([.. heard[0]])
                : new Condition.AnyOf([.. heard.Select(All)]);
        }

        /// <summary>All rules but those that are muted, which react-querybuilder leaves out of whatever it writes.</summary>
        private List<(JsonElement Json, string Path)> Heard(IEnumerable<(JsonElement Json, string Path)> rules)
        {
            var heard = new List<(JsonElement, string)>();
            foreach (var (rule, path) in rules)
            {
                if (IsMuted(rule))
                {
                    Warn(path, "muted", "this is muted, and so left out");
                }
                else
                {
                    heard.Add((rule, path));
                }
            }

            return heard;
        }

        private static bool IsMuted(JsonElement rule) => rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("muted", out var muted) && muted.ValueKind == JsonValueKind.True;

        private Condition Rule(JsonElement json, string path)
        {
            if (Text(json, "field") is not { } field || Text(json, "operator") is not { } op)
            {
                return Park(json, path, "missing_field", "a rule has a `field` and an `operator`, which are texts");
            }

            if (field is "" or Placeholder || op is "" or Placeholder)
            {
                return Park(json, path, "missing_field", $"the rule's {(field is "" or Placeholder ? "field" : "operator")} has not been chosen");
            }

            if (json.TryGetProperty("match", out _))
            {
                return Park(json, $"{path}.match", "unsupported", "lists hold single values here, not objects with rules of their own");
            }

            if (json.TryGetProperty("valueSource", out var source) && source.ValueKind == JsonValueKind.String && !source.ValueEquals("value"))
            {
                return Park(json, $"{path}.valueSource", "unsupported", "a trait is compared with a value, not with another trait");
            }

            var value = json.TryGetProperty("value", out var written) ? written : default;
            if (op == Holds)
            {
                return Written(value, json, $"{path}.value");
            }

            return MetaOf(json) is { } own ? OfOurs(json, field, op, value, own, path) : OfTheirs(json, field, op, value, path);
        }

        /// <summary>A whole condition as the value.</summary>
        private Condition Written(JsonElement condition, JsonElement json, string path)
        {
            if (condition.ValueKind != JsonValueKind.Object)
            {
                return Park(json, path, "wrong_type", $"the value of `{Holds}` is a condition, not {(condition.ValueKind == JsonValueKind.Undefined ? "nothing" : RuleFields.Shown(condition))}");
            }

            var reading = RuleJson.Read(condition);
            return reading.Diagnostics.FirstOrDefault(static found => found.Severity == DiagnosticSeverity.Error) is { } fault
                ? Park(json, path + fault.Path[1..], fault.Code, fault.Message, fault.Suggestion)
                : reading.Condition!;
        }

        /// <summary>A rule that carries what a query has no field for: everything is as it says, nothing is guessed.</summary>
        private Condition OfOurs(JsonElement json, string field, string op, JsonElement value, JsonElement own, string path)
        {
            var isDate = own.TryGetProperty("type", out var type) && type.ValueEquals("date");
            var word = isDate ? dateOperators.FirstOrDefault(pair => pair.Theirs == op) is { Theirs: not null } date ? RuleNames.Of(date.Ours) : op
                : operators.FirstOrDefault(pair => pair.Theirs == op) is { Theirs: not null } pair ? RuleNames.Of(pair.Ours) : op;
            var reading = RuleJson.Read(Leaf(field, word, value, own));
            return reading.Diagnostics.FirstOrDefault(static found => found.Severity == DiagnosticSeverity.Error) is { } fault ? Park(json, path, fault.Code, fault.Message, fault.Suggestion) : reading.Condition!;
        }

        private static JsonElement Leaf(string field, string op, JsonElement value, JsonElement own) => Written(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("trait", field);
            writer.WriteString("op", op);
            if (value.ValueKind == JsonValueKind.Object && !value.TryGetProperty("op", out _))
            {
                foreach (var part in value.EnumerateObject())
                {
                    part.WriteTo(writer);
                }
            }
            else if (value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
            {
                writer.WritePropertyName(value.ValueKind == JsonValueKind.Array ? "values" : "value");
                value.WriteTo(writer);
            }

            foreach (var option in own.EnumerateObject())
            {
                option.WriteTo(writer);
            }

            writer.WriteEndObject();
        });

        private Condition OfTheirs(JsonElement json, string field, string op, JsonElement value, string path)
        {
            var subject = new Subject(IsProperty: false, field);
            if (operators.FirstOrDefault(pair => pair.Theirs == op) is not { Theirs: not null } known)
            {
                return OfOurOperator(json, subject, op, value, path);
            }

            switch (known.Ours)
            {
                case TraitOperator.IsSet or TraitOperator.IsNotSet:
                    return Leaf(new Condition.ValueTest(subject, known.Ours), json, path);
                case TraitOperator.In or TraitOperator.NotIn:
                    return In(json, subject, known.Ours, value, path);
                case TraitOperator.Between or TraitOperator.NotBetween:
                    return Between(json, subject, known.Ours, value, path);
                case TraitOperator.Lt or TraitOperator.Lte or TraitOperator.Gt or TraitOperator.Gte:
                    return Ordered(json, subject, known.Ours, value, path);
                default:
                    var isText = known.Ours is not (TraitOperator.Eq or TraitOperator.Neq);
                    return IsSingle(value) && (!isText || value.ValueKind == JsonValueKind.String)
                        ? Leaf(new Condition.ValueTest(subject, known.Ours) { Value = value, CaseSensitive = CaseOf(value) }, json, path)
                        : WrongValue(json, op, value, isText ? "a text" : "a text, a number, true or false", path);
            }
        }

        /// <summary>Operators that react-querybuilder does not have and users add, under our names.</summary>
        private Condition OfOurOperator(JsonElement json, Subject subject, string op, JsonElement value, string path)
        {
            if (RuleNames.TryFind<DateOperator>(op, out var date) && date is not (DateOperator.Before or DateOperator.After or DateOperator.Between))
            {
                return OfOurs(json, subject.Name, op, value, JsonElement.Parse("""{"type":"date"}"""), path);
            }

            if (!RuleNames.TryFind<TraitOperator>(op, out var word) || Array.Exists(operators, pair => pair.Ours == word))
            {
                var words = operators.Select(static pair => pair.Theirs).Concat(RuleNames.All<TraitOperator>().Where(static name => name.Contains("match", StringComparison.Ordinal) || name.Contains("cidr", StringComparison.Ordinal)));
                return Park(json, $"{path}.operator", "unknown_operator", $"`{op}` is no operator of react-querybuilder, nor one of ours that it lacks", RuleNames.Nearest(op, words));
            }

            return word is TraitOperator.Matches or TraitOperator.NotMatches
                ? Pattern(new(subject, word) { Value = value, CaseSensitive = true }, json, path)
                : OfOurs(json, subject.Name, op, value, JsonElement.Parse("""{"type":"trait"}"""), path);
        }

        private Condition In(JsonElement json, Subject subject, TraitOperator op, JsonElement value, string path)
        {
            if (ListOf(value) is not { } values || values.Exists(static each => !IsSingle(each)))
            {
                return WrongValue(json, RuleNames.Of(op), value, "a list of texts, numbers, true or false", path);
            }

            if (values.Count == 0)
            {
                return op == TraitOperator.In ? new Condition.NoContacts() : new Condition.AllContacts();
            }

            return Leaf(new Condition.ValueTest(subject, op) { Values = [.. values], CaseSensitive = values.Exists(static each => each.ValueKind == JsonValueKind.String) ? true : null }, json, path);
        }

        private Condition Between(JsonElement json, Subject subject, TraitOperator op, JsonElement value, string path)
        {
            if (ListOf(value) is [var first, var second])
            {
                if (NumberOf(first) is { } low && NumberOf(second) is { } high)
                {
                    Noted(first.ValueKind == JsonValueKind.String || second.ValueKind == JsonValueKind.String, path);
                    return Leaf(new Condition.ValueTest(subject, op) { Values = [low, high] }, json, path);
                }

                if (IsDay(first) && IsDay(second))
                {
                    return Signed(Leaf(new Condition.DateTest(subject, DateOperator.Between) { Values = [first, second] }, json, path), op == TraitOperator.NotBetween);
                }

                if (IsMoment(first) && IsMoment(second))
                {
                    // Both ends are in it there; here the upper end of a stretch of instants is not.
                    var within = new Condition.AllOf([
                        new Condition.Negation(Leaf(new Condition.DateTest(subject, DateOperator.Before) { Value = first }, json, path)),
                        new Condition.Negation(Leaf(new Condition.DateTest(subject, DateOperator.After) { Value = second }, json, path))]);
                    return Signed(within, op == TraitOperator.NotBetween);
                }
            }

            return WrongValue(json, RuleNames.Of(op), value, "two numbers, or two days or instants", path);
        }

        private Condition Ordered(JsonElement json, Subject subject, TraitOperator op, JsonElement value, string path)
        {
            if (NumberOf(value) is { } number)
            {
                Noted(value.ValueKind == JsonValueKind.String, path);
                return Leaf(new Condition.ValueTest(subject, op) { Value = number }, json, path);
            }

            if (!IsMoment(value))
            {
                return value.ValueKind == JsonValueKind.String
                    ? Park(json, $"{path}.value", "unsupported", "texts have no order here; only numbers, days, instants and versions have")
                    : WrongValue(json, RuleNames.Of(op), value, "a number, a day or an instant", path);
            }

            var isBefore = op is TraitOperator.Lt or TraitOperator.Gte;
            return Signed(Leaf(new Condition.DateTest(subject, isBefore ? DateOperator.Before : DateOperator.After) { Value = value }, json, path), op is TraitOperator.Lte or TraitOperator.Gte);
        }

        private static Condition Signed(Condition condition, bool isNegative) => isNegative && condition is not Condition.Unsupported ? new Condition.Negation(condition) : condition;

        private Condition.Unsupported WrongValue(JsonElement json, string op, JsonElement value, string wanted, string path) =>
            Park(json, $"{path}.value", "wrong_type", $"`{op}` takes {wanted}, not {(value.ValueKind == JsonValueKind.Undefined ? "nothing" : RuleFields.Shown(value))}");

        private void Noted(bool wasText, string path)
        {
            if (wasText)
            {
                Warn($"{path}.value", "read_as_number", "the text is read as a number");
            }
        }

        /// <summary>A list, or what stands between the commas of a text.</summary>
        private static List<JsonElement>? ListOf(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.Array => [.. value.EnumerateArray()],
            JsonValueKind.String => [.. value.GetString()!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static part => Written(writer => writer.WriteStringValue(part)))],
            JsonValueKind.Number => [value],
            _ => null,
        };

        /// <summary>A number, written as one or, as input fields give it, as text.</summary>
        private static JsonElement? NumberOf(JsonElement value) =>
            value.ValueKind == JsonValueKind.Number ? value
            : TraitSchema.TryText(value, out var text) && Numeric.TryParse(text, out var number) ? JsonElement.Parse(number.ToString())
            : null;

        private static bool IsDay(JsonElement value) => TraitSchema.TryText(value, out var text) && TraitSchema.TryDay(text, out _);

        private static bool IsMoment(JsonElement value) => value.ValueKind == JsonValueKind.String && (IsDay(value) || TraitSchema.TryInstant(value, out _));

        private static bool IsSingle(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;

        private static string? Text(JsonElement json, string field) => json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        /// <summary>What we wrote beside the fields of a query; null where it is not from here.</summary>
        private static JsonElement? MetaOf(JsonElement json) =>
            json.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty(Own, out var own) && own.ValueKind == JsonValueKind.Object ? own : null;

        private static JsonElement Merged(string field, string value, JsonElement own) => Written(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName(field);
            writer.WriteRawValue(value);
            foreach (var option in own.EnumerateObject())
            {
                option.WriteTo(writer);
            }

            writer.WriteEndObject();
        });
    }
}
