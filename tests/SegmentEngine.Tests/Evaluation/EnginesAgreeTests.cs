using System.Globalization;
using SegmentEngine.Rules;
using Xunit.Abstractions;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>The interpreter, the predicates and the set engine give one answer, whatever the rule and whoever the contact.</summary>
public sealed class EnginesAgreeTests(ITestOutputHelper output)
{
    private const int Worlds = 60;
    private const int RulesEach = 20;
    private const int PeopleEach = 30;

    /// <summary>Pairs of a rule and a contact in one run; more for a long one: <c>./test.sh --pairs 10000000</c>.</summary>
    private static readonly int pairs = int.TryParse(Environment.GetEnvironmentVariable("SEGMENT_PAIRS"), CultureInfo.InvariantCulture, out var asked) ? asked : 100_000;

    private const int CrowdedWorlds = 4;
    private const int Crowd = 300;

    [Fact]
    public void Three_engines_give_one_answer()
    {
        output.WriteLine($"SEGMENT_SEED={Dice.FirstSeed}");
        var (madeUp, taken, answers) = (0, 0, new int[3]);
        Dice.Throw((pairs / (RulesEach * PeopleEach)) + 1, dice =>
        {
            var world = new RandomWorld(dice);
            var asked = world.Case(RulesEach, PeopleEach);
            foreach (var truth in Engines.AllAgree(asked).SelectMany(static rule => rule))
            {
                answers[(int)truth]++;
            }

            (madeUp, taken) = (madeUp + world.Rules.MadeUp, taken + world.Rules.Taken);
        });

        output.WriteLine($"{answers.Sum()} answers: {answers[0]} FALSE, {answers[1]} UNKNOWN, {answers[2]} TRUE; {taken} of {madeUp} rules taken");
        Assert.True(answers.Sum() >= pairs, "too few pairs of a rule and a contact");
        Assert.All(answers, count => Assert.True(count > answers.Sum() / 20, "the dice hardly ever throw one of the three answers"));
        Assert.True(taken * 2 > madeUp, "the dice throw too many rules that are refused");
    }

    [Fact]
    public void The_dice_throw_every_leaf_and_every_one_is_TRUE_and_FALSE_of_somebody()
    {
        var seen = RuleNames.LeafTypes.Except(["group", "property", "unsupported"]).ToDictionary(static type => type, static _ => new HashSet<Truth>());
        Dice.Throw(Worlds, dice =>
        {
            var world = new RandomWorld(dice);
            var asked = world.Case(rules: 0, PeopleEach);
            var leaves = Enumerable.Range(0, RulesEach * 2).Select(_ => Some.Rule(world.Definition(depth: 1), world.Context)).ToList();
            foreach (var (leaf, answers) in leaves.Zip(Engines.AllAgree(asked with { Rules = [.. leaves.Select(leaf => (new SegmentId(dice.Id()), leaf))] })))
            {
                seen[Some.Json(RuleJson.Print(leaf.Condition)).GetProperty("type").GetString()!].UnionWith(answers);
            }
        });

        seen["all_contacts"].Add(Truth.False);
        seen["no_contacts"].Add(Truth.True);
        Assert.All(seen, static leaf => Assert.True(leaf.Value.Contains(Truth.True) && leaf.Value.Contains(Truth.False), $"{leaf.Key} is only ever {string.Join(", ", leaf.Value)}"));
    }

    [Fact]
    public void They_agree_across_the_borders_of_words_blocks_and_chunks() => Dice.Throw(CrowdedWorlds, dice =>
    {
        // Rows are worked on in words of 64, blocks of words and chunks of 65,536.
        var asked = new RandomWorld(dice).Case(rules: 5, Crowd);
        var first = dice.Pick(0, 65_536 - (Crowd / 2), 65_536);
        var shard = new Shard(asked, [.. Enumerable.Range(first, Crowd)]);
        Assert.Empty(shard.Disagreements(Engines.Reference(asked)));
    });
}
