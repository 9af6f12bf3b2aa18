namespace SegmentEngine.Storage.Schema;

/// <summary>What an item is: an id is one kind's own.</summary>
internal enum ItemKind
{
    Action,
    Instruction,
    Directory,
}

/// <summary>An item is restricted to this segment, among others. The row goes with the segment; the item's flag stays.</summary>
internal sealed class RestrictionRow
{
    public required long Workspace { get; init; }
    public required ItemKind Kind { get; init; }
    public required Guid Item { get; init; }
    public required long Segment { get; init; }
}
