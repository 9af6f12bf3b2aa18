using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Insight;

/// <summary>
/// Answers that take long to find, kept by the workspace's revision. Where the workspace has changed and the answer is not that new any more, it is found anew, and until then the old one is shown; not for minutes, though.
/// What was asked for longest ago goes first. For any thread.
/// </summary>
/// <param name="database">Says the revision.</param>
/// <param name="clock">Says how old answers are.</param>
/// <param name="find">Finds an answer. It is not cancelled when the one who asked goes away, since the next one asks the same.</param>
/// <param name="weigh">What an answer takes.</param>
/// <param name="weightMax">What all that are kept may take together.</param>
internal sealed class RecentAnswers<TKey, TAnswer>(SegmentDatabase database, TimeProvider clock, Func<WorkspaceId, TKey, Task<TAnswer>> find, Func<TAnswer, long> weigh, long weightMax)
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<(WorkspaceId, TKey), Kept> kept = [];
    private long asks;

    public Task<TAnswer> Get(WorkspaceId workspace, TKey key, CancellationToken cancel)
    {
        var revision = database.Workspaces.Revision(workspace);
        var now = Instant.From(clock.GetUtcNow());
        Task<TAnswer> answer;
        lock (gate)
        {
            if (!kept.TryGetValue((workspace, key), out var found))
            {
                kept[(workspace, key)] = found = new();
            }

            found.Asked = ++asks;
            var age = new TimeSpan(now.Ticks - found.At.Ticks);
            if (found.Now is null || (found.Revision != revision && age >= InsightLimits.FreshFor))
            {
                // Off the caller's context, which may end before the answer is found.
                found.Next ??= Task.Run(() => Find(found, workspace, key, revision, now), CancellationToken.None);
            }

            answer = found.Next is { } next && (found.Now is null || age >= InsightLimits.ShownFor) ? next : Task.FromResult(found.Now!.Value.Answer);
        }

        return answer.WaitAsync(cancel);
    }

    private async Task<TAnswer> Find(Kept entry, WorkspaceId workspace, TKey key, long revision, Instant now)
    {
        try
        {
            var answer = await find(workspace, key);
            lock (gate)
            {
                (entry.Now, entry.Revision, entry.At, entry.Weight, entry.Next) = ((answer, true), revision, now, weigh(answer), null);
                Trim();
            }

            return answer;
        }
        catch
        {
            lock (gate)
            {
                entry.Next = null;
                _ = entry.Now is null && kept.Remove((workspace, key));
            }

            throw;
        }
    }

    private void Trim()
    {
        var weight = kept.Values.Sum(static entry => entry.Weight);
        foreach (var (key, entry) in kept.Where(static entry => entry.Value.Next is null).OrderBy(static entry => entry.Value.Asked).ToList())
        {
            if (weight <= weightMax)
            {
                break;
            }

            weight -= entry.Weight;
            _ = kept.Remove(key);
        }
    }

    private sealed class Kept
    {
        public (TAnswer Answer, bool)? Now { get; set; }
        public Task<TAnswer>? Next { get; set; }
        public long Revision { get; set; }
        public Instant At { get; set; } = Instant.MinValue;
        public long Weight { get; set; }
        public long Asked { get; set; }
    }
}
