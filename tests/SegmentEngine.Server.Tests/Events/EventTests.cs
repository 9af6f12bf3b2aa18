using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Events;

public sealed class EventTests(TestServer server) : IClassFixture<TestServer>
{
    private const string BuyersRule = """{"or":[{"and":[{"type":"event","event":"order","count":{"op":"gte","n":2}}]}]}""";

    [Fact]
    public async Task An_event_of_an_unknown_user_makes_the_contact()
    {
        var user = Some.Name("user");
        var answer = await server.Client.Track(Some.Event(user));
        Assert.Equal((true, 1, 0), (answer.Success, answer.Accepted, answer.Duplicates));
        Assert.Equal(user, (await server.Client.GetContact($"external_id:{user}")).ExternalId);
    }

    [Fact]
    public async Task Events_count_in_rules_and_a_message_id_counts_once()
    {
        var segment = await server.Publish(Some.Name("buyers"), BuyersRule);
        var user = Some.Name("user");
        await server.Client.Track(Some.Event(user, messageId: $"m-{user}"));
        var again = await server.Client.Track(Some.Event(user, messageId: $"m-{user}"));
        Assert.Equal((0, 1), (again.Accepted, again.Duplicates));
        Assert.False((await server.Client.Check(segment.Id, $"external_id:{user}", atLeast: again.Revision)).IsMember);

        var second = await server.Client.Track(Some.Event(user));
        var check = await server.Client.Check(segment.Id, $"external_id:{user}", atLeast: second.Revision);
        Assert.True(check.IsMember);
        Assert.NotNull(check.Since);
    }

    [Fact]
    public async Task Identify_merges_traits_and_fills_the_contact_s_own_fields()
    {
        var user = Some.Name("user");
        var email = $"{Guid.NewGuid()}@example.com";
        await server.Client.Identify(new() { UserId = user, Traits = Some.Json("""{"plan":"free","seats":3}""") });
        await server.Client.Identify(new() { UserId = user, Traits = Some.Json($$"""{"email":"{{email}}","name":"Dora","phone":"+7","plan":"pro","seats":null}""") });
        var contact = await server.Client.GetContact($"external_id:{user}");
        Assert.Equal((email, "Dora", "+7", """{"plan":"pro"}"""), (contact.Email, contact.Name, contact.PhoneNumber, contact.CustomData!.Value.GetRawText()));
    }

    [Fact]
    public async Task Identifies_at_once_keep_every_trait_of_one_contact()
    {
        foreach (var user in new[] { Some.Name("user"), Guid.NewGuid().ToString(), (await server.Client.SaveContact(new() { Email = $"{Guid.NewGuid()}@example.com" })).Id.ToString() })
        {
            await Task.WhenAll(Enumerable.Range(0, 40).Select(i => server.Client.Identify(new() { UserId = user, Traits = Some.Json($$"""{"trait_{{i}}":{{i}}}""") })));
            var contact = await FindUser(user);
            Assert.Equal(Enumerable.Range(0, 40), contact.CustomData!.Value.EnumerateObject().Select(trait => trait.Value.GetInt32()).Order());
        }

        async Task<Contact> FindUser(string user)
        {
            try
            {
                return await server.Client.GetContact($"external_id:{user}");
            }
            catch (SegmentEngineException unknown) when (unknown.Status == 404)
            {
                return await server.Client.GetContact(user);
            }
        }
    }

    [Fact]
    public async Task A_user_id_may_be_the_contact_s_id()
    {
        var saved = await server.Client.SaveContact(new() { Email = $"{Guid.NewGuid()}@example.com" });
        await server.Client.Identify(new() { UserId = saved.Id.ToString(), Traits = Some.Json("""{"plan":"pro"}""") });
        var contact = await server.Client.GetContact(saved.Id.ToString());
        Assert.Null(contact.ExternalId);
        Assert.Equal("""{"plan":"pro"}""", contact.CustomData!.Value.GetRawText());
    }

    [Fact]
    public async Task Fields_of_the_Spec_that_are_not_stored_are_let_pass()
    {
        var user = Some.Name("user");
        using var content = new StringContent(
            $$"""{"type":"track","userId":"{{user}}","event":"order","context":{"ip":"::1"},"integrations":{},"sentAt":"2024-05-01T12:00:00Z","timestamp":"2024-05-01T12:00:00.123456789+05:45"}""",
            System.Text.Encoding.UTF8, "application/json");
        using var answer = await server.Http(server.Key).PostAsync(new Uri("v1/track", UriKind.Relative), content);
        Assert.True(answer.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_batch_mixes_track_and_identify_in_order()
    {
        var user = Some.Name("user");
        var answer = await server.Client.SendEvents(new()
        {
            Batch =
            [
                new() { Type = "identify", UserId = user, Traits = Some.Json("""{"plan":"pro"}""") },
                new() { Type = "track", UserId = user, Event = "order" },
            ],
        });
        Assert.Equal((2, 0), (answer.Accepted, answer.Refused.Count));
    }
}
