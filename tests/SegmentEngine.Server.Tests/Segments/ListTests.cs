using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Segments;

public sealed class ListTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_static_segment_has_the_contacts_of_a_file_whoever_is_unknown_is_reported_and_history_says_list()
    {
        var (first, second) = (await Contact(), await Contact());
        var list = Some.Name("press");
        var input = new SegmentInput { Name = Some.Name("invited"), Definition = OnList(list) };
        Assert.Equal(422, await Status(() => server.Client.CreateSegment(input)));

        var written = await Csv($"manage/lists/{Uri.EscapeDataString(list)}/contacts?mode=append", $"name,external_id\r\n\"Ann, of Ghent\",{first}\r\nNobody,\"who is \"\"this\"\"\"\r\nAnn,{first}\r\n");
        Assert.Equal((1, 1, 0), (written.Named, written.Added, written.Removed));
        Assert.Equal([new(3, "who is \"this\"")], written.Unknown);
        _ = await server.Client.Resolve(new(), atLeast: written.Revision);
        var segment = await server.Client.CreateSegment(input);
        var published = await server.Client.PublishSegment(segment.Id);
        Assert.Equal((true, false), (await IsMember(segment.Id, first, published.Revision), await IsMember(segment.Id, second, published.Revision)));

        var more = await server.Client.WriteList(list, [$"external_id:{second}"], ListMode.Append);
        Assert.Equal((true, true), (await IsMember(segment.Id, first, more.Revision), await IsMember(segment.Id, second, more.Revision)));
        Assert.Equal("list", (await server.Client.HistoryOf($"external_id:{second}", limit: 1)).Items[0].Cause);
        Assert.Equal("rule", (await server.Client.HistoryOf($"external_id:{first}", limit: 1)).Items[0].Cause);

        var replaced = await server.Client.WriteList(list, [$"external_id:{second}"], ListMode.Replace);
        Assert.Equal((1, 0, 1), (replaced.Named, replaced.Added, replaced.Removed));
        Assert.Equal((false, true), (await IsMember(segment.Id, first, replaced.Revision), await IsMember(segment.Id, second, replaced.Revision)));
        Assert.Equal(("left", "list"), ((await server.Client.HistoryOf($"external_id:{first}", limit: 1)).Items[0] is var left ? left.Type : "", left.Cause));
        Assert.Equal(1, (await server.Client.ListLists()).Data.Single(each => each.Id == list).Contacts);
        Assert.Equal($"contact_id,external_id\n{await Id(second)},{second}\n", await server.Http(server.Key).GetStringAsync(new Uri($"manage/lists/{Uri.EscapeDataString(list)}/contacts", UriKind.Relative)));

        var used = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.DeleteList(list));
        Assert.Equal((409, "used_by_segment"), (used.Status, Assert.Single(used.Details).Code));
        _ = await server.Client.DeleteSegment(segment.Id);
        _ = await server.Client.DeleteList(list);
        Assert.DoesNotContain(list, (await server.Client.ListLists()).Data.Select(static each => each.Id));
        Assert.Equal(404, await Status(() => server.Client.DeleteList(list)));
    }

    [Fact]
    public async Task Exclude_goes_before_include_and_include_before_the_rule_and_explanation_says_which()
    {
        var (pro, free, other) = (await Contact("pro"), await Contact("free"), await Contact("free"));
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var included = await server.Client.WriteSegmentList(segment.Id, SegmentListKind.Include, [$"external_id:{free}"], ListMode.Append);
        Assert.Equal((true, true, false), (await IsMember(segment.Id, pro, included.Revision), await IsMember(segment.Id, free, included.Revision), await IsMember(segment.Id, other, included.Revision)));
        Assert.Equal("list", (await server.Client.HistoryOf($"external_id:{free}", limit: 1)).Items[0].Cause);

        var excluded = await server.Client.WriteSegmentList(segment.Id, SegmentListKind.Exclude, [$"external_id:{free}", $"external_id:{pro}"], ListMode.Append);
        Assert.Equal((false, false), (await IsMember(segment.Id, pro, excluded.Revision), await IsMember(segment.Id, free, excluded.Revision)));
        var why = (await server.Client.Explain(segment.Id, $"external_id:{pro}")).Explanation!;
        Assert.Equal(("false", "$.and[0].not", "true"), (why.Truth, why.Parts[0].Parts[0].Path, why.Parts[0].Parts[0].Truth));

        // A contact's own write of its lists says nothing of these.
        var saved = await server.Client.SaveContact(new() { ExternalId = free, Lists = ["press"] });
        Assert.False(await IsMember(segment.Id, free, saved.Revision));
        Assert.Equal(["press"], (await server.Client.GetContact($"external_id:{free}")).Lists);

        // The preview of an edit knows them too.
        var preview = await server.Client.PreviewRule(new() { SegmentId = segment.Id, Definition = Some.Json("""{"type":"all_contacts"}""") });
        Assert.DoesNotContain(await Id(pro), preview.Entering.Sample.Select(static contact => contact.Id));

        var back = await server.Client.WriteSegmentList(segment.Id, SegmentListKind.Exclude, [], ListMode.Replace);
        Assert.Equal((2, true, true), (back.Removed, await IsMember(segment.Id, pro, back.Revision), await IsMember(segment.Id, free, back.Revision)));

        await server.Restart();
        Assert.Equal((true, true, false), (await IsMember(segment.Id, pro, back.Revision), await IsMember(segment.Id, free, back.Revision), await IsMember(segment.Id, other, back.Revision)));
    }

    [Fact]
    public async Task A_segment_made_again_under_the_id_of_one_that_had_lists_has_none()
    {
        var free = await Contact("free");
        var id = (await server.Publish(Some.Name("pros"), Some.ProRule)).Id;
        var included = await server.Client.WriteSegmentList(id, SegmentListKind.Include, [$"external_id:{free}"], ListMode.Append);
        Assert.True(await IsMember(id, free, included.Revision));
        _ = await server.Client.DeleteSegment(id);
        _ = await server.Database.Segments.Create(server.Workspace, Some.Name("pros"), null, null, SegmentEngine.Contacts.Instant.From(DateTimeOffset.UtcNow), new(id));
        _ = await server.Client.EditSegment(id, new() { Definition = Some.Json(Some.ProRule) });
        _ = await server.Client.PublishSegment(id);
        var later = await server.Client.WriteSegmentList(id, SegmentListKind.Include, [], ListMode.Append);
        Assert.False(await IsMember(id, free, later.Revision));
    }

    [Theory]
    [InlineData("?mode=append", "text/csv", "name\nAnn\n", "the first line must name the columns")]
    [InlineData("?mode=append", "text/csv", "external_id\n\"never closed\n", "line 2")]
    [InlineData("?mode=append", "text/csv", "contact_id\n12\n", "\"12\" is no UUID")]
    [InlineData("?mode=append", "text/csv", "external_id,email\nu1,\n,\n", "line 3 names nobody")]
    [InlineData("?mode=append", "text/csv", "", "the first line must name the columns")]
    [InlineData("?mode=append", "application/json", """{"contacts":["u1"]}""", "\"u1\" names no contact")]
    [InlineData("?mode=append", "application/json", """{"contacts":[null]}""", "must not be null")]
    [InlineData("?mode=add", "application/json", """{"contacts":[]}""", "say what becomes of the list")]
    [InlineData("", "text/csv", "external_id\nu1\n", "say what becomes of the list")]
    public async Task What_cannot_be_read_is_refused_with_its_place_and_changes_nothing(string query, string mediaType, string body, string says)
    {
        var refused = await server.Refused(HttpMethod.Post, $"manage/lists/refused/contacts{query}", body, mediaType);
        Assert.Equal(400, refused.StatusCode);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", (await server.Client.ListLists()).Data.Select(static list => list.Id));
    }

    [Fact]
    public async Task The_name_of_a_segments_own_list_is_nobody_elses_to_give()
    {
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var own = $"segment:{segment.Id}:include";
        Assert.Equal(400, (await server.Refused(HttpMethod.Post, $"manage/lists/{Uri.EscapeDataString(own)}/contacts?mode=append", """{"contacts":[]}""")).StatusCode);
        Assert.Equal(400, (await server.Refused(HttpMethod.Post, "contacts", $$"""{"external_id":"u","lists":["{{own}}"]}""")).StatusCode);
        Assert.Equal(404, await Status(() => server.OtherClient.WriteSegmentList(segment.Id, SegmentListKind.Include, [], ListMode.Append)));
    }

    private static JsonElement OnList(string list) => Some.Json($$"""{"type":"list","list_id":{{JsonSerializer.Serialize(list)}},"op":"in"}""");

    private async Task<ListWritten> Csv(string path, string csv)
    {
        using var body = new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));
        using var answer = await server.Http(server.Key).PostAsync(new Uri(path, UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize(text, WireJson.Default.ListWritten)!;
    }

    private async Task<string> Contact(string? plan = null)
    {
        var contact = Some.Contact(plan);
        _ = await server.Client.SaveContact(contact);
        return contact.ExternalId!;
    }

    private async Task<Guid> Id(string user) => (await server.Client.GetContact($"external_id:{user}")).Id;

    private async Task<bool> IsMember(Guid segment, string user, long revision) => (await Patience.Ask(() => server.Client.Check(segment, $"external_id:{user}", atLeast: revision))).IsMember;

    private static async Task<int> Status(Func<Task> call) => (await Assert.ThrowsAsync<SegmentEngineException>(call)).Status;
}
