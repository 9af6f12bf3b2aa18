using Microsoft.Data.Sqlite;
using SegmentEngine.Evaluation;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>A rule that is not run any more, since it threw.</summary>
/// <param name="Revision">Of the rule; another revision is tried anew.</param>
/// <param name="Reason">What it threw.</param>
internal readonly record struct Quarantined(int Revision, string Reason);

/// <summary>
/// A rule that throws must not keep all others from being evaluated. After three turns that broke off for another reason than the tables, each rule is run by itself; one that throws then is put aside until it is
/// published again or the server starts anew: its last members stay and count as stale, what is built on it is UNKNOWN, and the others go on.
/// </summary>
public sealed partial class WorkspaceEngine
{
    private const int TurnsMax = 3;

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

        return quarantine.Count > before;
    }

    private string? Throws(RulePlan plan, CancellationToken cancel)
    {
        try
        {
            Trap?.Invoke(plan);
            Hold(plan, cancel);
            foreach (var shard in shards)
            {
                var evaluator = new ShardEvaluator(plan, shard.Columns);
                _ = evaluator.Run(Now, Unknown);
                evaluator.SetDue(Now, new());
            }

            return null;
        }
        catch (Exception failure) when (!IsNoRules(failure))
        {
            return failure.GetBaseException().Message;
        }
    }

    /// <summary>Whether a turn broke off for a reason that no rule has anything to do with.</summary>
    private static bool IsNoRules(Exception failure) =>
        failure.GetBaseException() is OperationCanceledException or SqliteException or IOException or ObjectDisposedException or StaleLeaseException or WriterBrokenException or NotInWorkspaceException or OutOfMemoryException;

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Workspace}: revision {Revision} of segment {Segment} threw and is put aside until it is published again; its last members are kept and marked stale: {Reason}")]
    private static partial void LogQuarantined(ILogger logger, Exception failure, string segment, int revision, WorkspaceId workspace, string reason);
}
