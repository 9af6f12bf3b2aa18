using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Cli.Tests.Support;
using SegmentEngine.Client;
using SegmentEngine.Contacts;

namespace SegmentEngine.Cli.Tests.Verbs;

/// <summary>Real files into a real server: what it then answers is what the cases expect.</summary>
[Collection(RunningServer.Shared)]
public sealed class RealImportTests(RunningServer server) : IDisposable
{
    private static readonly string[] traits = ["birthday", "state", "party", "thomas_id", "address"];

    private readonly TempFolder files = new();

    public void Dispose() => files.Dispose();

    [SharedFact]
    public async Task Members_of_Congress_are_the_same_from_JSON_Lines_and_from_CSV()
    {
        using var tenant = await server.NewWorkspace();
        (await tenant.Import("contacts", Copy("data", "congress", "contacts.jsonl.gz"))).TookAll(12_767, already: 0);
        (await tenant.Import("events", Copy("data", "congress", "events.jsonl.gz"))).TookAll(2_792, already: 0);
        using var other = await server.NewWorkspace();
        var map = files.Write("map.json", """
            {"columns":{"bioguide_id":"external_id","full_name":"name","phone":"phone_number","birthday":{"to":"custom_data.birthday","type":"date"},
              "district":{"to":"custom_data.district","type":"integer"},"fec_ids":{"to":"custom_data.fec_ids","type":"list<string>"}}}
            """);
        (await other.Import("contacts", Copy("data", "congress", "raw", "legislators-current.csv"), "--map", map)).TookAll(537, already: 0);
        var (lines, csv) = (tenant.Contact("C000127"), other.Contact("C000127"));
        Assert.Equal((lines.Name, lines.PhoneNumber), (csv.Name, csv.PhoneNumber));
        Assert.All(traits, trait => Assert.Equal(lines.CustomData.GetProperty(trait).GetRawText(), csv.CustomData.GetProperty(trait).GetRawText()));
        Assert.Equal("""["S8WA00194","H2WA01054"]""", csv.CustomData.GetProperty("fec_ids").GetRawText());
    }

    [SharedFact]
    public async Task Companies_of_a_CSV_file_with_line_breaks_in_its_fields_all_go_in()
    {
        using var tenant = await server.NewWorkspace();
        var map = files.Write("map.json", """{"columns":{"company_name_id":"external_id","company_name":"name","last_updated":{"to":"custom_data.last_updated","type":"datetime","zone":"UTC"}}}""");
        (await tenant.Import("contacts", Copy("data", "opendata500", "raw", "us_companies.csv"), "--map", map)).TookAll(529, already: 0);
        Assert.EndsWith("Z", tenant.Contact("3-round-stones-inc").CustomData.GetProperty("last_updated").GetString(), StringComparison.Ordinal);
    }

    [SharedFact]
    public async Task The_shop_in_the_server_has_the_members_of_its_cases_for_every_contact()
    {
        using var tenant = await server.NewWorkspace();
        (await tenant.Import("contacts", Copy("data", "online-retail", "contacts.jsonl.gz"))).TookAll(4_372, already: 0);
        var events = await tenant.Import("events", Copy("data", "online-retail", "events.jsonl.gz"));
        Assert.StartsWith("429,019 lines: 429,019 taken, 0 in already, 0 refused", events.Output, StringComparison.Ordinal);
        _ = await tenant.Client.PutSchema(Json("data", "online-retail", "schema.json").Deserialize(WireJson.Default.Schema)!);
        var expected = new Dictionary<Guid, HashSet<string>>();
        foreach (var file in Directory.EnumerateFiles(Shared.At("cases", "online-retail"), "*.json"))
        {
            var segment = await tenant.Publish(Path.GetFileNameWithoutExtension(file), AsOf(JsonElement.Parse(await File.ReadAllTextAsync(file))));
            expected.Add(segment, [.. await File.ReadAllLinesAsync(Path.ChangeExtension(file, ".txt"))]);
        }

        foreach (var (segment, members) in expected)
        {
            Assert.Equal(members.Order(StringComparer.Ordinal), (await tenant.Client.AllMembers(segment).ToListAsync()).Select(static member => member.ExternalId!).Order(StringComparer.Ordinal));
        }

        IEnumerable<Guid> Of(string external) => expected.Where(segment => segment.Value.Contains(external)).Select(static segment => segment.Key).Order();
        foreach (var contacts in (await tenant.Client.AllContacts().ToListAsync()).Chunk(1_000 / expected.Count))
        {
            var checks = await tenant.Client.CheckMany(new() { Checks = [.. from contact in contacts from segment in expected.Keys select new CheckItem(segment.ToString(), contact.Id.ToString())] });
            var memberships = checks.Results.Where(static result => result.Check!.IsMember).ToLookup(static result => result.Check!.ContactId, static result => result.Check!.SegmentId);
            foreach (var contact in contacts)
            {
                Assert.Equal(Of(contact.ExternalId!), memberships[contact.Id].Order());
                Assert.Equal(Of(contact.ExternalId!), (await tenant.Client.SegmentsOf(contact.Id.ToString())).Data.Select(static segment => segment.Id).Order());
            }
        }
    }

    /// <summary>An import writes down how far it has come beside its file, which the shared folder may not allow.</summary>
    private string Copy(params string[] parts)
    {
        File.Copy(Shared.At(parts), files[parts[^1]], overwrite: true);
        return files[parts[^1]];
    }

    /// <summary>A case's rule with its windows counted back from the case's own time instead of from now: (now − d, now] is from one tick after the one to one tick after the other.</summary>
    private static JsonElement AsOf(JsonElement question)
    {
        var now = question.GetProperty("now").GetDateTimeOffset();
        var rule = JsonNode.Parse(question.GetProperty("rule").GetRawText())!;
        foreach (var leaf in Leaves(rule).Where(static leaf => leaf["window"] is not null).ToList())
        {
            var days = leaf["window"]!["last"]!["amount"]!.GetValue<int>();
            Assert.Equal("day", leaf["window"]!["last"]!["unit"]!.GetValue<string>());
            leaf["window"] = new JsonObject { ["from"] = Text(now.AddDays(-days).AddTicks(1)), ["to"] = Text(now.AddTicks(1)) };
        }

        return JsonElement.Parse(rule.ToJsonString());
    }

    private static string Text(DateTimeOffset time) => Instant.From(time).ToString();

    private static IEnumerable<JsonObject> Leaves(JsonNode? node) => node switch
    {
        JsonObject leaf when leaf["type"] is not null => [leaf],
        JsonObject inner => inner.SelectMany(static field => Leaves(field.Value)),
        JsonArray list => list.SelectMany(Leaves),
        _ => [],
    };

    private static JsonElement Json(params string[] parts) => JsonElement.Parse(File.ReadAllText(Shared.At(parts)));
}
