using Microsoft.Data.Sqlite;
using SegmentEngine.Contacts;
using SQLitePCL;

namespace SegmentEngine.Storage;

/// <param name="Bytes">The size of the file.</param>
/// <param name="Workspaces">How many it holds.</param>
/// <param name="Contacts">How many, in all workspaces.</param>
public sealed record BackupReport(long Bytes, long Workspaces, long Contacts);

/// <summary>Copies a database file while a server works on it, and puts such a copy in a file's place.</summary>
public static class DatabaseBackup
{
    private const int StepPages = 2_000;

    /// <summary>
    /// Writes all that was committed when it began into a file of its own, and has SQLite check that before it gets its name. Whoever writes goes on; their log is not begun anew until the copy is made.
    /// SQLite's online backup: https://sqlite.org/backup.html.
    /// </summary>
    /// <param name="database">The file.</param>
    /// <param name="backup">Where to; a file that is there is replaced once the copy is good.</param>
    /// <param name="now">For the claim of the file.</param>
    /// <param name="progress">Told the pages that are copied, and how many there are.</param>
    /// <exception cref="DatabaseInUseException">The copy would replace a file that a server has open.</exception>
    /// <exception cref="DatabaseRefusedException">It is no database of ours, or the copy is not whole.</exception>
    public static BackupReport Write(string database, string backup, Instant now, Action<long, long>? progress = null)
    {
        var (from, into) = (Path.GetFullPath(database), Path.GetFullPath(backup));
        if (from == into)
        {
            throw new DatabaseRefusedException($"'{backup}' is the database itself");
        }

        // A database that has, or had, an owner is no place for a copy while a server works on it.
        using var claim = File.Exists(into + OwnerFile.LockEnding) ? OwnerFile.Claim(into, now) : null;
        var partial = into + ".partial";
        try
        {
            Remove(partial);
            using (var source = OpenOurs(database))
            using (var copy = Open(partial, SqliteOpenMode.ReadWriteCreate))
            {
                Copy(source, copy, progress);
                Run(copy, "pragma journal_mode = delete");
            }

            // A log that was left beside what is replaced would be taken for the copy's.
            var report = Check(partial);
            Remove(into);
            File.Move(partial, into);
            return report;
        }
        catch (SqliteException failed)
        {
            throw new DatabaseRefusedException($"'{backup}' cannot be written, or '{database}' not be read: {failed.Message}");
        }
        finally
        {
            Remove(partial);
        }
    }

    /// <summary>Puts a backup in the place of a file that no server has open. What was there stays beside it, with <c>.replaced</c> behind its name.</summary>
    /// <param name="backup">As <see cref="Write"/> made it.</param>
    /// <param name="database">The file; it need not be there.</param>
    /// <param name="now">For the claim of the file.</param>
    /// <exception cref="DatabaseInUseException">Another process owns the file.</exception>
    /// <exception cref="DatabaseRefusedException">It is no backup of ours, or not whole.</exception>
    public static BackupReport Restore(string backup, string database, Instant now)
    {
        var report = Check(backup);
        var full = Path.GetFullPath(database);
        using var claim = OwnerFile.Claim(full, now);
        var partial = full + ".partial";
        File.Copy(backup, partial, overwrite: true);
        using (var copy = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite))
        {
            copy.Flush(flushToDisk: true);
        }

        foreach (var part in (string[])["-wal", "-shm", ""])
        {
            if (File.Exists(full + part))
            {
                File.Move(full + part, $"{full}.replaced{part}", overwrite: true);
            }
            else
            {
                File.Delete($"{full}.replaced{part}");
            }
        }

        File.Move(partial, full);
        return report;
    }

    /// <exception cref="DatabaseRefusedException">It is no database of ours, or not whole.</exception>
    private static BackupReport Check(string path)
    {
        using var file = OpenOurs(path);
        try
        {
            return Text(file, "pragma integrity_check") is var verdict && verdict != "ok"
                ? throw new DatabaseRefusedException($"'{path}' is damaged: {verdict}")
                : new(new FileInfo(path).Length, Number(file, "select count(*) from workspaces"), Number(file, "select count(*) from contacts"));
        }
        catch (SqliteException broken)
        {
            throw new DatabaseRefusedException($"'{path}' is damaged: {broken.Message}");
        }
    }

    private static void Copy(SqliteConnection from, SqliteConnection into, Action<long, long>? progress)
    {
        // Of one moment: a transaction that is open keeps it, however long the copy takes.
        Run(from, "begin");
        _ = Number(from, "select count(*) from sqlite_schema");
        using (var backup = raw.sqlite3_backup_init(into.Handle, "main", from.Handle, "main"))
        {
            var step = raw.SQLITE_OK;
            while (step == raw.SQLITE_OK)
            {
                step = raw.sqlite3_backup_step(backup, StepPages);
                var all = raw.sqlite3_backup_pagecount(backup);
                progress?.Invoke(all - raw.sqlite3_backup_remaining(backup), all);
            }

            if (step != raw.SQLITE_DONE)
            {
                throw new IOException($"the copy broke off: {raw.sqlite3_errstr(step).utf8_to_string()}");
            }
        }

        Run(from, "commit");
    }

    private static SqliteConnection OpenOurs(string path)
    {
        if (!File.Exists(path))
        {
            throw new DatabaseRefusedException($"there is no file '{path}'");
        }

        SqliteConnection? file = null;
        try
        {
            file = Open(path, SqliteOpenMode.ReadOnly);
            return Number(file, "pragma application_id") == SegmentDatabase.ApplicationId ? file : throw new DatabaseRefusedException($"'{path}' is an SQLite file of another program");
        }
        catch (SqliteException unusable)
        {
            file?.Dispose();
            throw new DatabaseRefusedException(unusable.SqliteErrorCode == raw.SQLITE_NOTADB ? $"'{path}' is no SQLite file" : $"'{path}' cannot be opened: {unusable.Message}");
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        Run(connection, $"pragma busy_timeout = {StorageLimits.BusyMs}");
        return connection;
    }

    private static void Remove(string path)
    {
        foreach (var part in (string[])["", "-journal", "-wal", "-shm"])
        {
            File.Delete(path + part);
        }
    }

    private static void Run(SqliteConnection connection, string sql) => _ = Text(connection, sql);

    private static long Number(SqliteConnection connection, string sql) => Convert.ToInt64(Scalar(connection, sql), System.Globalization.CultureInfo.InvariantCulture);

    private static string? Text(SqliteConnection connection, string sql) => Scalar(connection, sql)?.ToString();

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
