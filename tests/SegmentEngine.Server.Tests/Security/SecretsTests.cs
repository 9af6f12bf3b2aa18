using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Hangfire;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Security;

/// <summary>What is known of a contact, and what opens a door, is in the tables and in answers, and nowhere else: not in logs at the chattiest level, not in metrics, traces or jobs.</summary>
public sealed class SecretsTests
{
    private const string Canary = "zyzzyva";

    [Fact]
    public async Task Nothing_of_a_contact_and_no_key_is_in_logs_metrics_traces_or_jobs()
    {
        var server = new TestServer { Options = ["--Logging:LogLevel:Default", "Trace", "--Logging:LogLevel:Microsoft.AspNetCore", "Trace", "--Logging:Console:LogLevel:Default", "None", "--OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"] };
        await server.InitializeAsync();
        using var logs = new KeptLogs();
        var traces = new ConcurrentBag<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Microsoft.AspNetCore",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => traces.Add($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)}"),
        };
        try
        {
            server.Service<ILoggerFactory>().AddProvider(logs);
            ActivitySource.AddActivityListener(listener);
            await Use(server);
            Assert.True(logs.Lines.Count > 100, $"only {logs.Lines.Count} lines were logged");
            Nothing("logs", logs.Lines.Where(line => line.Contains(Canary, StringComparison.OrdinalIgnoreCase) || line.Contains(server.Key.Split('_')[2], StringComparison.Ordinal)));
            Assert.Contains(traces, static trace => trace.Contains("http.route", StringComparison.Ordinal));
            Nothing("traces", traces.Where(static trace => trace.Contains(Canary, StringComparison.OrdinalIgnoreCase)));

            var metrics = await server.Http(await server.NewKey(server.Workspace, [Scopes.Jobs])).GetStringAsync(new Uri("metrics", UriKind.Relative));
            Assert.Contains("segmentengine_checks_total", metrics, StringComparison.Ordinal);
            Assert.DoesNotContain(Canary, metrics, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(server.Key.Split('_')[1], metrics, StringComparison.Ordinal);

            var jobs = server.Service<JobStorage>().GetMonitoringApi();
            var done = jobs.SucceededJobs(0, 1_000);
            Assert.NotEmpty(done);
            Assert.All(done, static job => Assert.DoesNotContain(Canary, string.Join(' ', job.Value.Job.Args), StringComparison.OrdinalIgnoreCase));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>One line of each source is shown.</summary>
    private static void Nothing(string where, IEnumerable<string> lines)
    {
        var found = lines.GroupBy(static line => line.Split(' ')[0]).Select(static source => source.First()).ToList();
        Assert.True(found.Count == 0, $"in {where}:\n{string.Join('\n', found)}");
    }

    /// <summary>Everything a canary can be part of, in calls that are answered and in calls that are refused.</summary>
    private static async Task Use(TestServer server)
    {
        var (user, email, http) = ($"{Canary}-user", $"{Canary}@example.com", server.Http(server.Key));
        var contact = await server.Client.SaveContact(new() { ExternalId = user, Email = email, Name = Canary, CustomData = Some.Json($$"""{"plan":"{{Canary}}","{{Canary}}":1}""") });
        await server.Client.Track(new() { UserId = user, Event = Canary, Properties = Some.Json($$"""{"{{Canary}}":"{{Canary}}"}""") });
        var segment = await server.Publish(Canary, $$"""{"and":[{"type":"trait","trait":"plan","op":"eq","value":"{{Canary}}"},{"type":"event","event":"{{Canary}}"}]}""");
        foreach (var path in new[]
        {
            $"contacts/email:{email}", $"contacts/external_id:{user}", $"contacts/external_id:{Canary}-none", $"contacts/segments/contacts/email:{email}", $"contacts/segments/{segment.Id}/contacts/external_id:{user}",
            $"contacts/segments/{segment.Id}/check?contact_id=email:{email}", $"contacts/segments/{segment.Id}/contacts/email:{email}/explain", $"contacts/segments/{segment.Id}/contacts?format=csv", $"no/such/path/{Canary}",
            $"contacts/segments?at_least={Canary}", $"contacts?cursor={Canary}", $"manage/lists/{Canary}/contacts", $"manage/segments?tag={Canary}",
        })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            _ = await answer.Content.ReadAsStringAsync();
        }

        foreach (var (path, body) in new[]
        {
            ("contacts", $$"""{"email":"{{email}}","{{Canary}}":1}"""), ("contacts", $$"""{"email":"{{email}}"""), ("v1/track", $$"""{"userId":"{{user}}","event":{"{{Canary}}":1} }"""), ("gating/resolve", $$"""{"contact_id":"email:{{email}}","channel":"{{Canary}}"}"""),
            ("gating/authorize", $$"""{"contact_id":"email:{{email}}","action_id":"{{Canary}}"}"""), ("manage/segments/preview", $$"""{"definition":{"type":"trait","trait":"{{Canary}}","op":"matches","value":"({{Canary}}"} }"""),
            ($"ofrep/v1/evaluate/flags/{Canary}", $$"""{"context":{"targetingKey":"{{user}}","{{Canary}}":"{{Canary}}"} }"""), ("manage/lists/vips/contacts?mode=append", $$"""{"contacts":["email:{{email}}","external_id:{{Canary}}-none"]}"""),
        })
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content);
            _ = await answer.Content.ReadAsStringAsync();
        }

        // Keys that are no keys.
        foreach (var key in new[] { $"sk_{Canary}_{Canary}", Canary })
        {
            using var answer = await server.Http(key).GetAsync(new Uri("contacts/segments", UriKind.Relative));
            _ = await answer.Content.ReadAsStringAsync();
        }

        await using (var mcp = await McpClient.CreateAsync(new HttpClientTransport(new() { Endpoint = new(server.Address, "mcp"), TransportMode = HttpTransportMode.StreamableHttp, AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {server.Key}" } })))
        {
            _ = await mcp.CallToolAsync("check_contact_in_segment", new Dictionary<string, object?> { ["segment"] = Canary, ["contact"] = $"email:{email}" });
            _ = await mcp.CallToolAsync("get_segment", new Dictionary<string, object?> { ["segment"] = $"{Canary} none" });
            _ = await mcp.CallToolAsync($"{Canary}", new Dictionary<string, object?> { [Canary] = Canary }).AsTask().ContinueWith(static call => call.Exception, TaskScheduler.Default);
        }

        _ = await server.Client.DeleteContact(contact.Id.ToString());
    }

    /// <summary>Every line at every level, with what belongs to it.</summary>
    private sealed class KeptLogs : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Category(categoryName, Lines);

        public void Dispose()
        {
        }

        private sealed class Category(string category, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull
            {
                lines.Enqueue($"{category} scope: {state}");
                return null;
            }

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{category} {logLevel}: {formatter(state, exception)} {exception}");
        }
    }
}
