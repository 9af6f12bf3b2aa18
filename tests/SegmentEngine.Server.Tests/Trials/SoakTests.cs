using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Tests.Support;
using Xunit.Abstractions;

namespace SegmentEngine.Server.Tests.Trials;

/// <summary>
/// Contacts and events come and go, segments are edited, readers ask and the clock moves, all at once for a long time; now and then everything comes to rest and is looked at.
/// SEGMENT_SOAK_MINUTES sets how long; without it, some seconds.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Contacts = 2_000;
    private const int SegmentsMax = 14;
    private const int HeapGrowthMax = 16 << 20;
    private const int HandleGrowthMax = 24;
    private const long LogMax = 64 << 20;

    private static readonly string[] plans = ["free", "pro", "team"];
    private static readonly string[] eventNames = ["order", "refund", "login"];

    private readonly SteppedClock clock = new(DateTimeOffset.UtcNow);
    private readonly ConcurrentDictionary<string, long> done = [];
    private readonly List<(Guid Id, int Slot)> segments = [];
    private long longestLog;
    private int messages;

    [Fact]
    public async Task Memory_handles_and_the_log_stay_as_they_are_and_every_membership_is_right_however_long_it_runs()
    {
        var minutes = double.Parse(Environment.GetEnvironmentVariable("SEGMENT_SOAK_MINUTES") ?? "0", CultureInfo.InvariantCulture);
        var (rounds, round) = minutes > 0 ? ((int)Math.Ceiling(minutes), TimeSpan.FromMinutes(1)) : (4, TimeSpan.FromSeconds(4));
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SEGMENT_SEED"), out var given) ? given : Random.Shared.Next();
        var server = new TestServer { Clock = clock };
        await server.InitializeAsync();
        try
        {
            Say($"seed {seed}, {rounds} rounds of {round.TotalSeconds:0} s");
            Say("| minute | contacts | events | segments | memberships | heap, MB | resident, MB | handles | threads | longest log, MB | days on the clock |");
            Say("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
            await Begin(server.Client);
            var began = clock.GetUtcNow();
            var stopwatch = Stopwatch.StartNew();
            var figures = new List<Figures>();
            for (var i = 0; i < rounds; i++)
            {
                await Run(server, new Random(seed + i), round);
                var held = await Rest(server);
                figures.Add(Look(held, stopwatch.Elapsed, clock.GetUtcNow() - began));
            }

            Say(string.Join(", ", done.OrderBy(static each => each.Key).Select(static each => $"{each.Value:N0} {each.Key}")));
            IsLevel(figures);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>What the first half ends with is what the second half ends with, but for what a process needs to breathe.</summary>
    private static void IsLevel(List<Figures> figures)
    {
        var (early, late) = (figures[..(figures.Count / 2)][^((figures.Count + 3) / 4)..], figures[^((figures.Count + 3) / 4)..]);
        Assert.InRange(late.Min(static each => each.Heap), 0, (early.Max(static each => each.Heap) * 5 / 4) + HeapGrowthMax);
        Assert.InRange(late.Min(static each => each.Handles), 0, early.Max(static each => each.Handles) + HandleGrowthMax);
        Assert.InRange(late.Min(static each => each.Threads), 0, early.Max(static each => each.Threads) + HandleGrowthMax);
        Assert.InRange(late[^1].LongestLog, 1, LogMax);
    }

    private async Task Begin(SegmentEngineClient client)
    {
        await client.PutSchema(new()
        {
            Traits = new Dictionary<string, string> { ["plan"] = "string", ["score"] = "number", ["seen"] = "datetime" },
            Events = eventNames.ToDictionary(static name => name, static _ => (IReadOnlyDictionary<string, string>)new Dictionary<string, string> { ["value"] = "number" }),
        });
        var random = new Random(1);
        foreach (var some in Enumerable.Range(0, Contacts).Chunk(500))
        {
            _ = await client.SaveContacts(new() { Contacts = [.. some.Select(contact => Contact(contact, random))] });
        }

        for (var slot = 0; slot < SegmentsMax; slot++)
        {
            await Make(client, slot, random);
        }
    }

    private async Task Run(TestServer server, Random seeds, TimeSpan length)
    {
        using var end = new CancellationTokenSource(length);
        Func<Random, Task>[] work =
        [
            random => SaveContacts(server.Client, random),
            random => SendEvents(server.Client, random),
            random => Replace(server.Client, random),
            random => Edit(server.Client, random),
            random => Read(server.Client, random),
            random => Read(server.Client, random),
            MoveTheClock,
            _ => MeasureTheLog(server),
        ];
        await Task.WhenAll(work.Select(each => (Each: each, Seed: seeds.Next())).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker.Seed);
            while (!end.IsCancellationRequested)
            {
                await worker.Each(random);
            }
        })));
    }

    private async Task SaveContacts(SegmentEngineClient client, Random random)
    {
        _ = await client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, random.Next(1, 50)).Select(_ => random.Next(Contacts)).Distinct().Select(contact => Contact(contact, random))] });
        Count("batches of contacts");
        await Task.Delay(random.Next(40));
    }

    /// <summary>Some of them weeks late.</summary>
    private async Task SendEvents(SegmentEngineClient client, Random random)
    {
        _ = await client.SendEvents(new()
        {
            Batch = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => new EventMessage
            {
                Type = "track",
                UserId = Name(random.Next(Contacts)),
                Event = eventNames[random.Next(eventNames.Length)],
                MessageId = $"message {Interlocked.Increment(ref messages)}",
                Timestamp = clock.GetUtcNow() - TimeSpan.FromSeconds(random.Next(2) == 0 ? random.Next(1_000) : random.Next(40 * 86_400)),
                Properties = Some.Json($$"""{"value":{{random.Next(100)}}}"""),
            })],
        });
        Count("batches of events");
        await Task.Delay(random.Next(40));
    }

    /// <summary>A contact goes with all its events, and comes again as somebody new.</summary>
    private async Task Replace(SegmentEngineClient client, Random random)
    {
        var contact = random.Next(Contacts);
        try
        {
            _ = await client.DeleteContact($"external_id:{Name(contact)}");
            Count("deletions");
        }
        catch (SegmentEngineException gone) when (gone.Status == 404)
        {
            // An event has not made it again yet.
        }

        _ = await client.SaveContact(Contact(contact, random));
        await Task.Delay(random.Next(20));
    }

    private async Task Edit(SegmentEngineClient client, Random random)
    {
        var at = random.Next(segments.Count);
        var (id, slot) = segments[at];
        if (slot > 1 && random.Next(4) == 0)
        {
            // Nothing is built on any but the first two.
            segments.RemoveAt(at);
            _ = await client.DeleteSegment(id);
            await Make(client, slot, random);
            Count("segments made anew");
        }
        else
        {
            _ = await client.EditSegment(id, new() { Definition = Some.Json(Rule(slot, random)) });
            _ = await client.PublishSegment(id);
            Count("publishes");
        }

        await Task.Delay(random.Next(200));
    }

    private async Task Read(SegmentEngineClient client, Random random)
    {
        var contact = $"external_id:{Name(random.Next(Contacts))}";
        try
        {
            switch (random.Next(4))
            {
                case 0:
                    _ = await client.SegmentsOf(contact);
                    break;
                case 1:
                    _ = await client.Check(segments[0].Id, contact);
                    break;
                case 2:
                    _ = await client.ListMembers(segments[1].Id, limit: 100);
                    break;
                default:
                    _ = await client.Resolve(new() { ContactId = contact });
                    break;
            }

            Count("reads");
        }
        catch (SegmentEngineException gone) when (gone.Status == 404)
        {
            Count("reads of a contact that was gone");
        }

        await Task.Delay(random.Next(4));
    }

    private async Task MoveTheClock(Random random)
    {
        clock.Step(TimeSpan.FromSeconds(random.Next(3) switch { 0 => random.Next(5), 1 => random.Next(600), _ => random.Next(14_400) }));
        Count("steps of the clock");
        await Task.Delay(random.Next(1_000));
    }

    private async Task MeasureTheLog(TestServer server)
    {
        var log = new FileInfo($"{server.File}-wal");
        longestLog = Math.Max(longestLog, log.Exists ? log.Length : 0);
        await Task.Delay(50);
    }

    /// <summary>Waits until nothing is to be done, and compares everything that is stored and answered with the interpreter.</summary>
    private async Task<HeldWorkspace> Rest(TestServer server)
    {
        // The clock stands; a last write wakes whoever has not seen where.
        var last = (await server.Client.SaveContact(new() { ExternalId = Name(0), CustomData = Some.Json("""{"plan":"pro"}""") })).Revision;
        _ = await Patience.Ask(() => server.Client.ListSegments(atLeast: last));
        var held = HeldWorkspace.Read(server.Database, server.Workspace);
        Assert.Empty(held.Waiting);
        var members = held.Members(Instant.From(clock.GetUtcNow()));
        foreach (var (segment, revision) in held.Segments)
        {
            Assert.True(held.IsComputed(segment.Id));
            var (expected, stored) = (members[segment.Id], held.Rows.Where(row => row.Segment == segment.Number).Select(static row => row.Contact).ToHashSet());
            Assert.True(
                expected.SetEquals(stored),
                $"{segment.Name}, revision {revision.Number}, {revision.Definition}: {expected.Count} expected, {stored.Count} stored, {expected.Except(stored).Count()} missing, {stored.Except(expected).Count()} too many; at {clock.GetUtcNow():O}, computed at {segment.EvaluatedAt}; {(await server.Client.ListMembers(segment.Id.Value, limit: 1)).Total} answered, {server.Database.Memberships.Count(server.Workspace, segment.Id)} stored by now");
        }

        Assert.Equal(members.Sum(static each => each.Value.Count), held.Rows.Count);
        foreach (var checks in held.Contacts.SelectMany(contact => members.Select(segment => (Contact: contact, Segment: segment))).Chunk(1_000))
        {
            var answer = await server.Client.CheckMany(new() { Checks = [.. checks.Select(static check => new CheckItem(check.Segment.Key.ToString(), check.Contact.Contact.Id!.Value.ToString()))] });
            Assert.Equal(checks.Select(static check => check.Segment.Value.Contains(check.Contact.Number)), answer.Results.Select(static result => result.Check!.IsMember));
        }

        return held;
    }

    private Figures Look(HeldWorkspace held, TimeSpan elapsed, TimeSpan moved)
    {
        var (contacts, events, memberships) = (held.Contacts.Count, held.Events.Count(), held.Rows.Count);
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        var figures = new Figures(heap, Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : process.HandleCount, process.Threads.Count, longestLog);
        Say(string.Create(CultureInfo.InvariantCulture, $"| {elapsed.TotalMinutes:0.0} | {contacts:N0} | {events:N0} | {held.Segments.Count} | {memberships:N0} | {heap / 1e6:0.0} | {process.WorkingSet64 / 1e6:0} | {figures.Handles} | {figures.Threads} | {longestLog / 1e6:0.0} | {moved.TotalDays:0.0} |"));
        return figures;
    }

    private async Task Make(SegmentEngineClient client, int slot, Random random)
    {
        var id = Guid.NewGuid();
        _ = await client.CreateSegment(new() { Id = id, Name = $"segment {slot} {id}", Definition = Some.Json(Rule(slot, random)) });
        _ = await client.PublishSegment(id);
        segments.Add((id, slot));
    }

    private string Rule(int slot, Random random) => (slot % 8) switch
    {
        0 => $$$"""{"type":"trait","trait":"plan","op":"eq","value":"{{{plans[random.Next(3)]}}}"}""",
        1 => $$$"""{"type":"trait","trait":"score","op":"gte","value":{{{random.Next(100)}}}}""",
        2 => $$$"""{"type":"date","trait":"seen","op":"in_last","amount":{{{random.Next(1, 30)}}},"unit":"day"}""",
        3 => $$$"""{"type":"event","event":"order","count":{"op":"gte","n":{{{random.Next(1, 4)}}}},"window":{"last":{"amount":{{{random.Next(1, 20)}}},"unit":"day"}} }""",
        4 => $$$"""{"type":"event_aggregate","event_in":["order","refund"],"property":"value","fn":"sum","op":"gte","value":{{{random.Next(300)}}},"window":{"last":{"amount":{{{random.Next(24, 400)}}},"unit":"hour"}} }""",
        5 => $$$"""{"and":[{"type":"segment","segment_id":"{{{segments[0].Id}}}","op":"in"},{"not":{"type":"event","event":"login","window":{"last":{"amount":{{{random.Next(1, 60)}}},"unit":"day"}} } }]}""",
        6 => $$$"""{"or":[{"not":{"type":"segment","segment_id":"{{{segments[1].Id}}}","op":"in"}},{"type":"event","event":"refund","where":{"type":"property","property":"value","op":"gte","value":{{{random.Next(100)}}}}}]}""",
        _ => $$$"""{"and":[{"type":"date","trait":"seen","op":"more_than_ago","amount":{{{random.Next(1, 20)}}},"unit":"day"},{"type":"trait","trait":"plan","op":"neq","value":"free"}]}""",
    };

    private ContactInput Contact(int contact, Random random) => new()
    {
        ExternalId = Name(contact),
        CustomData = Some.Json(string.Create(CultureInfo.InvariantCulture, $$"""{"plan":"{{plans[random.Next(3)]}}","score":{{random.Next(100)}},"seen":"{{clock.GetUtcNow().AddSeconds(-random.Next(30 * 86_400)):O}}"}""")),
    };

    private static string Name(int contact) => $"contact {contact}";

    private void Count(string what) => done.AddOrUpdate(what, 1, static (_, count) => count + 1);

    private void Say(string line)
    {
        output.WriteLine(line);
        Console.Error.WriteLine(line);
    }

    /// <param name="Heap">Bytes in use after a full collection.</param>
    private sealed record Figures(long Heap, int Handles, int Threads, long LongestLog);
}
