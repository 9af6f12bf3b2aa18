using SegmentEngine.Rules;

namespace SegmentEngine.Server.Memberships;

/// <summary>Keeps the snapshots of <see cref="MembershipView"/> in step with what is written. Its calls are nudges: they return at once, and a lost one is found by the marks the writes left.</summary>
public interface IMembershipEngine
{
    /// <summary>Contacts or their events were written or deleted; or something no membership hangs on, so that there is only the revision to catch up with.</summary>
    void ContactsChanged(WorkspaceId workspace, long revision);

    /// <summary>Segments were made, edited, published or deleted, or the schema was replaced.</summary>
    void RulesChanged(WorkspaceId workspace, long revision);

    /// <summary>Who would be in, were a rule published now.</summary>
    ValueTask<RuleSample> Preview(WorkspaceId workspace, CheckedRule rule, int sampleMax, CancellationToken cancel);
}

/// <summary>The would-be members of a rule.</summary>
/// <param name="Count">How many.</param>
/// <param name="Sample">The numbers of some of them.</param>
/// <param name="Conditions">How many contacts each condition holds for by itself, by its path in the rule; empty where they were not counted.</param>
/// <param name="Snapshot">What it was worked out on.</param>
public sealed record RuleSample(long Count, IReadOnlyList<long> Sample, IReadOnlyList<(string Path, long Count)> Conditions, WorkspaceSnapshot Snapshot);
