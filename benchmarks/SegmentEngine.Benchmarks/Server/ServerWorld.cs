using System.Globalization;
using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Benchmarks.Server;

/// <summary>
/// A database file for a server to be measured with: contacts with eight traits, events of ten names, 200 published segments, a key. The segments are those of <c>rules-samples/</c> in four kinds of 50:
/// traits alone; how many events in a window, and a trait; the sum of an order's value in a window; the last event, in another segment.
/// </summary>
internal sealed class ServerWorld
{
    public const int Segments = 200;
    public const string ProbeTrait = "probe";

    private const int Kinds = 4;
    private const int ItemsPerWrite = 5_000;

    private static readonly string[] plans = ["free", "trial", "starter", "pro", "enterprise"];
    private static readonly string[] events = ["login", "order_placed", "ticket_created", "ticket_resolved", "csat_submitted", "feature_used", "mail_opened", "page_viewed", "invoice_paid", "agent_replied"];

    public enum Rules
    {
        Usual,

        /// <summary>The segments by traits take a sixth of all contacts each, instead of a fiftieth.</summary>
        Wide,

        /// <summary>Every segment but the first has a condition on the events of a window, none like another's.</summary>
        Timed,
    }

    public required string File { get; init; }
    public required string Key { get; init; }
    public required WorkspaceId Workspace { get; init; }

    /// <summary>Whose members have the trait <see cref="ProbeTrait"/>.</summary>
    public required SegmentId Probe { get; init; }

    public static async Task<ServerWorld> Make(string folder, int contacts, int events, Rules rules = Rules.Usual)
    {
        var now = Instant.From(DateTimeOffset.UtcNow);
        var file = Path.Combine(folder, "segments.db");
        using var database = SegmentDatabase.Open(file, now);
        var workspace = (await database.Workspaces.Create("load", "UTC", now)).Id;
        _ = await database.Workspaces.SetTraitSchema(workspace, Schema);
        var random = new Random(7);
        for (var first = 0; first < contacts; first += ItemsPerWrite)
        {
            var batch = Enumerable.Range(first, Math.Min(ItemsPerWrite, contacts - first)).Select(i => new ContactWrite { ExternalId = User(i), CustomData = JsonElement.Parse(Traits(random)) });
            _ = await database.Ingest.Write(workspace, [.. batch], now, createContacts: true);
        }

        for (var first = 0; first < events; first += ItemsPerWrite)
        {
            var batch = Enumerable.Range(0, Math.Min(ItemsPerWrite, events - first)).Select(_ =>
            {
                var (name, properties) = Event(random);
                return new EventWrite { User = User(random.Next(contacts)), Name = name, At = now.Plus(TimeSpan.FromMinutes(-random.Next(120 * 1_440))), Properties = JsonElement.Parse(properties) };
            });
            _ = await database.Ingest.Write(workspace, [.. batch], now, createContacts: true);
        }

        var probe = default(SegmentId);
        for (var i = 0; i < Segments; i++)
        {
            var segment = (await database.Segments.Create(workspace, $"segment {i}", null, null, now, IdOf(i))).Value;
            probe = i == 0 ? segment.Id : probe;
            _ = await database.Segments.Publish(workspace, segment.Id, JsonElement.Parse(Definition(i, rules)).GetRawText(), null, null, now);
        }

        var (_, key) = await database.Keys.Create(workspace, "load", ["contacts:write", "contacts:read", "segments:read", "manage"], now);
        return new() { File = file, Key = key, Workspace = workspace, Probe = probe };
    }

    /// <summary>How many memberships are stored; no server may own the file.</summary>
    public static long Memberships(ServerWorld world)
    {
        using var database = SegmentDatabase.Open(world.File, Instant.From(DateTimeOffset.UtcNow));
        return database.Segments.All(world.Workspace).Sum(segment => database.Memberships.Count(world.Workspace, segment.Id));
    }

    public static string User(int i) => string.Create(CultureInfo.InvariantCulture, $"user-{i}");

    /// <summary>The body of a batch of contacts: every second one is new, the others change.</summary>
    public static byte[] ContactBatch(Random random, int count, int known, ref int next)
    {
        var body = new StringBuilder("{\"contacts\":[");
        for (var i = 0; i < count; i++)
        {
            var user = i % 2 == 0 ? next++ : random.Next(known);
            _ = body.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$"""{"external_id":"{{User(user)}}","name":"Contact {{user}}","custom_data":{{Traits(random)}}}""");
        }

