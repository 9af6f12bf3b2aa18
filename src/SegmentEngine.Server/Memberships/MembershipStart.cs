using Hangfire;

namespace SegmentEngine.Server.Memberships;

/// <summary>Loads every workspace when the server starts, and from then on sweeps once a minute.</summary>
public sealed class MembershipStart(WorkspaceEngines engines, IRecurringJobManager recurring) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await engines.LoadAll(stoppingToken);
        recurring.AddOrUpdate<MembershipJobs>("sweep", static job => job.Sweep(CancellationToken.None), Cron.Minutely);
    }
}
