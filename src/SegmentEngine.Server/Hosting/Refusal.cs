using Microsoft.AspNetCore.WebUtilities;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Hosting;

/// <summary>An answer that is not a success, in the one shape all of them have.</summary>
public sealed class Refusal(ErrorBody body) : IResult
{
    /// <summary>Unknown, or another workspace's: the caller cannot tell which.</summary>
    public static readonly Refusal NotFound = Of(StatusCodes.Status404NotFound);

    /// <summary>OpenCX's own words.</summary>
    public static readonly Refusal Unauthorized = Of(StatusCodes.Status401Unauthorized);

    public ErrorBody Body => body;

    public static Refusal Of(int status, string? message = null, IReadOnlyList<Diagnostic>? details = null, long? revision = null)
    {
        var name = status == StatusCodes.Status422UnprocessableEntity ? "Unprocessable Entity" : ReasonPhrases.GetReasonPhrase(status);
        return new(new() { StatusCode = status, Message = message ?? name, Error = name, Details = details, Revision = revision });
    }

    public static Refusal BadRequest(string path, string code, string message) =>
        Of(StatusCodes.Status400BadRequest, message, [new() { Path = path, Code = code, Message = message }]);

    public static Refusal BadRequest(IReadOnlyList<Diagnostic> details) =>
        Of(StatusCodes.Status400BadRequest, details.Count == 1 ? details[0].Message : $"{details.Count} things are wrong with this request", details);

    public static Refusal Conflict(string message, params IReadOnlyList<Diagnostic> details) =>
        Of(StatusCodes.Status409Conflict, message, details.Count > 0 ? details : null);

    /// <summary>A rule with all that is wrong with it.</summary>
    public static Refusal BadRule(IReadOnlyList<Diagnostic> diagnostics) =>
        Of(StatusCodes.Status422UnprocessableEntity, "the rule is refused", diagnostics);

    /// <summary>The revision that was asked for is not reflected yet.</summary>
    public static Refusal Behind(long asked, long reflected) =>
        Of(StatusCodes.Status409Conflict, "stale", [new() { Path = "at_least", Code = "stale", Message = $"revision {asked} is not reflected yet; {reflected} is" }], reflected);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = body.StatusCode;
        if (body.StatusCode == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        await response.WriteAsJsonAsync(body, WireJson.Default.ErrorBody, contentType: null, httpContext.RequestAborted);
    }
}

/// <summary>A refusal from where no result can be returned, such as the reading of a body.</summary>
public sealed class RefusedException : Exception
{
    public RefusedException() : this(Refusal.Of(StatusCodes.Status400BadRequest)) { }

    public RefusedException(string message) : this(Refusal.Of(StatusCodes.Status400BadRequest, message)) { }

    public RefusedException(string message, Exception inner) : base(message, inner) => Refusal = Refusal.Of(StatusCodes.Status400BadRequest, message);

    public RefusedException(Refusal refusal) : base(refusal.Body.Message) => Refusal = refusal;

    public Refusal Refusal { get; }
}
