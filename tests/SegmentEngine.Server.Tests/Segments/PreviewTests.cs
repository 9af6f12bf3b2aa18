using System.Net.Http.Json;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Segments;

/// <summary>What an edit would change is what it changes.</summary>
public sealed class PreviewTests(TestServer server) : IClassFixture<TestServer>
{
    private const string All = """{"type":"trait","trait":"group","op":"eq","value":"all"}""";

    [Fact]
    public async Task What_a_preview_says_is_what_the_publish_does()
    {
        // Scores 0 to 19; the last four have none.
        var group = Some.Name("group");
        string Rule(int least) => $$"""{"and":[{"type":"trait","trait":"group","op":"eq","value":"{{group}}"},{"type":"trait","trait":"score","op":"gte","value":{{least}}}]}""";
        var contacts = Enumerable.Range(0, 24).Select(i => new ContactInput { ExternalId = Some.Name("scored"), CustomData = Some.Json(i < 20 ? $$"""{"group":"{{group}}","score":{{i}}}""" : $$"""{"group":"{{group}}"}""") }).ToList();
        _ = await server.Client.SaveContacts(new() { Contacts = contacts });
        var high = await server.Publish(Some.Name("high"), Rule(15));
        var others = await server.Publish(Some.Name("others"), $$"""{"and":[{"type":"trait","trait":"group","op":"eq","value":"{{group}}"},{"not":{"type":"segment","op":"in","segment_id":"{{high.Id}}"} }]}""");
        var action = await server.Client.CreateAction(new() { Name = Some.Name("refund"), RestrictedToSegments = [high.Id] });
        var instruction = await server.Client.CreateInstruction(new() { Title = Some.Name("be brief"), Content = "Be brief.", RestrictedToSegments = [others.Id] });
        _ = await server.Client.CreateAction(new() { Name = Some.Name("both"), RestrictedToSegments = [high.Id, others.Id] });

        var lower = new RuleQuestion { SegmentId = high.Id, Definition = Some.Json(Rule(12)) };
        var preview = await server.Client.PreviewRule(lower);
        Assert.Equal((8, 3, 0), (preview.Count, preview.Entering.Count, preview.Leaving.Count));
        Assert.Equal([12, 13, 14], preview.Entering.Sample.Select(static contact => contact.CustomData!.Value.GetProperty("score").GetInt32()).Order());
        var score = Assert.Single(preview.Conditions, static condition => condition.Path == "$.and[1]");
        Assert.True(score is { Count: >= 8, Missing: >= 4 });
        Assert.Equal([new("$", 8)], preview.Groups);
        var changed = Assert.Single(preview.Segments);
        Assert.Equal((others.Id, others.Name, 0, 3), (changed.Id, changed.Name, changed.Entering, changed.Leaving));
        Assert.Equal((action.Id, 3, 0), (Assert.Single(preview.Actions) is var opened ? (opened.Id, opened.Opens, opened.Closes) : default));
        Assert.Equal((instruction.Id, 0, 3), (Assert.Single(preview.Instructions) is var closed ? (closed.Id, closed.Opens, closed.Closes) : default));
        Assert.Equal(contacts[12..15].Select(static contact => contact.ExternalId).Order(), (await Stream(lower, "entering")).Order());
        Assert.Equal(8, (await Stream(lower, "members")).Count);
        Assert.Empty(await Stream(lower, "leaving"));

        _ = await server.Client.EditSegment(high.Id, new() { Definition = lower.Definition });
        var published = await server.Client.PublishSegment(high.Id);
        Assert.Equal((8, 16), ((await server.Client.ListMembers(high.Id, atLeast: published.Revision)).Total, (await server.Client.ListMembers(others.Id)).Total));
        var none = await server.Client.PreviewRule(lower);
        Assert.Equal((8, 0, 0, 0, 0), (none.Count, none.Entering.Count, none.Segments.Count, none.Actions.Count, none.Instructions.Count));

        var higher = await server.Client.PreviewRule(lower with { Definition = Some.Json(Rule(18)) });
        Assert.Equal((2, 0, 6), (higher.Count, higher.Entering.Count, higher.Leaving.Count));
        Assert.Equal((6, 0), (higher.Segments[0].Entering, higher.Segments[0].Leaving));
        Assert.Equal((0, 6, 6, 0), (higher.Actions[0].Opens, higher.Actions[0].Closes, higher.Instructions[0].Opens, higher.Instructions[0].Closes));
    }

    [Fact]
    public async Task Of_a_rule_that_is_nobodys_yet_all_enter()
    {
        var contact = new ContactInput { ExternalId = Some.Name("one"), CustomData = Some.Json("""{"group":"all"}""") };
        _ = await server.Client.SaveContact(contact);
        var preview = await server.Client.PreviewRule(new() { Definition = Some.Json(All) });
        Assert.Equal((1, 1, 0), (preview.Count, preview.Entering.Count, preview.Leaving.Count));
        Assert.Equal([contact.ExternalId!], await Stream(new() { Definition = Some.Json(All) }, "entering"));
    }

    [Fact]
    public async Task Parts_have_names_and_a_bad_rule_is_422_here_too()
    {
        Assert.Equal("part", Assert.Single((await server.Refused(HttpMethod.Post, "/manage/segments/preview/contacts?part=everyone", $$"""{"definition":{{All}}}""")).Details!).Path);
        Assert.Equal(422, (await server.Refused(HttpMethod.Post, "/manage/segments/preview/contacts", """{"definition":{"type":"nonsense"}}""")).StatusCode);
        Assert.Equal(404, (await server.Refused(HttpMethod.Post, "/manage/segments/preview", $$"""{"definition":{{All}},"segment_id":"{{Guid.NewGuid()}}"}""")).StatusCode);
    }

    [Fact]
    public async Task Of_one_contact_a_rule_says_what_it_would_make_of_it_and_why()
    {
        var (pro, free) = (Some.Contact("pro"), Some.Contact("free"));
        _ = await server.Client.SaveContact(pro);
        var saved = await server.Client.SaveContact(free);
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        var draft = new RuleQuestion { SegmentId = pros.Id, Definition = Some.Json("""{"type":"trait","trait":"plan","op":"eq","value":"free"}""") };
        var leaves = await server.Client.PreviewContact(draft, $"external_id:{pro.ExternalId}");
        var enters = await server.Client.PreviewContact(draft, saved.Id.ToString());
        Assert.Equal((true, false, "false"), (leaves.IsMember, leaves.WouldBeMember, leaves.Explanation.Truth));
        Assert.Equal((false, true, "true"), (enters.IsMember, enters.WouldBeMember, enters.Explanation.Truth));
        _ = await server.Client.WriteSegmentList(pros.Id, SegmentListKind.Exclude, [saved.Id.ToString()], ListMode.Append);
        Assert.False((await server.Client.PreviewContact(draft, saved.Id.ToString())).WouldBeMember);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.PreviewContact(draft, "external_id:nobody"))).Status);
        Assert.Equal(422, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.PreviewContact(draft with { Definition = Some.Json("""{"type":"list","list_id":"none","op":"in"}""") }, saved.Id.ToString()))).Status);
    }

    private async Task<List<string>> Stream(RuleQuestion question, string part)
    {
        using var answer = await server.Http(server.Key).PostAsJsonAsync($"/manage/segments/preview/contacts?part={part}", question, WireJson.Default.RuleQuestion);
        return [.. (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line).GetProperty("external_id").GetString()!)];
    }
}
