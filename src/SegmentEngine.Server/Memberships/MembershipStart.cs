using Hangfire;

namespace SegmentEngine.Server.Memberships;

/// <summary>Answers from the tables when the server starts, and loads every workspace, trying again until all are; from then on a job sweeps once a minute.</summary>
public sealed class MembershipStart(WorkspaceEngines engines, IRecurringJobManager recurring) : BackgroundService
{
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        engines.ShowStored();
        while (!await Load(stoppingToken))
        {
            await Task.Delay(AgainAfter, stoppingToken);
        }

        recurring.AddOrUpdate<MembershipJobs>("sweep", static job => job.Sweep(CancellationToken.None), Cron.Minutely);
    }

    private async Task<bool> Load(CancellationToken cancel)
    {
        try
        {
            await engines.CatchUpAll(cancel);
            return true;
        }
        catch (AggregateException)
        {
            // The engines have logged what keeps them.
            return false;
        }
    }
}
