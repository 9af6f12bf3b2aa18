using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Hosting;

/// <summary>One process owns a database file: shown with processes, for the claim is the operating system's.</summary>
public sealed class OwnerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("segment-owner-").FullName;

    private string File => Path.Combine(folder, "owned.db");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_second_server_on_a_file_is_refused_and_a_killed_one_gives_it_up()
    {
        var key = await NewKey();
        using var first = ServerProcess.Start(File, key);
        await first.Ready();

        using var second = ServerProcess.Start(File, key);
        Assert.Equal(1, await second.Ended());
        Assert.Contains($"err '{File}' is in use by process {first.Id} on {Environment.MachineName} since ", second.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("Now listening", second.Said, StringComparison.Ordinal);

        var saved = await first.Client.SaveContact(new() { ExternalId = "after the second" });
        Assert.True(saved.Created);
        await first.Kill();

        using var third = ServerProcess.Start(File, key);
        await third.Ready();
        Assert.Equal("after the second", (await third.Client.GetContact(saved.Id.ToString())).ExternalId);
    }

    private async Task<string> NewKey()
    {
        var now = Instant.From(DateTimeOffset.UtcNow);
        using var database = SegmentDatabase.Open(File, now);
        var workspace = (await database.Workspaces.Create("owned", "UTC", now)).Id;
        return (await database.Keys.Create(workspace, "test", [.. Scopes.All], now)).Text;
    }
}
