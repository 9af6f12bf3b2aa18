using System.Globalization;
using System.Text;
using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

/// <summary>
/// Checked rules as C#, for their authors to read: a method a rule, over the answers of its conditions. <c>bool?</c> has the three values of the language, and its <c>&amp;</c>, <c>|</c> and <c>!</c> join them as
/// rules do, so that the method says what the rule says. It compiles as it stands; it is not what the engine runs.
/// </summary>
public static class RuleCSharp
{
    private const string Intro =
        """
        // A method a rule, over the answers of its conditions: true, false, or null where there is none.
        // A contact is a member where the whole is true.
        """;

    /// <summary>A file with a class of one method for each rule.</summary>
    /// <param name="rules">What each is called, and the rule.</param>
    public static string Write(IEnumerable<(string Name, CheckedRule Rule)> rules)
    {
        var text = new StringBuilder($"{Intro}\nusing System;\n\npublic static class Segments\n{{\n");
        var methods = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, rule) in rules)
        {
            if (methods.Count > 0)
            {
                _ = text.Append('\n');
            }

            var conditions = new List<Condition>();
            var answer = Node(rule.Condition, conditions, least: 0);
            Comment(text, name);
            for (var i = 0; i < conditions.Count; i++)
            {
                Comment(text, $"condition[{i}]: {RulePrinter.PrintPart(conditions[i])}");
            }

            _ = text.Append(CultureInfo.InvariantCulture, $"    public static bool? {Method(name, methods)}(ReadOnlySpan<bool?> condition) => {answer};\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>The conditions of a rule in the order in which its method takes their answers.</summary>
    internal static IReadOnlyList<Condition> ConditionsOf(CheckedRule rule)
    {
        var conditions = new List<Condition>();
        _ = Node(rule.Condition, conditions, least: 0);
        return conditions;
    }

    /// <param name="node">What to write.</param>
    /// <param name="conditions">Takes the conditions that are met.</param>
    /// <param name="least">How tightly it must hold together: 0 an or, 1 an and, 2 a term.</param>
    private static string Node(Condition node, List<Condition> conditions, int least)
    {
        switch (node)
        {
            case Condition.Group group:
                return Node(group.Node, conditions, least);
            case Condition.Negation not:
                return $"!{Node(not.Of, conditions, least: 2)}";
            case Condition.AllOf { Of: [var only] }:
                return Node(only, conditions, least);
            case Condition.AnyOf { Of: [var only] }:
                return Node(only, conditions, least);
            case Condition.AllOf { Of: [_, ..] of }:
                return Held(string.Join(" & ", of.Select(part => Node(part, conditions, least: 1))), least > 1);
            case Condition.AnyOf { Of: [_, ..] of }:
                return Held(string.Join(" | ", of.Select(part => Node(part, conditions, least: 1))), least > 0);
            case Condition.AllOf or Condition.AnyOf:
                // A list of nothing has no answer.
                return "((bool?)null)";
            default:
                conditions.Add(node);
                return $"condition[{conditions.Count - 1}]";
        }
    }

    private static string Held(string text, bool inParentheses) => inParentheses ? $"({text})" : text;

    /// <summary>A name from the letters and digits of another, which no other method has.</summary>
    private static string Method(string name, HashSet<string> taken)
    {
        var method = new StringBuilder();
        var begins = true;
        foreach (var letter in name)
        {
            var fits = char.IsAsciiLetterOrDigit(letter);
            if (fits)
            {
                _ = method.Append(begins ? char.ToUpperInvariant(letter) : letter);
            }

            begins = !fits;
        }

        if (method.Length == 0 || char.IsAsciiDigit(method[0]))
        {
            _ = method.Insert(0, "Rule");
        }

        var free = method.ToString();
        for (var i = 2; !taken.Add(free); i++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{method}_{i}");
        }

        return free;
    }

    /// <summary>Whatever a text holds, nothing of it leaves the comment.</summary>
    private static void Comment(StringBuilder into, string text)
    {
        foreach (var line in text.Split('\n'))
        {
            _ = into.Append("    // ");
            foreach (var letter in line)
            {
                _ = char.IsControl(letter) || letter is '\u2028' or '\u2029' ? into.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}") : into.Append(letter);
            }

            _ = into.Append('\n');
        }
    }
}
