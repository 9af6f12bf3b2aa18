using System.Collections.Concurrent;

namespace SegmentEngine.Storage;

/// <summary>Read-only connections, lent one at a time. A reader sees the last commit as of its first statement and never waits for the writer.</summary>
internal sealed class ReaderPool(string path) : IDisposable
{
    private readonly ConcurrentBag<SqlSession> idle = [];
    private int idleCount;
    private volatile bool closed;

    public T Read<T>(Func<SqlSession, T> query)
    {
        var session = Rent();
        try
        {
            return query(session);
        }
        finally
        {
            Return(session);
        }
    }

    /// <summary>Several statements on one snapshot.</summary>
    public T ReadTogether<T>(Func<SqlSession, T> query) => Read(session =>
    {
        session.Execute("begin");
        try
        {
            return query(session);
        }
        finally
        {
            session.Execute("commit");
        }
    });

    public SqlSession Rent()
    {
        ObjectDisposedException.ThrowIf(closed, this);
        if (!idle.TryTake(out var session))
        {
            return SqlSession.OpenReader(path);
        }

        _ = Interlocked.Decrement(ref idleCount);
        return session;
    }

    public void Return(SqlSession session)
    {
        // Counted beside the bag, which stands still to be counted.
        if (closed || Interlocked.Increment(ref idleCount) > StorageLimits.IdleReadersMax)
        {
            _ = Interlocked.Decrement(ref idleCount);
            session.Dispose();
        }
        else
        {
            idle.Add(session);
        }
    }

    public void Dispose()
    {
        closed = true;
        while (idle.TryTake(out var session))
        {
            session.Dispose();
        }
    }
}
