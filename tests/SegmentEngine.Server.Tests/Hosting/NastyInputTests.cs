using System.Text;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Hosting;

/// <summary>Whatever is sent, it is the sender's fault or it is taken; it is never a fault of ours.</summary>
public sealed class NastyInputTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly string[] calls =
    [
        "POST contacts", "PATCH contacts/{0}", "POST contacts/batch", "POST v1/track", "POST v1/identify", "POST v1/batch", "POST contacts/segments/check", "POST gating/resolve",
        "POST gating/authorize", "POST actions", "PATCH actions/{1}", "POST training", "POST manage/segments", "PATCH manage/segments/{2}", "POST manage/segments/check",
        "POST manage/segments/preview", "POST manage/keys", "PUT manage/schema",
    ];

    private static readonly string[] values =
    [
        "null", "true", "0", "-1", "1e400", "99999999999999999999999999", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud800\\ud800\"", "[]", "[null]", "[[]]", "[{}]", "{}", "{\"\":null}", "{\"\\ud800\":1}",
        "{\"a\\u0000b\":\"\\u0000\"}", "{\"or\":[{\"and\":[{\"type\":\"\\ud800\"}]}]}", "{\"or\":[{\"and\":[{\"type\":\"trait\",\"trait\":\"\\ud800\",\"op\":\"matches\",\"value\":\"(\"}]}]}",
        "{\"or\":[{\"and\":[{\"type\":\"segment\",\"segment_id\":\"\\ud800\",\"op\":\"in\"}]}]}",
    ];

    private static readonly string[] fields =
    [
        "id", "external_id", "email", "phone", "phone_number", "name", "created_at", "last_seen_at", "custom_data", "non_verified_custom_data", "contact", "contacts", "batch", "checks",
        "userId", "event", "properties", "traits", "timestamp", "messageId", "type", "contact_id", "action_id", "action_ids", "channel", "title", "content", "payload", "restricted_to_segments",
        "restricted_to_channels", "definition", "description", "segment_id", "scopes", "expires_at", "events",
    ];

    [Fact]
    public async Task No_value_in_no_field_is_a_fault_of_ours()
    {
        var contact = (await server.Client.SaveContact(Some.Contact())).Id;
        var action = (await server.Client.CreateAction(new() { Name = "action" })).Id;
        var segment = (await server.Client.CreateSegment(new() { Name = Some.Name(), Definition = Some.Json(Some.ProRule) })).Id;
        var http = server.Http(server.Key);
        var faults = new List<string>();
        foreach (var call in calls)
        {
            var (method, path) = (new HttpMethod(call.Split(' ')[0]), new Uri(string.Format(null, call.Split(' ')[1], contact, action, segment), UriKind.Relative));
            foreach (var body in fields.SelectMany(field => values.Select(value => Body(field, value))).Concat(values))
            {
                using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
                using var answer = await http.SendAsync(request);
                if ((int)answer.StatusCode >= 500)
                {
                    faults.Add($"{call} {body}");
                }
            }
        }

        Assert.Empty(faults);
    }

    /// <summary>The field, among others that a call needs before it looks at this one.</summary>
    private static string Body(string field, string value)
    {
        (string Name, string Value)[] others = field switch
        {
            "properties" or "timestamp" or "messageId" or "event" => [("userId", "\"u\""), ("event", "\"e\"")],
            "traits" => [("userId", "\"u\"")],
            "custom_data" or "non_verified_custom_data" or "email" or "created_at" => [("external_id", "\"x\"")],
            "definition" or "description" => [("name", $"\"{Guid.NewGuid()}\""), ("definition", Some.ProRule)],
            "payload" or "restricted_to_segments" or "restricted_to_channels" => [("name", "\"n\"")],
            "content" => [("title", "\"t\"")],
            _ => [],
        };
        return $"{{{string.Join(',', others.Where(other => other.Name != field).Append((field, value)).Select(each => $"\"{each.Item1}\":{each.Item2}"))}}}";
    }
}
