using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Flags;

/// <summary>The protocol as its description has it; OpenFeature's own SDK is tried in the tests with Node.</summary>
public sealed class FlagTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_segment_is_on_for_its_members_by_id_and_by_name()
    {
        var (pro, free) = (Some.Name("user"), Some.Name("user"));
        var contact = await server.Client.SaveContact(Some.Contact("pro", pro));
        _ = await server.Client.SaveContact(Some.Contact("free", free));
        var segment = await server.Publish($"{Some.Name("Pros")} / 100 %", Some.ProRule);
        foreach (var key in new[] { segment.Name, segment.Id.ToString() })
        {
            foreach (var target in new[] { pro, $"external_id:{pro}", contact.Id.ToString() })
            {
                var (status, on) = await Evaluate(key, $$"""{"context":{"targetingKey":"{{target}}","plan":"whatever"} }""");
                Assert.Equal(HttpStatusCode.OK, status);
                Assert.Equal((key, true, "TARGETING_MATCH", "member"), ((string)on["key"]!, (bool)on["value"]!, (string)on["reason"]!, (string)on["variant"]!));
                Assert.Equal((segment.Id.ToString(), false), ((string)on["metadata"]!["segmentId"]!, (bool)on["metadata"]!["stale"]!));
            }

            var off = (await Evaluate(key, $$"""{"context":{"targetingKey":"{{free}}"} }""")).Body;
            Assert.Equal((false, "DEFAULT", "not_member"), ((bool)off["value"]!, (string)off["reason"]!, (string)off["variant"]!));
            var nobody = (await Evaluate(key, """{"context":{"targetingKey":"nobody knows me"}}""")).Body;
            Assert.Equal((false, "DEFAULT", "unknown"), ((bool)nobody["value"]!, (string)nobody["reason"]!, (string)nobody["variant"]!));
        }
    }

    [Theory]
    [InlineData("""{"context":{"targetingKey":"x"}}""", HttpStatusCode.NotFound, "FLAG_NOT_FOUND")]
    [InlineData("""{"context":{}}""", HttpStatusCode.BadRequest, "TARGETING_KEY_MISSING")]
    [InlineData("""{"context":{"targetingKey":""}}""", HttpStatusCode.BadRequest, "TARGETING_KEY_MISSING")]
    [InlineData("""{"context":{"targetingKey":7}}""", HttpStatusCode.BadRequest, "TARGETING_KEY_MISSING")]
    [InlineData("""{"context":[]}""", HttpStatusCode.BadRequest, "INVALID_CONTEXT")]
    [InlineData("""{}""", HttpStatusCode.BadRequest, "INVALID_CONTEXT")]
    [InlineData("""[]""", HttpStatusCode.BadRequest, "INVALID_CONTEXT")]
    public async Task What_cannot_be_evaluated_has_the_protocol_s_error(string body, HttpStatusCode status, string code)
    {
        var (answered, fault) = await Evaluate("no such flag", body);
        Assert.Equal((status, code, "no such flag"), (answered, (string)fault["errorCode"]!, (string)fault["key"]!));
        Assert.NotEmpty((string)fault["errorDetails"]!);
    }

    [Fact]
    public async Task All_flags_come_at_once_and_not_again_while_they_are_the_same()
    {
        var user = Some.Name("user");
        _ = await server.Client.SaveContact(Some.Contact("pro", user));
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var (status, flags, tag) = await EvaluateAll(user, tag: null);
        Assert.Equal(HttpStatusCode.OK, status);
        var all = flags!["flags"]!.AsArray().ToDictionary(static flag => (string)flag!["key"]!, static flag => (bool)flag!["value"]!);
        Assert.True(all[segment.Name] && all[segment.Id.ToString()]);
        Assert.Equal(HttpStatusCode.NotModified, (await EvaluateAll(user, tag)).Status);
        Assert.Equal(HttpStatusCode.OK, (await EvaluateAll(Some.Name("other"), tag)).Status);

        var saved = await server.Client.SaveContact(Some.Contact("free", user));
        _ = await Patience.Ask(() => server.Client.GetSegment(segment.Id, atLeast: saved.Revision));
        (status, flags, _) = await EvaluateAll(user, tag);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False((bool)flags!["flags"]!.AsArray().Single(flag => (string)flag!["key"]! == segment.Name)!["value"]!);
    }

    [Fact]
    public async Task A_segment_that_stands_still_is_off_once_that_is_too_long_ago()
    {
        var clock = new ShiftedSteppedClock();
        var shifted = new TestServer { Clock = clock };
        await shifted.InitializeAsync();
        try
        {
            _ = await shifted.Client.SaveContact(Some.Contact("pro", "u"));
            var segment = await shifted.Publish("pros", Some.ProRule);
            _ = await shifted.Client.PauseSegment(segment.Id);
            while ((await shifted.Client.GetSegment(segment.Id)).Status != "paused")
            {
                await Task.Delay(20);
            }

            clock.Shift(TimeSpan.FromMinutes(3));
            var (_, flag) = await Evaluate("pros", """{"context":{"targetingKey":"u"}}""", shifted);
            Assert.Equal((false, "STALE", "stale"), ((bool)flag["value"]!, (string)flag["reason"]!, (string)flag["variant"]!));
        }
        finally
        {
            await shifted.DisposeAsync();
        }
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> Evaluate(string key, string body, TestServer? at = null)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await (at ?? server).Http((at ?? server).Key).PostAsync(new Uri($"ofrep/v1/evaluate/flags/{Uri.EscapeDataString(key)}", UriKind.Relative), content);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body, string? Tag)> EvaluateAll(string target, string? tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("ofrep/v1/evaluate/flags", UriKind.Relative)) { Content = new StringContent($$"""{"context":{"targetingKey":"{{target}}"} }""", Encoding.UTF8, "application/json") };
        if (tag is not null)
        {
            _ = request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        using var answer = await server.Http(server.Key).SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), answer.Headers.ETag?.ToString());
    }

    /// <summary>The machine's clock, ahead by what it is told to be.</summary>
    private sealed class ShiftedSteppedClock : TimeProvider
    {
        private long shift;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref shift));

        public void Shift(TimeSpan by) => Interlocked.Add(ref shift, by.Ticks);
    }
}
