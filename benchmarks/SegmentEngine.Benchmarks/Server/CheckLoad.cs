using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SegmentEngine.Benchmarks.Server;

/// <summary>
/// Checks over HTTP at a fixed rate, each sent when its time has come whether or not those before are answered, and timed from that time: alone, while events come in, and while a segment of a million contacts is
/// published again and again beside them.
/// </summary>
internal static class CheckLoad
{
    private const int Contacts = 1_000_000;
    private const int Events = 500_000;
    private const int ChecksPerSecond = 5_000;
    private const int EventsPerSecond = 500;
    private const int EventsPerBatch = 50;
    private const int Asked = 1_000;

    public static async Task Run(string[] args)
    {
        var seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 20;
        var contacts = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Contacts;
        var folder = Directory.CreateTempSubdirectory("segment-checks-").FullName;
        try
        {
            var world = await ServerWorld.Make(folder, contacts, Events, ServerWorld.Rules.Wide);
            await using var server = RunningServer.Start(world);
            var started = Stopwatch.GetTimestamp();
            _ = await server.Until("/health/ready");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contacts:N0} contacts evaluated for the first time in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"));
            var ids = await Ids(server);
            _ = await Measure(server, world, ids, seconds: 5, withEvents: true, withPublish: true);
            Console.WriteLine();
            Console.WriteLine("| beside the checks | checks/s | p50, ms | p99, ms | p99.9, ms | longest, ms | events/s | a batch of events, p99, ms | publishes | from a publish to its members, s |");
            Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
            Console.WriteLine($"| nothing {await Measure(server, world, ids, seconds, withEvents: false, withPublish: false)}");
            Console.WriteLine($"| events {await Measure(server, world, ids, seconds, withEvents: true, withPublish: false)}");
            Console.WriteLine($"| events and publishes {await Measure(server, world, ids, seconds, withEvents: true, withPublish: true)}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<string>> Ids(RunningServer server)
    {
        var ids = new List<string>();
        for (string? cursor = null; ids.Count < Asked;)
        {
            var page = JsonElement.Parse(await server.Http.GetByteArrayAsync(new Uri($"/contacts?limit=100{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}", UriKind.Relative)));
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(static contact => contact.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next").GetString();
        }

        return ids;
    }

    private static async Task<string> Measure(RunningServer server, ServerWorld world, List<string> ids, int seconds, bool withEvents, bool withPublish)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var (checks, batches, publishes) = (new List<double>(), new ConcurrentBag<double>(), new List<double>());
        var random = new Random(5);
        var run = Guid.NewGuid();
        var segments = Enumerable.Range(0, ServerWorld.Segments).Select(static i => new Guid(i + 1, 0, 0, new byte[8])).ToArray();
        await Task.WhenAll(
            OpenLoop.Run(RunningServer.Port, ChecksPerSecond, [.. Enumerable.Range(0, Asked).Select(i => server.Request($"/contacts/segments/{segments[i % segments.Length]}/contacts/{ids[i % ids.Count]}"))], checks, end.Token),
            withEvents
                ? AtRate(EventsPerSecond / EventsPerBatch, batches, i => server.Post("/v1/batch", ServerWorld.EventBatch(random, EventsPerBatch, Contacts, $"{run}-{i}")), end.Token)
                : Task.CompletedTask,
            withPublish ? Publish(server, world, publishes, end.Token) : Task.CompletedTask);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {checks.Count / (double)seconds:N0} | {At(checks, 0.5):F2} | {At(checks, 0.99):F2} | {At(checks, 0.999):F2} | {At(checks, 1):F1} | {batches.Count * EventsPerBatch / seconds:N0} | {(withEvents ? At(batches, 0.99) : 0):F0} | {publishes.Count} | {(publishes.Count > 0 ? publishes.Average() : 0):F1} |");
    }

    /// <summary>Sends on time, and does not wait for answers; each is timed from when it was to be sent.</summary>
    private static async Task AtRate(int perSecond, ConcurrentBag<double> times, Func<int, Task> send, CancellationToken end)
    {
        var under = new ConcurrentDictionary<int, Task>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; !end.IsCancellationRequested;)
        {
            for (; i < Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond; i++)
            {
                var (number, due) = (i, started + (long)(i / (double)perSecond * Stopwatch.Frequency));
                under[number] = Task.Run(
                    async () =>
                    {
                        await send(number);
                        times.Add(Stopwatch.GetElapsedTime(due).TotalMilliseconds);
                        _ = under.TryRemove(number, out _);
                    },
                    CancellationToken.None);
            }

            await Task.Delay(1, CancellationToken.None);
        }

        await Task.WhenAll(under.Values);
    }

    /// <summary>A segment that half of all contacts enter and leave.</summary>
    private static async Task Publish(RunningServer server, ServerWorld world, List<double> times, CancellationToken end)
    {
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            var rule = $$$"""{"definition":{"type":"trait","trait":"score","op":"{{{(i % 2 == 0 ? "lt" : "gte")}}}","value":500}}""";
            using var content = new StringContent(rule, Encoding.UTF8, "application/json");
            using (var edited = await server.Http.PatchAsync(new Uri($"/manage/segments/{new Guid(5, 0, 0, new byte[8])}", UriKind.Relative), content, CancellationToken.None))
            {
                _ = edited.EnsureSuccessStatusCode();
            }

            var started = Stopwatch.GetTimestamp();
            using var published = await server.Http.PostAsync(new Uri($"/manage/segments/{new Guid(5, 0, 0, new byte[8])}/publish", UriKind.Relative), null, CancellationToken.None);
            _ = published.EnsureSuccessStatusCode();
            var revision = JsonElement.Parse(await published.Content.ReadAsByteArrayAsync(CancellationToken.None)).GetProperty("revision").GetInt64();
            _ = await server.IsMember(world.Probe, ServerWorld.User(0), revision);
            times.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    }

    private static double At(IEnumerable<double> times, double part)
    {
        var sorted = times.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
    }
}
