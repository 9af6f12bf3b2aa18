namespace SegmentEngine.Server.Memberships;

/// <summary>The would-be members of a rule.</summary>
/// <param name="Count">How many.</param>
/// <param name="Sample">The numbers of some of them.</param>
/// <param name="Conditions">How many contacts each condition holds for by itself, by its path in the rule; empty where they were not counted.</param>
/// <param name="Snapshot">What it was worked out on.</param>
public sealed record RuleSample(long Count, IReadOnlyList<long> Sample, IReadOnlyList<(string Path, long Count)> Conditions, WorkspaceSnapshot Snapshot);
