using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;

namespace SegmentEngine.Server.Segments;

/// <summary>How much segments have in common.</summary>
public static class OverlapEndpoints
{
    private const int SegmentsMax = 3;

    public static void MapOverlap(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/manage/segments").WithTags("Segment management").Needs(Scopes.Manage)
            .MapGet("/overlap", Overlap).WithName("OverlapOfSegments").WithSummary("How many members two or three published segments share, and their Jaccard index");

    private static async ValueTask<Results<Ok<SegmentOverlap>, Refusal>> Overlap(
        [Required] string? segment_ids, [AsParameters] Reflecting reflecting, Caller caller, Freshness freshness, CancellationToken cancel)
    {
        var named = (segment_ids ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var ids = named.Select(static name => Guid.TryParse(name, out var id) ? id : (Guid?)null).ToList();
        if (ids.Count is < 2 or > SegmentsMax || ids.Contains(null) || ids.Distinct().Count() < ids.Count)
        {
            return Refusal.BadRequest("segment_ids", "wrong_value", $"name two or three different segments by their ids, with commas between them");
        }

        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        if (behind is not null)
        {
            return behind;
        }

        var segments = ids.OfType<Guid>().Select(id => snapshot.SegmentsById.GetValueOrDefault(new(id))).OfType<SegmentState>().ToList();
        if (segments.Count < ids.Count)
        {
            return Refusal.NotFound;
        }

        // Every set of them, by the bits of a number.
        var among = Enumerable.Range(1, (1 << segments.Count) - 1).Select(bits => segments.Where((_, i) => ((bits >> i) & 1) != 0).ToList()).ToList();
        var shared = among.ConvertAll(snapshot.CountInAll);
        long Union(List<SegmentState> of) => among.Zip(shared).Where(each => each.First.TrueForAll(of.Contains)).Sum(static each => each.First.Count % 2 == 1 ? each.Second : -each.Second);
        return TypedResults.Ok(new SegmentOverlap
        {
            Segments = [.. segments.Select(segment => new OverlappingSegment(segment.Id.Value, segment.Name, snapshot.Count(segment)))],
            Overlaps = [.. among.Zip(shared).Where(static each => each.First.Count > 1).OrderBy(static each => each.First.Count)
                .Select(each => new SharedMembers([.. each.First.Select(static segment => segment.Id.Value)], each.Second, Union(each.First) is > 0 and var union ? (double)each.Second / union : 0))],
            Union = Union(segments),
            Revision = snapshot.Revision,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Stale = freshness.IsStale(snapshot),
        });
    }
}
