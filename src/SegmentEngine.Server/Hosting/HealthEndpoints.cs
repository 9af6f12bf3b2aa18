using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Memberships;

namespace SegmentEngine.Server.Hosting;

/// <summary>Is the process alive, and can it answer? Open to everybody; nothing here names a workspace.</summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", static () => TypedResults.Ok(new Health { Status = "live" })).WithName("Live").WithSummary("The process answers");
        health.MapGet("/ready", Ready).WithName("Ready").WithSummary("Every workspace is loaded, or cannot be; 503 until then").Produces<Health>(StatusCodes.Status503ServiceUnavailable);
    }

    private static Results<Ok<Health>, JsonHttpResult<Health>> Ready(MembershipView view, ServerOptions options, TimeProvider clock)
    {
        if (!view.IsLoaded)
        {
            return TypedResults.Json(new Health { Status = "loading" }, statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        var now = Instant.From(clock.GetUtcNow());
        var behind = view.All.Select(snapshot => snapshot.Behind(now)).DefaultIfEmpty(TimeSpan.Zero).Max();
        return TypedResults.Ok(new Health
        {
            Status = view.Failed > 0 ? "degraded" : behind > options.StaleAfter ? "stale" : "ready",
            DirtyAgeSeconds = behind.TotalSeconds,
            WorkspacesLoaded = view.All.Count,
            WorkspacesFailed = view.Failed,
        });
    }
}
