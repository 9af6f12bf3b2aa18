using System.Text.Json;
using System.Text.RegularExpressions;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Tidy;
using RuleText = SegmentEngine.Scripting.RuleText;

namespace SegmentEngine.Tests.Samples;

/// <summary><c>docs/rules.md</c> leaves nothing of the language out, and its examples are the samples'.</summary>
public sealed partial class ManualTests
{
    private static readonly string manual = File.ReadAllText(Path.Combine(Tree.Root, "docs", "rules.md")).ReplaceLineEndings("\n");

    /// <summary>Each block of JSON, with the sample that the paragraph before it names, or none, and the text that follows it.</summary>
    private static readonly List<(string Sample, JsonElement Rule, string Text)> examples =
        [.. Fence().Matches(manual).Select(static block => (block.Groups["sample"].Value, JsonElement.Parse(block.Groups["json"].Value), block.Groups["text"].Value))];

    private static IEnumerable<string> Operators =>
        RuleNames.All<TraitOperator>().Concat(RuleNames.All<DateOperator>()).Concat(RuleNames.All<AggregateFunction>()).Concat(RuleNames.All<LifecycleState>()).Concat(RuleNames.All<Quantifier>());

    [Fact]
    public void Every_leaf_type_has_a_row_and_every_operator_is_listed()
    {
        var rows = Rows.SelectMany(static row => Quoted().Matches(row[1])).Select(static name => name.Groups["code"].Value);
        Assert.Equal(RuleNames.LeafTypes.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));

        var said = Word().Matches(Fence().Replace(manual, "")).Select(static word => word.Value).ToHashSet();
        Assert.Empty(Operators.Except(said));
        var listed = Leaves.Where(static line => line.StartsWith("- ", StringComparison.Ordinal)).SelectMany(static line => Quoted().Matches(line)).SelectMany(static code => code.Groups["code"].Value.Split(' ')).ToHashSet();
        Assert.Empty(RuleNames.All<TraitOperator>().Concat(RuleNames.All<DateOperator>()).Except(listed));
    }

    [Fact]
    public void Every_leaf_type_and_operator_has_an_example()
    {
        var shown = examples.SelectMany(static example => RuleParts.Of(example.Rule)).SelectMany(static part => part.EnumerateObject())
            .Where(static field => field.Name is "type" or "op" or "fn" or "state" or "quantifier" && field.Value.ValueKind == JsonValueKind.String)
            .Select(static field => field.Value.GetString()!).ToHashSet();
        Assert.Empty(RuleNames.LeafTypes.Concat(Operators).Except(shown));
    }

    [Fact]
    public void An_example_is_its_sample_or_a_part_of_it()
    {
        Assert.Equal(manual.Split("\nFrom [").Length - 1, examples.Count(static example => example.Sample.Length > 0));
        Kindly.Nothing(from example in examples
                       where example.Sample.Length > 0
                       where !RuleParts.Of(Sample.DefinitionOf(example.Sample)).Any(part => JsonElement.DeepEquals(part, example.Rule))
                       select $"docs/rules.md: {example.Rule} is no part of rules-samples/{example.Sample}.json: copy it from there");
    }

    [Fact]
    public void An_example_is_followed_by_the_same_as_text() =>
        Kindly.Nothing(from example in examples
                       let tree = RuleJson.Read(example.Rule).Condition!
                       let text = IsWhole(example.Rule) ? RuleText.Print(tree) : RuleText.PrintPart(tree)
                       where example.Text != text || (example.Sample.Length > 0 && !Bare(Sample.TextOf(example.Sample)).Contains(Bare(text), StringComparison.Ordinal))
                       select $"docs/rules.md: {example.Rule} as text is\n{text}\nand stands so in rules-samples/{example.Sample}.json");

    [Fact]
    public void An_example_of_no_sample_is_a_rule_that_is_taken()
    {
        Assert.True(TraitSchema.TryParse(JsonElement.Parse("""{"traits": {}, "events": {}}"""), out var schema, out _));
        Kindly.Nothing(from example in examples
                       where example.Sample.Length == 0
                       let check = RuleChecker.Check(example.Rule, new RuleContext(schema, TimeZoneInfo.Utc, static _ => null, AllowUnknownSegments: true))
                       where check.Rule is null
                       select $"docs/rules.md: {example.Rule} is refused: {string.Join(", ", check.Diagnostics)}");
    }

    [Fact]
    public void Every_sample_that_the_manual_names_is_there()
    {
        var named = SampleLink().Matches(manual).Select(static link => link.Groups["sample"].Value)
            .Concat(Rows.SelectMany(static row => Quoted().Matches(row[^2])).Select(static name => name.Groups["code"].Value));
        Assert.Empty(named.Except(Sample.Names));
    }

    /// <summary>As alternatives of conditions, and no condition by itself.</summary>
    private static bool IsWhole(JsonElement rule) => !rule.TryGetProperty("type", out _);

    private static string Bare(string text) => string.Concat(text.Where(static each => !char.IsWhiteSpace(each)));

    /// <summary>The lines of the section that lists all there is.</summary>
    private static string[] Leaves => manual.Split("\n## ").Single(static section => section.StartsWith("4. Leaves", StringComparison.Ordinal)).Split('\n');

    private static IEnumerable<string[]> Rows => Leaves.Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).Select(static line => line.Split('|'));

    [GeneratedRegex("""(?:From \[[^\]]*\]\(\.\./rules-samples/(?<sample>[^)]+)\.json\):[^\n]*\n\n)?```json\n(?<json>.*?)\n```(?:\n\n```csharp\n(?<text>.*?)\n```)?""", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Fence();

    [GeneratedRegex("""\(\.\./rules-samples/(?<sample>[^)]+)\.json\)""")]
    private static partial Regex SampleLink();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("[a-z_]+")]
    private static partial Regex Word();
}
