using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SegmentEngine.Server.Demo;

namespace SegmentEngine.Server.Tests.Demo;

/// <summary>The demo as a newcomer meets it: started twice, every printed command sent as printed.</summary>
public sealed partial class DemoCommandTests
{
    [Fact]
    public async Task The_printed_commands_answer_and_a_second_start_says_the_same()
    {
        var folder = Directory.CreateTempSubdirectory("segment-demo-").FullName;
        try
        {
            string[] args = ["--database", Path.Combine(folder, "demo.db"), "--urls", $"http://127.0.0.1:{FreePort()}"];
            var first = await Run(args, async guide =>
            {
                var commands = Command().Matches(guide);
                Assert.Equal(5, commands.Count);
                foreach (Match command in commands)
                {
                    Assert.NotEmpty(await Send(command));
                }

                await EverySegmentHasMembersAndIsNotEverybody(commands[0]);
            });
            var second = await Run(args, static _ => Task.CompletedTask);
            Assert.Equal(Answers(first), Answers(second));
            Assert.DoesNotContain("Making a support desk", second, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> Run(string[] args, Func<string, Task> whileItRuns)
    {
        using var stop = new CancellationTokenSource();
        using var output = new Guide();
        var demo = DemoCommand.Run(args, output, stop.Token);
        try
        {
            if (await Task.WhenAny(demo, output.Complete) == demo)
            {
                await demo;
            }

            await whileItRuns(output.ToString());
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAny(demo);
        }

        return output.ToString();
    }

    private static async Task<string> Send(Match command, string? instead = null)
    {
        using var http = new HttpClient();
        var body = command.Groups["body"];
        using var request = new HttpRequestMessage(body.Success ? HttpMethod.Post : HttpMethod.Get, instead ?? command.Groups["url"].Value);
        _ = request.Headers.TryAddWithoutValidation("Authorization", command.Groups["key"].Value);
        if (body.Success)
        {
            request.Content = new StringContent(body.Value.Replace("\\\"", "\"", StringComparison.Ordinal), Encoding.UTF8, "application/json");
        }

        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{command.Value}{Environment.NewLine}{answer.StatusCode} {text}");
        return text;
    }

    private static async Task EverySegmentHasMembersAndIsNotEverybody(Match list)
    {
        using var answer = JsonDocument.Parse(await Send(list, instead: list.Groups["url"].Value.Replace("limit=3", "limit=100", StringComparison.Ordinal)));
        foreach (var segment in answer.RootElement.GetProperty("data").EnumerateArray())
        {
            var (name, count) = (segment.GetProperty("name").GetString(), segment.GetProperty("member_count").GetInt32());
            Assert.True(count > 0 && (count < DemoDesk.ContactCount || name == "Everyone"), $"{name}: {count}");
        }
    }

    private static List<string> Answers(string guide) => [.. guide.Split('\n').Where(static line => line.Contains('→')).Select(static line => line.Trim())];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("""curl -s -H "Authorization: (?<key>Bearer sk_\w+)"( -H "Content-Type: application/json" -d "(?<body>.*?[^\\])")? "(?<url>http\S+)"$""", RegexOptions.Multiline)]
    private static partial Regex Command();

    /// <summary>Collects what is printed, and says when it is all there.</summary>
    private sealed class Guide : StringWriter
    {
        private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Complete => complete.Task;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            _ = complete.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
