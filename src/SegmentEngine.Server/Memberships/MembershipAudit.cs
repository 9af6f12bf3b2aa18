using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>
/// Judges contacts at random, all the time and at a low rate. What is wrong three times over is counted, logged, listed and mended: the row is made what it should be, and the contact evaluated again.
/// </summary>
public sealed partial class MembershipAudit(
    MembershipView view, MembershipJudge judge, AuditFindings findings, SegmentDatabase database, WorkspaceEngines engines, ServerOptions options, TimeProvider clock, ILogger<MembershipAudit> logger) : BackgroundService
{
    /// <summary>Between two looks at a pair that seems wrong. What a commit is about to change is right by then.</summary>
    private static readonly TimeSpan again = TimeSpan.FromMilliseconds(300);

    private const int Looks = 3;

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
                    await Audit(workspace, contact, stoppingToken);
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

    private async Task Audit(WorkspaceId workspace, ContactId contact, CancellationToken cancel)
    {
        if (await judge.Judge(workspace, contact, cancel) is not { } judged)
        {
            return;
        }

        findings.Judged(workspace, judged.Pairs.Count);
        var wrong = judged.Pairs.Where(static pair => !pair.IsRight).ToList();
        for (var look = 1; look < Looks && wrong.Count > 0; look++)
        {
            await Task.Delay(again, cancel);
            var still = await judge.Judge(workspace, contact, cancel);
            judged = still ?? judged;
            wrong = still is null ? [] : [.. still.Pairs.Where(pair => !pair.IsRight && wrong.Exists(before => before.Segment.Id == pair.Segment.Id))];
        }

        if (wrong.Count == 0)
        {
            return;
        }

        var now = clock.GetUtcNow();
        foreach (var pair in wrong)
        {
            findings.Mismatch(workspace, new() { SegmentId = pair.Segment.Id.Value, ContactId = contact.Value, Expected = pair.Expected, Answered = pair.Answered, Stored = pair.Stored, FoundAt = now });
            LogMismatch(logger, workspace, pair.Segment.Id, contact, pair.Expected, pair.Answered, pair.Stored);
        }

        await database.Memberships.Mend(workspace, judged.Contact, wrong.ConvertAll(static pair => (pair.Segment.Number, pair.Expected)), judged.At, Instant.From(now), cancel);
        engines.ContactsChanged(workspace);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Workspace}: a membership was wrong and is mended. Segment {Segment}, contact {Contact}: the rule says {Expected}, reads answered {Answered}, the tables held {Stored}")]
    private static partial void LogMismatch(ILogger logger, WorkspaceId workspace, SegmentId segment, ContactId contact, bool expected, bool answered, bool stored);

    [LoggerMessage(Level = LogLevel.Error, Message = "A contact could not be audited")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
