using SegmentEngine.Contacts;

namespace SegmentEngine.Storage.Tests;

/// <summary>A database of its own for one test. A second kind of database passes the contract by deriving from this and from each <c>…StoreTests</c>, two lines a class.</summary>
public abstract class TestDatabase : IDisposable
{
    public abstract SegmentDatabase Open();

    public abstract void Dispose();
}

/// <summary>A real file in a folder of its own.</summary>
public sealed class SqliteTestDatabase : TestDatabase
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("segment-storage-");
    private SegmentDatabase? open;

    public string File => Path.Combine(folder.FullName, "test.db");

    /// <summary>Opens the file; if it is open, closes it first.</summary>
    public override SegmentDatabase Open()
    {
        open?.Dispose();
        return open = SegmentDatabase.Open(File, Some.Now);
    }

    public override void Dispose()
    {
        open?.Dispose();
        folder.Delete(recursive: true);
    }
}

/// <summary>A test with a workspace in a fresh database.</summary>
public abstract class StoreTests<TDatabase> : IAsyncLifetime
    where TDatabase : TestDatabase, new()
{
    private readonly TDatabase database = new();

    protected SegmentDatabase Store { get; private set; } = null!;

    protected WorkspaceId Workspace { get; private set; }

    /// <summary>Another tenant of the same database.</summary>
    protected WorkspaceId Stranger { get; private set; }

    public async Task InitializeAsync()
    {
        Store = database.Open();
        Workspace = (await Store.Workspaces.Create("ours", "Europe/Paris", Some.Now)).Id;
        Stranger = (await Store.Workspaces.Create("theirs", "UTC", Some.Now)).Id;
    }

    public Task DisposeAsync()
    {
        database.Dispose();
        return Task.CompletedTask;
    }

    protected void Reopen() => Store = database.Open();

    protected Task<IngestReceipt> Ingest(params IngestItem[] items) => Store.Ingest.Write(Workspace, items, Some.Now, createContacts: false);

    /// <summary>Stores contacts known by external ids, and answers with their rows in that order.</summary>
    protected async Task<IReadOnlyList<StoredContact>> Contacts(params string[] externalIds)
    {
        _ = await Ingest([.. externalIds.Select(id => new ContactWrite { ExternalId = id })]);
        return [.. externalIds.Select(id => Store.Contacts.FindByExternalId(Workspace, id)!)];
    }

    protected async Task<StoredSegment> Published(string name, string definition = """{"type":"all_contacts"}""")
    {
        var created = await Store.Segments.Create(Workspace, name, null, null, Some.Now);
        _ = await Store.Segments.Publish(Workspace, created.Value.Id, definition, "test", null, Some.Now);
        return Store.Segments.Find(Workspace, created.Value.Id)!;
    }
}

internal static class Some
{
    public static readonly Instant Now = Instant.TryParse("2026-03-01T12:00:00Z", out var now) ? now : default;

    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
}
