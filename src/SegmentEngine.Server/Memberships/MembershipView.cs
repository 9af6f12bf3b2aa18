using System.Collections.Concurrent;

namespace SegmentEngine.Server.Memberships;

/// <summary>Holds the current snapshot of every workspace. Readers take it without a lock; whoever has a newer one swaps it in.</summary>
public sealed class MembershipView
{
    private readonly ConcurrentDictionary<WorkspaceId, Current> workspaces = [];
    private volatile bool loaded;
    private volatile int failed;

    /// <summary>Whether every workspace that was there at start is loaded, or could not be.</summary>
    public bool IsLoaded => loaded;

    /// <summary>How many workspaces could not be brought up to date when all were tried last.</summary>
    public int Failed => failed;

    /// <summary>Those that have a snapshot.</summary>
    public IReadOnlyCollection<WorkspaceId> Workspaces => [.. workspaces.Keys];

    public IReadOnlyCollection<WorkspaceSnapshot> All => [.. workspaces.Values.Select(static current => current.Snapshot)];

    /// <exception cref="NotLoadedException">The workspace is not loaded yet.</exception>
    public WorkspaceSnapshot For(WorkspaceId workspace) =>
        workspaces.TryGetValue(workspace, out var current) ? current.Snapshot : throw new NotLoadedException(workspace);

    /// <summary>The first snapshot that reflects a revision; after the wait, the one there is.</summary>
    public async ValueTask<WorkspaceSnapshot> AtLeast(WorkspaceId workspace, long revision, TimeSpan waitMax, CancellationToken cancel)
    {
        if (For(workspace) is var now && now.Revision >= revision)
        {
            return now;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        end.CancelAfter(waitMax);
        try
        {
            while (workspaces[workspace] is var current && current.Snapshot.Revision < revision)
            {
                await current.Replaced.Task.WaitAsync(end.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // The wait is over; the answer is whatever there is.
        }

        return For(workspace);
    }

    /// <summary>From here on readers see this snapshot. Writers of one workspace take turns.</summary>
    public void Swap(WorkspaceId workspace, WorkspaceSnapshot snapshot)
    {
        var next = new Current(snapshot);
        workspaces.TryGetValue(workspace, out var before);
        workspaces[workspace] = next;
        before?.Replaced.TrySetResult();
    }

    /// <summary>Every workspace was brought up to date, but for some.</summary>
    public void AllTried(int butFailed)
    {
        failed = butFailed;
        loaded = true;
    }

    private sealed record Current(WorkspaceSnapshot Snapshot)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The workspace's memberships are still being read; the caller should try again shortly.</summary>
public sealed class NotLoadedException(WorkspaceId workspace) : Exception($"workspace {workspace} is not loaded yet");
