using System.Collections.Concurrent;
using Hangfire;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>The engine of each workspace, made when it is first asked for, and the nudges that set them to work.</summary>
public sealed partial class WorkspaceEngines(SegmentDatabase database, MembershipView view, IBackgroundJobClient jobs, TimeProvider clock, ILogger<WorkspaceEngine> logger)
    : IDisposable
{
    private readonly ConcurrentDictionary<WorkspaceId, Lazy<WorkspaceEngine>> engines = [];
    private int sweeping;

    public WorkspaceEngine For(WorkspaceId workspace) =>
        engines.GetOrAdd(workspace, id => new(() => new(id, database, view, clock, this, logger))).Value;

    /// <summary>Contacts or their events were written or deleted.</summary>
    public void ContactsChanged(WorkspaceId workspace) => Nudge(workspace, static id => job => job.RecomputeDirtyContacts(id, CancellationToken.None));

    /// <summary>Segments were published, renamed or deleted, or the schema was replaced.</summary>
    public void RulesChanged(WorkspaceId workspace) => Nudge(workspace, static id => job => job.RecomputeSegments(id, CancellationToken.None));

    /// <inheritdoc cref="WorkspaceEngine.Preview"/>
    public Task<RuleImpact> Preview(WorkspaceId workspace, RuleThought thought, int sampleMax, CancellationToken cancel) => For(workspace).Preview(thought, sampleMax, cancel);

    /// <inheritdoc cref="WorkspaceEngine.PreviewContacts"/>
    public Task<List<long>> PreviewContacts(WorkspaceId workspace, RuleThought thought, ImpactPart part, CancellationToken cancel) => For(workspace).PreviewContacts(thought, part, cancel);

    /// <summary>An instant has come at which an answer may change by itself.</summary>
    internal void ClockStruck(WorkspaceId workspace) => _ = jobs.Enqueue<MembershipJobs>(job => job.AdvanceClock(workspace.Value, CancellationToken.None));

    /// <summary>Before anything is loaded: every workspace that was evaluated once is answered from the tables.</summary>
    public void ShowStored()
    {
        foreach (var workspace in database.Workspaces.All())
        {
            try
            {
                For(workspace.Id).ShowStored();
            }
            catch (Exception failure)
            {
                LogNotShown(logger, failure, workspace.Id);
            }
        }
    }

    /// <summary>As <see cref="CatchUpAll"/>, unless somebody is at it already.</summary>
    public async Task Sweep(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref sweeping, 1) == 1)
        {
            return;
        }

        try
        {
            await CatchUpAll(cancel);
        }
        finally
        {
            Volatile.Write(ref sweeping, 0);
        }
    }

    /// <summary>Brings every workspace up to date, loading those that are not. Until that was tried once, the server is not ready.</summary>
    /// <exception cref="AggregateException">Some could not be; the others are up to date all the same.</exception>
    public async Task CatchUpAll(CancellationToken cancel)
    {
        var failures = new List<Exception>();
        foreach (var workspace in database.Workspaces.All())
        {
            try
            {
                await For(workspace.Id).CatchUp(cancel);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                LogBehind(logger, failure, workspace.Id);
                failures.Add(failure);
            }
        }

        view.AllTried(failures.Count);
        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Workspace} could not be brought up to date; the next sweep tries again")]
    private static partial void LogBehind(ILogger logger, Exception failure, WorkspaceId workspace);

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Workspace} cannot be answered from the tables; it waits until it is loaded")]
    private static partial void LogNotShown(ILogger logger, Exception failure, WorkspaceId workspace);

    public void Dispose()
    {
        foreach (var engine in engines.Values.Where(static engine => engine.IsValueCreated))
        {
            engine.Value.Dispose();
        }
    }

    private void Nudge(WorkspaceId workspace, Func<Guid, System.Linq.Expressions.Expression<Func<MembershipJobs, Task>>> job)
    {
        // One waiting job does for any number of writes before it starts.
        if (For(workspace).Nudged(Instant.From(clock.GetUtcNow())))
        {
            _ = jobs.Enqueue(job(workspace.Value));
        }
    }
}
