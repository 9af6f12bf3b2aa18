using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests;

/// <summary>The README's curl commands, one after the other, as a reader would paste them.</summary>
public sealed partial class ReadmeTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Segment = "0b9f6b52-6f0e-4a41-9a0c-6d1f3a4d2c10";

    [Fact]
    public async Task Every_curl_command_of_the_README_is_answered()
    {
        var commands = Command().Matches(await File.ReadAllTextAsync(Path.Combine(Root(), "README.md")));
        Assert.True(commands.Count >= 10, $"only {commands.Count} curl commands were found");
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", server.Key) } };
        foreach (Match command in commands)
        {
            using var request = Request(command);
            using var answer = await http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{command.Value}{Environment.NewLine}{answer.StatusCode} {text}");
            await UntilItIsReflected(text);
        }

        var check = await server.Client.Check(Guid.Parse(Segment), "external_id:u-1");
        Assert.True(check.IsMember);
        var gate = await server.Client.Resolve(new() { ContactId = "external_id:u-1" });
        Assert.Contains(gate.Actions, static action => action.Name == "offer_training");
    }

    /// <summary>By itself a web project runs in its own folder, so that <c>--database mine.db</c> would be another file than the one beside the reader.</summary>
    [Fact]
    public async Task The_server_that_dotnet_run_starts_runs_where_the_reader_stands()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList = { "msbuild", Path.Combine(Root(), "src", "SegmentEngine.Server"), "-getProperty:RunWorkingDirectory", "-getProperty:OutputType" },
        };
        using var asked = Process.Start(start)!;
        using var properties = JsonDocument.Parse(await asked.StandardOutput.ReadToEndAsync());
        var (folder, output) = (properties.RootElement.GetProperty("Properties").GetProperty("RunWorkingDirectory").GetString(), properties.RootElement.GetProperty("Properties").GetProperty("OutputType").GetString());
        Assert.Equal(("", "Exe"), (folder, output));
    }

    private HttpRequestMessage Request(Match command)
    {
        var body = command.Groups["body"];
        var method = command.Groups["method"] is { Success: true } named ? new HttpMethod(named.Value) : body.Success ? HttpMethod.Post : HttpMethod.Get;
        return new(method, new Uri(server.Address, command.Groups["path"].Value))
        {
            Content = body.Success ? new StringContent(body.Value, Encoding.UTF8, "application/json") : null,
        };
    }

    /// <summary>A reader takes longer to paste the next command than the server to reflect this one.</summary>
    private async Task UntilItIsReflected(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        if (json.RootElement.TryGetProperty("revision", out var revision))
        {
            _ = await server.Client.ListSegments(limit: 1, atLeast: revision.GetInt64());
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SegmentEngine.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside of a working copy");
        }

        return folder.FullName;
    }

    [GeneratedRegex("""^curl -s( -X (?<method>\w+))? -H "Authorization: Bearer \$KEY"( -H "Content-Type: application/json")? "\$SERVER/(?<path>[^"]+)"( -d '(?<body>[^']+)')?$""", RegexOptions.Multiline)]
    private static partial Regex Command();
}
