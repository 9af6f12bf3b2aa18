using Microsoft.Data.Sqlite;

namespace SegmentEngine.Storage.Tests;

/// <summary>What only a file has: an owner, a version, a header.</summary>
public sealed class SegmentDatabaseTests : IDisposable
{
    private readonly SqliteTestDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public void A_second_opening_is_refused_and_names_the_first()
    {
        using var first = database.Open();
        var refused = Assert.Throws<DatabaseInUseException>(() => SegmentDatabase.Open(database.File, Some.Now));
        Assert.Equal(new DatabaseOwner(Environment.ProcessId, Environment.MachineName, Some.Now), refused.Owner);
        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName} since 2026-03-01T12:00:00Z", refused.Message, StringComparison.Ordinal);

        // The refusal takes nothing from the owner.
        Assert.Empty(first.Workspaces.All());
        _ = Assert.Throws<DatabaseInUseException>(() => SegmentDatabase.Open(database.File, Some.Now));
    }

    [Fact]
    public void What_a_dead_owner_left_does_not_block()
    {
        File.WriteAllLines(database.File + ".owner", ["1", "elsewhere", "2020-01-01T00:00:00Z"]);
        File.WriteAllText(database.File + ".owner-lock", "");
        Assert.Empty(database.Open().Workspaces.All());
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        database.Open().Dispose();
        Execute("insert into __EFMigrationsHistory values ('29990101000000_Later', '99')");
        var before = File.ReadAllBytes(database.File);
        var refused = Assert.Throws<DatabaseRefusedException>(() => SegmentDatabase.Open(database.File, Some.Now));
        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
        Assert.Contains("29990101000000_Later", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(database.File));
        Assert.False(File.Exists(database.File + ".owner"));
    }

    [Fact]
    public void A_file_of_another_program_is_refused_and_left_as_it_is()
    {
        Execute("create table theirs (x)");
        var before = File.ReadAllBytes(database.File);
        Assert.Contains("another program", Assert.Throws<DatabaseRefusedException>(() => SegmentDatabase.Open(database.File, Some.Now)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(database.File));
    }

    [Fact]
    public void A_migration_that_was_killed_half_way_is_done_again()
    {
        database.Open().Dispose();
        Execute("insert into __EFMigrationsLock values (1, '2020-01-01'); delete from __EFMigrationsHistory");
        foreach (var (type, name) in Rows("select type, name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite%' and name not like '\\_\\_EF%' escape '\\'"))
        {
            Execute($"pragma foreign_keys = off; drop {type} {name}");
        }

        Assert.Empty(database.Open().Workspaces.All());
    }

    [Fact]
    public async Task The_schema_is_strict_where_it_is_hot_and_readable_by_any_tool()
    {
        using var store = database.Open();
        var workspace = (await store.Workspaces.Create("w", "UTC", Some.Now, shardCount: 1)).Id;
        var contact = (await store.Ingest.Write(workspace, [new ContactWrite { ExternalId = "u1" }], Some.Now, createContacts: false)).Results[0].Contact;
        var segment = (await store.Segments.Create(workspace, "vip", null, null, Some.Now)).Value;
        _ = await store.Segments.Publish(workspace, segment.Id, "{}", null, null, Some.Now);
        var lease = await store.Shards.TakeLease(workspace, 0, "test", Some.Now, Some.Minute);
        _ = await store.Memberships.Commit(new() { Workspace = workspace, Leases = [lease!], At = Some.Now, Revision = 3, Deltas = [new(segment.Number, 0, [1], [], MembershipCause.Data)] });
        Assert.Equal(
            [($"{workspace} {segment.Id} vip", $"{contact} u1 2026-03-01T12:00:00Z 3")],
            Rows("select workspace_id || ' ' || segment_id || ' ' || segment, contact_id || ' ' || external_id || ' ' || since || ' ' || revision from membership_list"));
        Assert.Equal([("wal", "ok")], Rows("select (select journal_mode from pragma_journal_mode), (select integrity_check from pragma_integrity_check)"));
    }

    [Fact]
    public void The_sqlite_library_that_comes_along_is_new_enough()
    {
        database.Open().Dispose();
        Assert.True(Version.Parse(SQLitePCL.raw.sqlite3_libversion().utf8_to_string()) >= new Version(3, 51, 3));
    }

    [Theory]
    [InlineData("3.51.2")]
    [InlineData("3.9.10")]
    [InlineData("2.99.99")]
    [InlineData("")]
    public void An_sqlite_library_that_can_lose_commits_is_refused_with_what_to_do(string version)
    {
        var refused = Assert.Throws<DatabaseRefusedException>(() => SegmentDatabase.RefuseOldSqlite(version));
        Assert.StartsWith($"the SQLite library that was loaded is {version}, which can lose what was written; 3.51.3 or later is needed: put back the e_sqlite3 library that came", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3.51.3")]
    [InlineData("3.60.0")]
    [InlineData("3.100.1")]
    [InlineData("4.0.0")]
    public void An_sqlite_library_from_3_51_3_on_is_taken(string version) => SegmentDatabase.RefuseOldSqlite(version);

    [Fact]
    public void The_model_has_no_change_that_a_migration_lacks()
    {
        using var model = new Schema.SegmentDbContext();
        Assert.False(Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.HasPendingModelChanges(model.Database));
    }

    private void Execute(string sql) => _ = Rows(sql);

    private List<(string, string)> Rows(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database.File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<(string, string)>();
        while (reader.Read())
        {
            rows.Add((reader.GetString(0), reader.GetString(1)));
        }

        return rows;
    }
}
