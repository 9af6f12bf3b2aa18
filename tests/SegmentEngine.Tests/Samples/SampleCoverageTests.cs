using System.Text.Json;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Samples;

/// <summary>What the language has, some sample shows.</summary>
public sealed class SampleCoverageTests
{
    private static readonly List<JsonElement> shown = [.. Sample.Names.SelectMany(static name => RuleParts.Of(Sample.DefinitionOf(name)))];

    [Fact]
    public void At_least_forty_rules_are_taken() => Assert.True(Sample.Names.Count(static name => !name.Contains('/', StringComparison.Ordinal) || name.StartsWith("warned/", StringComparison.Ordinal)) >= 40);

    [Fact]
    public void Every_leaf_type_is_shown() => Nothing(RuleNames.LeafTypes, "type");

    [Fact]
    public void Every_operator_of_traits_is_shown() => Nothing(RuleNames.All<TraitOperator>(), "op", static leaf => RuleParts.Is(leaf, "type", "trait") || RuleParts.Is(leaf, "type", "property") || leaf.TryGetProperty("n", out _));

    [Fact]
    public void Every_operator_of_dates_is_shown() => Nothing(RuleNames.All<DateOperator>(), "op", static leaf => RuleParts.Is(leaf, "type", "date") || RuleParts.Is(leaf, "type", "property"));

    [Fact]
    public void Every_function_of_events_is_shown() => Nothing(RuleNames.All<AggregateFunction>(), "fn");

    [Fact]
    public void Every_state_of_a_life_cycle_is_shown() => Nothing(RuleNames.All<LifecycleState>(), "state");

    [Fact]
    public void Every_quantifier_is_shown() => Nothing(RuleNames.All<Quantifier>(), "quantifier");

    [Fact]
    public void Every_unit_of_time_is_shown() => Nothing(RuleNames.All<TimeUnit>(), "unit");

    [Theory]
    [InlineData("missing"), InlineData("label"), InlineData("value_type"), InlineData("source"), InlineData("case_sensitive"), InlineData("accent_sensitive"), InlineData("calendar"), InlineData("zone")]
    [InlineData("distinct_by"), InlineData("per"), InlineData("is"), InlineData("event_in"), InlineData("within"), InlineData("step"), InlineData("from"), InlineData("to")]
    public void Every_option_is_shown(string field) => Assert.Contains(shown, part => part.TryGetProperty(field, out _));

    private static void Nothing(IEnumerable<string> words, string field, Func<JsonElement, bool>? among = null) =>
        Assert.Empty(words.Except(shown.Where(part => among?.Invoke(part) ?? true).Select(part => part.TryGetProperty(field, out var word) && word.ValueKind == JsonValueKind.String ? word.GetString()! : "")));
}
