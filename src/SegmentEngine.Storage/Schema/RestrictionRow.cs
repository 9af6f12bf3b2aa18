namespace SegmentEngine.Storage.Schema;

/// <summary>An item is restricted to this segment, among others. The row goes with the segment; the item's flag stays.</summary>
internal sealed class RestrictionRow
{
    public required long Workspace { get; init; }
    public required Guid Item { get; init; }
    public required long Segment { get; init; }
}
