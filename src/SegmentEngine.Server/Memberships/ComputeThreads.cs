using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace SegmentEngine.Server.Memberships;

/// <summary>Threads for evaluation, a core each, to which the operating system prefers those that answer requests: a publish over a million contacts takes what they leave. Where the system knows no such order (Linux does), they are threads like others.</summary>
internal sealed partial class ComputeThreads : TaskScheduler
{
    /// <summary>Of 19, by which a thread can step back.</summary>
    private const int Niceness = 10;

    private const int ThisThread = 0;

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
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(ThisThread, ThisThread, Niceness);
        }

        foreach (var task in waiting.GetConsumingEnumerable())
        {
            _ = TryExecuteTask(task);
        }
    }

    /// <summary>Of the C library: stepping back needs no right. On Linux, process 0 is the calling thread.</summary>
    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, uint who, int niceness);
}
