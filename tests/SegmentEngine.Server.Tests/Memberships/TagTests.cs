using System.Net;
using System.Net.Http.Headers;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Memberships;

/// <summary>What a cache may give again without asking: nothing. What it need not be sent again: what is as it was.</summary>
public sealed class TagTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task What_has_not_changed_is_304_and_what_has_is_sent()
    {
        var user = Some.Name("user");
        _ = await server.Client.SaveContact(Some.Contact("pro", user));
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        foreach (var path in new[] { "contacts/segments", $"contacts/segments/{segment.Id}", $"contacts/segments/contacts/external_id:{user}", $"contacts/segments/{segment.Id}/contacts/external_id:{user}", $"contacts/segments/{segment.Id}/check?contact_id=external_id:{user}" })
        {
            var (status, tag, body) = await Get(path, tag: null);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal((HttpStatusCode.NotModified, tag, ""), await Get(path, tag));
            Assert.Equal(HttpStatusCode.NotModified, (await Get(path, $"\"other\", {tag}")).Status);

            var saved = await server.Client.SaveContact(Some.Contact(path.Length % 2 == 0 ? "free" : "pro", user));
            _ = await Patience.Ask(() => server.Client.GetSegment(segment.Id, atLeast: saved.Revision));
            var (after, otherTag, otherBody) = await Get(path, tag);
            Assert.Equal(HttpStatusCode.OK, after);
            Assert.NotEqual(tag, otherTag);
            Assert.NotEqual(body, otherBody);
        }
    }

    /// <summary>One path may name one contact after the other.</summary>
    [Fact]
    public async Task A_name_that_goes_to_another_contact_takes_no_tag_along()
    {
        var (email, segment) = ($"{Guid.NewGuid()}@example.com", await server.Publish(Some.Name("pros"), Some.ProRule));
        var first = await server.Client.SaveContact(new() { ExternalId = Some.Name("user"), Email = email });
        var second = await server.Client.SaveContact(new() { ExternalId = Some.Name("user") });
        var path = $"contacts/segments/contacts/email:{email}";
        var (_, tag, _) = await Get(path, tag: null);
        _ = await server.Client.UpdateContact(first.Id.ToString(), new() { Email = "other" + email });
        var moved = await server.Client.UpdateContact(second.Id.ToString(), new() { Email = email });
        Assert.Equal(HttpStatusCode.OK, (await Get(path, tag)).Status);
        _ = await Patience.Ask(() => server.Client.GetSegment(segment.Id, atLeast: moved.Revision));
        Assert.Equal(HttpStatusCode.OK, (await Get(path, tag)).Status);
    }

    private async Task<(HttpStatusCode Status, string? Tag, string Body)> Get(string path, string? tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (tag is not null)
        {
            _ = request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        using var answer = await server.Http(server.Key).SendAsync(request);
        Assert.Equal(new CacheControlHeaderValue { Private = true, NoCache = true }, answer.Headers.CacheControl);
        return (answer.StatusCode, answer.Headers.ETag?.ToString(), await answer.Content.ReadAsStringAsync());
    }
}
