using Microsoft.Data.Sqlite;
using SegmentEngine.Evaluation;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>A rule that is not run any more, since it threw or took too long.</summary>
/// <param name="Revision">Of the rule; another revision is tried anew.</param>
/// <param name="Reason">What it threw, or how long it was given.</param>
internal readonly record struct Quarantined(int Revision, string Reason);

/// <summary>
/// A rule that throws or does not end must not keep all others from being evaluated. After three turns that broke off for another reason than the tables, each rule is run by itself; one that throws then, or takes
/// longer than a minute, is put aside until it is published again or the server starts anew: its last members stay and count as stale, what is built on it is UNKNOWN, and the others go on.
/// </summary>
public sealed partial class WorkspaceEngine
{
    private const int TurnsMax = 3;

    /// <summary>What one rule may take by itself, for all contacts: the dearest kinds of condition take a tenth of a second a million contacts.</summary>
    private static readonly TimeSpan ruleTime = TimeSpan.FromMinutes(1);

    /// <summary>What all rules together may take before the turn is broken off. Longer, where it was too short and no rule was found at fault.</summary>
    private TimeSpan turnTime = ruleTime;

    private readonly Dictionary<SegmentId, Quarantined> quarantine = [];
    private int brokenTurns;

    /// <summary>Called before a plan is run; what it throws is as if the plan threw it. For trials alone.</summary>
    internal Action<RulePlan>? Trap { get; set; }

    /// <summary>Whether it is worth another try at once, without the rules that were found to throw.</summary>
    private bool IsMended(Exception failure, CancellationToken cancel)
    {
        if (IsNoRules(failure) || shards.Count == 0)
        {
            return false;
        }

        if (++brokenTurns < TurnsMax)
        {
            return false;
        }

        brokenTurns = 0;
        var before = quarantine.Count;
        var published = RulesInForce.Read(Version, database.Workspaces.Find(workspace)!, database.Segments.Published(workspace), slots, RulesInForce.None, quarantine);
        foreach (var rule in published.Catalog.InOrder)
        {
            cancel.ThrowIfCancellationRequested();
            if (Throws(RulePlan.Of([(rule.Id, rule.Rule)]), cancel) is { } reason)
            {
                quarantine[rule.Id] = new(rule.Revision, reason);
                LogQuarantined(logger, failure, published.Of(rule.Id).Name, rule.Revision, workspace, reason);
            }
        }

        if (quarantine.Count == before && failure is TimeoutException)
        {
            turnTime *= 2;
            LogSlow(logger, workspace, turnTime);
            return true;
        }

        return quarantine.Count > before;
    }

    private string? Throws(RulePlan plan, CancellationToken cancel)
    {
        try
        {
            Hold(plan, cancel);
            return InTime<string?>(
                ruleTime,
                within =>
                {
                    Trap?.Invoke(plan);
                    foreach (var shard in shards)
                    {
                        var evaluator = new ShardEvaluator(plan, shard.Columns);
                        _ = evaluator.Run(Now, Unknown, cancel: within);
                        evaluator.SetDue(Now, new());
                    }

                    return null;
                },
                cancel);
        }
        catch (Exception failure) when (!IsNoRules(failure))
        {
            return failure is TimeoutException ? failure.Message : failure.GetBaseException().Message;
        }
    }

    /// <summary>Work that is broken off after some time.</summary>
    /// <exception cref="TimeoutException">It was.</exception>
    private TFound InTime<TFound>(TimeSpan time, Func<CancellationToken, TFound> work, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(time, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        try
        {
            return work(either.Token);
        }
        catch (Exception broken) when (late.IsCancellationRequested && !cancel.IsCancellationRequested && broken.GetBaseException() is OperationCanceledException)
        {
            throw new TimeoutException($"it was not evaluated within {time.TotalSeconds:N0} s", broken);
        }
    }

    /// <summary>Whether a turn broke off for a reason that no rule has anything to do with.</summary>
    private static bool IsNoRules(Exception failure) =>
        failure is not TimeoutException && failure.GetBaseException() is OperationCanceledException or SqliteException or IOException or ObjectDisposedException or StaleLeaseException or WriterBrokenException or NotInWorkspaceException or OutOfMemoryException;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workspace {Workspace}: evaluation takes longer than it was given, and no rule does by itself; from now on it is given {Time}")]
    private static partial void LogSlow(ILogger logger, WorkspaceId workspace, TimeSpan time);

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Workspace}: revision {Revision} of segment {Segment} threw and is put aside until it is published again; its last members are kept and marked stale: {Reason}")]
    private static partial void LogQuarantined(ILogger logger, Exception failure, string segment, int revision, WorkspaceId workspace, string reason);
}
