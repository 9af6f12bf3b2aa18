using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SegmentEngine.Contacts;
using SQLitePCL;

namespace SegmentEngine.Storage;

/// <summary>
/// A SegmentEngine database file, owned by this process until disposed. Reads answer at once from read-only connections; writes go through one queue and answer when they are on disk.
/// All stores may be used from any thread. Everything but keys is asked for by workspace, and another workspace's things are as if they did not exist.
/// </summary>
public sealed class SegmentDatabase : IDisposable
{
    /// <summary>Written into the file's header ("SegE"), so that another program's SQLite file is told apart.</summary>
    internal const long ApplicationId = 0x53656745;

    private readonly OwnerFile owner;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;
    private readonly LogTruncation log;

    private SegmentDatabase(string path, OwnerFile owner, SqlSession session)
    {
        this.owner = owner;
        readers = new(path);
        writer = new(session);
        log = new(path);
        Workspaces = new(readers, writer);
        Keys = new(Workspaces, readers, writer);
        People = new(Workspaces, readers, writer);
        Contacts = new(Workspaces, readers, writer, log);
        Suppression = new(Workspaces, readers, writer);
        Ingest = new(Workspaces, writer);
        Events = new(Workspaces, readers);
        Dirty = new(Workspaces, readers, writer);
        Shards = new(Workspaces, readers, writer);
        Lists = new(Workspaces, readers, writer);
        Segments = new(Workspaces, readers, writer);
        Memberships = new(Workspaces, readers, writer);
        Actions = new(Workspaces, readers, writer);
        Instructions = new(Workspaces, readers, writer);
        Directories = new(Workspaces, readers, writer);
        Webhooks = new(Workspaces, readers, writer);
        Sizes = new(Workspaces, readers, writer);
        Audit = new(Workspaces, readers);
    }

    public WorkspaceStore Workspaces { get; }
    public ApiKeyStore Keys { get; }
    public PeopleStore People { get; }
    public ContactStore Contacts { get; }
    public Suppression Suppression { get; }
    public IngestStore Ingest { get; }
    public EventStore Events { get; }
    public DirtyContacts Dirty { get; }
    public ShardStore Shards { get; }
    public ListStore Lists { get; }
    public SegmentStore Segments { get; }
    public MembershipStore Memberships { get; }
    public GatedItemStore<StoredAction> Actions { get; }
    public GatedItemStore<StoredInstruction> Instructions { get; }
    public GatedItemStore<StoredDirectory> Directories { get; }
    public WebhookStore Webhooks { get; }
    public SegmentSizes Sizes { get; }
    public AuditLog Audit { get; }

    internal WriteQueue Writer => writer;

    /// <summary>Opens a file, making it when it is not there and bringing an older one up to date.</summary>
    /// <exception cref="DatabaseInUseException">Another process owns it; the message names it.</exception>
    /// <exception cref="DatabaseRefusedException">The file is newer than this program, or not one of ours, or the SQLite library is too old.</exception>
    public static SegmentDatabase Open(string path, Instant now)
    {
        var full = Path.GetFullPath(path);
        Batteries_V2.Init();
        RefuseOldSqlite(raw.sqlite3_libversion().utf8_to_string());
        _ = Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var owner = OwnerFile.Claim(full, now);
        SqlSession? session = null;
        try
        {
            session = SqlSession.OpenWriter(full, file => RefuseForeignFile(path, file));
            Migrate(path, session);

            // What was deleted before the last run ended may still be in its log.
            session.Execute("pragma wal_checkpoint(truncate)");
            return new(full, owner, session);
        }
        catch (SqliteException unusable) when (session is null)
        {
            owner.Dispose();
            throw new DatabaseRefusedException($"'{path}' cannot be opened: {unusable.Message}");
        }
        catch
        {
            session?.Dispose();
            owner.Dispose();
            throw;
        }
    }

    /// <summary>A shard as of now, to be read at leisure.</summary>
    public ShardMoment ShardNow(WorkspaceId workspace, int shard) => new(readers, Workspaces.Key(workspace).Number, shard);

    /// <summary>A workspace's memberships as of now.</summary>
    public MembershipMoment MembershipsNow(WorkspaceId workspace) => new(readers, Workspaces.Key(workspace).Number);

    /// <summary>Whether SQLite finds the file whole: true, and no complaints.</summary>
    public bool IsIntact(out IReadOnlyList<string> complaints)
    {
        var found = readers.Read(session =>
        {
            var lines = new List<string>();
            using var check = session.Prepare("pragma integrity_check");
            while (check.Step())
            {
                lines.Add(check.Text(0)!);
            }

            return lines;
        });
        complaints = found is ["ok"] ? [] : found;
        return complaints.Count == 0;
    }

    /// <summary>Runs the writes that wait, then closes the file and gives up its ownership.</summary>
    public void Dispose()
    {
        log.Dispose();
        readers.Dispose();
        writer.Dispose();
        owner.Dispose();
    }

    /// <summary>The library comes along with the program; another one is met where somebody put theirs in its place.</summary>
    internal static void RefuseOldSqlite(string version)
    {
        if (!Version.TryParse(version, out var loaded) || loaded < StorageLimits.SqliteVersionMin)
        {
            throw new DatabaseRefusedException(
                $"the SQLite library that was loaded is {version}, which can lose what was written; {StorageLimits.SqliteVersionMin} or later is needed: put back the e_sqlite3 library that came with this program, or update the one that replaced it");
        }
    }

    private static void RefuseForeignFile(string path, SqlSession session)
    {
        try
        {
            var id = session.Number("pragma application_id");
            if (id != ApplicationId && !(id == 0 && session.Number("select count(*) from sqlite_schema") == 0))
            {
                throw new DatabaseRefusedException($"'{path}' is an SQLite file of another program");
            }
        }
        catch (SqliteException foreign) when (foreign.SqliteErrorCode == raw.SQLITE_NOTADB)
        {
            throw new DatabaseRefusedException($"'{path}' is no SQLite file");
        }
    }

    private static void Migrate(string path, SqlSession session)
    {
        var known = session.Management.Database.GetMigrations().ToHashSet();
        var applied = session.Number("select 1 from sqlite_schema where name = '__EFMigrationsHistory'") is null ? [] : Applied(session);
        if (applied.Find(migration => !known.Contains(migration)) is { } unknown)
        {
            throw new DatabaseRefusedException($"'{path}' was written by a newer version of this program (it has '{unknown}'); start that version, or restore a backup");
        }

        if (applied.Count < known.Count)
        {
            // The lock of a migration that was killed half-way would be waited for without end; this process owns the file, so nobody holds it.
            session.Execute("drop table if exists __EFMigrationsLock");
            session.Execute($"pragma application_id = {ApplicationId}");
            session.Management.Database.Migrate();
        }
    }

    private static List<string> Applied(SqlSession session)
    {
        var applied = new List<string>();
        using var rows = session.Prepare("select MigrationId from __EFMigrationsHistory order by MigrationId");
        while (rows.Step())
        {
            applied.Add(rows.Text(0)!);
        }

        return applied;
    }
}
