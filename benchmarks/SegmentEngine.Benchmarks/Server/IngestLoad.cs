using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SegmentEngine.Benchmarks.Server;

/// <summary>
/// What goes into a server over HTTP, durably, and comes out as memberships: first as fast as it takes it, in batches from a few connections, each of which sends the next batch when the last is answered; the clock
/// stops when the last batch is reflected. Then at a tenth of the rates to be met, whatever the answers take, how long a change takes from its answer to being seen by a check.
/// </summary>
internal static class IngestLoad
{
    private const int Contacts = 100_000;
    private const int Events = 300_000;
    private const int BatchItems = 500;
    private const int Connections = 4;

    private const int ContactsPerSecond = 1_000;
    private const int EventsPerSecond = 3_000;
    private const int SmallBatch = 50;

    public static async Task Run(string[] args)
    {
        var (contactBatches, eventBatches, seconds) = (Number(args, 0, 200), Number(args, 1, 600), Number(args, 2, 20));
        var folder = Directory.CreateTempSubdirectory("segment-load-").FullName;
        try
        {
            var world = await ServerWorld.Make(folder, Contacts, Events);
            await using var server = RunningServer.Start(world);
            _ = await server.Until("/health/ready");
            var random = new Random(11);
            var next = Contacts;

            var warm = Enumerable.Range(0, 60).Select(_ => ServerWorld.ContactBatch(random, BatchItems, Contacts, ref next)).ToList();
            _ = await Send(server, world, "/contacts/batch", warm, "warm-up, contacts");
            _ = await Send(server, world, "/v1/batch", [.. Enumerable.Range(0, 200).Select(i => ServerWorld.EventBatch(random, BatchItems, Contacts, $"w{i}"))], "warm-up, events");
            Console.WriteLine();
            Console.WriteLine("| what | items | items/s acknowledged | items/s reflected | server CPU s per 1,000 | batch p50 ms | batch p99 ms |");
            Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
            if (contactBatches > 0)
            {
                Console.WriteLine(await Send(server, world, "/contacts/batch", [.. Enumerable.Range(0, contactBatches).Select(_ => ServerWorld.ContactBatch(random, BatchItems, Contacts, ref next))], "contacts"));
            }

            if (eventBatches > 0)
            {
                Console.WriteLine(await Send(server, world, "/v1/batch", [.. Enumerable.Range(0, eventBatches).Select(i => ServerWorld.EventBatch(random, BatchItems, Contacts, $"e{i}"))], "events"));
            }

            if (seconds > 0)
            {
                await AtATenth(server, world, random, seconds);
            }

            Console.WriteLine($"server memory: {server.MemoryBytes >> 20} MB, log of the database: {new FileInfo(world.File + "-wal").Length >> 20} MB");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> Send(RunningServer server, ServerWorld world, string path, List<byte[]> bodies, string name)
    {
        var times = new ConcurrentBag<double>();
        var (cpu, started, taken, last) = (server.CpuTime, Stopwatch.GetTimestamp(), -1, 0L);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref taken) is var i && i < bodies.Count)
            {
                var sent = Stopwatch.GetTimestamp();
                var revision = await server.Post(path, bodies[i]);
                times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                InterlockedMax(ref last, revision);
            }
        })));
        var acknowledged = Stopwatch.GetElapsedTime(started).TotalSeconds;
        _ = await server.IsMember(world.Probe, ServerWorld.User(0), last);
        var reflected = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var items = bodies.Count * BatchItems;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {items:N0} | {items / acknowledged:N0} | {items / reflected:N0} | {(server.CpuTime - cpu).TotalSeconds * 1000 / items:F3} | {Percentile(times, 50):F0} | {Percentile(times, 99):F0} |");
    }

    private static async Task AtATenth(RunningServer server, ServerWorld world, Random random, int seconds)
    {
        var bodies = new List<(string Path, byte[] Body, TimeSpan At)>();
        var next = Contacts * 2;
        Plan("/contacts/batch", ContactsPerSecond / SmallBatch, _ => ServerWorld.ContactBatch(random, SmallBatch, Contacts, ref next));
        Plan("/v1/batch", EventsPerSecond / SmallBatch, i => ServerWorld.EventBatch(random, SmallBatch, Contacts, $"t{i}"));
        bodies.Sort(static (left, right) => left.At.CompareTo(right.At));

        var visible = new ConcurrentBag<double>();
        var wrong = 0;
        var (cpu, started) = (server.CpuTime, Stopwatch.GetTimestamp());
        var sending = new List<Task>();
        var probe = 0;
        foreach (var (path, body, at) in bodies)
        {
            if (at - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait);
            }

            sending.Add(server.Post(path, body));
            if (path == "/contacts/batch")
            {
                sending.Add(Probe(probe++));
            }
        }

        await Task.WhenAll(sending);
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"at {ContactsPerSecond:N0} contacts/s and {EventsPerSecond:N0} events/s, in batches of {SmallBatch}, {took:F0} s: a change is visible after p50 {Percentile(visible, 50):F0} ms, p90 {Percentile(visible, 90):F0} ms, p99 {Percentile(visible, 99):F0} ms, at most {visible.Max():F0} ms ({visible.Count} changes, {wrong} wrong); server CPU {(server.CpuTime - cpu).TotalSeconds / took:P0} of a core"));

        void Plan(string path, int perSecond, Func<int, byte[]> make)
        {
            for (var i = 0; i < perSecond * seconds; i++)
            {
                bodies.Add((path, make(i), TimeSpan.FromSeconds((double)i / perSecond)));
            }
        }

        // A contact becomes a member, or no longer is one; the time runs from the answer to its write until a check says so.
        async Task Probe(int i)
        {
            var member = i / 100 % 2 == 0;
            var user = ServerWorld.User(i % 100);
            var revision = await server.Post("/contacts/batch", Encoding.UTF8.GetBytes($$$"""{"contacts":[{"external_id":"{{{user}}}","custom_data":{"{{{ServerWorld.ProbeTrait}}}":"{{{(member ? "in" : "out")}}}"}}]}"""));
            var acknowledged = Stopwatch.GetTimestamp();
            if (await server.IsMember(world.Probe, user, revision) != member)
            {
                _ = Interlocked.Increment(ref wrong);
            }

            visible.Add(Stopwatch.GetElapsedTime(acknowledged).TotalMilliseconds);
        }
    }

    private static int Number(string[] args, int i, int otherwise) => args.Length > i ? int.Parse(args[i], CultureInfo.InvariantCulture) : otherwise;

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen) is var was && was == seen ? value : was;
        }
    }

    private static double Percentile(IEnumerable<double> values, int percent)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, sorted.Length * percent / 100)];
    }
}
