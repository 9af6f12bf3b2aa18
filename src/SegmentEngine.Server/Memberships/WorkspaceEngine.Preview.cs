using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Server.Memberships;

/// <summary>Who would be in: the same evaluation over the same columns, without storing anything.</summary>
public sealed partial class WorkspaceEngine
{
    /// <summary>Counts the would-be members of a rule, and of each of its conditions by itself.</summary>
    public async Task<RuleSample> Preview(CheckedRule rule, int sampleMax, CancellationToken cancel)
    {
        await CatchUp(cancel);
        await turn.WaitAsync(cancel);
        try
        {
            var asked = new[] { (Path: "$", Rule: rule) }.Concat(rule.Conditions).Select(static part => (Id: new SegmentId(Guid.NewGuid()), part.Path, part.Rule)).ToList();
            var plan = RulePlan.Of(asked.Select(static part => (part.Id, part.Rule)));
            var counts = asked.ToDictionary(static part => part.Id, static _ => 0L);
            var sample = new List<long>();
            var now = Now;
            foreach (var shard in shards)
            {
                // Somebody who works on a rule asks again and again: the columns of the last question stay, and those of the one before it go.
                shard.TrimTo(rules.Plan, plan);
                shard.Hold(plan, cancel);
                var result = new ShardEvaluator(plan, shard.Columns).Run(now, segment => rules.Catalog.Find(segment) is null ? null : shard.MembersOf(rules.Of(segment).Number));
                foreach (var found in result.Rules)
                {
                    counts[found.Segment] += found.Members.Count;
                }

                sample.AddRange(result.Rules[0].Members.Take(sampleMax - sample.Count).Select(seat => shard.Seats[seat].Number));
            }

            return new(counts[asked[0].Id], sample, [.. asked.Skip(1).Select(part => (part.Path, counts[part.Id]))], view.For(workspace));
        }
        finally
        {
            _ = turn.Release();
        }
    }
}
