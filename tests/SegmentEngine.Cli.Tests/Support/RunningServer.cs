using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Cli.Tests.Support;

/// <summary>A server on a free port with a database file of its own; each test has a workspace of its own in it.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    /// <summary>The collection of tests that use it: one server serves them all, for a process has room for one (Hangfire keeps its logging in static fields).</summary>
    public const string Shared = "server";

    private readonly string folder = Directory.CreateTempSubdirectory("segment-cli-server-").FullName;
    private WebApplication? app;

    public string DatabaseFile => Path.Combine(folder, "test.db");

    public string Address { get; private set; } = "";

    private SegmentDatabase Database => app!.Services.GetRequiredService<SegmentDatabase>();

    private static Instant Now => Instant.From(DateTimeOffset.UtcNow);

    public async Task InitializeAsync()
    {
        app = SegmentServer.Build(["--SelfAuditsPerSecond", "0", "--database", DatabaseFile, "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Error"]);
        await app.StartAsync();
        Address = app.Urls.Single();
    }

    public async Task DisposeAsync()
    {
        await app!.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    internal async Task<Tenant> NewWorkspace(params string[] scopes)
    {
        var workspace = (await Database.Workspaces.Create("test", "UTC", Now)).Id;
        var key = (await Database.Keys.Create(workspace, "test", scopes.Length == 0 ? [.. Scopes.All] : scopes, Now)).Text;

        // A workspace made behind the server's back is loaded by its next sweep, and calls about segments are refused until then.
        await app!.Services.GetRequiredService<WorkspaceEngines>().For(workspace).CatchUp(CancellationToken.None);
        return new(this, workspace, key);
    }

    /// <summary>One workspace and a key to it.</summary>
    internal sealed class Tenant(RunningServer server, WorkspaceId workspace, string key) : IDisposable
    {
        private readonly HttpClient http = new() { BaseAddress = new(server.Address), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

        public string Key => key;

        public WorkspaceId Workspace => workspace;

        public SegmentEngineClient Client => new(http);

        public Task<Shell.Answer> Import(string kind, string file, params string[] more) => Shell.Run(["import", kind, file, "--server", server.Address, "--key", key, .. more]);

        public SegmentEngine.Contacts.Contact Contact(string externalId) => server.Database.Contacts.FindByExternalId(workspace, externalId)?.Contact ?? throw new InvalidOperationException($"no contact {externalId}");

        public long Contacts => server.Database.Contacts.Count(workspace);

        /// <summary>Every event of a contact, oldest line first: name, time, properties.</summary>
        public IReadOnlyList<string> EventsOf(string externalId)
        {
            var contact = server.Database.Contacts.FindByExternalId(workspace, externalId)!;
            return [.. server.Database.Events.OfContact(workspace, contact.Number).Select(static happened => $"{happened.Name} {happened.At} {happened.Properties.GetRawText()}")];
        }

        /// <summary>Publishes a segment and waits until its members are there.</summary>
        public async Task<Guid> Publish(string name, JsonElement definition)
        {
            var created = await Client.CreateSegment(new() { Name = name, Definition = definition });
            var published = await Client.PublishSegment(created.Id);
            return (await Patience.Ask(() => Client.GetSegment(created.Id, atLeast: published.Revision))).Id;
        }

        public void Dispose() => http.Dispose();
    }
}

[CollectionDefinition(RunningServer.Shared)]
public sealed class RunningServerTests : ICollectionFixture<RunningServer>;
