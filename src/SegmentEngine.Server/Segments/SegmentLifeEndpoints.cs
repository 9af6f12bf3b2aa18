using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Rules;
using SegmentEngine.Scripting;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Segments;

/// <summary>What becomes of a segment once it is made: paused and resumed, archived, copied; its revisions, compared and gone back to.</summary>
public static class SegmentLifeEndpoints
{
    private const string Draft = "draft";

    public static void MapSegmentLife(this IEndpointRouteBuilder routes)
    {
        var segment = routes.MapGroup("/manage/segments/{segment_id:guid}").WithTags("Segment management").Needs(Scopes.Manage);
        segment.MapPost("/pause", Pause).Audited().WithName("PauseSegment").WithSummary("Stop its evaluation; its members stay as they are, and count as stale");
        segment.MapPost("/resume", Resume).Audited().WithName("ResumeSegment").WithSummary("Evaluate a paused segment again");
        segment.MapPost("/archive", Archive).Audited().WithName("ArchiveSegment").WithSummary("Put it out of use; 409 with where it is used. Publishing brings it back");
        segment.MapPost("/duplicate", Duplicate).Audited().WithName("DuplicateSegment").WithSummary("A new segment with the same draft, or the published rule as its draft");
        segment.MapGet("/revisions", Revisions).WithName("ListRevisions").WithSummary("All that was published, newest first");
        segment.MapPost("/revisions/{number:int}/restore", Restore).Audited().WithName("RestoreRevision").WithSummary("Publish an earlier revision, as a new one; the draft stays");
        segment.MapGet("/diff", Compare).WithName("CompareRevisions").WithSummary("What is different between two revisions, or the published one and the draft");
    }

    private static Task<Results<Ok<ManagedSegment>, Refusal>> Pause(
        Guid segment_id, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness, CancellationToken cancel) =>
        Change(
            new(segment_id), caller, database, rules, engine, freshness,
            static segment => segment.Status is not (SegmentStatus.Published or SegmentStatus.Paused) ? "only a published segment can be paused"
                : segment.HasWholeRows ? null : "its members are being worked out, so there are none to keep yet; pause it once it is ready",
            id => database.Segments.Pause(caller.Workspace, id, freshness.Now, cancel), cancel);

    private static Task<Results<Ok<ManagedSegment>, Refusal>> Resume(
        Guid segment_id, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness, CancellationToken cancel) =>
        Change(
            new(segment_id), caller, database, rules, engine, freshness,
            static segment => segment.Status is SegmentStatus.Published or SegmentStatus.Paused ? null : "only a paused segment can be resumed",
            id => database.Segments.Resume(caller.Workspace, id, freshness.Now, cancel), cancel);

    private static async Task<Results<Ok<ManagedSegment>, Refusal>> Archive(
        Guid segment_id, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness, CancellationToken cancel)
    {
        var snapshot = freshness.Newest(caller);
        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        var (archived, uses) = await database.Segments.ArchiveUnused(caller.Workspace, new(segment_id), freshness.Now, cancel);
        if (uses.Any)
        {
            return ManagedSegmentEndpoints.InUse(uses);
        }

        if (archived is not { } written)
        {
            return Refusal.NotFound;
        }

        engine.RulesChanged(caller.Workspace);
        return TypedResults.Ok(ManagedSegmentEndpoints.Show(written.Value, caller, database, snapshot, freshness, written.Revision));
    }

    private static async Task<Results<Created<ManagedSegment>, Refusal>> Duplicate(
        Guid segment_id, Body<DuplicateInput> body, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness, CancellationToken cancel)
    {
        if (SegmentFaults.Of(body.Value.Name) is { Count: > 0 } faults)
        {
            return Refusal.BadRequest(faults);
        }

        var snapshot = freshness.Newest(caller);
        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        if (database.Segments.Find(caller.Workspace, new(segment_id)) is not { } original)
        {
            return Refusal.NotFound;
        }

        try
        {
            var (copy, revision) = await database.Segments.Create(
                caller.Workspace, body.Value.Name, original.Description, Definition(original, Named(original, null), caller, database), freshness.Now, id: null, original.Tags, cancel);
            engine.RulesChanged(caller.Workspace);
            return TypedResults.Created($"/manage/segments/{copy.Id}", ManagedSegmentAnswers.Show(copy, definition: null, snapshot, freshness, revision));
        }
        catch (StoreConflictException conflict)
        {
            return Refusal.Conflict(conflict.Message);
        }
    }

