using System.Collections.Immutable;
using SegmentEngine.Gating;
using Xunit.Abstractions;

namespace SegmentEngine.Tests.Gating;

/// <summary>What holds for any restriction and any standings. A failure prints the seed of its case.</summary>
public sealed class GatePropertyTests(ITestOutputHelper output)
{
    private const int Cases = 5_000;
    private readonly Gate gate = new(Gate.BehindMaxDefault);

    [Fact]
    public void A_restricted_gate_opens_exactly_for_a_fresh_member_of_a_listed_segment() => ForAll((_, some) =>
    {
        var expected = !some.Restriction.IsRestricted
            || some.Restriction.ToMembersOfAny.Any(segment => some.Seen(segment) is { Standing: Standing.Member } seen && seen.Behind <= Gate.BehindMaxDefault);
        Assert.Equal(expected, gate.Decide(some.Restriction, some.Seen).IsOpen);
    });

    [Fact]
    public void R18_nobody_in_particular_sees_only_what_is_unrestricted() => ForAll((_, some) =>
        Assert.Equal(!some.Restriction.IsRestricted, Gate.DecideForAnonymous(some.Restriction).IsOpen));

    [Fact]
    public void The_order_of_the_list_changes_neither_answer_nor_reason() => ForAll((random, some) =>
    {
        var shuffled = some.Restriction.ToMembersOfAny.ToArray();
        random.Shuffle(shuffled);
        Assert.Equal(gate.Decide(some.Restriction, some.Seen), gate.Decide(some.Restriction with { ToMembersOfAny = [.. shuffled] }, some.Seen));
    });

    [Fact]
    public void Losing_a_segment_never_opens_what_was_shut() => ForAll((random, some) =>
    {
        if (some.Restriction.ToMembersOfAny is [_, ..] segments && !gate.Decide(some.Restriction, some.Seen).IsOpen)
        {
            var lost = segments[random.Next(segments.Length)];
            Assert.False(gate.Decide(some.Restriction, segment => segment == lost ? default : some.Seen(segment)).IsOpen);
            Assert.False(gate.Decide(some.Restriction with { ToMembersOfAny = segments.Remove(lost) }, some.Seen).IsOpen);
        }
    });

    [Fact]
    public void Falling_behind_never_opens_what_was_shut() => ForAll((_, some) =>
    {
        if (!gate.Decide(some.Restriction, some.Seen).IsOpen)
        {
            Assert.False(gate.Decide(some.Restriction, segment => some.Seen(segment) with { Behind = TimeSpan.FromHours(1) }).IsOpen);
        }
    });

    private void ForAll(Action<Random, Some> holds)
    {
        var first = Random.Shared.Next();
        for (var i = 0; i < Cases; i++)
        {
            var seed = unchecked(first + i);
            try
            {
                var random = new Random(seed);
                holds(random, Some.Case(random));
            }
            catch (Exception)
            {
                output.WriteLine($"seed {seed}");
                throw;
            }
        }
    }

    private sealed record Some(Restriction Restriction, Dictionary<SegmentId, StandingSeen> Standings)
    {
        public static Some Case(Random random)
        {
            SegmentId[] segments = [.. Enumerable.Range(0, random.Next(6)).Select(_ => new SegmentId(Guid.NewGuid()))];
            var standings = segments.ToDictionary(
                segment => segment,
                _ => new StandingSeen((Standing)random.Next(4), TimeSpan.FromSeconds(random.Next(3) * 100)));
            var listed = segments.Where(_ => random.Next(3) > 0).ToImmutableArray();
            return new(new(IsRestricted: random.Next(4) > 0, listed), standings);
        }

        public StandingSeen Seen(SegmentId segment) => Standings.GetValueOrDefault(segment);
    }
}
