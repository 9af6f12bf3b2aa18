using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Segments;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>Who is in what. Every answer comes from one snapshot.</summary>
public static class MembershipEndpoints
{
    public static void MapMemberships(this IEndpointRouteBuilder routes)
    {
        var segments = routes.MapGroup("/contacts/segments").WithTags("Memberships").Needs(Scopes.SegmentsRead);
        segments.MapGet("/contacts/{contact_id}", SegmentsOfContact).WithName("ListSegmentsForContact").WithSummary("The published segments a contact is in");
        segments.MapGet("/{segment_id:guid}/contacts/{contact_id}", Check).WithName("CheckContactInSegment").WithSummary("Is this contact in this segment?");
        segments.MapGet("/{segment_id:guid}/check", CheckByQuery).WithName("CheckContactInSegmentByQuery").WithSummary("The same question with the contact in the query");
        segments.MapGet("/{segment_id:guid}/contacts/{contact_id}/explain", Explain).WithName("ExplainMembership").WithSummary("Why this contact is, or is not, in this segment");
        segments.MapGet("/{segment_id:guid}/history", HistoryOfSegment).WithName("ListHistoryOfSegment").WithSummary("Who entered and left, newest first");
        segments.MapGet("/{segment_id:guid}/sizes", Sizes).WithName("SizesOfSegment").WithSummary("How large a segment was: by the hour for two weeks, by the day before that");
        segments.MapGet("/contacts/{contact_id}/history", HistoryOfContact).WithName("ListHistoryOfContact").WithSummary("What a contact entered and left, newest first");
        segments.MapPost("/check", CheckMany).WithName("CheckMany").WithSummary("Up to 1,000 checks from one snapshot, answered in order").TakesBatches();
        segments.MapGet("/{segment_id:guid}/contacts", Members).WithName("ListMembers").WithSummary("A segment's members, page by page; with format=csv or format=jsonl all of them as a stream");
    }

    private static ValueTask<Results<Tagged<MembershipCheck>, Refusal>> CheckByQuery(
        Guid segment_id, [Required] string? contact_id, [AsParameters] Reflecting reflecting, Caller caller, MembershipAnswers answers, CancellationToken cancel) =>
        contact_id is null
            ? new(Refusal.BadRequest("contact_id", "required", "\"contact_id\" is required"))
            : Answer(new(segment_id), contact_id, reflecting, caller, answers, cancel);

    private static ValueTask<Results<Tagged<MembershipCheck>, Refusal>> Check(
        Guid segment_id, string contact_id, [AsParameters] Reflecting reflecting, Caller caller, MembershipAnswers answers, HttpContext context, CancellationToken cancel) =>
        Answer(new(segment_id), ContactName.FromPath(contact_id, context), reflecting, caller, answers, cancel);

    private static async ValueTask<Results<Tagged<MembershipCheck>, Refusal>> Answer(
        SegmentId segment, string contact, Reflecting reflecting, Caller caller, MembershipAnswers answers, CancellationToken cancel)
    {
        var (snapshot, behind) = await answers.Freshness.Take(caller, reflecting, cancel);
        return behind is not null ? behind
            : answers.Check(snapshot, caller.Workspace, segment, contact) is { } check ? new Tagged<MembershipCheck>(check, answers.Freshness.Tag(snapshot, new(check.ContactId)))
            : Refusal.NotFound;
    }

    private static async ValueTask<Results<Ok<MembershipExplanation>, Refusal>> Explain(
        Guid segment_id, string contact_id, [AsParameters] Reflecting reflecting, Caller caller, MembershipExplainer explainer, Freshness freshness, HttpContext context, CancellationToken cancel)
    {
        var (_, behind) = await freshness.Take(caller, reflecting, cancel);
        return behind is not null ? behind
            : await explainer.Explain(caller, new(segment_id), ContactName.FromPath(contact_id, context), cancel) is { } explained ? TypedResults.Ok(explained)
            : Refusal.NotFound;
    }

    private static async ValueTask<Results<Ok<HistoryPage>, Refusal>> HistoryOfSegment(
        Guid segment_id, string? cursor, [Range(1, RequestLimits.MembersPageSizeMax)] int? limit, [AsParameters] Reflecting reflecting, Caller caller, SegmentDatabase database, Freshness freshness, CancellationToken cancel)
    {
        if (HistoryAnswers.Refuse(cursor, limit, out var before, out var max) is { } refused)
        {
            return refused;
        }

        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        return behind is not null ? behind
            : database.Segments.Find(caller.Workspace, new(segment_id)) is { PublishedRevision: not null }
                ? TypedResults.Ok(HistoryAnswers.Page(database.Memberships.History.OfSegment(caller.Workspace, new(segment_id), before, max + 1), max, snapshot, freshness))
            : Refusal.NotFound;
    }

    private static async ValueTask<Results<Ok<HistoryPage>, Refusal>> HistoryOfContact(
        string contact_id, string? cursor, [Range(1, RequestLimits.MembersPageSizeMax)] int? limit, [AsParameters] Reflecting reflecting, Caller caller, SegmentDatabase database, Freshness freshness, HttpContext context, CancellationToken cancel)
    {
        if (HistoryAnswers.Refuse(cursor, limit, out var before, out var max) is { } refused)
        {
            return refused;
        }

        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        return behind is not null ? behind
            : ContactName.Find(ContactName.FromPath(contact_id, context), caller.Workspace, database, snapshot) is { } contact
                ? TypedResults.Ok(HistoryAnswers.Page(database.Memberships.History.OfContact(caller.Workspace, contact.Id, before, max + 1), max, snapshot, freshness))
            : Refusal.NotFound;
    }

