using SegmentEngine.Client;
using SegmentEngine.Rules;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Segments;

/// <summary>A segment as its author sees it, and what is wrong with a rule, in the words of the wire.</summary>
public static class ManagedSegmentAnswers
{
    /// <param name="segment">As it is stored.</param>
    /// <param name="definition">The published definition; null where there is none.</param>
    /// <param name="snapshot">Where its members are read.</param>
    /// <param name="freshness">How old that is.</param>
    /// <param name="revision">The revision of the write that is answered; null for a read.</param>
    public static ManagedSegment Show(StoredSegment segment, string? definition, WorkspaceSnapshot snapshot, Freshness freshness, long? revision = null)
    {
        var state = snapshot.SegmentsById.GetValueOrDefault(segment.Id);
        return new()
        {
            Id = segment.Id.Value,
            Name = segment.Name,
            Description = segment.Description,
            Tags = segment.Tags,
            Status = Status(segment, state),
            FailureReason = state?.RuleRevision == segment.PublishedRevision ? state?.FailureReason : null,
            Definition = definition is null ? null : RuleService.Stored(definition),
            DraftDefinition = segment.Draft is null ? null : RuleService.Stored(segment.Draft),
            RuleRevision = segment.PublishedRevision ?? 0,
            MemberCount = state is null ? 0 : snapshot.Count(state),
            CreatedAt = segment.CreatedAt.ToDateTimeOffset(),
            UpdatedAt = segment.UpdatedAt.ToDateTimeOffset(),
            Revision = revision ?? snapshot.Revision,
            EvaluatedAt = state is null ? null : SegmentAnswers.EvaluatedAt(state, snapshot)?.ToDateTimeOffset(),
            Stale = state is null ? freshness.IsStale(snapshot) : freshness.IsStale(snapshot, state),
        };
    }

    public static IReadOnlyList<Diagnostic> Show(IEnumerable<RuleDiagnostic> diagnostics) => [.. diagnostics.Select(static each => new Diagnostic
    {
        Path = each.Path,
        Code = each.Code,
        Message = each.Message,
        Severity = each.Severity == DiagnosticSeverity.Error ? "error" : "warning",
        Suggestion = each.Suggestion,
    })];

    /// <summary>A new rule that the snapshot does not have yet is still building.</summary>
    private static string Status(StoredSegment segment, SegmentState? state) => segment.Status switch
    {
        SegmentStatus.Draft => "draft",
        SegmentStatus.Paused => "paused",
        SegmentStatus.Archived => "archived",
        _ => state?.RuleRevision == segment.PublishedRevision ? SegmentAnswers.Name(state!.Readiness) : SegmentAnswers.Name(Readiness.Building),
    };
}
