using SegmentEngine.Cli.Tests.Support;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Cli.Tests.Verbs;

[Collection(RunningServer.Shared)]
public sealed class KeyTests(RunningServer server) : IDisposable
{
    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public async Task A_key_is_made_in_a_file_that_no_server_has_open()
    {
        var made = await Shell.Run("key", "create", "--database", files["s.db"], "--workspace", "main", "--create-workspace", "--scope", "contacts:write", "--scope", "manage", "--expires", "2999-01-01T00:00:00Z");
        Assert.Equal(("", ExitCode.Fine), (made.Error, made.Exit));
        var again = await Shell.Run("key", "create", "--database", files["s.db"], "--workspace", "main", "--create-workspace", "--scope", "segments:read,gating:read", "--name", "reader");
        using var database = SegmentDatabase.Open(files["s.db"], Instant.From(DateTimeOffset.UtcNow));
        var workspace = Assert.Single(database.Workspaces.All());
        var key = database.Keys.Authenticate(made.Output.Trim(), Instant.From(DateTimeOffset.UtcNow));
        Assert.Equal(["contacts:write", "manage"], key!.Scopes);
        Assert.Equal("2999-01-01T00:00:00Z", key.ExpiresAt.ToString());
        Assert.Equal(workspace.Id, database.Keys.Authenticate(again.Output.Trim(), Instant.From(DateTimeOffset.UtcNow))!.Workspace);
    }

    [Fact]
    public async Task A_key_is_made_through_a_server()
    {
        using var tenant = await server.NewWorkspace();
        var made = await Shell.Run("key", "create", "--server", server.Address, "--key", tenant.Key, "--scope", "contacts:read", "--name", "new one");
        Assert.Equal(("", ExitCode.Fine), (made.Error, made.Exit));
        Assert.StartsWith("sk_", made.Output, StringComparison.Ordinal);
        Assert.Contains((await tenant.Client.ListKeys()).Data, static key => key.Name == "new one" && key.Scopes is ["contacts:read"]);
    }

    [Fact]
    public async Task The_scope_of_every_workspace_s_jobs_is_given_in_the_file_alone()
    {
        using var tenant = await server.NewWorkspace();
        (await Shell.Run("key", "create", "--server", server.Address, "--key", tenant.Key, "--scope", "jobs")).IsRefused("--database");
        var made = await Shell.Run("key", "create", "--database", files["s.db"], "--workspace", "main", "--create-workspace", "--scope", "jobs");
        using var database = SegmentDatabase.Open(files["s.db"], Instant.From(DateTimeOffset.UtcNow));
        Assert.Equal(["jobs"], database.Keys.Authenticate(made.Output.Trim(), Instant.From(DateTimeOffset.UtcNow))!.Scopes);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_a_sentence()
    {
        using var reader = await server.NewWorkspace(Scopes.SegmentsRead);
        string[] scope = ["--scope", "manage"];
        (await Shell.Run(["key", "create", .. scope])).IsRefused("exactly one of --database and --server");
        (await Shell.Run(["key", "create", "--database", files["s.db"], .. scope])).IsRefused("--database needs --workspace");
        (await Shell.Run(["key", "create", "--database", files["s.db"], "--workspace", "main", .. scope])).IsRefused("there is no file");
        (await Shell.Run(["key", "create", "--database", files.Path, "--workspace", "main", .. scope])).IsRefused("is a folder");
        (await Shell.Run(["key", "create", "--database", files.Write("x.db", new string('x', 5000)), "--workspace", "main", .. scope])).IsRefused("is no SQLite file");
        (await Shell.Run(["key", "create", "--database", server.DatabaseFile, "--workspace", "main", .. scope])).IsRefused("is in use by process");
        (await Shell.Run("key", "create", "--database", files["s.db"], "--workspace", "main")).IsRefused("--scope");
        (await Shell.Run("key", "create", "--database", files["s.db"], "--workspace", "main", "--scope", "everything")).IsRefused("there is no scope \"everything\"");
        (await Shell.Run(["key", "create", "--database", files["s.db"], "--workspace", "main", "--expires", "2001-01-01T00:00:00Z", .. scope])).IsRefused("has passed");
        (await Shell.Run(["key", "create", "--server", server.Address, "--key", reader.Key, .. scope])).IsRefused("does not let this key do that");
        (await Shell.Run(["key", "create", "--server", server.Address, "--key", reader.Key, "--workspace", "main", .. scope])).IsRefused("go with --database");
        Assert.Equal(ExitCode.Fine, (await Shell.Run("key", "create", "--database", files["made.db"], "--workspace", "main", "--create-workspace", "--scope", "manage")).Exit);
        (await Shell.Run(["key", "create", "--database", files["made.db"], "--workspace", "mine", .. scope])).IsRefused("there is no workspace \"mine\"; there are \"main\"");
    }
}
