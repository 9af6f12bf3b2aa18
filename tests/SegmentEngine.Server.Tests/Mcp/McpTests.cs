using System.Net;
using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Mcp;

/// <summary>With the SDK's own client, over HTTP and over standard input and output; another client is tried in the tests with Node.</summary>
public sealed class McpTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly string[] tools = ["check_contact_in_segment", "explain_membership", "get_segment", "list_segments", "list_segments_for_contact", "resolve_agent_context"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_tools_answer_as_the_calls_over_HTTP_do(bool isOverPipes)
    {
        var user = $"external_id:{Some.Name("user")}";
        _ = await server.Client.SaveContact(Some.Contact("pro", user[12..]));
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var action = await server.Client.CreateAction(new() { Name = Some.Name("refund"), RestrictedToSegments = [segment.Id] });

        // From here on nothing changes, so that two answers are the same.
        _ = await server.Client.Resolve(new(), atLeast: action.Revision);
        await using var mcp = isOverPipes ? await Pipes(server.Key) : await Http(server.Key);
        var listed = await mcp.ListToolsAsync();
        Assert.Equal(tools, listed.Select(static tool => tool.Name).Order(StringComparer.Ordinal));
        Assert.All(listed, static tool => Assert.True(tool.ProtocolTool is { Annotations: { ReadOnlyHint: true, DestructiveHint: false, IdempotentHint: true, OpenWorldHint: false }, OutputSchema: not null, Description: not null }, tool.Name));
        Assert.All(listed, static tool => Assert.DoesNotContain(":true", tool.ProtocolTool.OutputSchema.ToString(), StringComparison.Ordinal));

        await Same("check_contact_in_segment", new() { ["segment"] = segment.Name, ["contact"] = user }, $"contacts/segments/{segment.Id}/contacts/{user}");
        await Same("explain_membership", new() { ["segment"] = segment.Id.ToString(), ["contact"] = user }, $"contacts/segments/{segment.Id}/contacts/{user}/explain");
        await Same("get_segment", new() { ["segment"] = segment.Name }, $"contacts/segments/{segment.Id}");
        await Same("list_segments", new() { ["limit"] = 2 }, "contacts/segments?limit=2");
        await Same("list_segments_for_contact", new() { ["contact"] = user }, $"contacts/segments/contacts/{user}");
        var context = (await mcp.CallToolAsync("resolve_agent_context", new Dictionary<string, object?> { ["contact"] = user })).StructuredContent!.Value;
        Assert.Contains(context.GetProperty("actions").EnumerateArray(), shown => shown.GetProperty("id").GetGuid() == action.Id);
        context = (await mcp.CallToolAsync("resolve_agent_context")).StructuredContent!.Value;
        Assert.Contains(context.GetProperty("withheld").EnumerateArray(), withheld => withheld.GetProperty("id").GetString() == action.Id.ToString());

        async Task Same(string tool, Dictionary<string, object?> arguments, string path)
        {
            var answer = await mcp.CallToolAsync(tool, arguments);
            Assert.NotEqual(true, answer.IsError);
            var overHttp = JsonElement.Parse(await server.Http(server.Key).GetStringAsync(new Uri(path, UriKind.Relative)));
            Assert.True(JsonElement.DeepEquals(overHttp, answer.StructuredContent!.Value), $"{tool}: {answer.StructuredContent}, over HTTP {overHttp}");
        }
    }

    [Fact]
    public async Task What_cannot_be_answered_says_why()
    {
        await using var mcp = await Http(server.Key);
        Assert.Contains("no such published segment", await Fault(mcp, "get_segment", new() { ["segment"] = "none" }), StringComparison.Ordinal);
        Assert.Contains("no such contact", await Fault(mcp, "list_segments_for_contact", new() { ["contact"] = "external_id:nobody" }), StringComparison.Ordinal);
        Assert.Equal("missing: segment, contact", await Fault(mcp, "check_contact_in_segment", []));
        Assert.Contains("limit", await Fault(mcp, "list_segments", new() { ["limit"] = 101 }), StringComparison.Ordinal);
        Assert.Equal("an argument is of the wrong type", await Fault(mcp, "list_segments", new() { ["limit"] = "many" }));
        Assert.Equal("there is no such tool", await Fault(mcp, "delete_everything", []));
    }

    [Fact]
    public async Task Keys_and_scopes_are_those_of_the_calls_over_HTTP()
    {
        foreach (var key in new[] { null, "nonsense" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<HttpRequestException>(() => Http(key))).StatusCode);
        }

        await using var gate = await Http(await server.NewKey(server.Workspace, [Scopes.GatingRead]));
        Assert.Contains("segments:read", await Fault(gate, "list_segments", []), StringComparison.Ordinal);
        Assert.NotEqual(true, (await gate.CallToolAsync("resolve_agent_context")).IsError);
        await using var reader = await Http(await server.NewKey(server.Workspace, [Scopes.SegmentsRead]));
        Assert.Contains("gating:read", await Fault(reader, "resolve_agent_context", []), StringComparison.Ordinal);

        // Another workspace's segment is like one that never was.
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        await using var other = await Http(await server.NewKey(server.OtherWorkspace, [Scopes.SegmentsRead]));
        Assert.Equal(await Fault(other, "get_segment", new() { ["segment"] = Guid.NewGuid().ToString() }), await Fault(other, "get_segment", new() { ["segment"] = segment.Id.ToString() }));
    }

    private async Task<McpClient> Http(string? key)
    {
        var headers = key is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" };
        return await McpClient.CreateAsync(new HttpClientTransport(new() { Endpoint = new(server.Address, "mcp"), TransportMode = HttpTransportMode.StreamableHttp, AdditionalHeaders = headers }));
    }

    private async Task<McpClient> Pipes(string key) => await McpClient.CreateAsync(new StdioClientTransport(new()
    {
        Command = "dotnet",
        Arguments = [Path.Combine(AppContext.BaseDirectory, "segment.dll"), "mcp", "--server", server.Address.ToString()],
        EnvironmentVariables = new Dictionary<string, string?> { ["SEGMENT_KEY"] = key },
    }));

    private static async Task<string> Fault(McpClient mcp, string tool, Dictionary<string, object?> arguments)
    {
        var answer = await mcp.CallToolAsync(tool, arguments);
        Assert.True(answer.IsError);
        return Assert.IsType<TextContentBlock>(Assert.Single(answer.Content)).Text;
    }
}
