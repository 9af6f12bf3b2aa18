using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;

namespace SegmentEngine.Server.Segments;

/// <summary>The published segments, as OpenCX shows them. Nothing here changes anything.</summary>
public static class SegmentEndpoints
{
    public static void MapSegments(this IEndpointRouteBuilder routes)
    {
        var segments = routes.MapGroup("/contacts/segments").WithTags("Segments").Needs(Scopes.SegmentsRead);
        segments.MapGet("", List).WithName("ListContactSegments").WithSummary("Published segments, ordered by name, then id");
        segments.MapGet("/{segment_id:guid}", Get).WithName("GetContactSegment").WithSummary("One published segment");
    }

    private static async ValueTask<Results<Tagged<SegmentPage>, Refusal>> List(
        [Range(1L, RequestLimits.PageMax)] long? page, [Range(1, RequestLimits.PageSizeMax)] int? limit, [AsParameters] Reflecting reflecting,
        Caller caller, Freshness freshness, CancellationToken cancel)
    {
        var (number, size) = (page ?? 1, limit ?? RequestLimits.PageSizeDefault);
        if (Faults(number, size) is { Count: > 0 } faults)
        {
            return Refusal.BadRequest(faults);
        }

        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        return behind is not null ? behind : new Tagged<SegmentPage>(SegmentAnswers.Page(snapshot, number, size, freshness), freshness.Tag(snapshot));
    }

    private static async ValueTask<Results<Tagged<Segment>, Refusal>> Get(
        Guid segment_id, [AsParameters] Reflecting reflecting, Caller caller, Freshness freshness, CancellationToken cancel)
    {
        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        return behind is not null ? behind
            : snapshot.SegmentsById.TryGetValue(new(segment_id), out var segment) ? new Tagged<Segment>(SegmentAnswers.Show(segment, snapshot, freshness), freshness.Tag(snapshot))
            : Refusal.NotFound;
    }

    private static List<Diagnostic> Faults(long page, int limit)
    {
        var faults = new List<Diagnostic>();
        if (page is < 1 or > RequestLimits.PageMax)
        {
            faults.Add(new() { Path = "page", Code = "out_of_range", Message = $"page is {page}; it must be from 1 to {RequestLimits.PageMax}" });
        }

        if (limit is < 1 or > RequestLimits.PageSizeMax)
        {
            faults.Add(new() { Path = "limit", Code = "out_of_range", Message = $"limit is {limit}; it must be from 1 to {RequestLimits.PageSizeMax}" });
        }

        return faults;
    }
}
