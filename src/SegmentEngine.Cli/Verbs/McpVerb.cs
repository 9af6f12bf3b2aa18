using System.CommandLine;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace SegmentEngine.Cli.Verbs;

/// <summary><c>segment mcp</c>: a server's tools for agents over standard input and output, for programs that speak the Model Context Protocol no other way. It hands on what is asked and answered; what there is, the server says.</summary>
internal sealed class McpVerb(Terminal terminal)
{
    private const string Name = "segmentengine";

    private readonly Option<string> server = Connection.Server();
    private readonly Option<string> key = Connection.Key("a key with the scopes segments:read and gating:read");

    public static Command Create(Terminal terminal) => new McpVerb(terminal).Command();

    private Command Command()
    {
        var verb = new Command("mcp", "Offer a server's tools over the Model Context Protocol on standard input and output, to a program that starts this one.") { server, key };
        verb.SetAction(Run);
        return verb;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        var address = Connection.Address(parsed.GetValue(server)!);
        using var http = Connection.Open(address, parsed.GetValue(key), terminal);
        await using var transport = new HttpClientTransport(new() { Endpoint = new(address, "mcp"), TransportMode = HttpTransportMode.StreamableHttp }, http);
        await using var far = await Reach(transport, address, cancel);
        await using var near = McpServer.Create(new StdioServerTransport(Name), new()
        {
            ServerInfo = far.ServerInfo,
            ServerInstructions = far.ServerInstructions,
            Handlers = new()
            {
                ListToolsHandler = async (request, token) => await far.ListToolsAsync(new ListToolsRequestParams { Cursor = request.Params?.Cursor }, token),
                CallToolHandler = async (request, token) => await far.CallToolAsync(new CallToolRequestParams { Name = request.Params!.Name, Arguments = request.Params.Arguments }, token),
            },
        });
        await near.RunAsync(cancel);
        return ExitCode.Fine;
    }

    private static async Task<McpClient> Reach(HttpClientTransport transport, Uri address, CancellationToken cancel)
    {
        try
        {
            return await McpClient.CreateAsync(transport, cancellationToken: cancel);
        }
        catch (HttpRequestException refused) when (refused.StatusCode is { } status)
        {
            throw new RefusedException(Connection.Sentence(new SegmentEngine.Client.SegmentEngineException((int)status, body: null), address));
        }
        catch (Exception failed) when (failed is HttpRequestException or McpException)
        {
            throw new RefusedException(Connection.Sentence(failed, address));
        }
    }
}
