using System.Text.Json;
using System.Text.RegularExpressions;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Tidy;

namespace SegmentEngine.Scripting.Tests;

/// <summary>What the manual says of the text form is so.</summary>
public sealed partial class ManualTests
{
    private static readonly string section = File.ReadAllText(Path.Combine(Tree.Root, "docs/rules.md")).Split("\n## ").Single(static part => part.Contains("Text form\n", StringComparison.Ordinal));

    public static IEnumerable<object[]> Rows => section.Split('\n').Select(static line => Row().Match(line)).Where(static row => row.Success).Select(static row => new object[] { row.Groups["text"].Value, row.Groups["json"].Value });

    [Theory, MemberData(nameof(Rows))]
    public void A_row_says_the_same_twice(string text, string json)
    {
        var reading = RuleText.Read(text);
        Assert.True(reading.Diagnostics.IsEmpty, string.Join('\n', reading.Diagnostics));
        var printed = RuleJson.Print(reading.Rule.Condition!);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse($$"""{"or":[{"and":[{{json}}]}]}"""), JsonElement.Parse(printed)), printed);
        Assert.Equal(text, RuleText.Print(reading.Rule.Condition!).Replace("\n    ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void The_example_is_a_rule()
    {
        var example = Block().Match(section).Groups["text"].Value;
        Assert.Empty(RuleText.Read(example).Diagnostics);
        Assert.Contains("priority", example, StringComparison.Ordinal);
    }

    [Fact]
    public void No_word_of_the_language_is_missing()
    {
        string[] words =
        [
            .. Vocabulary.Functions.Keys, .. Vocabulary.Events.Keys, .. Vocabulary.Operators.Keys, .. Vocabulary.OfEvent.Keys, .. Vocabulary.OfEdge.Keys, .. Vocabulary.OfStep.Keys, .. Vocabulary.OfSequence.Keys,
            .. Vocabulary.Units.Keys, .. Vocabulary.Options.Keys, Vocabulary.Tree.Name, Vocabulary.Trait.Name, Vocabulary.Property.Name, Vocabulary.Step.Name, Vocabulary.Json.Name, Vocabulary.With.Name,
        ];
        Assert.DoesNotContain(words, static word => !Regex.IsMatch(section, $@"\b{word}\b"));
    }

    [GeneratedRegex("""^\| `(?<text>[^`]+)`.* \| `(?<json>\{.*\})` \|$""")]
    private static partial Regex Row();

    [GeneratedRegex("```csharp\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
