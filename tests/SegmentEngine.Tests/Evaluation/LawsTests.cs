using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>What holds for any rules: the laws of Kleene's logic, and that a rule is what it prints.</summary>
public sealed class LawsTests
{
    private const int Worlds = 25;
    private const int RulesEach = 12;
    private const int PeopleEach = 12;

    private static readonly Dictionary<string, string> twins = new()
    {
        ["neq"] = "eq", ["not_in"] = "in", ["not_contains"] = "contains", ["not_starts_with"] = "starts_with", ["not_ends_with"] = "ends_with",
        ["not_matches"] = "matches", ["not_in_cidr"] = "in_cidr", ["not_between"] = "between", ["not_in_last"] = "in_last", ["not_in_next"] = "in_next",
        ["is_not_set"] = "is_set", ["is_not_empty"] = "is_empty",
    };

    [Fact]
    public void R1_double_negation() => ForAll(static rule => Not(Not(rule)));

    [Fact]
    public void R1_De_Morgan()
    {
        ForAll(static (left, right) => Not(And(left, right)), static (left, right) => Or(Not(left), Not(right)));
        ForAll(static (left, right) => Not(Or(left, right)), static (left, right) => And(Not(left), Not(right)));
    }

    [Fact]
    public void R1_order_says_nothing()
    {
        ForAll(And, static (left, right) => And(right, left));
        ForAll(Or, static (left, right) => Or(right, left));
    }

    [Fact]
    public void R1_one_part_twice_one_part_alone_and_a_group_say_nothing_more()
    {
        ForAll(static rule => And(rule, rule));
        ForAll(static rule => Or(rule, rule));
        ForAll(static rule => $$"""{"and":[{{rule}}]}""");
        ForAll(static rule => $$"""{"type":"group","node":{"or":[{{rule}}]} }""");
    }

    [Fact]
    public void R1_everyone_and_nobody_are_the_ends()
    {
        ForAll(static rule => And(rule, """{"type":"all_contacts"}"""));
        ForAll(static rule => Or(rule, """{"type":"no_contacts"}"""));
        ForAll(static (left, right) => And(left, Or(left, right)), static (left, _) => left);
        ForAll(static (left, right) => Or(left, And(left, right)), static (left, _) => left);
    }

    [Fact]
    public void R1_H5_a_negative_operator_is_the_negation_of_its_twin()
    {
        var compared = 0;
        ForAll(rule =>
        {
            // What missing counts as belongs to the leaf: a negated one counts it the other way round.
            var leaf = System.Text.Json.Nodes.JsonNode.Parse(rule)!.AsObject();
            if (leaf["type"]?.GetValue<string>() is "trait" or "date" && twins.TryGetValue(leaf["op"]!.GetValue<string>(), out var twin))
            {
                compared++;
                leaf["op"] = twin;
                leaf["missing"] = leaf["missing"]?.GetValue<string>() switch { "match" => "no_match", "no_match" => "match", _ => "unknown" };
                return Not(leaf.ToJsonString());
            }

            return rule;
        }, depth: 1, rules: 60);
        Assert.True(compared > 100, $"only {compared} negative operators were met");
    }

    [Fact]
    public void A_rule_that_is_printed_reads_back_as_it_was() => Dice.Throw(Worlds, static dice =>
    {
        var world = new RandomWorld(dice);
        for (var i = 0; i < RulesEach * 4; i++)
        {
            var written = world.Definition(depth: 4);
            var rule = Some.Rule(written, world.Context);
            var printed = RuleJson.Print(rule.Condition);
            Assert.True(System.Text.Json.JsonElement.DeepEquals(Some.Json(written), Some.Json(printed)), $"{written}\nis printed as\n{printed}");
            var back = Some.Rule(printed, world.Context);
            Assert.Equal(printed, RuleJson.Print(back.Condition));
            Assert.Equal(rule.Formula.Key, back.Formula.Key);
        }
    });

    [Fact]
    public void A_group_or_a_condition_of_a_rule_says_by_itself_what_its_part_of_the_definition_says() => Dice.Throw(Worlds, static dice =>
    {
        var (world, groups) = (new RandomWorld(dice), 0);
        for (var i = 0; i < RulesEach * 4; i++)
        {
            var written = world.Definition(depth: 4);
            var rule = Some.Rule(written, world.Context);
            foreach (var (path, part) in rule.Groups.Concat(rule.Conditions))
            {
                groups++;
                var there = path.Split('.', '[').Skip(1).Aggregate(Some.Json(written), static (json, step) => step.EndsWith(']') ? json[int.Parse(step[..^1], System.Globalization.CultureInfo.InvariantCulture)] : json.GetProperty(step));
                var alone = Some.Rule(there.GetRawText(), world.Context);
                Assert.Equal((alone.Canonical, string.Join(' ', alone.Reads.Lists.Order(StringComparer.Ordinal))), (part.Canonical, string.Join(' ', part.Reads.Lists.Order(StringComparer.Ordinal))));
            }
        }

        Assert.True(groups > RulesEach);
    });

    private static string Not(string rule) => $$"""{"not":{{rule}}}""";

    private static string And(string left, string right) => $$"""{"and":[{{left}},{{right}}]}""";

    private static string Or(string left, string right) => $$"""{"or":[{{left}},{{right}}]}""";

    private static void ForAll(Func<string, string> same, int depth = 3, int rules = RulesEach) => ForAll(static (left, _) => left, (left, _) => same(left), depth, rules);

    /// <summary>Two ways to put two rules together that every engine answers alike.</summary>
    private static void ForAll(Func<string, string, string> one, Func<string, string, string> other, int depth = 3, int rules = RulesEach) => Dice.Throw(Worlds, dice =>
    {
        var world = new RandomWorld(dice);
        var asked = world.Case(rules: 0, PeopleEach);
        var pairs = Enumerable.Range(0, rules).Select(_ => (Left: world.Definition(depth), Right: world.Definition(depth))).ToList();
        var both = pairs.SelectMany(pair => new[] { one(pair.Left, pair.Right), other(pair.Left, pair.Right) }).ToList();
        var answers = Engines.AllAgree(asked with { Rules = [.. both.Select(rule => (new SegmentId(dice.Id()), Some.Rule(rule, world.Context)))] });
        for (var i = 0; i < both.Count; i += 2)
        {
            Assert.True(answers[i].SequenceEqual(answers[i + 1]), $"{both[i]} gives {string.Join(' ', answers[i])},\n{both[i + 1]} gives {string.Join(' ', answers[i + 1])}");
        }
    });
}
