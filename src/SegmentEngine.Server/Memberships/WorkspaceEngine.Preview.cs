using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Memberships;
using SegmentEngine.Rules;

namespace SegmentEngine.Server.Memberships;

/// <summary>What would be, were a rule published: the same evaluation over the same columns, without storing anything.</summary>
public sealed partial class WorkspaceEngine
{
    /// <summary>Counts what the rule, each of its conditions and groups by itself, the segments built on it and what they open would be, beside what is.</summary>
    /// <param name="thought">The rule.</param>
    /// <param name="sampleMax">How many contacts are named of each count.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task<RuleImpact> Preview(RuleThought thought, int sampleMax, CancellationToken cancel) => Think(
        thought,
        (plan, parts, now) =>
        {
            var found = Side(shards, shard => ImpactOn(shard, plan, parts, thought, sampleMax, now, cancel), cancel);
            long Sum(Func<ShardImpact, long> of) => found.Sum(of);
            SampledContacts Sampled(Func<ShardImpact, SampledContacts> of) => new(Sum(shard => of(shard).Count), [.. found.SelectMany(shard => of(shard).Sample).Take(sampleMax)]);
            return new RuleImpact(
                Sampled(static shard => shard.Members), Sampled(static shard => shard.Entering), Sampled(static shard => shard.Leaving),
                [.. parts.Conditions.Select((condition, i) => new ConditionImpact(condition.Path, Sum(shard => shard.Conditions[i]), condition.Missing is null ? null : Sum(shard => shard.Missing[i])))],
                [.. parts.Groups.Select((group, i) => new ConditionImpact(group.Path, Sum(shard => shard.Groups[i]), null))],
                [.. parts.Readers.Select((reader, i) => new SegmentImpact(reader, Sum(shard => shard.Readers[i].Entering), Sum(shard => shard.Readers[i].Leaving))).Where(static each => each.Entering + each.Leaving > 0)],
                [.. thought.Items.Select((_, i) => new ItemImpact(Sum(shard => shard.Items[i].Opens), Sum(shard => shard.Items[i].Closes)))],
                view.For(workspace));
        },
        cancel);

    /// <summary>The numbers of all who would be in, or enter, or leave, in no order.</summary>
    public Task<List<long>> PreviewContacts(RuleThought thought, ImpactPart part, CancellationToken cancel) => Think(
        thought,
        (plan, parts, now) => Side(
            shards,
            shard =>
            {
                var (before, after) = (MembersNow(shard, parts.Edited), Run(shard, plan, now, cancel)[parts.Edited].Members);
                return shard.NumbersOf(part switch
                {
                    ImpactPart.Members => after,
                    ImpactPart.Entering => after.Except(before),
                    _ => before.Except(after),
                });
            },
            cancel).SelectMany(static numbers => numbers).ToList(),
        cancel);

    /// <summary>The rules that are run for a thought.</summary>
    /// <param name="Edited">The rule's own segment, or a name made up for it.</param>
    /// <param name="Readers">The segments in force that are built on it.</param>
    /// <param name="Conditions">Its conditions as rules of their own, and rules for who lacks the trait.</param>
    /// <param name="Groups">Its groups as rules of their own.</param>
    private sealed record ThoughtParts(SegmentId Edited, List<SegmentId> Readers, List<(string Path, SegmentId Holds, SegmentId? Missing)> Conditions, List<(string Path, SegmentId Holds)> Groups);

    private sealed record ShardImpact(
        SampledContacts Members, SampledContacts Entering, SampledContacts Leaving, List<long> Conditions, List<long> Missing, List<long> Groups, List<(long Entering, long Leaving)> Readers, List<ItemImpact> Items);

    private async Task<TFound> Think<TFound>(RuleThought thought, Func<RulePlan, ThoughtParts, Instant, TFound> find, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel);
        try
        {
            await AdvanceWithoutPoison(cancel);
            var asked = new List<(SegmentId Id, CheckedRule Rule)>();
            SegmentId Add(CheckedRule rule, SegmentId? id = null)
            {
                asked.Add((id ?? new(Guid.NewGuid()), rule));
                return asked[^1].Id;
            }

            var edited = Add(thought.Segment is { } known && database.Segments.Find(workspace, known) is { HasLists: true } ? RulesInForce.WithLists(thought.Rule, known) : thought.Rule, thought.Segment);
            var readers = rules.Catalog.WithReaders([edited]);
            List<SegmentId> inOrder = [.. rules.Catalog.InOrder.Where(rule => rule.Id != edited && readers.Contains(rule.Id)).Select(rule => Add(rule.Rule, rule.Id))];
            var parts = new ThoughtParts(
                edited, inOrder,
                [.. thought.Rule.Conditions.Select(condition => (condition.Path, Add(condition.Rule), Lacking(condition.Rule) is { } lacking ? Add(lacking) : (SegmentId?)null))],
                [.. thought.Rule.Groups.Select(group => (group.Path, Add(group.Rule)))]);
            var plan = RulePlan.Of(asked.Select(static part => (part.Id, part.Rule)));

            // Somebody who works on a rule asks again and again: the columns of the last question stay, and those of the one before it go.
            shards.ForEach(shard => shard.TrimTo(rules.Plan, plan));
            Hold(plan, cancel);
            return find(plan, parts, Now);
        }
        finally
        {
            _ = turn.Release();
        }
    }

    private ShardImpact ImpactOn(EngineShard shard, RulePlan plan, ThoughtParts parts, RuleThought thought, int sampleMax, Instant now, CancellationToken cancel)
    {
        var result = Run(shard, plan, now, cancel);
        var (before, after) = (MembersNow(shard, parts.Edited), result[parts.Edited].Members);
        var others = parts.Readers.ToDictionary(static reader => reader, reader => result[reader].Members);
        ContactSet Then(SegmentId segment) => segment == parts.Edited ? after : others.GetValueOrDefault(segment) ?? MembersNow(shard, segment);
        SampledContacts Sampled(ContactSet set) => new(set.Count, [.. set.Take(sampleMax).Select(seat => shard.Seats[seat].Number)]);
        return new(
            Sampled(after), Sampled(after.Except(before)), Sampled(before.Except(after)),
            parts.Conditions.ConvertAll(condition => (long)result[condition.Holds].Members.Count),
            parts.Conditions.ConvertAll(condition => condition.Missing is { } missing ? (long)result[missing].Members.Count : 0),
            parts.Groups.ConvertAll(group => (long)result[group.Holds].Members.Count),
            parts.Readers.ConvertAll(reader => MembershipDelta.Between(MembersNow(shard, reader), others[reader]) is var delta ? ((long)delta.Entered.Count, (long)delta.Left.Count) : default),
            [.. thought.Items.Select(restrictions =>
            {
                if (!restrictions.Any(segments => segments.Any(segment => segment == parts.Edited || others.ContainsKey(segment))))
                {
                    return new ItemImpact(0, 0);
                }

                ContactSet Passing(Func<SegmentId, ContactSet> membersOf) =>
                    restrictions.Select(segments => segments.Aggregate(ContactSet.Empty, (all, segment) => all.Union(membersOf(segment)))).Aggregate((all, passing) => all.Intersect(passing));
                var (open, opened) = (Passing(segment => MembersNow(shard, segment)), Passing(Then));
                return new ItemImpact(opened.Except(open).Count, open.Except(opened).Count);
            })]);
    }

    private PlanResult Run(EngineShard shard, RulePlan plan, Instant now, CancellationToken cancel) =>
        new ShardEvaluator(plan, shard.Columns).Run(now, segment => rules.Catalog.Find(segment) is null ? null : shard.MembersOf(rules.Of(segment).Number), cancel: cancel);

    /// <summary>Nobody, where the segment has no members yet.</summary>
    private ContactSet MembersNow(EngineShard shard, SegmentId segment) =>
        rules.Shown.ById.TryGetValue(segment, out var state) && state.HasRows ? shard.MembersOf(state.Number) : ContactSet.Empty;

    /// <summary>Who lacks the one trait that a condition asks for; null where it does not ask for one.</summary>
    private static CheckedRule? Lacking(CheckedRule condition) =>
        condition.Reads is { Events.Count: 0, Segments.Count: 0 } reads && reads.Traits.ToList() is [var trait]
            ? RuleChecker.Check(JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["type"] = "trait", ["trait"] = trait, ["op"] = "is_not_set" }), condition.Context).Rule
            : null;
}
