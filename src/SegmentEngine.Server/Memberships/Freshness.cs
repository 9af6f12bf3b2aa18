using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;

namespace SegmentEngine.Server.Memberships;

/// <summary>The one snapshot that answers a request, and what that answer says of its age.</summary>
public sealed class Freshness(MembershipView view, ServerOptions options, TimeProvider clock)
{
    public Instant Now => Instant.From(clock.GetUtcNow());

    public WorkspaceSnapshot Newest(Caller caller) => view.For(caller.Workspace);

    /// <summary>The snapshot to answer from, or the refusal where the revision that was asked for is not reflected in time.</summary>
    public async ValueTask<(WorkspaceSnapshot Snapshot, Refusal? Refusal)> Take(Caller caller, Reflecting reflecting, CancellationToken cancel)
    {
        if (reflecting.Revision is not { } revision)
        {
            return (Newest(caller), null);
        }

        var snapshot = await view.AtLeast(caller.Workspace, revision, RequestLimits.RevisionWaitMax, cancel);
        return (snapshot, snapshot.Revision < revision ? Refusal.Behind(revision, snapshot.Revision) : null);
    }

    /// <summary>The tag of an answer that a snapshot gives, and of what the answer says beside it.</summary>
    public string Tag(WorkspaceSnapshot snapshot, ContactId? contact = null) =>
        contact is { } asked ? $"W/\"{snapshot.Name}{(IsStale(snapshot) ? "-stale" : "")}-{asked.Value:N}\"" : $"W/\"{snapshot.Name}{(IsStale(snapshot) ? "-stale" : "")}\"";

    /// <summary>Whether what a segment says is older than the limit, so that it opens nothing.</summary>
    public bool IsTooOld(WorkspaceSnapshot snapshot, SegmentState segment) =>
        (segment.Readiness is Readiness.Failed or Readiness.Paused && segment.EvaluatedAt is { } at && at < Now ? new(Now.Ticks - at.Ticks) : snapshot.Behind(Now)) > options.StaleAfter;

    public bool IsStale(WorkspaceSnapshot snapshot) => snapshot.Behind(Now) > options.StaleAfter;

    /// <summary>A segment is stale with its workspace, and while its last good membership stands in for one that could not be evaluated, or is not to be.</summary>
    public bool IsStale(WorkspaceSnapshot snapshot, SegmentState segment) => segment.Readiness is Readiness.Failed or Readiness.Paused || IsStale(snapshot);
}
