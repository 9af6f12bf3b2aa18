using System.Collections.Concurrent;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>Threads for evaluation, a core each, to which the operating system prefers those that answer requests: a publish over a million contacts takes what they leave.</summary>
internal sealed class ComputeThreads : TaskScheduler
{
    /// <summary>Of 19, by which a thread can step back.</summary>
    private const int Niceness = 10;

    private static readonly BlockingCollection<Task> waiting = [];

    [ThreadStatic]
    private static bool isOurs;

    public static readonly ComputeThreads Shared = new(Environment.ProcessorCount);

    private ComputeThreads(int count)
    {
        MaximumConcurrencyLevel = count;
        for (var i = 0; i < count; i++)
        {
            new Thread(Run) { IsBackground = true, Name = "segment evaluation" }.Start();
        }
    }

    public override int MaximumConcurrencyLevel { get; }

    protected override void QueueTask(Task task) => waiting.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => isOurs && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [.. waiting];

    private void Run()
    {
        isOurs = true;
        BackgroundThread.StepBack(Niceness);
        foreach (var task in waiting.GetConsumingEnumerable())
        {
            _ = TryExecuteTask(task);
        }
    }
}
