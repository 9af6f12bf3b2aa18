using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>What a message may use and segments may restrict. It is restricted by a flag of its own: when the segments it names are deleted it stays shut.</summary>
public abstract record GatedItem
{
    internal long Workspace { get; init; }
    public required Guid Id { get; init; }
    public bool IsRestricted { get; init; }

    /// <summary>Only segments that exist; empty with <see cref="IsRestricted"/> set means that nobody passes.</summary>
    public IReadOnlyList<SegmentId> RestrictedToSegments { get; init; } = [];
    public IReadOnlyList<string> RestrictedToChannels { get; init; } = [];
    public Instant CreatedAt { get; init; }
    public Instant UpdatedAt { get; init; }
}

/// <summary>A tool the agent may call.</summary>
public sealed record StoredAction : GatedItem
{
    public required string Name { get; init; }
    public string? Description { get; init; }

    /// <summary>JSON that only the owner of the action understands.</summary>
    public string? Payload { get; init; }
}

/// <summary>A text that steers the agent.</summary>
public sealed record StoredInstruction : GatedItem
{
    public required string Title { get; init; }
    public required string Content { get; init; }

    /// <summary><c>BEHAVIORAL</c> or <c>SCENARIO_SPECIFIC</c>.</summary>
    public string Type { get; init; } = "SCENARIO_SPECIFIC";
    public bool IsDraft { get; init; }
}
