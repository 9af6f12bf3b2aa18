using System.Globalization;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Trials;

/// <summary>Clients that write without pause, and what they were told: which writes were acknowledged, and which were sent and may or may not be in.</summary>
internal sealed class Ledger(int seed)
{
    private const int ContactCount = 120;
    private const int SegmentCount = 6;

    private static readonly DateTimeOffset today = new(DateTimeOffset.UtcNow.Date, TimeSpan.Zero);
    private static readonly string[] plans = ["free", "pro", "team"];

    /// <summary>A contact's data is told by its version, so of each only the versions are noted.</summary>
    private readonly (int Acknowledged, int Sent)[] contacts = new (int, int)[ContactCount];
    private readonly HashSet<int> eventsSent = [];
    private readonly HashSet<int> eventsAcknowledged = [];
    private readonly Dictionary<int, Guest> guests = [];
    private readonly List<Guid> segments = [];
    private readonly Dictionary<Guid, (string? Acknowledged, string? Sent)> rules = [];
    private long revision;
    private int publishes;
    private int answers;

    private enum Guest
    {
        Sent,
        In,
        DeletionSent,
        Deleted,
    }

    public override string ToString() =>
        $"acknowledged: {contacts.Sum(static contact => contact.Acknowledged)} contact updates, {eventsAcknowledged.Count} events, {publishes} publishes, {guests.Values.Count(static guest => guest == Guest.Deleted)} deletions";

    /// <summary>The schema and the segments, each published once.</summary>
    public async Task Begin(SegmentEngineClient client)
    {
        await client.PutSchema(new()
        {
            Traits = new Dictionary<string, string> { ["plan"] = "string", ["score"] = "number", ["version"] = "number" },
            Events = new Dictionary<string, IReadOnlyDictionary<string, string>>
            {
                ["order"] = new Dictionary<string, string> { ["n"] = "number", ["value"] = "number" },
                ["refund"] = new Dictionary<string, string> { ["n"] = "number", ["value"] = "number" },
            },
        });
        while (segments.Count < SegmentCount)
        {
            var id = Guid.NewGuid();
            _ = await client.CreateSegment(new() { Id = id, Name = $"segment {segments.Count} {id}", Definition = Some.Json(Some.EveryoneRule) });
            Acknowledge((await client.PublishSegment(id)).Revision);
            segments.Add(id);
            rules[id] = (Some.EveryoneRule, Some.EveryoneRule);
        }
    }

    /// <summary>Ends when so many more writes are acknowledged.</summary>
    public async Task Acknowledged(int more)
    {
        for (var until = Volatile.Read(ref answers) + more; Volatile.Read(ref answers) < until;)
        {
            await Task.Delay(2);
        }
    }

    /// <summary>Writes from several clients at once until the server is killed.</summary>
    public async Task Write(ServerProcess server, int round)
    {
        Func<SegmentEngineClient, Random, Task>[] writers = [WriteContacts, WriteEvents, WriteGuest, Publish];
        await Task.WhenAll(writers.Select((writer, i) => Task.Run(async () =>
        {
            var random = new Random(HashCode.Combine(seed, round, i));
            try
            {
                while (!server.IsKilled)
                {
                    await writer(server.Client, random);
                }
            }
            catch (Exception) when (server.IsKilled || server.IsDoomed)
            {
                // The answer will never come; what was sent may or may not be in.
            }
        })));
    }

    /// <summary>What was acknowledged is there, and nothing is there that was not sent.</summary>
    public void IsKeptBy(HeldWorkspace held)
    {
        Assert.True(held.Revision >= revision, $"revision {revision} was acknowledged, the file is at {held.Revision}");
        var names = held.Contacts.ToDictionary(static contact => contact.Contact.ExternalId!);
        for (var i = 0; i < ContactCount; i++)
        {
            var version = names.TryGetValue(Name(i), out var contact) ? contact.Contact.CustomData.TryGetProperty("version", out var at) ? at.GetInt32() : 0 : 0;
            Assert.InRange(version, contacts[i].Acknowledged, contacts[i].Sent);
            Assert.True(version == 0 || JsonElement.DeepEquals(Data(i, version), contact!.Contact.CustomData), $"{Name(i)} is half of version {version}: {contact?.Contact.CustomData}");
            contacts[i] = (version, version);
        }

        var events = held.Events.Select(static happened => happened.Properties.GetProperty("n").GetInt32()).ToList();
        Assert.Distinct(events);
        Assert.Empty(eventsAcknowledged.Except(events));
        Assert.Empty(events.Except(eventsSent));
        Assert.All(names.Values, contact => Assert.All(held.EventsOf(contact), happened => Assert.Equal(UserOf(happened.Properties.GetProperty("n").GetInt32()), contact.Contact.ExternalId)));

        foreach (var (guest, known) in guests.ToList())
        {
            var present = names.ContainsKey(GuestName(guest));
            Assert.True(known switch { Guest.In => present, Guest.Deleted => !present, _ => true }, $"{GuestName(guest)} is {known} and {(present ? "there" : "not there")}");
            guests[guest] = present ? Guest.In : known is Guest.Sent ? Guest.Sent : Guest.Deleted;
        }

        foreach (var segment in segments)
        {
            var text = held.Segments.SingleOrDefault(each => each.Segment.Id.Value == segment)?.Revision.Definition;
            var (acknowledged, sent) = rules.GetValueOrDefault(segment);
            Assert.True(Same(text, acknowledged) || Same(text, sent), $"the rule in force is {text}; acknowledged: {acknowledged}; sent: {sent}");
            rules[segment] = (text, text);
        }
    }

