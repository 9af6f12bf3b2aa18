using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Support;

/// <summary>A whole server on a free port with a database file of its own and two workspaces.</summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("segment-server-").FullName;
    private readonly List<HttpClient> clients = [];
    private WebApplication? app;
    private string otherKey = "";

    /// <summary>What the server takes for the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>More of the server's command line.</summary>
    public string[] Options { get; init; } = [];

    public WorkspaceId Workspace { get; private set; }
    public WorkspaceId OtherWorkspace { get; private set; }
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>With every scope.</summary>
    public SegmentEngineClient Client { get; private set; } = null!;

    /// <summary>With every scope, in the other workspace.</summary>
    public SegmentEngineClient OtherClient { get; private set; } = null!;

    /// <summary>The key of <see cref="Client"/>, for requests that the client cannot make.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Everything that is mapped, made anew each time it is asked for.</summary>
    public IReadOnlyList<RouteEndpoint> Endpoints => [.. ((IEndpointRouteBuilder)app!).DataSources.SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()];

    public SegmentDatabase Database => Service<SegmentDatabase>();

    /// <summary>A part of the running server.</summary>
    public T Service<T>() where T : notnull => app!.Services.GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        using (var database = SegmentDatabase.Open(File, Now))
        {
            Workspace = (await database.Workspaces.Create("test", "UTC", Now)).Id;
            OtherWorkspace = (await database.Workspaces.Create("other", "UTC", Now)).Id;
        }

        await Start();
        Key = await NewKey(Workspace, [.. Scopes.All]);
        Client = Connect(Key);
        otherKey = await NewKey(OtherWorkspace, [.. Scopes.All]);
        OtherClient = Connect(otherKey);
    }

    /// <summary>Stops the server and starts it on the same file, at another address.</summary>
    public async Task Restart()
    {
        await app!.DisposeAsync();
        await Start();
        Client = Connect(Key);
        OtherClient = Connect(otherKey);
    }

    public async Task DisposeAsync()
    {
        clients.ForEach(static client => client.Dispose());
        await app!.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    public async Task<string> NewKey(WorkspaceId workspace, string[] scopes, Instant? expiresAt = null) =>
        (await Database.Keys.Create(workspace, "test", scopes, Now, expiresAt)).Text;

    public SegmentEngineClient Connect(string? key) => new(Http(key));

    /// <summary>For requests that the typed client cannot make.</summary>
    public HttpClient Http(string? key)
    {
        var http = new HttpClient { BaseAddress = Address };
        if (key is not null)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        clients.Add(http);
        return http;
    }

    /// <summary>Sends a body as it is, with the key that may do everything, and reads the error.</summary>
    public async Task<ErrorBody> Refused(HttpMethod method, string path, string? json, string mediaType = "application/json")
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, mediaType);
        }

        using var answer = await Http(Key).SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.False(answer.IsSuccessStatusCode, $"{method} {path} was let through: {text}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        var body = JsonSerializer.Deserialize(text, WireJson.Default.ErrorBody)!;
        Assert.Equal((int)answer.StatusCode, body.StatusCode);
        return body;
    }

    /// <summary>Makes a segment and publishes it, and waits until its members are there.</summary>
    public async Task<Segment> Publish(string name, string definition, SegmentEngineClient? client = null)
    {
        client ??= Client;
        var created = await client.CreateSegment(new() { Name = name, Definition = JsonElement.Parse(definition) });
        var published = await client.PublishSegment(created.Id);
        return await Patience.Ask(() => client.GetSegment(created.Id, atLeast: published.Revision));
    }

    public string File => Path.Combine(folder, "test.db");

    private async Task Start()
    {
        app = SegmentServer.Build(["--database", File, "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Error", .. Options], Clock);
        await app.StartAsync();
        Address = new(app.Urls.Single());
        await UntilReady();
    }

    /// <summary>Until its workspaces are loaded a server refuses reads and writes of segments.</summary>
    private async Task UntilReady()
    {
        var http = Http(key: null);
        for (var tries = 0; tries < 1_200; tries++)
        {
            using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative));
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException("the server is not ready after a minute");
    }

    private Instant Now => Instant.From(Clock.GetUtcNow());
}
