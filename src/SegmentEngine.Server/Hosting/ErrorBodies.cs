using System.Text.Json;
using System.Text.RegularExpressions;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Hosting;

/// <summary>Gives every answer that is not a success its body, whoever refused it: an endpoint, the router, Kestrel, or a bug.</summary>
public sealed partial class ErrorBodies(RequestDelegate next, ILogger<ErrorBodies> log)
{
    public async Task Invoke(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { StatusCode: >= 400, HasStarted: false, ContentLength: null, ContentType: null })
            {
                await Refusal.Of(context.Response.StatusCode).ExecuteAsync(context);
            }
        }
        catch (RefusedException refused) when (!context.Response.HasStarted)
        {
            if (refused.Refusal == LargeBody.Refusal)
            {
                await LargeBody.Refuse(context);
            }
            else
            {
                await refused.Refusal.ExecuteAsync(context);
            }
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            await Translate(bad).ExecuteAsync(context);
        }
        catch (NotLoadedException) when (!context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = "1";
            await Refusal.Of(StatusCodes.Status503ServiceUnavailable, "the workspace is still being loaded").ExecuteAsync(context);
        }
        catch (NotInWorkspaceException) when (!context.Response.HasStarted)
        {
            await Refusal.NotFound.ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to answer.
        }
        catch (Exception bug) when (!context.Response.HasStarted)
        {
            Unhandled(log, bug, context.Request.Method, context.Request.Path);
            await Refusal.Of(StatusCodes.Status500InternalServerError).ExecuteAsync(context);
        }
    }

    private static Refusal Translate(BadHttpRequestException bad)
    {
        if (BindFailure().Match(bad.Message) is { Success: true } failure)
        {
            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(failure.Groups["name"].Value);
            return Refusal.BadRequest(name, "wrong_type", $"\"{failure.Groups["value"].Value}\" is not a value for {name}");
        }

        return bad.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => LargeBody.Refusal,
            StatusCodes.Status400BadRequest => Refusal.Of(bad.StatusCode, "the request cannot be read"),
            _ => Refusal.Of(bad.StatusCode),
        };
    }

    [GeneratedRegex("""^Failed to bind parameter "\S+ (?<name>\w+)" from "(?<value>.*)"\.$""", RegexOptions.Singleline)]
    private static partial Regex BindFailure();

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void Unhandled(ILogger log, Exception bug, string method, string path);
}
