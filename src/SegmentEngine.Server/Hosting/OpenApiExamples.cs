using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Hosting;

/// <summary>
/// What a call and its answer look like, and what its parameters mean, for the description of the API. Examples are recorded from a run of <c>docs/api.http</c> into <c>examples.json</c>, one object an operation with <c>request</c> and, by status, <c>responses</c>.
/// </summary>
internal static class OpenApiExamples
{
    private static readonly Lazy<JsonObject> recorded = new(static () =>
    {
        using var file = typeof(OpenApiExamples).Assembly.GetManifestResourceStream("examples.json")!;
        return JsonNode.Parse(file)!.AsObject();
    });

    /// <summary>What a parameter means, wherever it stands.</summary>
    private static readonly FrozenDictionary<string, string> parameters = new Dictionary<string, string>
    {
        ["contact_id"] = "A UUID, or `external_id:…`, or `email:…`.",
        ["at_least"] = "The revision that the answer must reflect, as a write answered it. It is waited for; after that the answer is 409 `stale`.",
        ["At-Least-Revision"] = "As `at_least`, which goes before it.",
        ["If-None-Match"] = "The tag of an answer that is there already; 304 where it is still the answer.",
        ["page"] = "From 1.",
        ["limit"] = "How many on a page.",
        ["cursor"] = "`next` of the page before; the first page without it.",
        ["format"] = "`csv` or `jsonl`: all of them in one stream.",
        ["mode"] = "`append` puts those named on the list, `replace` takes all others off too, `remove` takes those named off.",
        ["kind"] = "`include` or `exclude`.",
        ["part"] = "`members`, `entering` or `leaving`.",
        ["tag"] = "Only segments with this tag.",
        ["status"] = "Only segments in this state.",
        ["segment_ids"] = "Two or three ids, with a comma between.",
        ["suppress"] = "True: nothing is stored under the contact's names again.",
    }.ToFrozenDictionary();

    public static void AddTo(OpenApiOperation operation)
    {
        var example = recorded.Value[operation.OperationId ?? ""];
        Show(operation.RequestBody?.Content, example?["request"]);
        foreach (var (status, response) in operation.Responses ?? [])
        {
            Show(response.Content, example?["responses"]?[status] ?? (status[0] is '4' or '5' ? Error(int.Parse(status, CultureInfo.InvariantCulture)) : null));
        }

        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            parameter.Description ??= parameters.GetValueOrDefault(parameter.Name ?? "");
            if (parameter.Name == "contact_id")
            {
                parameter.Example = "external_id:u-1";
            }
        }
    }

    private static void Show(IDictionary<string, OpenApiMediaType>? content, JsonNode? example)
    {
        if (example is not null && content?.TryGetValue("application/json", out var json) == true)
        {
            json.Example = example.DeepClone();
        }
    }

    private static JsonNode? Error(int status) => JsonSerializer.SerializeToNode(
        Refusal.Of(status, details: status switch
        {
            StatusCodes.Status400BadRequest => [new() { Path = "$.name", Code = "required", Message = "\"name\" is required" }],
            StatusCodes.Status422UnprocessableEntity => [new() { Path = "$.or[0].and[0].op", Code = "unknown_op", Message = "there is no op \"equals\"; it is called \"eq\" here", Severity = "error" }],
            _ => null,
        }).Body,
        WireJson.Default.ErrorBody);
}
