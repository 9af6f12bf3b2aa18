using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>A tenant. The number of shards is settled when it is made; its contacts are spread by it.</summary>
public sealed record Workspace
{
    internal long Number { get; init; }
    public required WorkspaceId Id { get; init; }
    public required string Name { get; init; }

    /// <summary>An IANA name, such as <c>Europe/Paris</c>.</summary>
    public required string TimeZone { get; init; }
    public required int ShardCount { get; init; }

    /// <summary>Counts the committed write groups that touched the workspace.</summary>
    public long Revision { get; init; }

    /// <summary>The trait schema as JSON, in the form the files use.</summary>
    public string TraitSchema { get; init; } = "{}";
    public required Instant CreatedAt { get; init; }

    /// <summary>For how many days it is kept who entered and left, and the sizes of segments.</summary>
    public int HistoryDays { get; init; } = StorageLimits.HistoryDaysDefault;
}

/// <summary>What was written, and the workspace's revision from which reads reflect it.</summary>
public readonly record struct Written<T>(T Value, long Revision);
