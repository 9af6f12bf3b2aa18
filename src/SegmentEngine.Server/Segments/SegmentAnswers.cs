using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Memberships;

namespace SegmentEngine.Server.Segments;

/// <summary>A published segment in the words of the wire.</summary>
public static class SegmentAnswers
{
    public static Segment Show(SegmentState segment, WorkspaceSnapshot snapshot, Freshness freshness) => new()
    {
        Id = segment.Id.Value,
        Name = segment.Name,
        Description = segment.Description,
        Definition = segment.Definition,
        CreatedAt = segment.CreatedAt.ToDateTimeOffset(),
        UpdatedAt = segment.UpdatedAt.ToDateTimeOffset(),
        Status = Name(segment.Readiness),
        MemberCount = snapshot.Count(segment),
        RuleRevision = segment.RuleRevision,
        Revision = snapshot.Revision,
        EvaluatedAt = EvaluatedAt(segment, snapshot)?.ToDateTimeOffset(),
        Stale = freshness.IsStale(snapshot, segment),
    };

    /// <summary>The members of a segment that is well are those of the whole snapshot.</summary>
    public static Instant? EvaluatedAt(SegmentState segment, WorkspaceSnapshot snapshot) => segment.Readiness == Readiness.Ready ? snapshot.EvaluatedAt : segment.EvaluatedAt;

    public static string Name(Readiness readiness) => readiness switch
    {
        Readiness.Building => "building",
        Readiness.Ready => "ready",
        Readiness.Failed => "failed",
        Readiness.Paused => "paused",
        _ => throw new ArgumentOutOfRangeException(nameof(readiness), readiness, "no such readiness"),
    };
}
