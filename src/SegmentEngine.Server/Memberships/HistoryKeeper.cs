using System.Collections.Concurrent;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>Counts the members of every segment once an hour, and forgets once a day what is older than its workspace keeps.</summary>
public sealed partial class HistoryKeeper(SegmentDatabase database, MembershipView view, TimeProvider clock, ILogger<HistoryKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan look = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<WorkspaceId, Instant> kept = [];
    private readonly ConcurrentDictionary<WorkspaceId, DateTime> tidied = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var pace = new PeriodicTimer(look);
        using var end = stoppingToken.Register(pace.Dispose);
        do
        {
            foreach (var workspace in view.Workspaces.ToList())
            {
                try
                {
                    await Keep(workspace, stoppingToken);
                }
                catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception failure)
                {
                    LogFailed(logger, failure, workspace);
                }
            }
        }
        while (await pace.WaitForNextTickAsync(CancellationToken.None));
    }

    /// <summary>Nothing, where the hour was counted already.</summary>
    public async Task Keep(WorkspaceId workspace, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var hour = Instant.From(new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddHours(now.UtcDateTime.Hour));
        var snapshot = view.For(workspace);
        if (snapshot is StoredSnapshot || (kept.TryGetValue(workspace, out var last) && last >= hour))
        {
            return;
        }

        if (database.Workspaces.Find(workspace) is not { } settings)
        {
            return;
        }

        if (database.Sizes.Last(workspace) is not { } counted || counted < hour)
        {
            _ = await database.Sizes.Add(workspace, hour, [.. snapshot.Segments.Where(static segment => segment.Readiness != Readiness.Building).Select(segment => (segment.Number, (long)snapshot.Count(segment)))], cancel);
        }

        kept[workspace] = hour;
        if (tidied.TryGetValue(workspace, out var day) && day == now.UtcDateTime.Date)
        {
            return;
        }

        var none = hour.Plus(TimeSpan.FromDays(-settings.HistoryDays));
        _ = await database.Sizes.Thin(workspace, hour.Plus(TimeSpan.FromDays(-StorageLimits.HourlySizesDays)), none, cancel);
        _ = await database.Memberships.History.Forget(workspace, none, cancel);
        while (await database.Webhooks.Forget(workspace, none, cancel) > 0)
        {
            // Others write in between.
        }

        tidied[workspace] = now.UtcDateTime.Date;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Workspace}: the sizes of its segments could not be kept; they are tried again")]
    private static partial void LogFailed(ILogger logger, Exception failure, WorkspaceId workspace);
}
