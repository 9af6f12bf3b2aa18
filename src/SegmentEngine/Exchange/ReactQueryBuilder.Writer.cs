using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

public static partial class ReactQueryBuilder
{
    private static class Writer
    {
        private static readonly JsonSerializerOptions plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 2 * Limits.ForeignNestingMax };
        private static readonly string[] options = ["value_type", "quantifier", "source", "case_sensitive", "accent_sensitive", "missing", "label"];
        private static readonly string[] span = ["amount", "unit", "calendar", "zone"];

        public static string Write(Condition condition) => (condition is Condition.Leaf and not Condition.Group ? Wrapped(condition, Marked(new())) : Node(condition)).ToJsonString(plain);

        private static JsonObject Node(Condition condition) => condition switch
        {
            Condition.AllOf all => Group("and", all.Of.Select(Node)),
            Condition.AnyOf any => Group("or", any.Of.Select(Node)),
            Condition.Negation { Of: Condition.AllOf or Condition.AnyOf } not => With(Node(not.Of), "not", true),
            Condition.Negation not => With(Wrapped(not.Of, Marked(new())), "not", true),
            Condition.Group group => Wrapped(group.Node, Marked(Taken(Printed(group with { Node = new Condition.AllContacts() }), ["type", "missing", "label"]))),
            Condition.ValueTest or Condition.DateTest => Test((Condition.Leaf)condition),
            _ => Held(condition),
        };

        private static JsonObject Group(string combinator, IEnumerable<JsonNode> rules) => new() { ["combinator"] = combinator, ["rules"] = new JsonArray([.. rules]) };

        /// <summary>A group that is no group but carries its only rule.</summary>
        private static JsonObject Wrapped(Condition only, JsonObject meta) => With(Group("and", [Node(only)]), "meta", meta);

        private static JsonObject With(JsonObject group, string field, JsonNode value)
        {
            group[field] = value;
            return group;
        }

        /// <summary>The shortest rule that is read back as the same condition.</summary>
        private static JsonObject Test(Condition.Leaf leaf)
        {
            var own = Printed(leaf);
            var type = own["type"]!.ToString();
            if (type == "property")
            {
                return Held(leaf);
            }

            var rule = new JsonObject { ["field"] = own["trait"]!.DeepClone(), ["operator"] = OperatorOf(leaf) };
            if ((own["values"] ?? own["value"]) is { } operand)
            {
                rule["value"] = operand.DeepClone();
            }
            else if (own.ContainsKey("amount"))
            {
                rule["value"] = Taken(own, span);
            }
            else
            {
                rule["value"] = null;
            }

            if (IsReadAs(rule, leaf))
            {
                return rule;
            }

            rule["meta"] = Marked(With(Taken(own, options), "type", type));
            return IsReadAs(rule, leaf) ? rule : Held(leaf);
        }

        private static string OperatorOf(Condition.Leaf leaf) => leaf switch
        {
            Condition.ValueTest test => operators.FirstOrDefault(pair => pair.Ours == test.Operator).Theirs ?? RuleNames.Of(test.Operator),
            Condition.DateTest test => dateOperators.FirstOrDefault(pair => pair.Ours == test.Operator).Theirs ?? RuleNames.Of(test.Operator),
            _ => throw new InvalidOperationException($"no operator for {leaf.GetType().Name}"),
        };

        private static bool IsReadAs(JsonObject rule, Condition.Leaf leaf)
        {
            var reading = Read(Group("and", [rule.DeepClone()]).ToJsonString(plain));
            return reading.Diagnostics.IsEmpty && reading.Condition is Condition.AllOf { Of: [var read] } && RuleJson.Print(read) == RuleJson.Print(leaf);
        }

        private static JsonObject Held(Condition condition)
        {
            var own = Printed(condition);
            return new() { ["field"] = own["type"]!.ToString(), ["operator"] = Holds, ["value"] = own };
        }

        private static JsonObject Printed(Condition condition) => JsonNode.Parse(RuleJson.Print(condition), documentOptions: ForeignReader.DeepEnough)!.AsObject();

        private static JsonObject Taken(JsonObject from, IEnumerable<string> names) =>
            new(names.Where(from.ContainsKey).Select(name => KeyValuePair.Create(name, from[name]?.DeepClone())));

        private static JsonObject Marked(JsonObject own) => new() { [Own] = own };
    }
}
