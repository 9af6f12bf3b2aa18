using SegmentEngine.Rules;

namespace SegmentEngine.Server.Memberships;

/// <summary>A rule that is thought of, and what may change with it.</summary>
/// <param name="Rule">Checked as the segment's edit.</param>
/// <param name="Segment">Whose rule it would be; null for a new segment's.</param>
/// <param name="Items">For each action or instruction its restrictions, its own and its directory's, each as the segments it names: a contact passes that is in one of each.</param>
public sealed record RuleThought(CheckedRule Rule, SegmentId? Segment, IReadOnlyList<IReadOnlyList<IReadOnlyCollection<SegmentId>>> Items);

/// <summary>What would be, were a rule published now.</summary>
/// <param name="Members">Who would be in.</param>
/// <param name="Entering">Who is not in now.</param>
/// <param name="Leaving">Who is in now and would not be.</param>
/// <param name="Conditions">Of each condition by itself, by its path in the rule.</param>
/// <param name="Groups">Of each group by itself, likewise.</param>
/// <param name="Segments">The segments built on it, directly or not, whose members would be others.</param>
/// <param name="Items">In the order in which they were given.</param>
/// <param name="Snapshot">What it was worked out on.</param>
public sealed record RuleImpact(
    SampledContacts Members, SampledContacts Entering, SampledContacts Leaving, IReadOnlyList<ConditionImpact> Conditions, IReadOnlyList<ConditionImpact> Groups, IReadOnlyList<SegmentImpact> Segments, IReadOnlyList<ItemImpact> Items, WorkspaceSnapshot Snapshot);

/// <param name="Count">How many.</param>
/// <param name="Sample">The numbers of some of them.</param>
public sealed record SampledContacts(long Count, IReadOnlyList<long> Sample);

/// <param name="Path">Its place in the rule.</param>
/// <param name="Count">The contacts it holds for.</param>
/// <param name="Missing">The contacts that lack the trait it asks for; null where it does not ask for one.</param>
public sealed record ConditionImpact(string Path, long Count, long? Missing);

/// <param name="Segment">Which.</param>
/// <param name="Entering">How many contacts.</param>
/// <param name="Leaving">How many contacts.</param>
public sealed record SegmentImpact(SegmentId Segment, long Entering, long Leaving);

/// <param name="Opens">For how many contacts for whom it is shut now.</param>
/// <param name="Closes">For how many contacts for whom it is open now.</param>
public sealed record ItemImpact(long Opens, long Closes);

/// <summary>Which of a rule's contacts are wanted.</summary>
public enum ImpactPart
{
    Members,
    Entering,
    Leaving,
}
