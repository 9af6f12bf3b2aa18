using System.Collections.Concurrent;
using System.Diagnostics;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>Judges every contact of a workspace, one after the other, at half a core at most: every night, and when it is asked for. One run a workspace at a time.</summary>
public sealed partial class MembershipVerification(MembershipAuditor auditor, SegmentDatabase database, ServerOptions options, TimeProvider clock, ILogger<MembershipVerification> logger) : BackgroundService
{
    private const int PageSize = 200;

    /// <summary>How often a contact is looked at that changes all the time.</summary>
    private const int TriesMax = 5;

    private readonly ConcurrentDictionary<WorkspaceId, Verification> runs = [];
    private readonly ConcurrentDictionary<WorkspaceId, Task> running = [];
    private readonly Lock together = new();
    private CancellationToken stopping;

    /// <summary>The run that is under way, or the last one; one that was never begun where there is none since the server started.</summary>
    public Verification Of(WorkspaceId workspace) => runs.GetValueOrDefault(workspace, new() { State = VerificationState.Never });

    /// <summary>Begins a run, unless one is under way; comes back at once.</summary>
    public Verification Begin(WorkspaceId workspace)
    {
        lock (together)
        {
            if (running.GetValueOrDefault(workspace) is not { IsCompleted: false })
            {
                runs[workspace] = new() { State = VerificationState.Running, Contacts = database.Contacts.Count(workspace), StartedAt = clock.GetUtcNow() };
                running[workspace] = Task.Run(() => Run(workspace), CancellationToken.None);
            }

            return Of(workspace);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        stopping = stoppingToken;
        try
        {
            while (options.VerifyAt is { } time)
            {
                var now = clock.GetUtcNow();
                var next = new DateTimeOffset(now.Date, TimeSpan.Zero) + time.ToTimeSpan();
                await Task.Delay((next > now ? next : next.AddDays(1)) - now, clock, stoppingToken);
                await Night();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }

        await Task.WhenAll(running.Values);
    }

    private async Task Night()
    {
        try
        {
            foreach (var workspace in database.Workspaces.All())
            {
                _ = Begin(workspace.Id);
                await running[workspace.Id];
            }
        }
        catch (Exception failure)
        {
            // The next night is another try.
            LogNotBegun(logger, failure);
        }
    }

    private async Task Run(WorkspaceId workspace)
    {
        try
        {
            var after = 0L;
            for (var page = database.Contacts.Page(workspace, after, PageSize); page.Count > 0; page = database.Contacts.Page(workspace, after, PageSize))
            {
                var started = Stopwatch.GetTimestamp();
                foreach (var contact in page)
                {
                    await Judge(workspace, contact);
                }

                after = page[^1].Number;
                await Task.Delay(Stopwatch.GetElapsedTime(started), stopping);
            }

            runs[workspace] = runs[workspace] with { State = VerificationState.Finished, FinishedAt = clock.GetUtcNow() };
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            runs[workspace] = runs[workspace] with { State = VerificationState.Failed, FinishedAt = clock.GetUtcNow() };
        }
        catch (Exception failure)
        {
            LogFailed(logger, failure, workspace);
            runs[workspace] = runs[workspace] with { State = VerificationState.Failed, FinishedAt = clock.GetUtcNow() };
        }
    }

    private async Task Judge(WorkspaceId workspace, StoredContact contact)
    {
        AuditedContact? found = null;
        for (var tries = 0; tries < TriesMax && found is null; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50 * tries), stopping);
            found = await auditor.Audit(workspace, contact.Contact.Id!.Value, stopping);
        }

        var run = runs[workspace];
        runs[workspace] = found is { } judged
            ? run with { Judged = run.Judged + 1, Pairs = run.Pairs + judged.Pairs, Mismatches = run.Mismatches + judged.Wrong, Mended = run.Mended + judged.Mended }
            : run with { Unsure = run.Unsure + 1 };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The verification of the night was not begun for every workspace")]
    private static partial void LogNotBegun(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Workspace}: the verification of its memberships broke off")]
    private static partial void LogFailed(ILogger logger, Exception failure, WorkspaceId workspace);
}
