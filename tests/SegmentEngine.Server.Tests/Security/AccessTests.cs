using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Tests.Support;
using Xunit.Abstractions;

namespace SegmentEngine.Server.Tests.Security;

/// <summary>Every endpoint that is mapped, with every kind of key and every kind of id: what each answers follows from <see cref="AccessTable"/>.</summary>
public sealed partial class AccessTests(TestServer server, ITestOutputHelper output) : IClassFixture<TestServer>
{
    /// <summary>What they are given is gone after.</summary>
    private static readonly HashSet<string> destroying =
        ["DeleteSegment", "ArchiveSegment", "PauseSegment", "ResumeSegment", "DeleteContact", "DeleteAction", "DeleteInstruction", "DeleteDirectory", "DeleteWebhook", "RevokeKey", "RotateKey", "DeleteList", "LiftSuppression"];

    private readonly Dictionary<string, string> own = [];
    private HttpClient? http;
    private int requests;

    [Fact]
    public void Every_endpoint_has_a_line_in_the_table_and_every_line_an_endpoint() =>
        Assert.Equal(AccessTable.Rows.Keys.Order(StringComparer.Ordinal), Endpoints.Select(Name).Order(StringComparer.Ordinal));

    [Fact]
    public void An_endpoint_without_a_scope_is_one_of_a_few()
    {
        string[] open = ["/health/live", "/health/ready", "/openapi/{documentName}.json", "/{**path:file}"]; // the last: static files, while they lie where they were built
        var found = server.Endpoints.Where(static endpoint => endpoint.Metadata.GetMetadata<RequiredScope>() is null).Select(static endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/'))
            .Where(static path => !path.StartsWith("/docs", StringComparison.Ordinal) && !IsOfTheDashboard(path));
        Assert.Equal(open, found.Order(StringComparer.Ordinal));
        Assert.Equal(["/mcp"], server.Endpoints.Where(static endpoint => endpoint.Metadata.GetMetadata<RequiredScope>() is { Scope: null }).Select(static endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/')).Distinct());
        Assert.All(Endpoints, static endpoint => Assert.Equal(AccessTable.Rows[Name(endpoint)].Scope, endpoint.Metadata.GetRequiredMetadata<RequiredScope>().Scope));
    }

    [Fact]
    public async Task Every_page_but_those_to_come_in_by_asks_who_is_there()
    {
        string[] open = ["/", "/dashboard/invited", "/dashboard/set-up", "/dashboard/sign-in", "/dashboard/sign-out"];
        var pages = server.Endpoints.Where(static endpoint => endpoint.Metadata.GetMetadata<RequiredScope>() is null && endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
            .Select(static endpoint => (Path: "/" + endpoint.RoutePattern.RawText!.Trim('/'), Guarded: endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null)).Where(static page => page.Path == "/" || page.Path.StartsWith("/dashboard", StringComparison.Ordinal)).Distinct().ToList();
        Assert.Equal(open, pages.Where(static page => !page.Guarded).Select(static page => page.Path).Order(StringComparer.Ordinal));
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };
        foreach (var (path, _) in pages.Where(static page => page.Guarded))
        {
            using var answer = await http.GetAsync(new Uri(Parameter().Replace(path, Guid.Empty.ToString()), UriKind.Relative));
            Assert.Equal((HttpStatusCode.Redirect, "/dashboard/sign-in"), (answer.StatusCode, answer.Headers.Location?.AbsolutePath));
            Assert.Contains("default-src 'none'; script-src 'self';", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }

        Assert.True(pages.Count > open.Length);
    }

    [Fact]
    public async Task No_key_and_keys_that_are_malformed_wrong_revoked_or_expired_open_nothing()
    {
        var revoked = await server.Client.CreateKey(new() { Name = "revoked", Scopes = Scopes.All });
        _ = await server.Client.RevokeKey(revoked.Id);
        var wrong = string.Join('_', [.. server.Key.Split('_')[..2], new string('a', 32)]);
        var expired = await server.NewKey(server.Workspace, [.. Scopes.All], Instant.From(DateTimeOffset.UtcNow.AddSeconds(-1)));
        await Fill();
        foreach (var endpoint in Endpoints)
        {
            foreach (var key in new[] { null, "nonsense", wrong, revoked.Secret, expired })
            {
                var (status, body) = await Send(endpoint, own, key);
                Assert.True((status, body) == (HttpStatusCode.Unauthorized, """{"statusCode":401,"message":"Unauthorized","error":"Unauthorized"}"""), $"{Name(endpoint)} with {key ?? "no key"}: {status} {body}");
            }
        }

        output.WriteLine($"{requests} requests");
    }

    [Fact]
    public async Task A_scope_opens_what_the_table_says_and_nothing_else()
    {
        await Fill();
        var keys = new List<(string Scopes, string Key)> { ("", await server.NewKey(server.Workspace, [])) };
        foreach (var scope in Scopes.All)
        {
            keys.Add((scope, await server.NewKey(server.Workspace, [scope])));
        }

        foreach (var endpoint in Endpoints)
        {
            var (name, row) = (Name(endpoint), AccessTable.Rows[Name(endpoint)]);
            foreach (var (scopes, key) in keys.Append(("all", server.Key)))
            {
                var (status, body) = await Send(endpoint, destroying.Contains(name) && (scopes == row.Scope || scopes == "all") ? await Fresh() : own, key);
                var expected = scopes == row.Scope || scopes == "all" ? row.Ok : 403;
                Assert.True((int)status == expected || (expected == 200 && (int)status == 201), $"{name} with the scope \"{scopes}\": {(int)status} instead of {expected}, {body}");
            }
        }

        output.WriteLine($"{requests} requests");
    }

    [Fact]
    public async Task Another_workspace_s_id_is_byte_for_byte_like_one_that_never_was_or_is_gone()
    {
        await Fill();
        var others = await World(server.OtherClient);
        var gone = await World(server.Client);
        await Remove(gone);

        // Those that make what is not there come last.
        foreach (var endpoint in Endpoints.OrderBy(static endpoint => AccessTable.Rows[Name(endpoint)].Creates).ThenByDescending(Name, StringComparer.Ordinal))
        {
            var (name, row) = (Name(endpoint), AccessTable.Rows[Name(endpoint)]);
            foreach (var kind in own.Keys.Where(kind => Path(endpoint, own).Contains(own[kind], StringComparison.Ordinal) || row.Body?.Contains($"{{{kind}}}", StringComparison.Ordinal) == true).ToList())
            {
                // A name that another workspace uses may be used here as well; that is not to be seen either.
                var random = new Dictionary<string, string>(own) { [kind] = kind is "key" ? "abcdefabcdef" : kind is "list" ? $"list-{Guid.NewGuid()}" : Guid.NewGuid().ToString() };
                var never = await Send(endpoint, random, server.Key);
                foreach (var ids in new[] { others, gone }.Where(ids => ids[kind].Length > 0))
                {
                    var answer = await Send(endpoint, new(own) { [kind] = ids[kind] }, server.Key);
                    Assert.True(Blank(answer, ids[kind]) == Blank(never, random[kind]), $"{name} with another {kind}: {answer}, with one that never was: {never}");
                }

                Assert.True(row.UnknownIsOk || never.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{name} with a {kind} that never was: {never}");
                Assert.True((int)never.Status < 500, $"{name}: {never}");
            }
        }

        // Nothing of theirs was touched.
        _ = await server.OtherClient.GetContact(others["contact"]);
        Assert.Equal("ready", (await server.OtherClient.GetManagedSegment(Guid.Parse(others["segment"]))).Status);
        Assert.Contains((await server.OtherClient.ListKeys()).Data, key => key.Id == others["key"] && key.RevokedAt is null && key.ExpiresAt is null);
        output.WriteLine($"{requests} requests");
    }

    private IEnumerable<RouteEndpoint> Endpoints => server.Endpoints.Where(static endpoint => endpoint.Metadata.GetMetadata<RequiredScope>() is { Scope: not null } && endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is not null);

    private static string Name(RouteEndpoint endpoint) => endpoint.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName;

    private static bool IsOfTheDashboard(string path) => path == "/" || path.StartsWith("/dashboard", StringComparison.Ordinal) || path.StartsWith("/_", StringComparison.Ordinal);

    private async Task Fill()
    {
        foreach (var (kind, id) in await World(server.Client))
        {
            own[kind] = id;
        }
    }

    private async Task<Dictionary<string, string>> Fresh()
    {
        var fresh = await World(server.Client);
        _ = await server.Http(server.Key).DeleteAsync(new Uri($"contacts/{fresh["suppressed"]}?suppress=true", UriKind.Relative));
        return fresh;
    }

    /// <summary>One of each kind of thing, by the names that <see cref="AccessTable"/> and the routes have for them.</summary>
    private static async Task<Dictionary<string, string>> World(SegmentEngineClient client)
    {
        async Task<string> Segment()
        {
            var made = await client.CreateSegment(new() { Name = Some.Name("segment"), Definition = Some.Json(Some.ProRule) });
            return (await client.PublishSegment(made.Id)).Id.ToString();
        }

        var world = new Dictionary<string, string>
        {
            ["segment"] = await Segment(),
            ["second"] = await Segment(),
            ["contact"] = (await client.SaveContact(Some.Contact("pro"))).Id.ToString(),
            ["suppressed"] = (await client.SaveContact(Some.Contact("pro"))).Id.ToString(),
            ["action"] = (await client.CreateAction(new() { Name = Some.Name("action") })).Id.ToString(),
            ["instruction"] = (await client.CreateInstruction(new() { Title = Some.Name("title"), Content = "content" })).Id.ToString(),
            ["directory"] = (await client.CreateDirectory(new() { Name = Some.Name("directory") })).Id.ToString(),
            ["webhook"] = (await client.CreateWebhook(new() { Url = "https://example.com/hook" })).Id.ToString(),
            ["key"] = (await client.CreateKey(new() { Name = Some.Name("key"), Scopes = [Scopes.SegmentsRead] })).Id,
            ["list"] = $"list-{Guid.NewGuid()}",
        };
        _ = await client.WriteList(world["list"], [world["contact"]], ListMode.Append);
        var workspace = await client.GetWorkspace();
        foreach (var segment in new[] { world["segment"], world["second"] })
        {
            _ = await Patience.Ask(() => client.GetSegment(Guid.Parse(segment), atLeast: workspace.Revision));
        }

        return world;
    }

    private async Task Remove(Dictionary<string, string> world)
    {
        _ = await server.Client.DeleteSegment(Guid.Parse(world["segment"]));
        _ = await server.Client.DeleteSegment(Guid.Parse(world["second"]));
        _ = await server.Client.DeleteContact(world["contact"]);
        _ = await server.Client.DeleteAction(Guid.Parse(world["action"]));
        _ = await server.Client.DeleteInstruction(Guid.Parse(world["instruction"]));
        _ = await server.Client.DeleteDirectory(Guid.Parse(world["directory"]));
        await server.Client.DeleteWebhook(Guid.Parse(world["webhook"]));
        var deleted = await server.Client.DeleteList(world["list"]);
        _ = await Patience.Ask(() => server.Client.GetSegment(Guid.Parse(own["segment"]), atLeast: deleted.Revision));

        // A key is never gone, only revoked, and told of as long as there is the workspace.
        world["key"] = "";
    }

    private async Task<(HttpStatusCode Status, string Body)> Send(RouteEndpoint endpoint, Dictionary<string, string> ids, string? key)
    {
        requests++;
        var row = AccessTable.Rows[Name(endpoint)];
        var method = endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0];
        using var request = new HttpRequestMessage(new(method), new Uri(Path(endpoint, ids), UriKind.Relative));
        if (row.Body is { } body)
        {
            request.Content = new StringContent(With(ids, body).Replace("{name}", Some.Name("segment"), StringComparison.Ordinal), Encoding.UTF8, row.MediaType);
        }

        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using var answer = await (http ??= server.Http(key: null)).SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static string Path(RouteEndpoint endpoint, Dictionary<string, string> ids) => Parameter().Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), parameter => parameter.Groups[1].Value switch
    {
        "number" => "1",
        "kind" => "include",
        "key" => ids["segment"],
        "contact_id" when Name(endpoint) == "LiftSuppression" => ids["suppressed"],
        var name => ids[name[..^"_id".Length]],
    }) + With(ids, AccessTable.Rows[Name(endpoint)].Query);

    private static string With(Dictionary<string, string> ids, string text) => ids.Aggregate(text, static (with, id) => with.Replace($"{{{id.Key}}}", id.Value, StringComparison.Ordinal));

    /// <summary>An answer without what is another each time: the id that was asked about, and when.</summary>
    private static (HttpStatusCode, string) Blank((HttpStatusCode Status, string Body) answer, string id) => (answer.Status, Moment().Replace(answer.Body.Replace(id, "…", StringComparison.Ordinal), "…"));

    [GeneratedRegex(@"\{\*?(\w+)(:[^{}]*(\([^)]*\))?)?\??\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("""\d{4}-\d\d-\d\dT[\d:.]+Z|"(revision|sequence|total)":\d+""")]
    private static partial Regex Moment();
}