    private static async ValueTask<Results<Ok<SegmentSizeList>, Refusal>> Sizes(
        Guid segment_id, string? from, string? to, [AsParameters] Reflecting reflecting, Caller caller, SegmentDatabase database, Freshness freshness, CancellationToken cancel)
    {
        var (first, last) = (Instant.MinValue, Instant.MaxValue);
        foreach (var (name, text) in new[] { ("from", from), ("to", to) })
        {
            if (text is not null && !Instant.TryParse(text, out (name == "from" ? ref first : ref last)))
            {
                return Refusal.BadRequest(name, "wrong_value", $"\"{text}\" is not an instant: RFC 3339 with an offset, such as 2024-05-01T12:00:00Z");
            }
        }

        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        if (behind is not null)
        {
            return behind;
        }

        return snapshot.SegmentsById.GetValueOrDefault(new(segment_id)) is not { } segment ? Refusal.NotFound : TypedResults.Ok(new SegmentSizeList
        {
            Data = [.. database.Sizes.Of(caller.Workspace, segment.Id, first, last).Select(static size => new SegmentSizeAt(size.At.ToDateTimeOffset(), size.Members))],
            Members = snapshot.Count(segment),
            Revision = snapshot.Revision,
            EvaluatedAt = SegmentAnswers.EvaluatedAt(segment, snapshot)?.ToDateTimeOffset(),
            Stale = freshness.IsStale(snapshot, segment),
        });
    }

    private static async ValueTask<Results<Ok<CheckBatchAnswer>, Refusal>> CheckMany(
        Body<CheckBatch> body, [AsParameters] Reflecting reflecting, Caller caller, MembershipAnswers answers, CancellationToken cancel)
    {
        var checks = body.Value.Checks;
        if (checks.Count is 0 or > RequestLimits.ChecksMax)
        {
            return Refusal.BadRequest("$.checks", "wrong_count", $"there are {checks.Count} checks; 1 to {RequestLimits.ChecksMax} can be asked at once");
        }

        if (JsonBody.NullIn(checks, "$.checks") is { } isNull)
        {
            return isNull;
        }

        var (snapshot, behind) = await answers.Freshness.Take(caller, reflecting, cancel);
        if (behind is not null)
        {
            return behind;
        }

        return TypedResults.Ok(new CheckBatchAnswer
        {
            Results = [.. checks.Select(item => Guid.TryParse(item.SegmentId, out var segment) && answers.Check(snapshot, caller.Workspace, new(segment), item.ContactId) is { } check
                ? new CheckItemAnswer { Id = item.Id, Check = check }
                : new CheckItemAnswer { Id = item.Id, Error = Refusal.NotFound.Body })],
            Revision = snapshot.Revision,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Stale = answers.Freshness.IsStale(snapshot),
        });
    }

    private static async ValueTask<Results<Tagged<SegmentsOfContact>, Refusal>> SegmentsOfContact(
        string contact_id, [AsParameters] Reflecting reflecting, Caller caller, MembershipAnswers answers, SegmentDatabase database, HttpContext context, CancellationToken cancel)
    {
        var (snapshot, behind) = await answers.Freshness.Take(caller, reflecting, cancel);
        if (behind is not null)
        {
            return behind;
        }

        if (ContactName.Find(ContactName.FromPath(contact_id, context), caller.Workspace, database, snapshot) is not { } contact)
        {
            return Refusal.NotFound;
        }

        return new Tagged<SegmentsOfContact>(answers.SegmentsOf(snapshot, contact), answers.Freshness.Tag(snapshot, contact.Id));
    }

    private static async ValueTask<Results<Ok<MemberPage>, PushStreamHttpResult, Refusal>> Members(
        Guid segment_id, string? format, string? cursor, [Range(1, RequestLimits.MembersPageSizeMax)] int? limit, [AsParameters] Reflecting reflecting,
        Caller caller, MembershipAnswers answers, CancellationToken cancel)
    {
        var max = limit ?? RequestLimits.PageSizeMax;
        if (max is < 1 or > RequestLimits.MembersPageSizeMax)
        {
            return Refusal.BadRequest("limit", "out_of_range", $"limit is {max}; it must be from 1 to {RequestLimits.MembersPageSizeMax}");
        }

        if (format is not null && !ContactsExport.IsKnown(format))
        {
            return Refusal.BadRequest("format", "wrong_value", "format must be csv or jsonl");
        }

        if (!TryReadCursor(cursor, out var after))
        {
            return Refusal.BadRequest("cursor", "wrong_value", "this is not a cursor of ours");
        }

        var (snapshot, behind) = await answers.Freshness.Take(caller, reflecting, cancel);
        if (behind is not null)
        {
            return behind;
        }

        if (!snapshot.SegmentsById.TryGetValue(new(segment_id), out var segment))
        {
            return Refusal.NotFound;
        }

        return format is null
            ? TypedResults.Ok(answers.Members(snapshot, caller.Workspace, segment, after, max))
            : MembersExport.Stream(format, answers, snapshot, caller.Workspace, segment);
    }

    /// <summary>No cursor is the beginning.</summary>
    public static bool TryReadCursor(string? cursor, out (int Shard, long Number)? after)
    {
        after = null;
        if (cursor is null)
        {
            return true;
        }

        if (cursor.Split('.') is not [var shard, var number]
            || !int.TryParse(shard, NumberStyles.None, CultureInfo.InvariantCulture, out var shardNumber)
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var contactNumber))
        {
            return false;
        }

        after = (shardNumber, contactNumber);
        return true;
    }
}
