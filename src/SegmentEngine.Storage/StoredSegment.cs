using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

public enum SegmentStatus
{
    Draft,
    Published,

    /// <summary>Published, but not evaluated: its members stay as they were.</summary>
    Paused,

    /// <summary>Out of use; it has no members.</summary>
    Archived,
}

/// <summary>A segment's row. Its definitions live in its revisions; <see cref="Draft"/> is the one being edited, if any.</summary>
public sealed record StoredSegment
{
    internal long Workspace { get; init; }
    internal string NameKey { get; init; } = "";

    /// <summary>Names the segment in membership rows; never used again once the segment is deleted.</summary>
    public long Number { get; init; }
    public required SegmentId Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public SegmentStatus Status { get; init; }
    public string? Draft { get; init; }
    public required Instant CreatedAt { get; init; }
    public required Instant UpdatedAt { get; init; }
    public int? PublishedRevision { get; init; }

    /// <summary>A <see cref="ComputedRevision"/> while a commit of several steps writes the rows: some are of the revision before, some of the published one. Also where rows of a revision were written when another was published already.</summary>
    public const int RowsInWriting = 0;

    /// <summary>The revision that the stored memberships come from. Other than <see cref="PublishedRevision"/>: a recompute is due.</summary>
    public int? ComputedRevision { get; init; }
    public Instant? EvaluatedAt { get; init; }

    /// <summary>Whether its stored memberships are those of one revision, be it the published one or one before it.</summary>
    public bool HasWholeRows => ComputedRevision is not null and not RowsInWriting;

    /// <summary>How often its rows were removed, as archiving does.</summary>
    public int Emptied { get; init; }

    /// <summary>Whether contacts were ever put on its own lists, which go before its rule.</summary>
    public bool HasLists { get; init; }

    /// <summary>What its authors sort it by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>A definition that was published. It never changes.</summary>
public sealed record StoredRevision
{
    internal long Segment { get; init; }
    public required int Number { get; init; }

    /// <summary>JSON, byte for byte as it came.</summary>
    public required string Definition { get; init; }
    public string? Author { get; init; }
    public string? Note { get; init; }
    public required Instant PublishedAt { get; init; }
}