        return Encoding.UTF8.GetBytes(body.Append("]}").ToString());
    }

    /// <summary>The body of a batch of events of contacts that exist, each with a message id of its own.</summary>
    public static byte[] EventBatch(Random random, int count, int known, string messages)
    {
        var body = new StringBuilder("{\"batch\":[");
        var now = DateTimeOffset.UtcNow;
        for (var i = 0; i < count; i++)
        {
            var (name, properties) = Event(random);
            var at = now.AddSeconds(-random.Next(3_600)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            _ = body.Append(i == 0 ? "" : ",").Append(
                CultureInfo.InvariantCulture,
                $$"""{"type":"track","userId":"{{User(random.Next(known))}}","event":"{{name}}","timestamp":"{{at}}","messageId":"{{messages}}-{{i}}","properties":{{properties}}}""");
        }

        return Encoding.UTF8.GetBytes(body.Append("]}").ToString());
    }

    private static SegmentId IdOf(int i) => new(new Guid(i + 1, 0, 0, new byte[8]));

    private static string Definition(int i, Rules rules) => (rules, i % Kinds) switch
    {
        (Rules.Wide, 0) when i > 0 => Wide(i / Kinds),
        (Rules.Timed, 0 or 2) when i > 0 => Definition((i * Kinds) + 1),
        (Rules.Timed, 1 or 3) => Definition((i * Kinds) + 2),
        _ => Definition(i),
    };

    private static string Definition(int i)
    {
        var n = i / Kinds;
        return i == 0 ? Rule($$"""{"type":"trait","trait":"{{ProbeTrait}}","op":"eq","value":"in"}""") : (i % Kinds) switch
        {
            0 => Rule($$"""{"type":"trait","trait":"country","op":"eq","value":"c{{n % 30}}"},{"type":"trait","trait":"score","op":"gte","value":{{200 + (n * 7)}}}"""),
            1 => Rule(Inv($$$"""{"type":"event","event":"{{{events[n % events.Length]}}}","count":{"op":"gte","n":{{{1 + (n % 3)}}} },"window":{"last":{"amount":{{{3 + (n % 28)}}},"unit":"day"} } },{"type":"trait","trait":"plan","op":"eq","value":"{{{plans[n % plans.Length]}}}"}""")),
            2 => Rule(Inv($$$"""{"type":"event_aggregate","event":"order_placed","property":"value","fn":"sum","op":"gte","value":{{{200 + (n * 20)}}},"window":{"last":{"amount":{{{7 + (n * 2)}}},"unit":"day"} } }""")),
            _ => Rule(Inv($$$"""{"type":"event_last","event":"csat_submitted","is":{"type":"property","property":"score","op":"lte","value":{{{1 + (n % 4)}}} } },{"type":"segment","op":"in","segment_id":"{{{IdOf(((n % 49) + 1) * Kinds)}}}"}""")),
        };
    }

    /// <summary>About a sixth of all contacts, so that a contact is in ten segments.</summary>
    private static string Wide(int n) => Rule($$"""{"type":"trait","trait":"score","op":"gte","value":{{700 + (n * 5)}}}""");

    private static string Rule(string leaves) => $$"""{"or":[{"and":[{{leaves}}]}]}""";

    private static string Inv(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Traits(Random random) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"plan":"{{plans[random.Next(plans.Length)]}}","country":"c{{random.Next(30)}}","language":"l{{random.Next(12)}}","seats":{{random.Next(500)}},"mrr":{{random.Next(100_000) / 100m}},"score":{{random.Next(1_000)}},"vip":{{(random.Next(10) == 0 ? "true" : "false")}},"since":"202{{random.Next(6)}}-0{{1 + random.Next(9)}}-15"}""");

    private static (string Name, string Properties) Event(Random random)
    {
        var name = events[random.Next(events.Length)];
        return (name, name switch
        {
            "order_placed" => string.Create(CultureInfo.InvariantCulture, $$"""{"value":{{random.Next(1, 50_000) / 100m}},"order_id":"o-{{random.Next()}}"}"""),
            "csat_submitted" => string.Create(CultureInfo.InvariantCulture, $$"""{"score":{{random.Next(1, 6)}}}"""),
            _ => string.Create(CultureInfo.InvariantCulture, $$"""{"channel":"ch{{random.Next(5)}}"}"""),
        });
    }

    private const string Schema =
        """{"traits":{"plan":"string","country":"string","language":"string","seats":"number","mrr":"number","score":"number","vip":"boolean","since":"date","probe":"string"}}""";
}
