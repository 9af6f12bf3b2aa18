using SegmentEngine.Server.Hosting;

namespace SegmentEngine.Server.Memberships;

/// <summary>Judges contacts at random, all the time and at a low rate.</summary>
public sealed partial class MembershipAudit(MembershipView view, MembershipAuditor auditor, ServerOptions options, ILogger<MembershipAudit> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.SelfAuditsPerSecond == 0)
        {
            return;
        }

        var random = new Random();
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1 / options.SelfAuditsPerSecond));
        using var end = stoppingToken.Register(pace.Dispose);
        while (await pace.WaitForNextTickAsync(CancellationToken.None))
        {
            try
            {
                if (view.Workspaces.ToList() is { Count: > 0 } workspaces && workspaces[random.Next(workspaces.Count)] is var workspace && view.For(workspace).AnyContact(random) is { } contact)
                {
                    _ = await auditor.Audit(workspace, contact, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The next tick is the end.
            }
            catch (Exception failure)
            {
                // The next contact is another try.
                LogFailed(logger, failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A contact could not be audited")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
