using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>The body of every answer that is not a success. OpenCX's three fields, plus what there is to say beyond them.</summary>
public sealed record ErrorBody
{
    [JsonPropertyName("statusCode")]
    public required int StatusCode { get; init; }
    public required string Message { get; init; }
    public required string Error { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Diagnostic>? Details { get; init; }

    /// <summary>With 409 <c>stale</c>: the revision that is reflected so far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }
}

/// <summary>One thing that is wrong, and where: a JSON path into what was sent.</summary>
public sealed record Diagnostic
{
    public required string Path { get; init; }
    public required string Code { get; init; }
    public required string Message { get; init; }

    /// <summary><c>error</c> or <c>warning</c>; absent where only errors are spoken of.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Severity { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Suggestion { get; init; }
}

/// <summary>The server said no. <see cref="Body"/> is null when the answer did not come from SegmentEngine (a proxy's page, say).</summary>
public sealed class SegmentEngineException : Exception
{
    public SegmentEngineException() { }

    public SegmentEngineException(string message) : base(message) { }

    public SegmentEngineException(string message, Exception inner) : base(message, inner) { }

    public SegmentEngineException(int status, ErrorBody? body) : base(Describe(status, body)) => (Status, Body) = (status, body);

    public int Status { get; }
    public ErrorBody? Body { get; }
    public IReadOnlyList<Diagnostic> Details => Body?.Details ?? [];

    private static string Describe(int status, ErrorBody? body) =>
        body is null ? $"{status}: the answer is not one of SegmentEngine's"
        : string.Join('\n', [$"{status}: {body.Message}", .. (body.Details ?? []).Select(detail => $"  {detail.Path}: {detail.Message}")]);
}
