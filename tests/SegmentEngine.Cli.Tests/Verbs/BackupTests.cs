using SegmentEngine.Cli.Tests.Support;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Cli.Tests.Verbs;

[Collection(RunningServer.Shared)]
public sealed class BackupTests(RunningServer server) : IDisposable
{
    private const int Writers = 4;

    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    /// <summary>Contacts are saved in order by each writer, so that whatever a copy has of one, it has all before it.</summary>
    [Fact]
    public async Task A_copy_made_while_a_server_takes_writes_has_all_that_was_acknowledged_before_and_is_of_one_moment()
    {
        using var tenant = await server.NewWorkspace();
        using var end = new CancellationTokenSource();
        var acknowledged = new int[Writers];
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !end.IsCancellationRequested; i++)
            {
                _ = await tenant.Client.SaveContact(new() { ExternalId = $"{writer}/{i}" });
                acknowledged[writer] = i + 1;
            }
        })).ToList();
        for (var round = 0; round < 5; round++)
        {
            await Task.Delay(200);
            var before = acknowledged.ToArray();
            var made = await Shell.Run("backup", files[$"{round}.db"], "--database", server.DatabaseFile);
            Assert.Equal(("", ExitCode.Fine), (made.Error, made.Exit));
            Assert.Contains("checked", made.Output, StringComparison.Ordinal);
            Assert.Equal(ExitCode.Fine, (await Shell.Run("restore", files[$"{round}.db"], "--database", files[$"restored {round}.db"])).Exit);
            using var restored = SegmentDatabase.Open(files[$"restored {round}.db"], Now);
            Assert.True(restored.IsIntact(out _));
            var workspace = restored.Workspaces.All().Single(each => each.Id == tenant.Workspace).Id;
            for (var writer = 0; writer < Writers; writer++)
            {
                var count = 0;
                while (restored.Contacts.FindByExternalId(workspace, $"{writer}/{count}") is not null)
                {
                    count++;
                }

                Assert.True(count >= before[writer], $"writer {writer}: {before[writer]} were acknowledged, {count} are in the copy");
                Assert.Null(restored.Contacts.FindByExternalId(workspace, $"{writer}/{count + 1}"));
            }
        }

        await end.CancelAsync();
        await Task.WhenAll(writers);
    }

    [Fact]
    public async Task What_a_restore_replaces_stays_beside_it()
    {
        Assert.Equal(ExitCode.Fine, (await Shell.Run("key", "create", "--database", files["a.db"], "--workspace", "old", "--create-workspace", "--scope", "manage")).Exit);
        Assert.Equal(ExitCode.Fine, (await Shell.Run("key", "create", "--database", files["b.db"], "--workspace", "new", "--create-workspace", "--scope", "manage")).Exit);
        Assert.Equal(ExitCode.Fine, (await Shell.Run("backup", files["b.backup"], "--database", files["b.db"])).Exit);
        (await Shell.Run("restore", files["b.backup"], "--database", files["a.db"])).IsRefused("is there already; --force replaces it");
        Assert.Equal(ExitCode.Fine, (await Shell.Run("restore", files["b.backup"], "--database", files["a.db"], "--force")).Exit);
        Assert.Equal("new", Workspace("a.db"));
        Assert.Equal("old", Workspace("a.db.replaced"));
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_a_sentence()
    {
        (await Shell.Run("backup", files["x"], "--database", files["none.db"])).IsRefused("there is no file");
        (await Shell.Run("backup", files.Path, "--database", server.DatabaseFile)).IsRefused("is a folder");
        (await Shell.Run("backup", files.Write("there", "x"), "--database", server.DatabaseFile)).IsRefused("--force replaces it");
        (await Shell.Run("backup", files["x"], "--database", files.Write("text.db", new string('x', 5000)))).IsRefused("is no SQLite file");
        (await Shell.Run("restore", files.Write("text", new string('x', 5000)), "--database", files["new.db"])).IsRefused("is no SQLite file");
        (await Shell.Run("backup", server.DatabaseFile, "--database", server.DatabaseFile, "--force")).IsRefused("is the database itself");
        Assert.Equal(ExitCode.Fine, (await Shell.Run("key", "create", "--database", files["other.db"], "--workspace", "x", "--create-workspace", "--scope", "manage")).Exit);
        (await Shell.Run("backup", server.DatabaseFile, "--database", files["other.db"], "--force")).IsRefused("is in use by process");
        (await Shell.Run("backup", "/proc/none/x", "--database", server.DatabaseFile)).IsRefused("/proc/none/x");
        Assert.Equal(ExitCode.Fine, (await Shell.Run("backup", files["good"], "--database", server.DatabaseFile)).Exit);
        (await Shell.Run("restore", files["good"], "--database", server.DatabaseFile, "--force")).IsRefused("stop the server first");
        var bytes = await File.ReadAllBytesAsync(files["good"]);
        bytes.AsSpan(8_192 * 3, 8_192 * 2).Fill(0x55);
        await File.WriteAllBytesAsync(files["damaged"], bytes);
        (await Shell.Run("restore", files["damaged"], "--database", files["new.db"])).IsRefused("is damaged");
        Assert.False(File.Exists(files["new.db"]));
    }

    private static Instant Now => Instant.From(DateTimeOffset.UtcNow);

    private string Workspace(string file)
    {
        using var database = SegmentDatabase.Open(files[file], Now);
        return database.Workspaces.All().Single().Name;
    }
}
