using Hangfire;

namespace SegmentEngine.Server.Memberships;

/// <summary>
/// The background jobs. They take ids only, and each may run twice, at once, or not at all: what is to be done is marked in the tables, and a mark stays until its work is committed.
/// Exceptions go out to Hangfire, which tries again.
/// </summary>
public sealed class MembershipJobs(WorkspaceEngines engines)
{
    /// <summary>Evaluates the contacts that changed.</summary>
    [AutomaticRetry(Attempts = 3, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public Task RecomputeDirtyContacts(Guid workspace, CancellationToken cancel) => engines.For(new(workspace)).CatchUp(cancel);

    /// <summary>Evaluates the segments whose published rule is not the computed one.</summary>
    [AutomaticRetry(Attempts = 3, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public Task RecomputeSegments(Guid workspace, CancellationToken cancel) => engines.For(new(workspace)).CatchUp(cancel);

    /// <summary>Evaluates what changes merely because time passed.</summary>
    [AutomaticRetry(Attempts = 3, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public Task AdvanceClock(Guid workspace, CancellationToken cancel) => engines.For(new(workspace)).CatchUp(cancel);

    /// <summary>Finds what a lost nudge left undone, in every workspace. While one sweeps, as it may for long when the server loads, the next has nothing to do.</summary>
    [AutomaticRetry(Attempts = 0)]
    public Task Sweep(CancellationToken cancel) => engines.Sweep(cancel);
}
