using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>What a message may use, or a directory of it, and segments may restrict. It is restricted by a flag of its own: when the segments it names are deleted it stays shut.</summary>
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

/// <summary>What a write says of whom an item is for; what is null is not said.</summary>
/// <param name="IsRestricted">False opens the item to everyone. True without segments shuts it to everyone.</param>
/// <param name="Segments">Restricts the item to these. An empty list alone opens an item that names segments; one that has lost all of its segments stays shut, for then nothing but the flag says that it was ever restricted.</param>
public sealed record RestrictionChange(bool? IsRestricted = null, IReadOnlyCollection<SegmentId>? Segments = null)
{
    /// <summary>Leaves everything as it is.</summary>
    public static RestrictionChange None { get; } = new();

    /// <exception cref="ArgumentException">It opens the item and names segments.</exception>
    internal TItem Apply<TItem>(TItem item)
        where TItem : GatedItem
    {
        if (IsRestricted == false && Segments is { Count: > 0 })
        {
            throw new ArgumentException("an item that is open to everyone names no segments");
        }

        IReadOnlyList<SegmentId> segments = IsRestricted == false ? [] : Segments is null ? item.RestrictedToSegments : [.. Segments.Distinct()];
        return item with
        {
            IsRestricted = segments.Count > 0 || (IsRestricted ?? (item.IsRestricted && item.RestrictedToSegments.Count == 0)),
            RestrictedToSegments = segments,
        };
    }
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

    /// <summary>The directory it is in, whose own restriction must let a message pass too; null for none.</summary>
    public Guid? DirectoryId { get; init; }

    /// <summary>From when it holds; null: always has.</summary>
    public Instant? StartTime { get; init; }

    /// <summary>Until when it holds, exclusive; null: for good.</summary>
    public Instant? EndTime { get; init; }
}

/// <summary>Instructions that are kept together, and for whom they are: a message must pass the directory and the instruction. Directories are in no directory.</summary>
public sealed record StoredDirectory : GatedItem
{
    public required string Name { get; init; }
}
