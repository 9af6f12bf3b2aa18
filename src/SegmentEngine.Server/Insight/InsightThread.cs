using System.Collections.Concurrent;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Insight;

/// <summary>One thread for all that goes through many rows, to which the operating system prefers those that answer requests. One thing at a time.</summary>
public sealed class InsightThread : IDisposable
{
    /// <summary>Of 19, by which a thread can step back.</summary>
    private const int Niceness = 10;

    private readonly BlockingCollection<Action> waiting = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationToken stop;

    public InsightThread()
    {
        stop = stopping.Token;
        new Thread(Work) { IsBackground = true, Name = "insight" }.Start();
    }

    /// <summary>Does something when its turn comes. It is told when the server stops.</summary>
    public Task<T> Run<T>(Func<CancellationToken, T> work)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Add(
            () =>
            {
                try
                {
                    answer.SetResult(work(stop));
                }
                catch (OperationCanceledException)
                {
                    answer.SetCanceled(CancellationToken.None);
                }
                catch (Exception failure)
                {
                    answer.SetException(failure);
                }
            },
            stop);
        return answer.Task;
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    private void Work()
    {
        BackgroundThread.StepBack(Niceness);
        try
        {
            foreach (var work in waiting.GetConsumingEnumerable(stop))
            {
                work();
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever waits still is stopped as well.
        }
    }
}
