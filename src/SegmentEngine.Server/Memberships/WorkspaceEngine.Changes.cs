using SegmentEngine.Evaluation;
using SegmentEngine.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>From sets to deltas to what readers see.</summary>
public sealed partial class WorkspaceEngine
{
    private readonly Dictionary<int, ShardMemberships> shown = [];
    private readonly SegmentSlots slots = new();

    /// <summary>What a run found in one shard.</summary>
    /// <param name="Shard">Where.</param>
    /// <param name="Changes">Of the segments whose members turned out to be others.</param>
    private sealed record ShardOutcome(EngineShard Shard, List<SetChange> Changes);

    /// <param name="Segment">By its number.</param>
    /// <param name="Members">As they are now.</param>
    /// <param name="Entered">By their numbers.</param>
    /// <param name="Left">By their numbers.</param>
    private sealed record SetChange(long Segment, ContactSet Members, IReadOnlyList<long> Entered, IReadOnlyList<long> Left);

    private static List<SegmentDelta> DeltasOf(IEnumerable<ShardOutcome> outcomes, RulesInForce with, Func<long, MembershipCause> causeOf)
    {
        var segments = with.Segments.ToDictionary(static segment => segment.Number);
        return [.. outcomes.SelectMany(found => found.Changes.SelectMany(change =>
        {
            var (of, emptied) = (causeOf(change.Segment), segments[change.Segment].Emptied);
            var listed = found.Shard.Listed.Count > 0 && with.Catalog.Find(segments[change.Segment].Id)?.Rule.Reads.Lists.IsEmpty == false ? found.Shard.Listed : [];
            return new[] { (Cause: of, IsListed: false), (Cause: MembershipCause.List, IsListed: true) }
                .Select(part => new SegmentDelta(
                    change.Segment, found.Shard.Number, Only(change.Entered, listed, part.IsListed), Only(change.Left, listed, part.IsListed), part.Cause) { Emptied = emptied })
                .Where(static delta => delta.Entered.Count + delta.Left.Count > 0);
        }))];
    }

    /// <summary>Those contacts that are among some, or those that are not.</summary>
    private static IReadOnlyList<long> Only(IReadOnlyList<long> contacts, HashSet<long> among, bool inside) =>
        among.Count == 0 ? inside ? [] : contacts : [.. contacts.Where(contact => among.Contains(contact) == inside)];

    private static IEnumerable<SetChange> ChangeOf(EngineShard shard, long segment, ContactSet after)
    {
        if (MembershipDelta.Between(shard.MembersOf(segment), after) is { IsEmpty: false } delta)
        {
            yield return new(segment, after, shard.NumbersOf(delta.Entered), shard.NumbersOf(delta.Left));
        }
    }

    /// <summary>The changes are committed; from here on the engine builds on them.</summary>
    private void Take(IEnumerable<ShardOutcome> outcomes)
    {
        foreach (var (shard, changes) in outcomes)
        {
            shard.Take(changes.Select(static change => (change.Segment, change.Members)));
            _ = shown.Remove(shard.Number);
        }
    }

    /// <summary>Forgets the sets of segments that are no longer published; their rows are gone already.</summary>
    private void DropGone()
    {
        var published = rules.Segments.Select(static segment => segment.Number).ToHashSet();
        foreach (var gone in slots.Segments.Where(segment => !published.Contains(segment)))
        {
            foreach (var shard in shards.Where(shard => shard.Members.Remove(gone)))
            {
                _ = shown.Remove(shard.Number);
            }

            slots.Free(gone);
        }
    }

    /// <summary>A segment that was archived and is back has no rows any more, so its rows are counted from none.</summary>
    private void ForgetEmptied(RulesInForce next)
    {
        foreach (var shard in shards)
        {
            foreach (var emptied in next.Segments.Where(static segment => !segment.HasRows))
            {
                if (shard.Members.Remove(emptied.Number))
                {
                    _ = shown.Remove(shard.Number);
                }
            }
        }
    }

    /// <summary>Segments published for the first time are there at once, though nothing is known of their members yet.</summary>
    private void Announce(RulesInForce next)
    {
        var known = rules.Shown.ById;
        Show(new(next.Segments.Select(segment => segment.HasRows ? known.GetValueOrDefault(segment.Id) ?? segment : segment)));
    }

    /// <summary>Readers see what the engine holds, all of it at once.</summary>
    private void Show() => Show(rules.Shown);

    private void Show(ShownSegments segments)
    {
        // INVARIANT: what the last run of the program left is not shown as ours before it is brought up to date once: nobody knows what came after. Until then the stored snapshot says how old it is.
        if (!isCaughtUp)
        {
            return;
        }

        foreach (var shard in shards.Where(shard => !shown.ContainsKey(shard.Number)))
        {
            shown[shard.Number] = shard.Members.Now(shard.Seats);
        }

        view.Swap(workspace, new EngineSnapshot([.. shards.Select(shard => shown[shard.Number])], backlog, NextChange)
        {
            Revision = reflected,
            EvaluatedAt = Now,
            Shown = segments,
        });
        stored?.Dispose();
        stored = null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Workspace {Workspace}: {Contacts} contacts read")]
    private static partial void LogContacts(ILogger logger, long contacts, WorkspaceId workspace);

    [LoggerMessage(Level = LogLevel.Information, Message = "Workspace {Workspace}: {Segments} segments evaluated over {Contacts} contacts in {Milliseconds} ms")]
    private static partial void LogEvaluated(ILogger logger, int segments, long contacts, long milliseconds, WorkspaceId workspace);

    [LoggerMessage(Level = LogLevel.Information, Message = "Workspace {Workspace}: {Contacts} changed contacts still wait")]
    private static partial void LogWaiting(ILogger logger, long contacts, WorkspaceId workspace);

    [LoggerMessage(Level = LogLevel.Error, Message = "Workspace {Workspace}: revision {Revision} of segment {Segment} cannot be run; its last members are kept and marked stale")]
    private static partial void LogFailed(ILogger logger, string segment, int revision, WorkspaceId workspace);
}
