using System.Diagnostics;
using System.Threading.Channels;

namespace SegmentEngine.Storage;

/// <summary>
/// All writes go through here, in the order they come. One thread takes those that wait, runs them in one <c>BEGIN IMMEDIATE</c> transaction, each but the first under a savepoint, commits once,
/// and only then tells the callers. A write that throws is undone alone and its caller gets the exception. A write that breaks the transaction takes its group with it, and the next group begins anew;
/// where that cannot be done, every later write gets a <see cref="WriterBrokenException"/>. Disposing runs what waits and takes no more.
/// </summary>
internal sealed class WriteQueue : IDisposable
{
    /// <summary>Less than evaluation steps back, and enough that whoever reads does not wait while a large commit is written.</summary>
    private const int Niceness = 5;

    private readonly SqlSession session;
    private readonly WriteTransaction transaction;
    private readonly Channel<Write> waiting = Channel.CreateBounded<Write>(new BoundedChannelOptions(StorageLimits.QueuedWritesMax) { SingleReader = true });
    private readonly List<Write> group = [];
    private readonly Thread thread;

    /// <summary>Why the last group could not be undone; null while all is well.</summary>
    private Exception? broken;

    public WriteQueue(SqlSession session)
    {
        this.session = session;
        transaction = new(session);
        thread = new(Drain) { IsBackground = true, Name = "segment store writer" };
        thread.Start();
    }

    /// <summary>Runs a write and answers once it is on disk. Cancelling helps only until its turn comes.</summary>
    public async Task<T> Run<T>(Func<WriteTransaction, T> work, CancellationToken cancel = default)
    {
        var write = new Write<T>(Audited(work), cancel);
        try
        {
            await waiting.Writer.WriteAsync(write, cancel).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SegmentDatabase));
        }

        return await write.Done.ConfigureAwait(false);
    }

    public void Dispose()
    {
        if (waiting.Writer.TryComplete())
        {
            thread.Join();
            session.Dispose();
        }
    }

    private static Func<WriteTransaction, T> Audited<T>(Func<WriteTransaction, T> work) => AuditedCall.Current is not { } call ? work : tx =>
    {
        var written = work(tx);
        call.Note(tx, written);
        return written;
    };

    private void Drain()
    {
        BackgroundThread.StepBack(Niceness);
        while (waiting.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (waiting.Reader.TryRead(out var first))
            {
                RunGroup(first);
            }
        }
    }

    private void RunGroup(Write first)
    {
        group.Clear();
        if (broken is not null && !Recover())
        {
            first.Fail(new WriterBrokenException(broken));
            return;
        }

        transaction.BeginGroup();
        try
        {
            session.Execute("begin immediate");
            var started = Stopwatch.GetTimestamp();
            var next = first;
            do
            {
                RunOne(next);
            }
            while (group.Count < StorageLimits.GroupWritesMax && Stopwatch.GetElapsedTime(started).TotalMilliseconds < StorageLimits.GroupMsMax && waiting.Reader.TryRead(out next!));

            session.Execute("commit");
        }
        catch (Exception failure)
        {
            _ = Recover();
            first.Fail(failure);
            foreach (var write in group)
            {
                write.Fail(failure);
            }

            return;
        }

        // From here the group is on disk; whoever is told so may rely on it.
        foreach (var write in group)
        {
            write.Complete();
        }
    }

    /// <summary>Back to no transaction, with nothing remembered of one; false where that cannot be done, and then it is tried again before the next group.</summary>
    private bool Recover()
    {
        try
        {
            if (session.InTransaction)
            {
                session.Execute("rollback");
            }

            transaction.Forget();
            broken = null;
        }
        catch (Exception failure)
        {
            broken = failure;
        }

        return broken is null;
    }

    /// <summary>The first write of a group needs no savepoint, since nothing stands to lose by rolling all back; savepoints copy every page a big write touches.</summary>
    private void RunOne(Write write)
    {
        if (write.Cancelled)
        {
            write.Cancel();
            return;
        }

        var first = group.Count == 0;
        transaction.BeginWrite();
        group.Add(write);
        if (!first)
        {
            session.Execute("savepoint one");
        }

        try
        {
            write.Execute(transaction);
            if (!session.InTransaction)
            {
                throw new InvalidOperationException("a write ended the transaction that it shares with others");
            }

            if (!first)
            {
                session.Execute("release one");
            }
        }
        catch (Exception failure) when (session.InTransaction)
        {
            _ = group.Remove(write);
            write.Fail(failure);
            session.Execute(first ? "rollback" : "rollback to one");
            session.Execute(first ? "begin immediate" : "release one");
            transaction.Forget();
        }
    }

    private abstract class Write
    {
        public abstract bool Cancelled { get; }
        public abstract void Execute(WriteTransaction transaction);
        public abstract void Complete();
        public abstract void Cancel();
        public abstract void Fail(Exception failure);
    }

    private sealed class Write<T>(Func<WriteTransaction, T> work, CancellationToken cancel) : Write
    {
        private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;

        public Task<T> Done => done.Task;
        public override bool Cancelled => cancel.IsCancellationRequested;
        public override void Execute(WriteTransaction transaction) => result = work(transaction);
        public override void Complete() => done.TrySetResult(result!);
        public override void Cancel() => done.TrySetCanceled(cancel);
        public override void Fail(Exception failure) => done.TrySetException(failure);
    }
}
