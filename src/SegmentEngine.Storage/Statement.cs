using Microsoft.Data.Sqlite;
using SegmentEngine.Contacts;
using SQLitePCL;

namespace SegmentEngine.Storage;

/// <summary>A prepared statement of one connection, spoken to without boxing or parameter objects: the form the hot loops use. Disposing gives it back for the next use; <see cref="Close"/> ends it.</summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt handle;

    public Statement(sqlite3 database, string sql)
    {
        this.database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out handle));
    }

    public Statement Set(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(handle, parameter, value));
        return this;
    }

    public Statement Set(int parameter, long? value) => value is { } given ? Set(parameter, given) : SetNull(parameter);

    public Statement Set(int parameter, Instant? value) => Set(parameter, value?.Ticks);

    public Statement Set(int parameter, string? value)
    {
        Check(value is null ? raw.sqlite3_bind_null(handle, parameter) : raw.sqlite3_bind_text(handle, parameter, value));
        return this;
    }

    /// <summary>Binds UTF-8 text as it is.</summary>
    public Statement SetText(int parameter, ReadOnlySpan<byte> utf8)
    {
        Check(raw.sqlite3_bind_text(handle, parameter, utf8));
        return this;
    }

    public Statement SetBlob(int parameter, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(handle, parameter, value));
        return this;
    }

    private Statement SetNull(int parameter)
    {
        Check(raw.sqlite3_bind_null(handle, parameter));
        return this;
    }

    /// <summary>Moves to the next row; false when there is none.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(handle);
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

        var changed = raw.sqlite3_changes(database);
        _ = raw.sqlite3_reset(handle);
        return changed;
    }

    /// <summary>The row number that the connection's last insert gave. Cheaper than <c>returning</c>, which makes SQLite guard the statement with a journal of its own.</summary>
    public long LastNumber => raw.sqlite3_last_insert_rowid(database);

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(handle, column);

    public long? IntegerOrNull(int column) => IsNull(column) ? null : Integer(column);

    public Instant InstantAt(int column) => new(Integer(column));

    public Instant? InstantOrNull(int column) => IsNull(column) ? null : InstantAt(column);

    public string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(handle, column).utf8_to_string();

    /// <summary>The bytes of a text or blob column; they live until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    public void Dispose()
    {
        _ = raw.sqlite3_reset(handle);
        _ = raw.sqlite3_clear_bindings(handle);
    }

    public void Close() => handle.Dispose();

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, database);
}
