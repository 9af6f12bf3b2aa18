using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
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
        catch (SqliteException full) when (full.SqliteErrorCode == SQLitePCL.raw.SQLITE_FULL && !context.Response.HasStarted)
        {
            NotStored(log, full, context.Request.Method, Route(context));
            await Refusal.Of(StatusCodes.Status507InsufficientStorage, "the disk is full: nothing of this request was stored; what was stored before can be read").ExecuteAsync(context);
        }
        catch (Exception unwritten) when (unwritten is SqliteException or WriterBrokenException && !context.Response.HasStarted)
        {
            NotStored(log, unwritten, context.Request.Method, Route(context));
            context.Response.Headers.RetryAfter = "1";
            await Refusal.Of(StatusCodes.Status503ServiceUnavailable, "the database could not be written or read just now: send the request again").ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to answer.
        }
        catch (Exception bug) when (!context.Response.HasStarted)
        {
            Unhandled(log, bug, context.Request.Method, Route(context));
            await Refusal.Of(StatusCodes.Status500InternalServerError).ExecuteAsync(context);
        }
    }

    /// <summary>As it is mapped: the path itself may name a contact, and logs are not erased with it.</summary>
    private static string Route(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "?";

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

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} could not be stored")]
    private static partial void NotStored(ILogger log, Exception failure, string method, string route);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Route} failed")]
    private static partial void Unhandled(ILogger log, Exception bug, string method, string route);
}
