using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Workspaces;

/// <summary>Who changed what.</summary>
public static class AuditEndpoints
{
    public static void MapAudit(this IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/manage/audit").WithTags("Workspace").Needs(Scopes.Manage);
        audit.MapGet("", List).WithName("ListAudit").WithSummary("Who changed what, newest first");
        audit.MapGet("/verify", Verify).WithName("VerifyAudit").WithSummary("Whether no entry was changed or taken out");
    }

    private static Results<Ok<AuditPage>, Refusal> List(string? cursor, [Range(1, RequestLimits.MembersPageSizeMax)] int? limit, Caller caller, SegmentDatabase database)
    {
        var (before, max) = (long.MaxValue, limit ?? RequestLimits.PageSizeMax);
        if (max is < 1 or > RequestLimits.MembersPageSizeMax)
        {
            return Refusal.BadRequest("limit", "out_of_range", $"limit is {max}; it must be from 1 to {RequestLimits.MembersPageSizeMax}");
        }

        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            return Refusal.BadRequest("cursor", "wrong_value", "this is not a cursor of ours");
        }

        var found = database.Audit.Page(caller.Workspace, before, max + 1);
        return TypedResults.Ok(new AuditPage
        {
            Items = [.. found.Take(max).Select(static entry => new AuditLine
            {
                Number = entry.Number,
                At = entry.At.ToDateTimeOffset(),
                Actor = entry.Actor,
                Action = entry.Action,
                Target = entry.Target,
                Revision = entry.Revision,
                Hash = Convert.ToHexStringLower(entry.Hash),
            })],
            Next = found.Count > max ? found[max - 1].Number.ToString(CultureInfo.InvariantCulture) : null,
        });
    }

    private static Ok<AuditVerdict> Verify(Caller caller, SegmentDatabase database)
    {
        var check = database.Audit.Check(caller.Workspace);
        return TypedResults.Ok(new AuditVerdict { Intact = check.FirstBroken is null, Entries = check.Entries, FirstBroken = check.FirstBroken });
    }
}