    private async Task WriteContacts(SegmentEngineClient client, Random random)
    {
        var chosen = Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(ContactCount)).Distinct().ToList();
        var inputs = chosen.ConvertAll(i => new ContactInput { ExternalId = Name(i), CustomData = Data(i, ++contacts[i].Sent) });
        Acknowledge(inputs.Count == 1 ? (await client.SaveContact(inputs[0])).Revision : (await client.SaveContacts(new() { Contacts = inputs })).Revision);
        chosen.ForEach(i => contacts[i].Acknowledged = contacts[i].Sent);
    }

    /// <summary>New events, and again some that were not acknowledged: they must not count twice.</summary>
    private async Task WriteEvents(SegmentEngineClient client, Random random)
    {
        List<int> chosen = [.. eventsSent.Except(eventsAcknowledged).Take(5), .. Enumerable.Range(eventsSent.Count, random.Next(1, 15))];
        eventsSent.UnionWith(chosen);
        Acknowledge((await client.SendEvents(new() { Batch = [.. chosen.Select(Message)] })).Revision);
        eventsAcknowledged.UnionWith(chosen);
    }

    /// <summary>A contact that comes, and mostly goes again.</summary>
    private async Task WriteGuest(SegmentEngineClient client, Random random)
    {
        var guest = guests.Count;
        guests[guest] = Guest.Sent;
        Acknowledge((await client.SaveContact(new() { ExternalId = GuestName(guest), CustomData = Data(guest, version: 1) })).Revision);
        guests[guest] = Guest.In;
        if (random.Next(4) > 0)
        {
            guests[guest] = Guest.DeletionSent;
            Acknowledge((await client.DeleteContact($"external_id:{GuestName(guest)}")).Revision);
            guests[guest] = Guest.Deleted;
        }
    }

    private async Task Publish(SegmentEngineClient client, Random random)
    {
        var i = random.Next(SegmentCount);
        var rule = Rule(i, random.Next(1_000));
        _ = await client.EditSegment(segments[i], new() { Definition = Some.Json(rule) });
        rules[segments[i]] = (rules.GetValueOrDefault(segments[i]).Acknowledged, rule);
        Acknowledge((await client.PublishSegment(segments[i])).Revision);
        rules[segments[i]] = (rule, rule);
        publishes++;
    }

    private void Acknowledge(long written)
    {
        lock (rules)
        {
            revision = Math.Max(revision, written);
        }

        _ = Interlocked.Increment(ref answers);
    }

    private string Rule(int segment, int variant) => segment switch
    {
        0 => $$$"""{"type":"trait","trait":"plan","op":"eq","value":"{{{plans[variant % 3]}}}"}""",
        1 => $$$"""{"type":"trait","trait":"score","op":"gte","value":{{{variant % 100}}}}""",
        2 => $$$"""{"type":"event","event":"order","count":{"op":"gte","n":{{{1 + (variant % 6)}}}}}""",
        3 => $$$"""{"type":"event_aggregate","event_in":["order","refund"],"property":"value","fn":"sum","op":"gte","value":{{{variant % 300}}},"window":{"last":{"amount":90,"unit":"day"}} }""",
        4 => $$$"""{"and":[{"type":"segment","segment_id":"{{{segments[0]}}}","op":"in"},{"type":"event","event":"refund","where":{"type":"property","property":"value","op":"gte","value":{{{variant % 50}}}}}]}""",
        _ => $$$"""{"or":[{"not":{"type":"segment","segment_id":"{{{segments[1]}}}","op":"in"}},{"type":"event","event":"order","count":{"op":"eq","n":{{{variant % 9}}}}}]}""",
    };

    private static JsonElement Data(int contact, int version) => Some.Json($$$"""{"plan":"{{{plans[(contact + version) % 3]}}}","score":{{{((contact * 31) + (version * 17)) % 100}}},"version":{{{version}}}}""");

    /// <summary>Half of them long ago, all of them far from the edge of any window.</summary>
    private static EventMessage Message(int n) => new()
    {
        Type = "track",
        UserId = UserOf(n),
        Event = n % 4 == 0 ? "refund" : "order",
        MessageId = $"message {n}",
        Timestamp = today.AddDays(n % 2 == 0 ? -200 : -2).AddSeconds(n),
        Properties = Some.Json(string.Create(CultureInfo.InvariantCulture, $$$"""{"n":{{{n}}},"value":{{{n * 37 % 100 / 2m}}}}""")),
    };

    private static string Name(int contact) => $"contact {contact}";

    private static string GuestName(int guest) => $"guest {guest}";

    private static string UserOf(int n) => Name(n % ContactCount);

    private static bool Same(string? one, string? other) => one is null || other is null ? one == other : JsonElement.DeepEquals(Some.Json(one), Some.Json(other));
}
