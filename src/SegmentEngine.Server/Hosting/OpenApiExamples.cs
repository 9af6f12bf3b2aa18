using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Hosting;

/// <summary>
/// What a call and its answer look like, for the description of the API: recorded from a run of <c>docs/api.http</c> into <c>examples.json</c>, one object an operation with <c>request</c> and, by status, <c>responses</c>.
/// </summary>
internal static class OpenApiExamples
{
    private static readonly Lazy<JsonObject> recorded = new(static () =>
    {
        using var file = typeof(OpenApiExamples).Assembly.GetManifestResourceStream("examples.json")!;
        return JsonNode.Parse(file)!.AsObject();
    });

    public static void AddTo(OpenApiOperation operation)
    {
        var example = recorded.Value[operation.OperationId ?? ""];
        Show(operation.RequestBody?.Content, example?["request"]);
        foreach (var (status, response) in operation.Responses ?? [])
        {
            Show(response.Content, example?["responses"]?[status] ?? (status[0] is '4' or '5' ? Error(int.Parse(status, CultureInfo.InvariantCulture)) : null));
        }

        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(static parameter => parameter.Name == "contact_id"))
        {
            parameter.Example = "external_id:u-1";
            parameter.Description ??= "A UUID, or `external_id:…`, or `email:…`.";
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
