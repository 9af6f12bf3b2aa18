using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using SegmentEngine.Client;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;

namespace SegmentEngine.Server.Mcp;

/// <summary>The Model Context Protocol at <c>/mcp</c>, over streamable HTTP and without sessions: each call carries its key.</summary>
public static class McpEndpoint
{
    public static void AddMcp(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddMcpServer(static server =>
        {
            server.ServerInfo = new() { Name = "segmentengine", Title = "SegmentEngine", Version = typeof(McpEndpoint).Assembly.GetName().Version!.ToString(3) };
            server.ServerInstructions = "Who is in which segment, right now, and why; and what an agent may therefore see and do. Nothing here changes anything.";
        }).WithHttpTransport(static http => http.Stateless = true).WithTools(Tools()).WithRequestFilters(static requests => requests.AddCallToolFilter(SaysWhatIsWrong));
    }

    public static void MapMcpServer(this WebApplication app) => app.MapMcp("/mcp").NeedsAnyKey().ExcludeFromDescription();

    private static IEnumerable<McpServerTool> Tools()
    {
        var options = new McpServerToolCreateOptions { SerializerOptions = AsOnTheWire(), SchemaCreateOptions = new() { TransformSchemaNode = Described } };
        return typeof(SegmentTools).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Select(method => McpServerTool.Create(method, static request => ActivatorUtilities.CreateInstance<SegmentTools>(request.Services!), options));
    }

    /// <summary>What is refused is said in words, and is no error of ours that belongs in the log.</summary>
    private static McpRequestHandler<CallToolRequestParams, CallToolResult> SaysWhatIsWrong(McpRequestHandler<CallToolRequestParams, CallToolResult> next) => async (request, cancel) =>
    {
        if (request.MatchedPrimitive is not McpServerTool tool)
        {
            return Fault("there is no such tool");
        }

        List<string> missing = tool.ProtocolTool.InputSchema.TryGetProperty("required", out var required)
            ? [.. required.EnumerateArray().Select(static name => name.GetString()!).Where(name => request.Params?.Arguments?.ContainsKey(name) != true)]
            : [];
        if (missing.Count > 0)
        {
            return Fault($"missing: {string.Join(", ", missing)}");
        }

        try
        {
            return await next(request, cancel);
        }
        catch (McpException refused) when (refused is not McpProtocolException)
        {
            return Fault(refused.Message);
        }
        catch (NotLoadedException)
        {
            return Fault("the workspace is still being loaded: try again in a second");
        }
        catch (JsonException)
        {
            return Fault("an argument is of the wrong type");
        }
    };

    private static CallToolResult Fault(string text) => new() { IsError = true, Content = [new TextContentBlock { Text = text }] };

    /// <summary>What the generator of schemas cannot know is said here: a bare <c>true</c> is a schema, and yet clients refuse it.</summary>
    private static JsonNode Described(AIJsonSchemaCreateContext context, JsonNode schema)
    {
        var type = context.TypeInfo.Type;
        return type == typeof(DateTimeOffset) ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
            : type == typeof(DateTimeOffset?) ? new JsonObject { ["type"] = new JsonArray("string", "null"), ["format"] = "date-time" }
            : schema.GetValueKind() == JsonValueKind.True ? new JsonObject()
            : schema;
    }

    /// <summary>Answers look as they do over HTTP.</summary>
    private static JsonSerializerOptions AsOnTheWire()
    {
        var options = new JsonSerializerOptions(WireJson.Default.Options) { TypeInfoResolver = JsonTypeInfoResolver.Combine(WireJson.Default, McpJsonUtilities.DefaultOptions.TypeInfoResolver) };
        options.MakeReadOnly();
        return options;
    }
}
