namespace SegmentEngine.Gating;

/// <summary>Open or shut, and what made it so.</summary>
public readonly record struct GateDecision(GateReason Reason)
{
    public bool IsOpen => Reason is GateReason.Unrestricted or GateReason.Member;
}

/// <summary>Why a gate is open (the first two) or shut (the rest).</summary>
public enum GateReason
{
    Unrestricted,
    Member,

    /// <summary>Nobody in particular is a member of nothing.</summary>
    Anonymous,
    NotMember,

    /// <summary>None of the listed segments exists.</summary>
    SegmentsGone,

    /// <summary>Not a member of those that are evaluated; others are not evaluated yet.</summary>
    Building,

    /// <summary>A member, by what was true too long ago.</summary>
    Stale,
}
