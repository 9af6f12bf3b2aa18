using Microsoft.Data.Sqlite;
using SegmentEngine.Storage.Schema;
using SQLitePCL;

namespace SegmentEngine.Storage;

/// <summary>One open connection with the statements prepared on it. Used by one thread at a time.</summary>
internal sealed class SqlSession : IDisposable
{
    private readonly Dictionary<string, Statement> statements = [];

    /// <summary>The same by the text's place in memory: a literal is always at the same, and to hash a hundred characters takes as long as to bind five values.</summary>
    private readonly Dictionary<string, Statement> literals = new(ReferenceEqualityComparer.Instance);
    private SegmentDbContext? management;

    private SqlSession(SqliteConnection connection) => Connection = connection;

    public SqliteConnection Connection { get; }

    /// <summary>The management tables through EF Core, on this connection and inside whatever transaction it has.</summary>
    public SegmentDbContext Management => management ??= new(Connection);

    /// <summary>Opens the one connection that writes. <paramref name="refuse"/> throws if the file is not ours, before anything is written to it.</summary>
    public static SqlSession OpenWriter(string path, Action<SqlSession> refuse)
    {
        var session = Open(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            refuse(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        NumberTable.Register(session.Connection.Handle!);
        session.Execute($"pragma page_size = {StorageLimits.PageBytes}");
        session.Execute("pragma journal_mode = wal");
        session.Execute("pragma synchronous = full");
        session.Execute("pragma secure_delete = on");
        session.Execute("pragma foreign_keys = on");
        session.Execute($"pragma cache_size = -{StorageLimits.WriterCacheKb}");
        session.Execute($"pragma wal_autocheckpoint = {StorageLimits.WalPagesMax}");
        session.Execute($"pragma journal_size_limit = {StorageLimits.WalBytesKept}");
        return session;
    }

    /// <summary>A connection that writes nothing of its own, beside the one that does.</summary>
    public static SqlSession OpenBeside(string path)
    {
        var session = Open(path, SqliteOpenMode.ReadWrite);

        // Whatever it waits for, the writer waits with it.
        session.Execute("pragma busy_timeout = 100");
        return session;
    }

    public static SqlSession OpenReader(string path)
    {
        var session = Open(path, SqliteOpenMode.ReadOnly);
        session.Execute("pragma query_only = on");
        session.Execute($"pragma cache_size = -{StorageLimits.ReaderCacheKb}");
        return session;
    }

    /// <summary>A statement prepared once for this connection. Dispose it when its rows are read, so that it holds no old snapshot open.</summary>
    public Statement Prepare(string sql)
    {
        if (literals.TryGetValue(sql, out var known))
        {
            return known;
        }

        if (!statements.TryGetValue(sql, out var statement))
        {
            statements[sql] = statement = new(Connection.Handle!, sql);
        }

        if (ReferenceEquals(string.IsInterned(sql), sql))
        {
            literals[sql] = statement;
        }

        return statement;
    }

    public void Execute(string sql)
    {
        using var statement = Prepare(sql);
        _ = statement.Run();
    }

    public long? Number(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.IntegerOrNull(0) : null;
    }

    /// <summary>Whether a transaction is open. SQLite ends one by itself on a full disk or a failed write.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Connection.Handle!) == 0;

    public void Dispose()
    {
        management?.Dispose();
        foreach (var statement in statements.Values)
        {
            statement.Close();
        }

        Connection.Dispose();
    }

    private static SqlSession Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        var session = new SqlSession(connection);
        session.Execute($"pragma busy_timeout = {StorageLimits.BusyMs}");
        return session;
    }
}