    private static Results<Ok<SegmentRevisionList>, Refusal> Revisions(Guid segment_id, Caller caller, SegmentDatabase database) =>
        database.Segments.Find(caller.Workspace, new(segment_id)) is null ? Refusal.NotFound : TypedResults.Ok(new SegmentRevisionList
        {
            Data = [.. database.Segments.Revisions(caller.Workspace, new(segment_id)).Reverse().Select(static revision => new SegmentRevision
            {
                Number = revision.Number,
                Definition = RuleService.Stored(revision.Definition),
                Author = revision.Author,
                Note = revision.Note,
                PublishedAt = revision.PublishedAt.ToDateTimeOffset(),
            })],
        });

    private static async Task<Results<Ok<ManagedSegment>, Refusal>> Restore(
        Guid segment_id, int number, OptionalBody<PublishInput> body, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness, CancellationToken cancel)
    {
        if (SegmentFaults.OfNote(body.Value?.Note) is { } fault)
        {
            return Refusal.BadRequest([fault]);
        }

        var snapshot = freshness.Newest(caller);
        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        return database.Segments.Find(caller.Workspace, new(segment_id)) is { } segment && database.Segments.Revision(caller.Workspace, segment.Id, number) is { } revision
            ? await ManagedSegmentEndpoints.PutInForce(
                revision.Definition, keepDraft: true, segment, body.Value?.Note ?? string.Create(CultureInfo.InvariantCulture, $"back to revision {number}"), caller, database, rules, engine, freshness, snapshot, cancel)
            : Refusal.NotFound;
    }

    private static Results<Ok<SegmentDiff>, Refusal> Compare(Guid segment_id, string? from, string? to, Caller caller, SegmentDatabase database, RuleService rules)
    {
        if (database.Segments.Find(caller.Workspace, new(segment_id)) is not { } segment)
        {
            return Refusal.NotFound;
        }

        var left = from ?? segment.PublishedRevision?.ToString(CultureInfo.InvariantCulture) ?? Draft;
        var right = Named(segment, to);
        foreach (var (field, name) in new[] { ("from", left), ("to", right) })
        {
            if (Definition(segment, name, caller, database) is null)
            {
                return Refusal.BadRequest(field, "wrong_value", name == Draft ? "nothing is drafted" : $"there is no revision \"{name}\"; name one by its number, or \"{Draft}\"");
            }
        }

        var (before, after) = (Definition(segment, left, caller, database)!, Definition(segment, right, caller, database)!);
        var context = rules.Context(caller.Workspace);
        return TypedResults.Ok(new SegmentDiff
        {
            From = left,
            To = right,
            Same = Canonical(before, context) == Canonical(after, context),
            Lines = LineDiff.Between(Text(before), Text(after)),
        });
    }

    private static async Task<Results<Ok<ManagedSegment>, Refusal>> Change(
        SegmentId id, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness,
        Func<StoredSegment, string?> refuse, Func<SegmentId, Task<Written<StoredSegment>?>> change, CancellationToken cancel)
    {
        var snapshot = freshness.Newest(caller);
        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        if (database.Segments.Find(caller.Workspace, id) is not { } before)
        {
            return Refusal.NotFound;
        }

        if (refuse(before) is { } why)
        {
            return Refusal.Conflict(why);
        }

        if (await change(id) is not { } written)
        {
            return Refusal.NotFound;
        }

        // What the engine committed meanwhile may have stood in the way.
        if (written.Value.Status == before.Status && refuse(written.Value) is { } whyNow)
        {
            return Refusal.Conflict(whyNow);
        }

        engine.RulesChanged(caller.Workspace);
        return TypedResults.Ok(ManagedSegmentEndpoints.Show(written.Value, caller, database, snapshot, freshness, written.Revision));
    }

    /// <summary>The draft, where nothing is named and there is one; else the published revision.</summary>
    private static string Named(StoredSegment segment, string? name) =>
        name ?? (segment.Draft is not null ? Draft : segment.PublishedRevision!.Value.ToString(CultureInfo.InvariantCulture));

    private static string? Definition(StoredSegment segment, string name, Caller caller, SegmentDatabase database) =>
        name == Draft ? segment.Draft
        : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? database.Segments.Revision(caller.Workspace, segment.Id, number)?.Definition
        : null;

    /// <summary>The rule as text; a definition that an older program took and this one does not, as it is.</summary>
    private static string Text(string definition) => RuleJson.Read(RuleService.Stored(definition)).Condition is { } condition ? RuleText.Print(condition) : definition;

    private static string Canonical(string definition, RuleContext context) => RuleChecker.Check(RuleService.Stored(definition), context).Rule?.Canonical ?? definition;
}
