namespace SegmentEngine.Gating;

/// <summary>How one contact stands to one segment. Ordered from what opens least to what opens a door.</summary>
public enum Standing
{
    /// <summary>There is no such segment: never was, deleted, or not published.</summary>
    Gone,

    /// <summary>The segment is not evaluated yet.</summary>
    Building,
    NotMember,
    Member,
}

/// <summary>A standing, and how long it has been behind the data it is made from. Zero: nothing has changed since it was worked out.</summary>
public readonly record struct StandingSeen(Standing Standing, TimeSpan Behind);

/// <summary>How one contact stands to segments, by whatever names them.</summary>
public interface IStandings<TSegment>
{
    StandingSeen See(in TSegment segment);
}
