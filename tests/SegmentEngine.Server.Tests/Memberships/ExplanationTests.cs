using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Memberships;

/// <summary>Why a contact is in a segment, and what it entered and left.</summary>
public sealed class ExplanationTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Rule = """
        {"and":[{"type":"trait","trait":"plan","op":"eq","value":"pro"},{"or":[{"type":"event","event":"login","window":{"last":{"amount":30,"unit":"day"}}},{"type":"trait","trait":"vip","op":"eq","value":true}]}]}
        """;

    [Fact]
    public async Task Each_condition_says_its_answer_what_it_saw_and_when_it_changes()
    {
        var contact = Some.Contact(plan: "pro");
        var saved = await server.Client.SaveContact(contact);
        var login = DateTimeOffset.UtcNow.AddDays(-10);
        _ = await server.Client.SendEvents(new() { Batch = [new EventMessage { Type = "track", UserId = contact.ExternalId!, Event = "login", Timestamp = login }] });
        var segment = await server.Publish(Some.Name("active"), Rule);

        var explained = await server.Client.Explain(segment.Id, Named(contact));
        Assert.Equal((true, "member", saved.Id, 1), (explained.IsMember, explained.Status, explained.ContactId, explained.RuleRevision));
        var root = explained.Explanation!;
        Assert.Equal(("$", "all", "true", 2), (root.Path, root.Of, root.Truth, root.Parts.Count));
        Assert.Equal(("true", "pro", "$.and[0]"), (root.Parts[0].Truth, root.Parts[0].Seen!.Value.GetString(), root.Parts[0].Path));
        Assert.Equal("trait", root.Parts[0].Condition!.Value.GetProperty("type").GetString());
        Assert.Contains("plan", root.Parts[0].Text, StringComparison.Ordinal);
        var either = root.Parts[1];
        Assert.Equal(("any", "true"), (either.Of, either.Truth));
        Assert.Equal(("true", "false"), (either.Parts[0].Truth, either.Parts[0].NextTruth));
        Assert.InRange(either.Parts[0].NextChange!.Value, login.AddDays(30).AddSeconds(-1), login.AddDays(30).AddSeconds(1));
        Assert.Equal("missing", either.Parts[1].Reason);

        var reader = await server.Publish(Some.Name("reader"), Some.RuleOn(segment.Id));
        var within = (await server.Client.Explain(reader.Id, Named(contact))).Explanation!;
        while (within.Parts.Count > 0)
        {
            within = within.Parts[0];
        }

        Assert.Equal((segment.Name, true), (within.Segment, within.Seen!.Value.GetBoolean()));

        var changed = await server.Client.UpdateContact(Named(contact), new() { CustomData = Some.Json("""{"plan":"free"}""") });
        var left = await server.Client.Explain(segment.Id, Named(contact), atLeast: changed.Revision);
        Assert.Equal((false, "not_member", "false", "free"), (left.IsMember, left.Status, left.Explanation!.Truth, left.Explanation.Parts[0].Seen!.Value.GetString()));
    }

    [Fact]
    public async Task Values_are_shown_to_keys_that_may_read_contacts_alone()
    {
        var contact = Some.Contact(plan: "pro");
        _ = await server.Client.SaveContact(contact);
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var reader = server.Connect(await server.NewKey(server.Workspace, [Scopes.SegmentsRead]));
        var text = JsonSerializer.Serialize(await reader.Explain(segment.Id, Named(contact)), WireJson.Default.MembershipExplanation);
        Assert.DoesNotContain("\"seen\"", text, StringComparison.Ordinal);
        Assert.Contains("\"truth\":\"true\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_404_and_anothers_is_not_there()
    {
        var contact = Some.Contact(plan: "pro");
        _ = await server.Client.SaveContact(contact);
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        foreach (var call in new Func<Task>[]
        {
            () => server.Client.Explain(segment.Id, "external_id:nobody"), () => server.Client.Explain(Guid.NewGuid(), Named(contact)), () => server.OtherClient.Explain(segment.Id, Named(contact)),
            () => server.Client.HistoryOf("external_id:nobody"), () => server.Client.HistoryOfSegment(Guid.NewGuid()), () => server.OtherClient.HistoryOfSegment(segment.Id), () => server.OtherClient.HistoryOf(Named(contact)),
        })
        {
            Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(call)).Status);
        }
    }

    [Fact]
    public async Task Entering_and_leaving_is_told_newest_first_with_its_cause_page_by_page()
    {
        var contacts = Enumerable.Range(0, 5).Select(static _ => Some.Contact(plan: "trial")).ToList();
        _ = await server.Client.SaveContacts(new() { Contacts = contacts });
        var segment = await server.Publish(Some.Name("trials"), """{"type":"trait","trait":"plan","op":"eq","value":"trial"}""");
        var left = await server.Client.UpdateContact(Named(contacts[0]), new() { CustomData = Some.Json("""{"plan":"pro"}""") });
        _ = await server.Client.Check(segment.Id, Named(contacts[0]), atLeast: left.Revision);

        var seen = new List<MembershipEvent>();
        string? cursor = null;
        do
        {
            var page = await server.Client.HistoryOfSegment(segment.Id, cursor, limit: 2);
            Assert.InRange(page.Items.Count, 1, 2);
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal([("left", "data"), .. Enumerable.Repeat(("entered", "rule"), 5)], seen.Select(static change => (change.Type, change.Cause)));
        Assert.Equal(5, seen.Skip(1).Select(static change => change.ContactId).Distinct().Count());
        Assert.Equal([("left", segment.Id), ("entered", segment.Id)], (await server.Client.HistoryOf(Named(contacts[0]))).Items.Select(static change => (change.Type, change.SegmentId)));
        Assert.Equal("cursor", Assert.Single((await server.Refused(HttpMethod.Get, $"/contacts/segments/{segment.Id}/history?cursor=x", null)).Details!).Path);
        Assert.Equal("limit", Assert.Single((await server.Refused(HttpMethod.Get, $"/contacts/segments/{segment.Id}/history?limit=0", null)).Details!).Path);
    }

    private static string Named(ContactInput contact) => $"external_id:{contact.ExternalId}";
}
