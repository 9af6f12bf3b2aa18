using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SegmentEngine.Contacts;
using SQLitePCL;
using static SegmentEngine.Storage.NativeSqlite;

namespace SegmentEngine.Storage;

/// <summary>A prepared statement of one connection, spoken to without boxing or parameter objects: the form the hot loops use. Disposing gives it back for the next use; <see cref="Close"/> ends it.</summary>
internal sealed unsafe class Statement : IDisposable
{
    private const int OnStackMax = 512;

    private readonly sqlite3 database;
    private readonly sqlite3_stmt owner;
    private readonly nint connection;
    private readonly nint handle;

    public Statement(sqlite3 database, string sql)
    {
        this.database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out owner));
        connection = database.DangerousGetHandle();
        handle = owner.DangerousGetHandle();
    }

    public Statement Set(int parameter, long value)
    {
        Check(sqlite3_bind_int64(handle, parameter, value));
        return this;
    }

    public Statement Set(int parameter, long? value) => value is { } given ? Set(parameter, given) : SetNull(parameter);

    public Statement Set(int parameter, Instant? value) => Set(parameter, value?.Ticks);

    public Statement Set(int parameter, string? value)
    {
        if (value is null)
        {
            return SetNull(parameter);
        }

        var length = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (length <= OnStackMax)
        {
            Span<byte> utf8 = stackalloc byte[OnStackMax];
            return SetText(parameter, utf8[..Encoding.UTF8.GetBytes(value, utf8)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(length);
        SetText(parameter, rented.AsSpan(0, Encoding.UTF8.GetBytes(value, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return this;
    }

    /// <summary>Binds UTF-8 text as it is.</summary>
    public Statement SetText(int parameter, ReadOnlySpan<byte> utf8)
    {
        // An empty span points nowhere, which SQLite would take for null.
        fixed (byte* text = utf8.IsEmpty ? "\0"u8 : utf8)
        {
            Check(sqlite3_bind_text(handle, parameter, text, utf8.Length, Transient));
        }

        return this;
    }

    public Statement SetBlob(int parameter, ReadOnlySpan<byte> value)
    {
        fixed (byte* blob = value.IsEmpty ? "\0"u8 : value)
        {
            Check(sqlite3_bind_blob(handle, parameter, blob, value.Length, Transient));
        }

        return this;
    }

    private Statement SetNull(int parameter)
    {
        Check(sqlite3_bind_null(handle, parameter));
        return this;
    }

    /// <summary>Moves to the next row; false when there is none.</summary>
    public bool Step()
    {
        var result = sqlite3_step(handle);
        if (result is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            Check(result);
        }

        return result == raw.SQLITE_ROW;
    }

    /// <summary>Runs a statement that answers nothing; says how many rows it changed.</summary>
    public int Run()
    {
        while (Step())
        {
        }

        var changed = sqlite3_changes(connection);
        _ = sqlite3_reset(handle);
        return changed;
    }

    /// <summary>The row number that the connection's last insert gave. Cheaper than <c>returning</c>, which makes SQLite guard the statement with a journal of its own.</summary>
    public long LastNumber => raw.sqlite3_last_insert_rowid(database);

    public bool IsNull(int column) => sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Integer(int column) => sqlite3_column_int64(handle, column);

    public long? IntegerOrNull(int column) => IsNull(column) ? null : Integer(column);

    public Instant InstantAt(int column) => new(Integer(column));

    public Instant? InstantOrNull(int column) => IsNull(column) ? null : InstantAt(column);

    public string? Text(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(Bytes(column));

    /// <summary>The bytes of a text or blob column; they live until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        var bytes = sqlite3_column_blob(handle, column);
        return new(bytes, sqlite3_column_bytes(handle, column));
    }

    public void Dispose()
    {
        _ = sqlite3_reset(handle);
        _ = sqlite3_clear_bindings(handle);
    }

    public void Close() => owner.Dispose();

    private void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            SqliteException.ThrowExceptionForRC(result, database);
        }
    }
}
