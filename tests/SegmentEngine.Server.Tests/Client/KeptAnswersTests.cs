using System.Net;
using System.Net.Http.Headers;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Client;

/// <summary>The typed client asks each time, and is sent only what is another.</summary>
public sealed class KeptAnswersTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        using var watch = new Watch();
        using var http = new HttpClient(watch) { BaseAddress = server.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", server.Key) } };
        var client = new SegmentEngineClient(http);
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var (pro, free) = (await server.Client.SaveContact(Some.Contact("pro")), await server.Client.SaveContact(Some.Contact("free")));
        _ = await server.Client.GetSegment(segment.Id, atLeast: free.Revision);

        var first = await client.Check(segment.Id, pro.Id.ToString());
        var again = await client.Check(segment.Id, pro.Id.ToString());
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotModified], watch.Seen);
        Assert.True(first.IsMember);
        Assert.Equal(first, again);

        // Another contact is another question.
        Assert.False((await client.Check(segment.Id, free.Id.ToString())).IsMember);
        var changed = await server.Client.UpdateContact(pro.Id.ToString(), new() { CustomData = Some.Json("""{"plan":"free"}""") });
        _ = await server.Client.GetSegment(segment.Id, atLeast: changed.Revision);
        Assert.False((await client.Check(segment.Id, pro.Id.ToString())).IsMember);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], watch.Seen[2..]);

        // What is gone is gone, whatever is kept.
        var deleted = await server.Client.DeleteContact(pro.Id.ToString());
        _ = await server.Client.GetSegment(segment.Id, atLeast: deleted.Revision);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => client.Check(segment.Id, pro.Id.ToString()))).Status);

        // Another key on the same connection sees its own workspace.
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await server.NewKey(server.OtherWorkspace, [.. Scopes.All]));
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => client.Check(segment.Id, free.Id.ToString()))).Status);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(8, 8)]
    public async Task Only_so_many_answers_are_kept(int max, int atMost)
    {
        using var watch = new Watch();
        using var http = new HttpClient(watch) { BaseAddress = server.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", server.Key) } };
        var client = new SegmentEngineClient(http, max);
        var segment = await server.Publish(Some.Name("everyone"), Some.EveryoneRule);
        for (var limit = 1; limit <= 20; limit++)
        {
            _ = await client.ListSegments(limit: limit);
        }

        watch.Seen.Clear();
        for (var limit = 20; limit >= 1; limit--)
        {
            Assert.Contains((await client.ListSegments(limit: 100)).Data, each => each.Id == segment.Id);
            _ = await client.ListSegments(limit: limit);
        }

        var kept = watch.Seen.Where((_, i) => i % 2 == 1).Count(static status => status == HttpStatusCode.NotModified);
        Assert.InRange(kept, max / 2, atMost);
    }

    private sealed class Watch() : DelegatingHandler(new SocketsHttpHandler())
    {
        public List<HttpStatusCode> Seen { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            Seen.Add(answer.StatusCode);
            return answer;
        }
    }
}
