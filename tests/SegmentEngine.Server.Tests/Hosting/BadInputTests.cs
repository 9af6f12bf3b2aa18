using System.Net;
using System.Text;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Hosting;

/// <summary>What is wrong is refused with the place where it is wrong, and nothing is stored half.</summary>
public sealed class BadInputTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("""{"external_id":"a","email":}""", "$", "malformed")]
    [InlineData("""{"external_id":"a"} x""", "$", "malformed")]
    [InlineData("not json", "$", "malformed")]
    [InlineData("", "$", "empty")]
    [InlineData("null", "$", "wrong_type")]
    [InlineData("[]", "$", "wrong_type")]
    [InlineData("""{"external_id":7}""", "$.external_id", "wrong_type")]
    [InlineData("""{"external_id":"a","plan":"pro"}""", "$.plan", "unknown_field")]
    [InlineData("""{"contact":{"external_id":"a","plan":"pro"}}""", "$.contact.plan", "unknown_field")]
    [InlineData("""{"external_id":"a","external_id":"b"}""", "$", "duplicate_field")]
    [InlineData("""{"external_id":"a","custom_data":[1]}""", "$.custom_data", "wrong_type")]
    [InlineData("""{"external_id":"a","created_at":"2024-05-01T12:00:00"}""", "$.created_at", "wrong_value")]
    [InlineData("""{"external_id":"a","created_at":"2024-05-01"}""", "$.created_at", "wrong_value")]
    [InlineData("""{"external_id":""}""", "$.external_id", "wrong_value")]
    [InlineData("""{"name":"nobody"}""", "$", "required")]
    [InlineData("""{"id":"7","external_id":"a"}""", "$.id", "wrong_type")]
    [InlineData("""{"external_id":"\ud800"}""", "$", "malformed")]
    [InlineData("""{"external_id":"a","custom_data":{"note":["\ud83d"]}}""", "$", "malformed")]
    [InlineData("""{"external_id":"a","custom_data":{"\udc00":1}}""", "$", "malformed")]
    public async Task A_contact_that_does_not_fit_is_400_with_the_place(string json, string path, string code)
    {
        var error = await server.Refused(HttpMethod.Post, "contacts", json);
        Assert.Equal(400, error.StatusCode);
        Assert.Equal("Bad Request", error.Error);
        var detail = Assert.Single(error.Details!);
        Assert.Equal((path, code), (detail.Path, detail.Code));
        Assert.DoesNotContain("SegmentEngine", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("contacts", """{"external_id":7}""", "$.external_id", "expected text")]
    [InlineData("contacts", """{"external_id":"a","email":{}}""", "$.email", "expected text")]
    [InlineData("contacts/batch", """{"contacts":null}""", "$.contacts", "\"contacts\" must be a list")]
    [InlineData("contacts/batch", """{"contacts":[7]}""", "$.contacts[0]", "expected an object")]
    [InlineData("gating/authorize", """{"action_id":null}""", "$.action_id", "\"action_id\" must not be null")]
    [InlineData("gating/authorize", """{"action_id":7}""", "$.action_id", "expected text")]
    [InlineData("gating/authorize", "[]", "$", "expected an object")]
    [InlineData("gating/resolve", """{"action_ids":"x"}""", "$.action_ids", "expected a list")]
    [InlineData("gating/resolve", """{"action_ids":[7]}""", "$.action_ids[0]", "expected text")]
    [InlineData("actions", """{"name":"n","is_restricted":"yes"}""", "$.is_restricted", "expected true or false")]
    [InlineData("actions", """{"name":"n","restricted_to_segments":[7]}""", "$.restricted_to_segments[0]", "expected a UUID")]
    [InlineData("manage/segments", """{"name":null,"definition":{}}""", "$.name", "\"name\" must not be null")]
    public async Task A_value_of_the_wrong_type_is_told_which_was_expected_where(string path, string json, string at, string message)
    {
        var detail = Assert.Single((await server.Refused(HttpMethod.Post, path, json)).Details!);
        Assert.Equal((at, message), (detail.Path, detail.Message));
    }

    [Theory]
    [InlineData("""{"event":"order"}""", "$.userId", "required")]
    [InlineData("""{"anonymousId":"x","event":"order"}""", "$.userId", "required")]
    [InlineData("""{"userId":"","event":"order"}""", "$.userId", "required")]
    [InlineData("""{"userId":"u"}""", "$.event", "required")]
    [InlineData("""{"userId":"u","event":"order","timestamp":"2024-05-01T12:00:00"}""", "$.timestamp", "wrong_value")]
    [InlineData("""{"userId":"u","event":"order","timestamp":"yesterday"}""", "$.timestamp", "wrong_value")]
    [InlineData("""{"userId":"u","event":"order","properties":"x"}""", "$.properties", "wrong_type")]
    [InlineData("""{"userId":7,"event":"order"}""", "$.userId", "wrong_type")]
    public async Task An_event_that_does_not_fit_is_400_with_the_place(string json, string path, string code)
    {
        var error = await server.Refused(HttpMethod.Post, "v1/track", json);
        Assert.Equal(400, error.StatusCode);
        Assert.Equal((path, code), (error.Details![0].Path, error.Details[0].Code));
    }

    [Fact]
    public async Task An_event_of_40_KB_is_413_and_nothing_is_stored()
    {
        var user = Some.Name("user");
        var error = await server.Refused(HttpMethod.Post, "v1/track", $$$"""{"userId":"{{{user}}}","event":"order","properties":{"note":"{{{new string('x', 40_000)}}}"}}""");
        Assert.Equal(413, error.StatusCode);
        Assert.Equal("too_large", error.Details![0].Code);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.GetContact($"external_id:{user}"))).Status);
    }

    [Fact]
    public async Task An_event_of_40_KB_in_a_batch_is_refused_and_the_rest_goes_in()
    {
        var (large, small) = (Some.Name("user"), Some.Name("user"));
        var answer = await server.Client.SendEvents(new()
        {
            Batch =
            [
                new() { Type = "track", UserId = large, Event = "order", Properties = Some.Json($$"""{"note":"{{new string('x', 40_000)}}"}""") },
                new() { Type = "track", UserId = small, Event = "order" },
                new() { Type = "page", UserId = small },
                new() { Type = "track", Event = "order" },
            ],
        });
        Assert.Equal(1, answer.Accepted);
        Assert.Equal([(0, "too_large"), (2, "unsupported_type"), (3, "required")], answer.Refused.Select(refused => (refused.Index, refused.Code)));
        Assert.Equal("$.batch[3].userId", answer.Refused[^1].Path);
        await server.Client.GetContact($"external_id:{small}");
        await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.GetContact($"external_id:{large}"));
    }

    [Fact]
    public async Task A_batch_of_which_nothing_can_be_stored_is_400()
    {
        var error = await server.Refused(HttpMethod.Post, "contacts/batch", """{"contacts":[{"name":"nobody"},{"external_id":7}]}""");
        Assert.Equal(400, error.StatusCode);
        Assert.Equal(["$.contacts[0]", "$.contacts[1].external_id"], error.Details!.Select(detail => detail.Path));
    }

    [Theory]
    [InlineData("""{"contacts":[]}""", "$.contacts")]
    [InlineData("""{"contacts":{}}""", "$.contacts")]
    [InlineData("""{}""", "$.contacts")]
    [InlineData("""{"contacts":[{"external_id":"a"}],"dry_run":true}""", "$.dry_run")]
    public async Task A_batch_without_its_list_or_with_more_is_400(string json, string path)
    {
        var error = await server.Refused(HttpMethod.Post, "contacts/batch", json);
        Assert.Equal((400, path), (error.StatusCode, error.Details![0].Path));
    }

    [Fact]
    public async Task A_batch_of_2501_is_400()
    {
        var error = await server.Refused(HttpMethod.Post, "contacts/batch", $$"""{"contacts":[{{string.Join(',', Enumerable.Repeat("{}", 2_501))}}]}""");
        Assert.Equal((400, "wrong_count"), (error.StatusCode, error.Details![0].Code));
    }

    [Theory]
    [InlineData("contacts", true)]
    [InlineData("contacts/batch", true)]
    [InlineData("contacts/batch", false)]
    [InlineData("v1/batch", true)]
    [InlineData("manage/segments", true)]
    [InlineData("manage/segments", false)]
    public async Task A_body_of_100_MB_is_413_before_it_is_read(string path, bool asksFirst)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(new byte[100_000_000]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.ExpectContinue = asksFirst;
        using var answer = await server.Http(server.Key).SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.StartsWith("""{"statusCode":413,""", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("manage/segments")]
    [InlineData("manage/segments/check")]
    public async Task A_rule_of_100000_brackets_is_a_diagnostic(string path)
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);
        var error = await server.Refused(HttpMethod.Post, path, $$"""{"name":"deep","definition":{{deep}}}""");
        Assert.Equal(422, error.StatusCode);
        Assert.Equal("too_deep", Assert.Single(error.Details!).Code);
    }

    [Fact]
    public async Task A_contact_of_100000_brackets_is_400()
    {
        var deep = new string('[', 100_000) + new string(']', 100_000);
        var error = await server.Refused(HttpMethod.Post, "contacts", $$$"""{"external_id":"deep","custom_data":{"x":{{{deep}}}}}""");
        Assert.Equal((400, "too_deep"), (error.StatusCode, error.Details![0].Code));
    }

    [Theory]
    [InlineData("page=0", "page")]
    [InlineData("page=-1", "page")]
    [InlineData("page=x", "page")]
    [InlineData("page=99999999999999999999", "page")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("at_least=soon", "at_least")]
    public async Task A_page_that_cannot_be_is_400(string query, string path)
    {
        var error = await server.Refused(HttpMethod.Get, $"contacts/segments?{query}", json: null);
        Assert.Equal((400, path), (error.StatusCode, error.Details![0].Path));
    }

    [Fact]
    public async Task A_page_past_the_end_is_empty()
    {
        var page = await server.Client.ListSegments(page: 9_007_199_254_740_991, limit: 100);
        Assert.Empty(page.Data);
        Assert.False(page.HasNext);
        Assert.True(page.HasPrevious);
    }

    [Theory]
    [InlineData("GET", "nowhere", 404)]
    [InlineData("GET", "contacts/segments/not-a-uuid", 404)]
    [InlineData("PUT", "contacts/segments", 405)]
    [InlineData("PUT", "gating/resolve", 405)]
    public async Task What_is_not_there_has_the_one_error_body(string method, string path, int status) =>
        Assert.Equal(status, (await server.Refused(new(method), path, json: null)).StatusCode);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    public async Task A_body_that_says_it_is_no_JSON_is_415(string mediaType) =>
        Assert.Equal(415, (await server.Refused(HttpMethod.Post, "contacts", "{}", mediaType)).StatusCode);

    [Theory]
    [InlineData("""{"contact_id":"x","actions":[]}""", "$.actions", "unknown_field")]
    [InlineData("""{"contact_id":7}""", "$.contact_id", "wrong_type")]
    [InlineData("""{"action_ids":"x"}""", "$.action_ids", "wrong_type")]
    [InlineData("""{"action_ids":[null]}""", "$.action_ids[0]", "wrong_type")]
    public async Task A_gate_question_that_does_not_fit_is_400(string json, string path, string code)
    {
        var error = await server.Refused(HttpMethod.Post, "gating/resolve", json);
        Assert.Equal((400, path, code), (error.StatusCode, error.Details![0].Path, error.Details[0].Code));
    }

    [Fact]
    public async Task A_fault_of_ours_says_nothing_of_its_inside()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("contacts/segments?page=1", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("At-Least-Revision", "x");
        using var answer = await server.Http(server.Key).SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.DoesNotContain(" at ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_400()
    {
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes("{\"external_id\":\""), 0xff, 0xfe, .. Encoding.UTF8.GetBytes("\"}")]);
        content.Headers.ContentType = new("application/json");
        using var answer = await server.Http(server.Key).PostAsync(new Uri("contacts", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }
}
