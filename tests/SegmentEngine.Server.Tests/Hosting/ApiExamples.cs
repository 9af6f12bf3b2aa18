using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SegmentEngine.Server.Tests.Hosting;

/// <summary>The examples that the API's description shows, recorded from calls and their answers. Ids and times are another in each run: the file keeps those of the run it was made in, and what is held against it is the shape.</summary>
internal sealed partial class ApiExamples
{
    private const int ItemsMax = 2;
    private static readonly JsonSerializerOptions indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };
    private readonly SortedDictionary<string, (JsonNode? Request, SortedDictionary<string, JsonNode> Responses)> calls = new(StringComparer.Ordinal);

    /// <summary>The first call of each kind counts.</summary>
    public void Add(IEnumerable<string> operations, string? request, int status, string response)
    {
        foreach (var operation in operations.Where(static name => name.Length > 0))
        {
            var call = calls.GetValueOrDefault(operation, (null, new(StringComparer.Ordinal)));
            calls[operation] = call = call with { Request = call.Request ?? Shown(request) };

            if (Shown(response) is { } shown)
            {
                _ = call.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), shown);
            }
        }
    }

    public void Approve(string file)
    {
        var made = new JsonObject(calls.Select(static call => KeyValuePair.Create(call.Key, (JsonNode?)new JsonObject(Parts(call.Value)))));
        if (Environment.GetEnvironmentVariable("SEGMENT_APPROVE") == "1")
        {
            File.WriteAllText(file, made.ToJsonString(indented) + "\n");
            return;
        }

        var kept = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        Assert.Equal(kept.Select(static each => each.Key), made.Select(static each => each.Key));
        Assert.All(made, each => Assert.True(IsAlike(kept[each.Key], each.Value), $"{each.Key} answers otherwise than its example says: run this test with SEGMENT_APPROVE=1 and commit {file}\n{each.Value}"));
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Parts((JsonNode? Request, SortedDictionary<string, JsonNode> Responses) call)
    {
        if (call.Request is { } request)
        {
            yield return new("request", request);
        }

        if (call.Responses.Count > 0)
        {
            yield return new("responses", new JsonObject(call.Responses.Select(static each => KeyValuePair.Create(each.Key, (JsonNode?)each.Value))));
        }
    }

    /// <summary>The same fields with the same kinds; what may be null or empty is like whatever it may be.</summary>
    private static bool IsAlike(JsonNode? one, JsonNode? other) => (one, other) switch
    {
        (null, _) or (_, null) => true,
        (JsonObject left, JsonObject right) => left.Select(static field => field.Key).Order(StringComparer.Ordinal).SequenceEqual(right.Select(static field => field.Key).Order(StringComparer.Ordinal)) && left.All(field => IsAlike(field.Value, right[field.Key])),
        (JsonArray left, JsonArray right) => left.Count == 0 || right.Count == 0 || left.All(item => right.Any(each => IsAlike(item, each))),
        (JsonValue left, JsonValue right) => left.GetValueKind() == right.GetValueKind() || (left.GetValueKind() is JsonValueKind.True or JsonValueKind.False && right.GetValueKind() is JsonValueKind.True or JsonValueKind.False),
        _ => false,
    };

    private static JsonNode? Shown(string? text)
    {
        if (string.IsNullOrWhiteSpace(text) || text[0] is not ('{' or '['))
        {
            return null;
        }

        try
        {
            var node = JsonNode.Parse(Secret().Replace(text, "sk_4f7c21d09a3e_…"));
            Shorten(node);
            return node;
        }
        catch (JsonException)
        {
            // Lines of JSON, or text of another kind.
            return null;
        }
    }

    private static void Shorten(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            while (list.Count > ItemsMax)
            {
                list.RemoveAt(list.Count - 1);
            }
        }

        // Only where the machine was slow.
        _ = (node as JsonObject)?.Remove("judged_at_once");
        foreach (var part in node switch { JsonObject fields => fields.Select(static field => field.Value), JsonArray items => items, _ => [] })
        {
            Shorten(part);
        }
    }

    [GeneratedRegex("sk_[A-Za-z0-9]+_[A-Za-z0-9_-]+")]
    private static partial Regex Secret();
}
