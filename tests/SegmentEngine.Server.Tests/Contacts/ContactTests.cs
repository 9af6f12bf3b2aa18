using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Contacts;

public sealed class ContactTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_contact_is_created_then_found_by_all_its_names()
    {
        var (externalId, email) = (Some.Name("a/b c%2Fd"), $"{Some.Name("Ann").Replace(' ', '.')}@Example.com");
        var saved = await server.Client.SaveContact(new() { ExternalId = externalId, Email = email, PhoneNumber = "+33 1", Name = "Ann", CustomData = Some.Json("""{"plan":"pro","price":1.50}""") });
        Assert.True(saved.Created);
        foreach (var name in new[] { saved.Id.ToString(), $"external_id:{externalId}", $"email:{email.ToUpperInvariant()}" })
        {
            var contact = await server.Client.GetContact(name);
            Assert.Equal((saved.Id, externalId, email, "+33 1", "Ann"), (contact.Id, contact.ExternalId, contact.Email, contact.PhoneNumber, contact.Name));
            Assert.Equal("1.50", contact.CustomData!.Value.GetProperty("price").GetRawText());
        }
    }

    [Fact]
    public async Task Escapes_of_whole_characters_are_taken_whatever_comes_before_them()
    {
        var saved = await server.Client.SaveContact(Some.Contact() with { CustomData = Some.Json("""{"note":"\\\ud83d\ude00 \\ud800 \n","empty":""}""") });
        Assert.Equal("\\\U0001F600 \\ud800 \n", (await server.Client.GetContact(saved.Id.ToString())).CustomData!.Value.GetProperty("note").GetString());
    }

    [Fact]
    public async Task Lists_and_sequences_are_kept_and_a_rule_may_name_those_that_somebody_is_on()
    {
        var (list, sequence, person, other) = (Some.Name("list"), Some.Name("sequence"), Some.Name("person"), Some.Name("other"));
        _ = await server.Client.SaveContacts(new() { Contacts = [new() { ExternalId = person, Lists = [list, "b"], Sequences = [sequence] }, new() { ExternalId = other }] });
        var kept = await server.Client.GetContact($"external_id:{person}");
        Assert.Equal([list, "b"], kept.Lists);
        Assert.Equal([sequence], kept.Sequences);
        var listed = await server.Publish(Some.Name("listed"), $$"""{"type":"list","list_id":"{{list}}","op":"in"}""");
        var unlisted = await server.Publish(Some.Name("unlisted"), $$"""{"and":[{"type":"list","list_id":"{{list}}","op":"not_in"},{"not":{"type":"contacts_affected_by_sequence","sequence_id":"{{sequence}}"} }]}""");
        Assert.Equal((true, false), ((await server.Client.Check(listed.Id, $"external_id:{person}")).IsMember, (await server.Client.Check(unlisted.Id, $"external_id:{person}")).IsMember));
        Assert.Equal((false, true), ((await server.Client.Check(listed.Id, $"external_id:{other}")).IsMember, (await server.Client.Check(unlisted.Id, $"external_id:{other}")).IsMember));

        var moved = await server.Client.SaveContacts(new() { Contacts = [new() { ExternalId = person, Lists = [], Sequences = [] }, new() { ExternalId = other, Lists = [list] }] });
        Assert.True((await Patience.Ask(() => server.Client.Check(listed.Id, $"external_id:{other}", atLeast: moved.Revision))).IsMember);
        Assert.True((await server.Client.Check(unlisted.Id, $"external_id:{person}")).IsMember);

        var unknown = await server.Refused(HttpMethod.Post, "manage/segments", $$"""{"name":"{{Some.Name("typo")}}","definition":{"type":"list","list_id":"nobody's","op":"not_in"} }""");
        Assert.Equal("$.definition.list_id", Assert.Single(unknown.Details!).Path);
    }

    [Fact]
    public async Task How_long_a_trait_has_had_its_value_is_kept_from_its_first_day()
    {
        var user = Some.Name("user");
        var trait = Some.Name("plan");
        EventMessage Says(string value, int daysAgo) => new() { Type = "identify", UserId = user, Timestamp = DateTimeOffset.UtcNow.AddDays(-daysAgo), Traits = Some.Json($$"""{"{{trait}}":"{{value}}"}""") };
        var sent = await server.Client.SendEvents(new() { Batch = [Says("pro", 40), Says("Pro", 3)] });
        var settled = await server.Publish(Some.Name("settled"), $$"""{"type":"trait_age","trait":"{{trait}}","value":"pro","for":{"op":"gte","amount":30,"unit":"day"} }""");
        var fresh = await server.Publish(Some.Name("fresh"), $$"""{"type":"trait_age","trait":"{{trait}}","value":"pro","for":{"op":"lt","amount":30,"unit":"day"} }""");
        Assert.Equal((true, false), ((await server.Client.Check(settled.Id, $"external_id:{user}", atLeast: sent.Revision)).IsMember, (await server.Client.Check(fresh.Id, $"external_id:{user}")).IsMember));

        _ = await server.Client.SendEvents(new() { Batch = [Says("free", 2)] });
        sent = await server.Client.SendEvents(new() { Batch = [Says("pro", 1)] });
        Assert.False((await Patience.Ask(() => server.Client.Check(settled.Id, $"external_id:{user}", atLeast: sent.Revision))).IsMember);
        Assert.True((await server.Client.Check(fresh.Id, $"external_id:{user}")).IsMember);
        Assert.Equal("reserved_name", Assert.Single((await server.Refused(HttpMethod.Post, "v1/track", $$"""{"userId":"{{user}}","event":"$identify"}""")).Details!).Code);
    }

    [Fact]
    public async Task A_phone_number_goes_before_an_empty_phone()
    {
        var saved = await server.Client.SaveContact(new() { ExternalId = Some.Name("phoned"), PhoneNumber = "+1" });
        using var http = server.Http(server.Key);
        using var answer = await http.PatchAsync(new Uri($"contacts/{saved.Id}", UriKind.Relative), Json("""{"phone_number":"+2","phone":null}"""));
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal("+2", (await server.Client.GetContact(saved.Id.ToString())).PhoneNumber);
    }

    [Fact]
    public async Task A_user_id_of_32_digits_is_no_contact_s_id()
    {
        var saved = await server.Client.SaveContact(new() { ExternalId = Some.Name("hyphens") });
        var digits = saved.Id.ToString("N");
        _ = await server.Client.Track(new() { UserId = digits, Event = "login" });
        Assert.NotEqual(saved.Id, (await server.Client.GetContact($"external_id:{digits}")).Id);
    }

    [Fact]
    public async Task A_body_that_is_not_UTF_8_is_refused()
    {
        using var http = server.Http(server.Key);
        foreach (var path in new[] { "contacts", "v1/track", "v1/batch", "manage/segments/check" })
        {
            using var body = new ByteArrayContent([.. "{\"external_id\":\"bad\",\"custom_data\":{\"plan\":\""u8, 0xFF, 0xFE, .. "\"}}"u8]);
            body.Headers.ContentType = new("application/json");
            using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), body);
            Assert.Equal(400, (int)answer.StatusCode);
            Assert.Contains("the body is not UTF-8", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_not_kept_of_a_contact_refuses_it_by_name()
    {
        Assert.Equal("unknown_field", Assert.Single((await server.Refused(HttpMethod.Post, "contacts", """{"external_id":"listed","list":["l"]}""")).Details!).Code);
    }

    [Fact]
    public async Task Saving_the_same_contact_again_updates_it()
    {
        var contact = Some.Contact(plan: "free");
        var first = await server.Client.SaveContact(contact);
        var second = await server.Client.SaveContact(contact with { CustomData = Some.Json("""{"seats":5}""") });
        Assert.Equal((first.Id, false), (second.Id, second.Created));
        Assert.True(second.Revision > first.Revision);
        Assert.Equal("""{"plan":"free","seats":5}""", (await server.Client.GetContact(first.Id.ToString())).CustomData!.Value.GetRawText());
    }

    [Fact]
    public async Task OpenCX_s_wrapped_form_with_phone_is_taken()
    {
        using var http = server.Http(server.Key);
        var email = $"{Guid.NewGuid()}@example.com";
        using var answer = await http.PostAsync(new Uri("contacts", UriKind.Relative), Json($$$"""{"contact":{"email":"{{{email}}}","phone":"+49 30","custom_data":{"plan":"pro"} } }"""));
        Assert.Equal(201, (int)answer.StatusCode);
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        using var changed = await http.PatchAsync(new Uri($"contacts/{id}", UriKind.Relative), Json("""{"contact":{"name":"Bea","custom_data":{"plan":null,"seats":2}}}"""));
        Assert.Equal(200, (int)changed.StatusCode);
        var contact = await server.Client.GetContact($"email:{email}");
        Assert.Equal((id, "+49 30", "Bea", """{"seats":2}"""), (contact.Id, contact.PhoneNumber, contact.Name, contact.CustomData!.Value.GetRawText()));
    }

    [Fact]
    public async Task Null_in_a_change_empties_a_field_and_leaves_the_others()
    {
        var saved = await server.Client.SaveContact(Some.Contact() with { Name = "Cleo", PhoneNumber = "+1" });
        using var answer = await server.Http(server.Key).PatchAsync(new Uri($"contacts/{saved.Id}", UriKind.Relative), Json("""{"name":null}"""));
        Assert.True(answer.IsSuccessStatusCode);
        var contact = await server.Client.GetContact(saved.Id.ToString());
        Assert.Null(contact.Name);
        Assert.Equal("+1", contact.PhoneNumber);
    }

    [Fact]
    public async Task Identities_of_two_contacts_in_one_are_a_conflict()
    {
        var (first, second) = (Some.Contact() with { Email = $"{Guid.NewGuid()}@example.com" }, Some.Contact());
        await server.Client.SaveContact(first);
        await server.Client.SaveContact(second);
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.SaveContact(second with { Email = first.Email }));
        Assert.Equal(409, refused.Status);
    }

    [Fact]
    public async Task A_contact_s_id_never_changes()
    {
        var saved = await server.Client.SaveContact(Some.Contact());
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.UpdateContact(saved.Id.ToString(), new() { Id = Guid.NewGuid() }));
        Assert.Equal((400, "$.id"), (refused.Status, refused.Details[0].Path));
    }

    [Fact]
    public async Task A_batch_stores_what_fits_and_names_what_does_not()
    {
        var good = Some.Contact();
        var error = await server.Client.SaveContacts(new() { Contacts = [good, new() { Name = "nobody" }, Some.Contact() with { CustomData = Some.Json("[]") }] });
        Assert.Equal(1, error.Accepted);
        Assert.Equal([(1, "$.contacts[1]"), (2, "$.contacts[2].custom_data")], error.Refused.Select(refused => (refused.Index, refused.Path)));
        await server.Client.GetContact($"external_id:{good.ExternalId}");
    }

    [Fact]
    public async Task Pages_of_contacts_hold_each_of_them_once()
    {
        await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 45).Select(_ => Some.Contact())] });
        var all = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await server.Client.ListContacts(cursor, limit: 20);
            all.AddRange(page.Items.Select(contact => contact.Id));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.True(all.Count >= 45);
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [Fact]
    public async Task Contacts_are_listed_by_the_time_they_were_made()
    {
        var early = await server.Client.SaveContact(Some.Contact() with { CreatedAt = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero) });
        var page = await server.Http(server.Key).GetFromJsonAsync<JsonElement>(new Uri("contacts?created_after=2001-01-01T00:00:00Z&created_before=2001-12-31T00:00:00%2B01:00", UriKind.Relative));
        Assert.Equal(early.Id, Assert.Single(page.GetProperty("items").EnumerateArray()).GetProperty("id").GetGuid());
        Assert.Equal("2001-02-03T04:05:06Z", page.GetProperty("items")[0].GetProperty("created_at").GetString());
        Assert.Equal(400, (await server.Refused(HttpMethod.Get, "contacts?created_after=2001-01-01", json: null)).StatusCode);
    }

    [Fact]
    public async Task A_deleted_contact_is_unknown()
    {
        var saved = await server.Client.SaveContact(Some.Contact());
        var deleted = await server.Client.DeleteContact(saved.Id.ToString());
        Assert.True(deleted.Revision > saved.Revision);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.GetContact(saved.Id.ToString()))).Status);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.DeleteContact(saved.Id.ToString()))).Status);
    }

    [Fact]
    public async Task Another_workspace_s_contact_is_as_unknown_as_none()
    {
        var mine = await server.Client.SaveContact(Some.Contact());
        async Task<string> Answer(string path)
        {
            using var answer = await server.Http(server.Key).GetAsync(new Uri(path, UriKind.Relative));
            return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
        }

        var theirs = await server.OtherClient.SaveContact(Some.Contact());
        Assert.Equal(await Answer($"contacts/{Guid.NewGuid()}"), await Answer($"contacts/{theirs.Id}"));
        Assert.Equal(await Answer("contacts/nonsense"), await Answer($"contacts/{theirs.Id}"));
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.OtherClient.UpdateContact(mine.Id.ToString(), new() { Name = "x" }))).Status);
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
