using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Memberships;

public sealed class MembershipTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task All_four_questions_agree()
    {
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var pro = await server.Client.SaveContact(Some.Contact(plan: "pro"));
        var free = await server.Client.SaveContact(Some.Contact(plan: "free"));

        foreach (var (contact, isMember) in new[] { (pro, true), (free, false) })
        {
            var check = await server.Client.Check(segment.Id, contact.Id.ToString(), atLeast: free.Revision);
            Assert.Equal((isMember, isMember, isMember ? "member" : "not_member"), (check.IsMember, check.IsMemberInCamelCase, check.Status));
            Assert.Equal((segment.Id, contact.Id, false), (check.SegmentId, check.ContactId, check.Stale));
            Assert.Equal(isMember, check.Since is not null);
            Assert.True(check.Revision >= free.Revision);
            Assert.Equal(isMember, (await server.Client.SegmentsOf(contact.Id.ToString())).Data.Any(each => each.Id == segment.Id));
            Assert.Equal(isMember, await server.Client.AllMembers(segment.Id).AnyAsync(member => member.ContactId == contact.Id));
        }
    }

    [Fact]
    public async Task Both_paths_of_a_check_say_the_same_and_both_spellings_are_sent()
    {
        var segment = await server.Publish(Some.Name("everyone"), Some.EveryoneRule);
        var contact = await server.Client.SaveContact(Some.Contact());
        await server.Client.Check(segment.Id, contact.Id.ToString(), atLeast: contact.Revision);
        using var http = server.Http(server.Key);
        var byPath = await http.GetStringAsync(new Uri($"contacts/segments/{segment.Id}/contacts/{contact.Id}", UriKind.Relative));
        var byQuery = await http.GetStringAsync(new Uri($"contacts/segments/{segment.Id}/check?contact_id={contact.Id}", UriKind.Relative));
        Assert.Equal(byPath, byQuery);
        Assert.StartsWith("""{"is_member":true,"isMember":true,""", byPath, StringComparison.Ordinal);
        Assert.Equal(400, (await server.Refused(HttpMethod.Get, $"contacts/segments/{segment.Id}/check", json: null)).StatusCode);
    }

    [Fact]
    public async Task A_batch_says_what_the_single_checks_say_errors_included()
    {
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var (pro, free) = (Some.Contact(plan: "pro"), Some.Contact(plan: "free"));
        await server.Client.SaveContact(pro);
        var revision = (await server.Client.SaveContact(free)).Revision;
        var answer = await server.Client.CheckMany(new()
        {
            Checks =
            [
                new(segment.Id.ToString(), $"external_id:{pro.ExternalId}", "first"),
                new(segment.Id.ToString(), $"external_id:{free.ExternalId}"),
                new(segment.Id.ToString(), "external_id:nobody", "third"),
                new("not-a-uuid", $"external_id:{free.ExternalId}"),
            ],
        }, atLeast: revision);
        Assert.Equal(["first", null, "third", null], answer.Results.Select(result => result.Id));
        Assert.Equal([true, false, null, null], answer.Results.Select(result => result.Check?.IsMember));
        Assert.Equal([null, null, 404, 404], answer.Results.Select(result => result.Error?.StatusCode));
        Assert.All(answer.Results.Where(result => result.Check is not null), result => Assert.Equal(answer.Revision, result.Check!.Revision));
        var single = await server.Client.Check(segment.Id, $"external_id:{pro.ExternalId}");
        Assert.Equal(single, answer.Results[0].Check! with { EvaluatedAt = single.EvaluatedAt, Revision = single.Revision });
    }

    [Fact]
    public async Task A_thousand_and_one_checks_or_none_are_400()
    {
        foreach (var count in new[] { 0, 1_001 })
        {
            var checks = new CheckBatch { Checks = [.. Enumerable.Repeat(new CheckItem(Guid.NewGuid().ToString(), "x"), count)] };
            Assert.Equal(400, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.CheckMany(checks))).Status);
        }

        Assert.Equal(400, (await server.Refused(HttpMethod.Post, "contacts/segments/check", """{"checks":[null]}""")).StatusCode);
    }

    [Fact]
    public async Task Members_come_page_by_page_each_once()
    {
        var plan = Some.Name("plan");
        var saved = await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 25).Select(_ => Some.Contact(plan))] });
        var segment = await server.Publish(Some.Name("paged"), Some.ProRule.Replace("pro", plan, StringComparison.Ordinal));
        var all = new List<Member>();
        string? cursor = null;
        do
        {
            var page = await server.Client.ListMembers(segment.Id, cursor, limit: 10, atLeast: saved.Revision);
            Assert.Equal(25, page.Total);
            all.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(25, all.DistinctBy(member => member.ContactId).Count());
        Assert.All(all, member => Assert.True(member is { ExternalId: not null, Since: not null }));
        Assert.Equal(25, (await server.Client.GetSegment(segment.Id)).MemberCount);
        Assert.Equal(400, (await server.Refused(HttpMethod.Get, $"contacts/segments/{segment.Id}/contacts?cursor=x", json: null)).StatusCode);
        Assert.Equal(400, (await server.Refused(HttpMethod.Get, $"contacts/segments/{segment.Id}/contacts?limit=1001", json: null)).StatusCode);
    }

    [Fact]
    public async Task Pages_go_on_after_a_restart_though_the_contact_that_the_cursor_names_is_gone()
    {
        var restarted = new TestServer();
        await restarted.InitializeAsync();
        try
        {
            await restarted.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 30).Select(_ => Some.Contact())] });
            var segment = await restarted.Publish("everyone", Some.EveryoneRule);
            var read = new List<Guid>();
            var page = await restarted.Client.ListMembers(segment.Id, limit: 4);
            for (; ; )
            {
                read.AddRange(page.Items.Select(member => member.ContactId));
                if (page.Next is null)
                {
                    break;
                }

                await restarted.Client.DeleteContact(read[^1].ToString());
                if (read.Count % 8 == 0)
                {
                    await restarted.Restart();
                }

                page = await restarted.Client.ListMembers(segment.Id, page.Next, limit: 4);
            }

            Assert.Equal((30, 30), (read.Count, read.Distinct().Count()));
        }
        finally
        {
            await restarted.DisposeAsync();
        }
    }

    [Fact]
    public async Task All_members_stream_as_csv_or_as_json_lines()
    {
        var plan = Some.Name("plan");
        var saved = await server.Client.SaveContacts(new() { Contacts = [Some.Contact(plan, $"{plan}, \"quoted\""), .. Enumerable.Range(0, 1_200).Select(_ => Some.Contact(plan))] });
        var segment = await server.Publish(Some.Name("streamed"), Some.ProRule.Replace("pro", plan, StringComparison.Ordinal));
        var http = server.Http(server.Key);
        var csv = (await http.GetStringAsync(new Uri($"contacts/segments/{segment.Id}/contacts?format=csv&at_least={saved.Revision}", UriKind.Relative))).TrimEnd().Split('\n');
        var lines = (await http.GetStringAsync(new Uri($"contacts/segments/{segment.Id}/contacts?format=jsonl", UriKind.Relative))).TrimEnd().Split('\n');
        Assert.Equal("contact_id,external_id,since", csv[0].TrimEnd());
        Assert.Equal((1_202, 1_201), (csv.Length, lines.Length));
        Assert.Contains(csv, line => line.Contains($"\"{plan}, \"\"quoted\"\"\"", StringComparison.Ordinal));
        Assert.Equal(lines.Length, lines.Select(line => Some.Json(line).GetProperty("contact_id").GetGuid()).Distinct().Count());
        Assert.Equal(400, (await server.Refused(HttpMethod.Get, $"contacts/segments/{segment.Id}/contacts?format=xml", json: null)).StatusCode);
    }

    [Fact]
    public async Task Another_workspace_s_segment_and_contact_are_as_unknown_as_none()
    {
        var (mine, theirs) = (await server.Publish(Some.Name("mine"), Some.EveryoneRule), await server.Publish(Some.Name("theirs"), Some.EveryoneRule, server.OtherClient));
        var (me, them) = (await server.Client.SaveContact(Some.Contact()), await server.OtherClient.SaveContact(Some.Contact()));
        var none = Guid.NewGuid();
        async Task<string> Answer(string path)
        {
            using var answer = await server.Http(server.Key).GetAsync(new Uri(path, UriKind.Relative));
            return $"{(int)answer.StatusCode} {answer.Content.Headers} {await answer.Content.ReadAsStringAsync()}";
        }

        foreach (var form in new[] { "contacts/segments/{0}", "contacts/segments/{0}/contacts", "contacts/segments/{0}/contacts/" + me.Id, "manage/segments/{0}" })
        {
            Assert.Equal(await Answer(string.Format(null, form, none)), await Answer(string.Format(null, form, theirs.Id)));
            Assert.StartsWith("404 ", await Answer(string.Format(null, form, none)), StringComparison.Ordinal);
        }

        foreach (var form in new[] { "contacts/segments/contacts/{0}", $"contacts/segments/{mine.Id}/contacts/{{0}}", $"contacts/segments/{mine.Id}/check?contact_id={{0}}" })
        {
            Assert.Equal(await Answer(string.Format(null, form, none)), await Answer(string.Format(null, form, them.Id)));
            Assert.StartsWith("404 ", await Answer(string.Format(null, form, none)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Membership_follows_the_contact()
    {
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var saved = await server.Client.SaveContact(Some.Contact(plan: "pro"));
        Assert.True((await server.Client.Check(segment.Id, saved.Id.ToString(), atLeast: saved.Revision)).IsMember);
        var changed = await server.Client.UpdateContact(saved.Id.ToString(), new() { CustomData = Some.Json("""{"plan":"free"}""") });
        Assert.False((await server.Client.Check(segment.Id, saved.Id.ToString(), atLeast: changed.Revision)).IsMember);
        var deleted = await server.Client.DeleteContact(saved.Id.ToString());
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.Check(segment.Id, saved.Id.ToString(), atLeast: deleted.Revision))).Status);
    }
}
