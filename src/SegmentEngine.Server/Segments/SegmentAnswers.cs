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

    /// <summary>A published segment by its id, or else by its name, letter for letter.</summary>
    public static SegmentState? Find(string name, WorkspaceSnapshot snapshot) =>
        Guid.TryParseExact(name, "D", out var id) && snapshot.SegmentsById.TryGetValue(new(id), out var segment) ? segment : snapshot.Segments.FirstOrDefault(each => each.Name == name);

    public static SegmentPage Page(WorkspaceSnapshot snapshot, long number, int size, Freshness freshness)
    {
        var total = snapshot.Segments.Length;
        var before = number - 1 > total / size ? total : (int)((number - 1) * size);
        return new()
        {
            Data = [.. snapshot.Segments.Skip(before).Take(size).Select(segment => Show(segment, snapshot, freshness))],
            Page = number,
            Limit = size,
            Total = total,
            HasNext = before + size < total,
            HasPrevious = number > 1,
            Revision = snapshot.Revision,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Stale = freshness.IsStale(snapshot),
        };
    }

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
