using System.Net;
using System.Security.Cryptography;
using System.Text;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Server.Webhooks;

namespace SegmentEngine.Server.Tests.Webhooks;

public sealed class WebhookTests : IAsyncLifetime
{
    private readonly TestServer server = new() { Options = ["--WebhooksToPrivateAddresses", "true", "--WebhookRetrySeconds", "0.05", "--WebhookRetrySecondsMax", "0.2"] };
    private Receiver receiver = null!;

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        receiver = await Receiver.Start();
    }

    public async Task DisposeAsync()
    {
        await server.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task Who_enters_and_leaves_is_told_in_order_signed_and_until_it_is_taken()
    {
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        var others = await server.Publish(Some.Name("everyone"), Some.EveryoneRule);
        var webhook = await server.Client.CreateWebhook(new() { Url = receiver.Address.ToString(), SegmentId = pros.Id });
        Assert.StartsWith("whsec_", webhook.Secret, StringComparison.Ordinal);
        Assert.Null((await server.Client.GetWebhook(webhook.Id)).Secret);

        // It fails at first, now and then.
        var calls = 0;
        receiver.Answer = _ => Task.FromResult(Interlocked.Increment(ref calls) % 3 == 0 ? 204 : 500);
        var expected = new Dictionary<string, List<string>>();
        for (var i = 0; i < 60; i++)
        {
            var (user, isPro) = ($"told {i % 7}", i / 7 % 2 == 0);
            var saved = await server.Client.SaveContact(new() { ExternalId = user, CustomData = Some.Json($$"""{"plan":"{{(isPro ? "pro" : "free")}}"}""") });
            _ = await Patience.Ask(() => server.Client.GetSegment(pros.Id, atLeast: saved.Revision));
            (expected.TryGetValue(user, out var turns) ? turns : expected[user] = []).Add(isPro ? "entered" : "left");
        }

        await Until(() => receiver.Taken.Count >= 60);
        Assert.All(receiver.Taken, told => Assert.Equal((pros.Id, "data"), (told.SegmentId, told.Cause)));
        Assert.All(receiver.Taken, static told => Assert.Equal($"{told.SegmentId}:{told.ContactId}:{told.Sequence}", told.Id));
        var once = receiver.Taken.DistinctBy(static told => told.Id).ToList();
        Assert.Equal(60, once.Count);
        Assert.All(expected, each => Assert.Equal(each.Value, once.Where(told => told.ExternalId == each.Key).Select(static told => told.Type)));
        Assert.Equal(once.Select(static told => told.Sequence).Order(), once.Select(static told => told.Sequence));
        Assert.All(receiver.Seen, seen => Assert.Equal(
            "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(webhook.Secret!), (byte[])[.. Encoding.UTF8.GetBytes(seen.Timestamp + "."), .. seen.Body])), seen.Signature));

        var tries = (await server.Client.ListWebhookDeliveries(webhook.Id, limit: 1000)).Items;
        Assert.Contains(tries, static tried => tried is { Status: 500, Error: "the receiver answered 500" });
        Assert.Contains(tries, static tried => tried is { Status: 204, Error: null });
        Assert.Equal((0, 0), ((await server.Client.GetWebhook(webhook.Id)).Waiting, (await server.Client.GetWebhook(webhook.Id)).Dead));

        var used = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.DeleteSegment(pros.Id));
        Assert.Equal((409, "used_by_webhook"), (used.Status, Assert.Single(used.Details).Code));
        await server.Client.DeleteWebhook(webhook.Id);
        _ = await server.Client.DeleteSegment(pros.Id);
        _ = await server.Client.DeleteSegment(others.Id);
    }

    [Fact]
    public async Task What_waits_outlives_the_server_and_a_slow_receiver_keeps_no_other_waiting()
    {
        await using var slow = await Receiver.Start();
        var end = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        slow.Answer = _ => end.Task;
        var everyone = await server.Publish(Some.Name("everyone"), Some.EveryoneRule);
        var stuck = await server.Client.CreateWebhook(new() { Url = slow.Address.ToString() });
        _ = await server.Client.CreateWebhook(new() { Url = receiver.Address.ToString() });
        var saved = await server.Client.SaveContact(new() { ExternalId = "waits" });
        _ = await Patience.Ask(() => server.Client.GetSegment(everyone.Id, atLeast: saved.Revision));
        await Until(() => receiver.Taken.Any(told => told.ContactId == saved.Id) && !slow.Seen.IsEmpty);
        Assert.Equal(1, (await server.Client.GetWebhook(stuck.Id)).Waiting);

        await server.Restart();
        _ = end.TrySetResult(200);
        slow.Answer = static _ => Task.FromResult(200);
        await Until(() => slow.Taken.Any(told => told.ContactId == saved.Id && told.Type == "entered"));
    }

    [Fact]
    public async Task What_is_a_day_old_is_given_up_listed_and_told_again_when_asked()
    {
        var clock = new SteppedClock(DateTimeOffset.UtcNow);
        var later = new TestServer { Clock = clock, Options = server.Options };
        await later.InitializeAsync();
        try
        {
            var everyone = await later.Publish(Some.Name("everyone"), Some.EveryoneRule);
            receiver.Answer = static _ => Task.FromResult(503);
            var webhook = await later.Client.CreateWebhook(new() { Url = receiver.Address.ToString(), SegmentId = everyone.Id });
            var saved = await later.Client.SaveContact(new() { ExternalId = "given up" });
            await Until(async () => (await later.Client.ListWebhookDeliveries(webhook.Id)).Items.Count > 3);
            Assert.Equal((1, 0), ((await later.Client.GetWebhook(webhook.Id)).Waiting, (await later.Client.GetWebhook(webhook.Id)).Dead));
            clock.Step(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
            await Until(async () => (await later.Client.GetWebhook(webhook.Id)).Dead == 1);
            var dead = Assert.Single((await later.Client.ListDeadLetters(webhook.Id)).Items);
            Assert.Equal((saved.Id, "entered", "given up"), (dead.ContactId, dead.Type, dead.ExternalId));

            receiver.Answer = static _ => Task.FromResult(200);
            Assert.Equal(1, (await later.Client.ReplayDeadLetters(webhook.Id)).Events);
            await Until(() => !receiver.Taken.IsEmpty);
            Assert.Equal(dead.Id, receiver.Taken.Single().Id);
        }
        finally
        {
            await later.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_deleted_contact_and_a_webhook_that_is_switched_off_are_told_nothing()
    {
        receiver.Answer = static _ => Task.FromResult(500);
        var everyone = await server.Publish(Some.Name("everyone"), Some.EveryoneRule);
        var webhook = await server.Client.CreateWebhook(new() { Url = receiver.Address.ToString(), SegmentId = everyone.Id });
        var saved = await server.Client.SaveContact(new() { ExternalId = "gone" });
        await Until(() => !receiver.Seen.IsEmpty);
        _ = await server.Client.DeleteContact(saved.Id.ToString());
        Assert.Equal(0, (await server.Client.GetWebhook(webhook.Id)).Waiting);

        _ = await server.Client.ChangeWebhook(webhook.Id, new() { IsActive = false });
        var silent = await server.Client.SaveContact(new() { ExternalId = "silent" });
        _ = await Patience.Ask(() => server.Client.GetSegment(everyone.Id, atLeast: silent.Revision));
        Assert.Equal((0, 0), ((await server.Client.GetWebhook(webhook.Id)).Waiting, (await server.Client.GetWebhook(webhook.Id)).Dead));
    }

    [Fact]
    public async Task Nobody_is_called_at_an_address_that_is_not_public_nor_where_a_receiver_redirects_to()
    {
        var port = receiver.Address.Port;
        var strict = new TestServer();
        await strict.InitializeAsync();
        try
        {
            foreach (var url in new[] { $"http://127.0.0.1:{port}", $"http://localhost:{port}", $"http://[::1]:{port}", $"http://[::ffff:127.0.0.1]:{port}", $"http://2130706433:{port}", "http://169.254.169.254/latest/meta-data" })
            {
                var webhook = await strict.Client.CreateWebhook(new() { Url = url });
                var tried = await strict.Client.TestWebhook(webhook.Id);
                Assert.Null(tried.Status);
                Assert.Contains("not on the public internet", tried.Error, StringComparison.Ordinal);
            }

            Assert.Empty(receiver.Seen);
        }
        finally
        {
            await strict.DisposeAsync();
        }

        receiver.Answer = context =>
        {
            context.Response.Headers.Location = "/elsewhere";
            return Task.FromResult(307);
        };
        var redirected = await server.Client.TestWebhook((await server.Client.CreateWebhook(new() { Url = receiver.Address.ToString() })).Id);
        Assert.Equal((307, "the receiver answered 307", 1), (redirected.Status, redirected.Error, receiver.Seen.Count));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.15.0.1", true)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("198.18.0.1", false)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001:0:53aa:64c::1", false)]
    [InlineData("2001:db8::1", false)]
    public void Addresses_of_special_networks_are_not_public(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddresses.Has(IPAddress.Parse(address)));

    [Theory]
    [InlineData("""{"segment_id":"4d36e96e-e325-11ce-bfc1-08002be10318"}""", "$.url")]
    [InlineData("""{"url":"ftp://example.com"}""", "$.url")]
    [InlineData("""{"url":"/hook"}""", "$.url")]
    [InlineData("""{"url":"https://me:secret@example.com"}""", "$.url")]
    [InlineData("""{"url":"https://example.com","segment_id":"4d36e96e-e325-11ce-bfc1-08002be10318"}""", "$.segment_id")]
    public async Task What_cannot_be_a_webhook_is_refused(string body, string path)
    {
        var refused = await server.Refused(HttpMethod.Post, "manage/webhooks", body);
        Assert.Equal((400, path), (refused.StatusCode, refused.Details![0].Path));
    }

    private static Task Until(Func<bool> holds) => Until(() => Task.FromResult(holds()));

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var tries = 0; !await holds(); tries++)
        {
            Assert.True(tries < 600, "it does not come to hold within a minute");
            await Task.Delay(100);
        }
    }
}
