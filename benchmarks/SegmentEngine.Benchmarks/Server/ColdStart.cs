using System.Diagnostics;
using System.Globalization;

namespace SegmentEngine.Benchmarks.Server;

/// <summary>
/// How long a server takes from the start of its process over a large file: until it listens, until it answers a check, until every segment is evaluated. The file is made by the store's bulk writes and by a first
/// run of the server, which computes the memberships.
/// </summary>
internal static class ColdStart
{
    private const int Contacts = 1_000_000;
    private const int Events = 2_000_000;
    private const int Starts = 3;

    public static async Task Run(string[] args)
    {
        var contacts = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Contacts;
        var events = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Events;
        var folder = Directory.CreateTempSubdirectory("segment-start-").FullName;
        try
        {
            var world = await ServerWorld.Make(folder, contacts, events, ServerWorld.Rules.Wide);
            var first = await Start(world, "first start, which publishes");
            var memberships = ServerWorld.Memberships(world);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contacts:N0} contacts, {events:N0} events, {memberships:N0} memberships in {ServerWorld.Segments} segments, {new FileInfo(world.File).Length >> 20:N0} MB"));
            Console.WriteLine();
            Console.WriteLine("| start | listens, s | answers a check, s | all evaluated, s | CPU, s | memory, MB |");
            Console.WriteLine("|---|---:|---:|---:|---:|---:|");
            Console.WriteLine(first);
            for (var i = 2; i <= Starts; i++)
            {
                Console.WriteLine(await Start(world, string.Create(CultureInfo.InvariantCulture, $"start {i}")));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> Start(ServerWorld world, string name)
    {
        var started = Stopwatch.GetTimestamp();
        await using var server = RunningServer.Start(world);
        _ = await server.Until("/health/live");
        var listens = Stopwatch.GetElapsedTime(started);
        _ = await server.Until($"/contacts/segments/{world.Probe}/contacts/external_id:{ServerWorld.User(0)}");
        var answers = Stopwatch.GetElapsedTime(started);
        _ = await server.Until("/health/ready");
        var ready = Stopwatch.GetElapsedTime(started);
        return string.Create(CultureInfo.InvariantCulture, $"| {name} | {listens.TotalSeconds:F1} | {answers.TotalSeconds:F1} | {ready.TotalSeconds:F1} | {server.CpuTime.TotalSeconds:F1} | {server.MemoryBytes >> 20:N0} |");
    }
}
