using Hangfire;

namespace SegmentEngine.Server.Memberships;

/// <summary>Sweeps when the server starts, which loads every workspace, and from then on once a minute.</summary>
public sealed class MembershipStart(IBackgroundJobClient jobs, IRecurringJobManager recurring) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        recurring.AddOrUpdate<MembershipJobs>("sweep", static job => job.Sweep(CancellationToken.None), Cron.Minutely());
        _ = jobs.Enqueue<MembershipJobs>(static job => job.Sweep(CancellationToken.None));
        return Task.CompletedTask;
    }
}
