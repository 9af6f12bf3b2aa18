using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Security;

/// <summary>Texts that have meant something to SQL, a shell, a header, a terminal or a spreadsheet are stored, filtered, exported and taken in again as they are.</summary>
public sealed class OddNamesTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly string[] odd =
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''=1", "'quoted", "\"double\"", "a,b;c", "line\r\nbreak", "\nfirst", "tab\tin", "\u202Ertl", "\u200fmark", "'; drop table contacts; --", "%s%n", "{0} {{key}}", "😀", "e\u0301", "é",
        " spaced ", "null", "<script>alert(1)</script>", "\\", "\u0085\u2028", "\u001b[31mred", "＝1", "$.a[0]", "a.b", "a/b?c#d%2F",
    ];

    [Fact]
    public async Task They_are_stored_filtered_exported_and_taken_in_again_as_they_are()
    {
        var contacts = odd.Select(static text => new ContactInput { ExternalId = text, Name = text, CustomData = JsonSerializer.SerializeToElement(new Dictionary<string, string> { [text] = text, ["odd\0"] = text + "\0" }) }).ToList();
        var saved = await server.Client.SaveContacts(new() { Contacts = contacts });
        Assert.Equal((odd.Length, 0), (saved.Accepted, saved.Refused.Count));
        var segments = new Dictionary<string, (Guid Id, string Name)>();
        foreach (var text in odd)
        {
            var rule = new JsonObject { ["type"] = "trait", ["trait"] = text.Replace(".", "\\.", StringComparison.Ordinal), ["op"] = "eq", ["value"] = text };

            // Two that look alike may not have one name.
            var name = $"{text}\0{segments.Count}";
            segments[text] = ((await server.Publish(name, rule.ToJsonString())).Id, name);
        }

        // Found again by name, and only by its own.
        foreach (var text in odd)
        {
            var (segment, name) = segments[text];
            Assert.Equal(name, (await server.Client.GetSegment(segment, atLeast: saved.Revision)).Name);
            Assert.Equal([text], (await server.Client.ListMembers(segment)).Items.Select(static member => member.ExternalId));
            Assert.True((await server.Client.Check(segment, $"external_id:{text}")).IsMember, text);
            Assert.Equal(text, (await server.Client.GetContact($"external_id:{text}")).Name);
        }

        // Everything over to another workspace, as JSON.
        var exported = (await server.Client.ListContacts(limit: 100)).Items;
        var taken = await server.OtherClient.SaveContacts(new() { Contacts = [.. exported.Select(static contact => new ContactInput { Id = null, ExternalId = contact.ExternalId, Name = contact.Name, CustomData = contact.CustomData })] });
        Assert.Equal(odd.Length, taken.Accepted);
        foreach (var contact in exported)
        {
            var again = await server.OtherClient.GetContact($"external_id:{contact.ExternalId}");
            Assert.Equal((contact.ExternalId, contact.Name), (again.ExternalId, again.Name));
            Assert.True(JsonElement.DeepEquals(contact.CustomData!.Value, again.CustomData!.Value), contact.ExternalId);
            Assert.Equal(contact.ExternalId + "\0", again.CustomData.Value.GetProperty("odd\0").GetString());
        }

        // The members, as CSV: no field is a formula, and a list made from it has whom it names.
        var everyone = await server.Publish(Some.Name("everyone"), Some.EveryoneRule);
        var csv = await server.Http(server.Key).GetByteArrayAsync(new Uri($"contacts/segments/{everyone.Id}/contacts?format=csv", UriKind.Relative));
        using (var reader = CsvReader.Create(new MemoryStream(csv)))
        {
            var rows = 0;
            for (; reader.Read(); rows++)
            {
                Assert.DoesNotContain(reader.GetString(1)[0], "=+-@\t\r＝");
            }

            Assert.Equal(odd.Length, rows);
        }

        using var list = new ByteArrayContent(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(csv).Replace("contact_id,", "theirs,", StringComparison.Ordinal))) { Headers = { ContentType = new("text/csv") } };
        using var written = await server.Http(await server.NewKey(server.OtherWorkspace, [.. Scopes.All])).PostAsync(new Uri($"manage/lists/{Uri.EscapeDataString("=a,\"list\"/ü")}/contacts?mode=append", UriKind.Relative), list);
        var answer = JsonElement.Parse(await written.Content.ReadAsStringAsync());
        Assert.True(written.IsSuccessStatusCode, answer.ToString());
        Assert.Equal((odd.Length, 0), (answer.GetProperty("named").GetInt32(), answer.GetProperty("unknown").GetArrayLength()));
        Assert.Equal("=a,\"list\"/ü", Assert.Single((await server.OtherClient.ListLists()).Data).Id);
    }

    [Fact]
    public async Task What_cannot_be_a_name_is_refused_and_said_to_be()
    {
        foreach (var (path, body) in new[] { ("contacts", """{"external_id":"a\u0000b"}"""), ("contacts", """{"email":"a\u0000b"}"""), ("actions", """{"name":"a\u0000b"}""") })
        {
            var refused = await server.Refused(HttpMethod.Post, path, body);
            Assert.Equal((400, "this must not hold the character U+0000"), (refused.StatusCode, refused.Details![0].Message));
        }
    }
}
