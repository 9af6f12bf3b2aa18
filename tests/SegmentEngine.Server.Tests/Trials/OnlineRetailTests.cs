using System.Diagnostics;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;
using Xunit.Abstractions;

namespace SegmentEngine.Server.Tests.Trials;

/// <summary>A real shop's customers and purchases through the command line into a running server, asked on the day its cases are about.</summary>
public sealed class OnlineRetailTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>A second is what we promise; a test also runs beside others.</summary>
    private static readonly TimeSpan seenWithin = TimeSpan.FromSeconds(5);

    private readonly string folder = Directory.CreateTempSubdirectory("segment-retail-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SharedFact]
    public async Task The_shop_answers_as_its_cases_expect_and_a_new_order_is_seen_at_once()
    {
        var cases = Directory.EnumerateFiles(Shared.At("cases", "online-retail"), "*.json").Order(StringComparer.Ordinal).ToList();
        var now = JsonElement.Parse(await File.ReadAllTextAsync(cases[0])).GetProperty("now").GetDateTimeOffset();
        var server = new TestServer { Clock = new ShiftedClock(now) };
        await server.InitializeAsync();
        try
        {
            await Import(server, "contacts", lines: "4,372");
            await Import(server, "events", lines: "429,019");
            _ = await server.Client.PutSchema(JsonElement.Parse(await File.ReadAllTextAsync(Shared.At("data", "online-retail", "schema.json"))).Deserialize(WireJson.Default.Schema)!);
            var expected = new Dictionary<string, (Guid Id, HashSet<string> Members)>();
            foreach (var file in cases)
            {
                var question = JsonElement.Parse(await File.ReadAllTextAsync(file));
                Assert.Equal(now, question.GetProperty("now").GetDateTimeOffset());
                var segment = await server.Publish(question.GetProperty("words").GetString()!, question.GetProperty("rule").GetRawText());
                expected.Add(Path.GetFileNameWithoutExtension(file), (segment.Id, [.. await File.ReadAllLinesAsync(Path.ChangeExtension(file, ".txt"))]));
            }

            await EveryAnswerIsAsExpected(server.Client, [.. expected.Values]);
            await OrdersAreSeenAtOnce(server.Client, firstTime: expected["OR05"].Id, never: expected["OR08"]);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task EveryAnswerIsAsExpected(SegmentEngineClient client, IReadOnlyList<(Guid Id, HashSet<string> Members)> segments)
    {
        var contacts = (await client.AllContacts().ToListAsync()).ToDictionary(static contact => contact.Id, static contact => contact.ExternalId!);
        Assert.Equal(4_372, contacts.Count);
        foreach (var (segment, members) in segments)
        {
            Assert.Equal(members.Order(StringComparer.Ordinal), (await client.AllMembers(segment).ToListAsync()).Select(static member => member.ExternalId!).Order(StringComparer.Ordinal));
            Assert.Equal(members.Count, (await client.GetSegment(segment)).MemberCount);
        }

        await Parallel.ForEachAsync(contacts.Chunk(100), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (chunk, cancel) =>
        {
            var asked = chunk.SelectMany(contact => segments.Select(segment => (Contact: contact, Segment: segment))).ToList();
            var checks = await client.CheckMany(new() { Checks = [.. asked.Select(static ask => new CheckItem(ask.Segment.Id.ToString(), ask.Contact.Key.ToString()))] }, cancel: cancel);
            Assert.Equal(asked.Select(static ask => ask.Segment.Members.Contains(ask.Contact.Value)), checks.Results.Select(static result => result.Check!.IsMember));
            foreach (var (_, external) in chunk)
            {
                var of = await client.SegmentsOf($"external_id:{external}", cancel: cancel);
                Assert.Equal(segments.Where(segment => segment.Members.Contains(external)).Select(static segment => segment.Id).Order(), of.Data.Select(static segment => segment.Id).Order());
            }
        });
    }

    /// <summary>Customers who never ordered order once.</summary>
    private async Task OrdersAreSeenAtOnce(SegmentEngineClient client, Guid firstTime, (Guid Id, HashSet<string> Members) never)
    {
        foreach (var external in never.Members.Take(5))
        {
            var contact = $"external_id:{external}";
            Assert.True((await client.Check(never.Id, contact)).IsMember);
            _ = await client.Track(new() { UserId = external, Event = "order", MessageId = $"first of {external}", Properties = Some.Json("""{"invoice_no":"999999","value":12.5,"lines":1}""") });
            var stored = Stopwatch.GetTimestamp();
            while (!(await client.Check(firstTime, contact)).IsMember)
            {
                Assert.True(Stopwatch.GetElapsedTime(stored) < seenWithin, $"the order of {external} is not seen after {seenWithin.TotalSeconds} s");
            }

            output.WriteLine($"the first order of {external} was seen after {Stopwatch.GetElapsedTime(stored).TotalMilliseconds:0} ms");
            Assert.False((await client.Check(never.Id, contact)).IsMember);
        }
    }

    private async Task Import(TestServer server, string kind, string lines)
    {
        // An import writes down how far it has come beside its file, which the shared folder may not allow.
        var copy = Path.Combine(folder, $"{kind}.jsonl.gz");
        File.Copy(Shared.At("data", "online-retail", $"{kind}.jsonl.gz"), copy);
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "segment.dll"), "import", kind, copy, "--server", server.Address.ToString() },
            Environment = { ["SEGMENT_KEY"] = server.Key },
        };
        using var import = Process.Start(start)!;
        var error = import.StandardError.ReadToEndAsync();
        var said = await import.StandardOutput.ReadToEndAsync();
        await import.WaitForExitAsync();
        output.WriteLine(said.TrimEnd());
        Assert.True(import.ExitCode == 0, said + await error);
        Assert.StartsWith($"{lines} lines: {lines} taken", said, StringComparison.Ordinal);
    }
}
