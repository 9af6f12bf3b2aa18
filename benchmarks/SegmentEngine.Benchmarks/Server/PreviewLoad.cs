using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SegmentEngine.Benchmarks.Server;

/// <summary>How long an author waits to see what an edit would change, over HTTP.</summary>
internal static class PreviewLoad
{
    private const int Contacts = 1_000_000;
    private const int Events = 2_000_000;
    private const int Times = 5;

    public static async Task Run(string[] args)
    {
        var contacts = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Contacts;
        var folder = Directory.CreateTempSubdirectory("segment-preview-").FullName;
        try
        {
            var world = await ServerWorld.Make(folder, contacts, Events, ServerWorld.Rules.Wide);
            await using var server = RunningServer.Start(world);
            _ = await server.Until("/health/ready");
            Console.WriteLine("| edit | first, s | median of those after, s | would be in | enter | leave | other segments |");
            Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");

            // Every fourth segment is by traits, and as many refer to them.
            await Measure(server, "a threshold of a trait, of a segment that another is built on", 4, """{"and":[{"type":"trait","trait":"score","op":"gte","value":400}]}""");
            await Measure(server, "four traits, two of which no rule in force reads", 8, """{"and":[{"type":"trait","trait":"score","op":"gte","value":300},{"type":"trait","trait":"seats","op":"lt","value":400},{"type":"trait","trait":"mrr","op":"gte","value":100},{"type":"trait","trait":"plan","op":"neq","value":"free"}]}""");
            await Measure(server, "events in a window, and a trait", 12, """{"and":[{"type":"event","event":"login","window":{"last":{"amount":60,"unit":"day"}}},{"type":"trait","trait":"score","op":"gte","value":300}]}""");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task Measure(RunningServer server, string name, int segment, string rule)
    {
        var seconds = new List<double>();
        var answer = default(JsonElement);
        for (var i = 0; i <= Times; i++)
        {
            using var question = new StringContent($$"""{"segment_id":"{{new Guid(segment + 1, 0, 0, new byte[8])}}","definition":{{rule}}}""", Encoding.UTF8, "application/json");
            var started = Stopwatch.GetTimestamp();
            using var preview = await server.Http.PostAsync(new Uri("/manage/segments/preview", UriKind.Relative), question);
            answer = JsonElement.Parse(await preview.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync());
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {seconds[0]:F2} | {seconds.Skip(1).Order().ElementAt(Times / 2):F2} | {answer.GetProperty("count").GetInt64():N0} | {answer.GetProperty("entering").GetProperty("count").GetInt64():N0} | {answer.GetProperty("leaving").GetProperty("count").GetInt64():N0} | {answer.GetProperty("segments").GetArrayLength()} |"));
    }
}
