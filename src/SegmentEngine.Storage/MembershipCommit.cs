using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>Why a contact entered or left.</summary>
public enum MembershipCause
{
    /// <summary>The contact's data or events changed.</summary>
    Data,

    /// <summary>A revision of the rule was published.</summary>
    Rule,

    /// <summary>Time passed.</summary>
    Time,

    /// <summary>A manual list.</summary>
    List,
}

/// <summary>Who enters and who leaves a segment in one shard, by contact numbers in any order. Entering twice, or leaving without being in, changes nothing.</summary>
public sealed record SegmentDelta(long Segment, int Shard, IReadOnlyList<long> Entered, IReadOnlyList<long> Left, MembershipCause Cause)
{
    /// <summary><see cref="StoredSegment.Emptied"/> when the delta was worked out: it is passed over where the rows have gone since.</summary>
    public int Emptied { get; init; }
}

/// <summary>The marks of a shard whose contacts the deltas take care of.</summary>
public sealed record HandledMarks(int Shard, IReadOnlyList<DirtyContact> Contacts);

/// <summary>The memberships of a segment are now those of a revision of its rule, in all shards; unless it was emptied since.</summary>
public readonly record struct ComputedRevision(long Segment, int Revision, int Emptied = 0);

/// <summary>Everything one recompute changes.</summary>
public sealed record MembershipCommit
{
    public required WorkspaceId Workspace { get; init; }

    /// <summary>A lease for every shard that the deltas and marks are about.</summary>
    public required IReadOnlyList<ShardLease> Leases { get; init; }

    /// <summary>When the change happens: the <c>since</c> of those who enter.</summary>
    public required Instant At { get; init; }

    /// <summary>The workspace's revision up to which the leased shards reflect the data after this.</summary>
    public required long Revision { get; init; }
    public IReadOnlyList<SegmentDelta> Deltas { get; init; } = [];
    public IReadOnlyList<HandledMarks> Handled { get; init; } = [];
    public IReadOnlyList<ComputedRevision> Computed { get; init; } = [];

    /// <summary>Whether it is more than one transaction writes; otherwise it is written whole or not at all.</summary>
    public bool IsInSteps => Deltas.Sum(static delta => (long)delta.Entered.Count + delta.Left.Count) > StorageLimits.CommitRowsMax;
}

/// <param name="Generations">The new generation of each leased shard, in the order of the leases.</param>
public sealed record MembershipCommitted(IReadOnlyList<long> Generations);
