using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using Xunit.Abstractions;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Between now and the next change that an evaluation announces no answer changes, however closely one looks.</summary>
public sealed class NextChangeTests(ITestOutputHelper output)
{
    private const int Worlds = 60;
    private const int RulesEach = 8;
    private const int PeopleEach = 8;

    private static readonly TimeSpan[] steps =
    [
        TimeSpan.FromTicks(1), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromHours(13), TimeSpan.FromDays(1), TimeSpan.FromDays(2), TimeSpan.FromDays(8), TimeSpan.FromDays(31),
        TimeSpan.FromDays(95), TimeSpan.FromDays(366), TimeSpan.FromDays(3_000), TimeSpan.FromDays(200_000),
    ];

    [Fact]
    public void No_answer_changes_before_the_announced_instant()
    {
        output.WriteLine($"SEGMENT_SEED={Dice.FirstSeed}");
        var (announced, looked, turned) = (0, 0, 0);
        Dice.Throw(Worlds, dice =>
        {
            var world = new RandomWorld(dice, clock: true);
            var asked = world.Case(RulesEach, PeopleEach);
            var shard = new Shard(asked);
            var all = shard.Evaluator.Run(asked.Now, shard.Members);
            var one = shard.Evaluator.At(asked.Now, shard.Members);
            var changes = asked.Rules.Select(rule => all[rule.Segment].NextChange).ToArray();

            // The plan holds each rule and, after it, its negation.
            var changesOfOne = asked.People.Select((_, i) => one.NextChanges(shard.Seat(i)).Where(static (_, place) => place % 2 == 0).ToArray()).ToArray();
            Assert.All(changes.Concat(changesOfOne.SelectMany(static own => own)), next => Assert.True(next > asked.Now, $"now, {asked.Now}, is no instant after now"));
            announced += changes.Concat(changesOfOne.SelectMany(static own => own)).Count(static next => next < Instant.MaxValue);

            var before = Engines.Reference(asked);
            foreach (var time in Times(dice, asked.Now, changes.Concat(changesOfOne.SelectMany(static own => own))))
            {
                var then = Engines.Reference(asked with { Now = time });
                foreach (var (rule, person) in from rule in Enumerable.Range(0, RulesEach) from person in Enumerable.Range(0, PeopleEach) select (rule, person))
                {
                    turned += before[rule][person] == then[rule][person] ? 0 : 1;
                    if (time < changes[rule] || time < changesOfOne[person][rule])
                    {
                        looked++;
                        var until = time < changes[rule] ? $"{changes[rule]} by the set engine" : $"{changesOfOne[person][rule]} by the predicates";
                        Assert.True(before[rule][person] == then[rule][person],
                            $"from {asked.Now} to {time} in {world.Context.Zone.Id} the answer turns from {before[rule][person]} to {then[rule][person]}, before the announced {until}, to {RuleJson.Print(asked.Rules[rule].Rule.Condition)} of {asked.People[person]}, data {asked.People[person].Contact.CustomData}, events {string.Join<ContactEvent>("; ", asked.People[person].Events)}");
                    }
                }
            }
        });

        output.WriteLine($"{announced} changes announced; {looked} answers looked at before them, {turned} after them were others");
        Assert.True(announced > 1_000 && turned > 1_000, "hardly any answer changes with time");
        Assert.True(looked > 5_000, "hardly any instant lies before a change");
    }

    /// <summary>Right after now, right before each announced change, and some in between.</summary>
    private static IEnumerable<Instant> Times(Dice dice, Instant now, IEnumerable<Instant> changes)
    {
        var soonest = changes.Where(static next => next < Instant.MaxValue).Distinct().ToList();
        var befores = dice.Shuffled(soonest).Take(12).Select(static next => next.Plus(TimeSpan.FromTicks(-1)));
        var between = soonest.Take(6).Select(next => new Instant(now.Ticks + ((next.Ticks - now.Ticks) / dice.From(2, 9))));
        return befores.Concat(between).Concat(steps.Select(step => now.Plus(step))).Where(time => time > now).Distinct();
    }
}
