using System.Net;
using SegmentEngine.Client;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Keys;

public sealed class KeyTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("sk_")]
    [InlineData("sk_abc")]
    [InlineData("sk__")]
    [InlineData("sk_abcdefabcdef_abcdefghijklmnopqrstuvwxyzabcdef")]
    public async Task No_key_or_a_wrong_one_is_401_in_OpenCX_s_words(string? key)
    {
        using var http = server.Http(null);
        if (key is not null)
        {
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        using var answer = await http.GetAsync(new Uri("contacts/segments", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("""{"statusCode":401,"message":"Unauthorized","error":"Unauthorized"}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(15)]
    [InlineData(999)]
    [InlineData(10_000)]
    public void A_key_is_given_as_much_as_the_setting_says(int requestsPerSecond)
    {
        var (tokens, period) = KeyLimits.Refill(requestsPerSecond);
        Assert.Equal(requestsPerSecond, tokens / period.TotalSeconds, precision: 6);
        Assert.Equal(0, period.Ticks % TimeSpan.FromMilliseconds(100).Ticks);
    }

    [Fact]
    public async Task A_key_with_another_s_secret_is_401()
    {
        var other = await server.NewKey(server.Workspace, [Scopes.SegmentsRead]);
        await server.Connect(other).ListSegments();
        var mixed = string.Join('_', [.. other.Split('_')[..2], server.Key.Split('_')[2]]);
        Assert.Equal(401, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Connect(mixed).ListSegments())).Status);
    }

    [Fact]
    public async Task A_key_without_the_scope_is_403_and_says_which()
    {
        var key = await server.NewKey(server.Workspace, [Scopes.SegmentsRead]);
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Connect(key).SaveContact(Some.Contact()));
        Assert.Equal(403, refused.Status);
        Assert.Equal("the key lacks the scope \"contacts:write\"", refused.Body?.Message);
        Assert.Equal("Forbidden", refused.Body?.Error);
    }

    [Theory]
    [InlineData(Scopes.SegmentsRead, "GET contacts/segments")]
    [InlineData(Scopes.SegmentsRead, "POST contacts/segments/check")]
    [InlineData(Scopes.ContactsRead, "GET contacts")]
    [InlineData(Scopes.ContactsWrite, "POST contacts")]
    [InlineData(Scopes.ContactsWrite, "POST v1/track")]
    [InlineData(Scopes.GatingRead, "POST gating/resolve")]
    [InlineData(Scopes.GatingRead, "POST gating/authorize")]
    [InlineData(Scopes.GatingRead, "GET actions")]
    [InlineData(Scopes.Manage, "POST actions")]
    [InlineData(Scopes.Manage, "GET manage/segments")]
    [InlineData(Scopes.Manage, "GET manage/keys")]
    [InlineData(Scopes.Manage, "PUT manage/schema")]
    public async Task Only_the_scope_of_a_call_opens_it(string scope, string call)
    {
        var (method, path) = (new HttpMethod(call.Split(' ')[0]), new Uri(call.Split(' ')[1], UriKind.Relative));
        foreach (var other in Scopes.All)
        {
            using var request = new HttpRequestMessage(method, path);
            using var answer = await server.Http(await server.NewKey(server.Workspace, [other])).SendAsync(request);
            Assert.True((answer.StatusCode == HttpStatusCode.Forbidden) == (other != scope), $"{call} with {other}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task The_jobs_of_every_workspace_are_shown_to_no_key_that_a_workspace_can_make()
    {
        var shown = new TestServer { Options = ["--JobsDashboard", "true"] };
        await shown.InitializeAsync();
        try
        {
            Assert.Equal(HttpStatusCode.OK, await Jobs(await shown.NewKey(shown.Workspace, [Scopes.Jobs])));
            Assert.Equal(HttpStatusCode.Unauthorized, await Jobs(shown.Key));
            Assert.Equal(HttpStatusCode.Unauthorized, await Jobs(null));
            var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => shown.Client.CreateKey(new() { Name = "jobs", Scopes = [Scopes.Jobs] }));
            Assert.Equal((400, "$.scopes[0]"), (refused.Status, refused.Details[0].Path));
        }
        finally
        {
            await shown.DisposeAsync();
        }

        async Task<HttpStatusCode> Jobs(string? key)
        {
            using var answer = await shown.Http(key).GetAsync(new Uri("jobs", UriKind.Relative));
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_revoked_key_opens_nothing_from_the_answer_on()
    {
        var key = await server.Client.CreateKey(new() { Name = "short-lived", Scopes = [Scopes.SegmentsRead] });
        var client = server.Connect(key.Secret);
        await client.ListSegments();
        Assert.NotNull((await server.Client.RevokeKey(key.Id)).RevokedAt);
        Assert.Equal(401, (await Assert.ThrowsAsync<SegmentEngineException>(() => client.ListSegments())).Status);
    }

    [Fact]
    public async Task A_key_that_is_replaced_opens_what_it_did_until_the_overlap_is_over()
    {
        var key = await server.Client.CreateKey(new() { Name = "old", Scopes = [Scopes.SegmentsRead] });
        var (old, other) = (server.Connect(key.Secret), await server.Client.RotateKey(key.Id, TimeSpan.FromMinutes(5)));
        Assert.Equal((key.Name, Scopes.SegmentsRead), (other.Name, Assert.Single(other.Scopes)));
        await old.ListSegments();
        await server.Connect(other.Secret).ListSegments();
        var listed = (await server.Client.ListKeys()).Data.Single(each => each.Id == key.Id);
        Assert.InRange(listed.ExpiresAt!.Value, DateTimeOffset.UtcNow.AddMinutes(4), DateTimeOffset.UtcNow.AddMinutes(6));
        Assert.Null((await server.Client.ListKeys()).Data.Single(each => each.Id == other.Id).ExpiresAt);

        var last = await server.Client.RotateKey(other.Id, TimeSpan.Zero);
        Assert.Equal(401, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Connect(other.Secret).ListSegments())).Status);
        await server.Connect(last.Secret).ListSegments();
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.RotateKey(other.Id))).Status);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.OtherClient.RotateKey(last.Id))).Status);
        Assert.Equal(400, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.RotateKey(last.Id, TimeSpan.FromDays(31)))).Status);
    }

    /// <summary>Or whoever may manage a workspace would come by a key that sees beyond it.</summary>
    [Fact]
    public async Task A_key_that_sees_beyond_its_workspace_is_not_replaced_from_within()
    {
        var jobs = (await server.NewKey(server.Workspace, [Scopes.Jobs])).Split('_')[1];
        Assert.Equal(409, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.RotateKey(jobs))).Status);
    }

    [Fact]
    public async Task A_key_that_asks_too_much_is_told_when_to_come_back_and_no_other_is()
    {
        var limited = new TestServer { Options = ["--RequestsPerSecond", "10", "--RequestsAtOnce", "20"] };
        await limited.InitializeAsync();
        try
        {
            var greedy = limited.Http(await limited.NewKey(limited.Workspace, [Scopes.SegmentsRead]));
            var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => greedy.GetAsync(new Uri("contacts/segments", UriKind.Relative))));
            var refused = answers.Where(static answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
            Assert.InRange(refused.Count, 20, 40);
            Assert.All(refused, static answer => Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 2));
            Assert.Equal(429, System.Text.Json.JsonSerializer.Deserialize(await refused[0].Content.ReadAsStringAsync(), WireJson.Default.ErrorBody)!.StatusCode);
            await limited.Connect(await limited.NewKey(limited.Workspace, [Scopes.SegmentsRead])).ListSegments();

            // The client waits as it is told.
            await limited.Connect(greedy.DefaultRequestHeaders.Authorization!.Parameter).ListSegments();
        }
        finally
        {
            await limited.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_expired_key_is_401()
    {
        var key = await server.NewKey(server.Workspace, [Scopes.SegmentsRead], SegmentEngine.Contacts.Instant.From(DateTimeOffset.UtcNow.AddSeconds(-1)));
        Assert.Equal(401, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Connect(key).ListSegments())).Status);
    }

    [Fact]
    public async Task A_key_s_secret_is_shown_once()
    {
        var key = await server.Client.CreateKey(new() { Name = "shown once", Scopes = [Scopes.SegmentsRead, Scopes.GatingRead] });
        Assert.StartsWith($"sk_{key.Id}_", key.Secret, StringComparison.Ordinal);
        var listed = (await server.Client.ListKeys()).Data.Single(each => each.Id == key.Id);
        Assert.Null(listed.Secret);
        Assert.Equal(key.Scopes, listed.Scopes);
    }

    [Fact]
    public async Task Another_workspace_s_key_is_as_unknown_as_none()
    {
        var key = await server.Client.CreateKey(new() { Name = "mine", Scopes = [Scopes.SegmentsRead] });
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.OtherClient.RevokeKey(key.Id))).Status);
        Assert.DoesNotContain((await server.OtherClient.ListKeys()).Data, each => each.Id == key.Id);
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_new_key_is_said_at_once()
    {
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() =>
            server.Client.CreateKey(new() { Name = " ", Scopes = ["segments:read", "everything"], ExpiresAt = DateTimeOffset.UtcNow.AddDays(-1) }));
        Assert.Equal(400, refused.Status);
        Assert.Equal(["$.name", "$.scopes[1]", "$.expires_at"], refused.Details.Select(detail => detail.Path));
    }
}
