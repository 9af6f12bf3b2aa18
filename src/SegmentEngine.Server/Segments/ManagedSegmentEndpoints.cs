using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Rules;
using SegmentEngine.Server.Gating;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Segments;

/// <summary>Writing segments: draft, check, publish, delete. A draft with an error is not stored.</summary>
public static class ManagedSegmentEndpoints
{
    public static void MapManagedSegments(this IEndpointRouteBuilder routes)
    {
        var segments = routes.MapGroup("/manage/segments").WithTags("Segment management").Needs(Scopes.Manage);
        segments.MapGet("", List).WithName("ListManagedSegments").WithSummary("All segments, drafts too, ordered by name, then id");
        segments.MapPost("", Create).Audited().WithName("CreateSegment").WithSummary("A new segment, as a draft");
        segments.MapPost("/check", Check).WithName("CheckRule").WithSummary("All that is wrong or doubtful with a rule; nothing is stored");
        segments.MapGet("/{segment_id:guid}", Get).WithName("GetManagedSegment").WithSummary("One segment with its draft");
        segments.MapPatch("/{segment_id:guid}", Edit).Audited().WithName("EditSegment").WithSummary("Change name, description or draft");
        segments.MapPost("/{segment_id:guid}/publish", Publish).Audited().WithName("PublishSegment").WithSummary("Put the draft in force");
        segments.MapDelete("/{segment_id:guid}", Delete).Audited().WithName("DeleteSegment").WithSummary("Delete a segment; 409 with where it is used");
    }

    private static async ValueTask<Results<Ok<ManagedSegmentList>, Refusal>> List(
        string? tag, string? status, [AsParameters] Reflecting reflecting, Caller caller, SegmentDatabase database, Freshness freshness, CancellationToken cancel)
    {
        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        if (behind is not null)
        {
            return behind;
        }

        var definitions = database.Segments.Published(caller.Workspace).ToDictionary(static each => each.Segment.Id, static each => each.Revision.Definition);
        return TypedResults.Ok(new ManagedSegmentList
        {
            Data = [.. database.Segments.All(caller.Workspace)
                .Where(segment => tag is null || segment.Tags.Contains(tag, StringComparer.OrdinalIgnoreCase))
                .Select(segment => ManagedSegmentAnswers.Show(segment, definitions.GetValueOrDefault(segment.Id), snapshot, freshness))
                .Where(segment => status is null || segment.Status == status)],
            Revision = snapshot.Revision,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Stale = freshness.IsStale(snapshot),
        });
    }

    private static async ValueTask<Results<Ok<ManagedSegment>, Refusal>> Get(
        Guid segment_id, [AsParameters] Reflecting reflecting, Caller caller, SegmentDatabase database, Freshness freshness, CancellationToken cancel)
    {
        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        return behind is not null ? behind
            : database.Segments.Find(caller.Workspace, new(segment_id)) is { } segment ? TypedResults.Ok(Show(segment, caller, database, snapshot, freshness))
            : Refusal.NotFound;
    }

    private static async Task<Results<Created<ManagedSegment>, Refusal>> Create(
        RuleBody<SegmentInput> body, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness, CancellationToken cancel)
    {
        var input = body.Value;
        if (SegmentFaults.Of(input.Name, input.Description, input.Tags) is { Count: > 0 } faults)
        {
            return Refusal.BadRequest(faults);
        }

        // Before anything is written, since a workspace that is being loaded has none and refuses.
        var snapshot = freshness.Newest(caller);
        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        var id = new SegmentId(input.Id ?? Guid.NewGuid());
        if (Refuse(rules, caller.Workspace, input.Definition, id) is { } refused)
        {
            return refused;
        }

        try
        {
            var (segment, revision) = await database.Segments.Create(caller.Workspace, input.Name, input.Description, input.Definition.GetRawText(), freshness.Now, id, Distinct(input.Tags), cancel);
            engine.RulesChanged(caller.Workspace);
            return TypedResults.Created(
                $"/manage/segments/{id}", ManagedSegmentAnswers.Show(segment, definition: null, snapshot, freshness, revision));
        }
        catch (StoreConflictException conflict)
        {
            return Refusal.Conflict(conflict.Message);
        }
    }

    private static async Task<Results<Ok<ManagedSegment>, Refusal>> Edit(
        Guid segment_id, RuleBody<SegmentPatch> body, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness, CancellationToken cancel)
    {
        var (patch, id) = (body.Value, new SegmentId(segment_id));
        var snapshot = freshness.Newest(caller);
        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        if (database.Segments.Find(caller.Workspace, id) is not { } before)
        {
            return Refusal.NotFound;
        }

        if (SegmentFaults.Of(patch.Name ?? before.Name, patch.Description, patch.Tags) is { Count: > 0 } faults)
        {
            return Refusal.BadRequest(faults);
        }

        if (patch.Definition is { } definition && Refuse(rules, caller.Workspace, definition, id) is { } refused)
        {
            return refused;
        }

        try
        {
            var written = await database.Segments.Edit(
                caller.Workspace, id,
                segment => segment with
                {
                    Name = patch.Name ?? segment.Name,
                    Description = patch.Description ?? segment.Description,
                    Tags = patch.Tags is { } tags ? Distinct(tags) : segment.Tags,
                    Draft = patch.Definition?.GetRawText() ?? segment.Draft,
                },
                freshness.Now, cancel);
            if (written is not { } edited)
            {
                return Refusal.NotFound;
            }

            engine.RulesChanged(caller.Workspace);
            return TypedResults.Ok(Show(edited.Value, caller, database, snapshot, freshness, edited.Revision));
        }
        catch (StoreConflictException conflict)
        {
            return Refusal.Conflict(conflict.Message);
        }
    }

    private static Results<Ok<RuleChecked>, Refusal> Check(RuleBody<RuleQuestion> body, Caller caller, SegmentDatabase database, RuleService rules)
    {
        var question = body.Value;
        if (question.SegmentId is { } id && database.Segments.Find(caller.Workspace, new(id)) is null)
        {
            return Refusal.NotFound;
        }

        var check = rules.Check(caller.Workspace, question.Definition, question.SegmentId is { } edited ? new(edited) : null);
        return TypedResults.Ok(new RuleChecked { Valid = check.Rule is not null, Diagnostics = ManagedSegmentAnswers.Show(check.Diagnostics) });
    }

    private static async Task<Results<Ok<ManagedSegment>, Refusal>> Publish(
        Guid segment_id, OptionalBody<PublishInput> body, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness, CancellationToken cancel)
    {
        if (SegmentFaults.OfNote(body.Value?.Note) is { } fault)
        {
            return Refusal.BadRequest([fault]);
        }

        var id = new SegmentId(segment_id);
        var snapshot = freshness.Newest(caller);
        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        if (database.Segments.Find(caller.Workspace, id) is not { } segment)
        {
            return Refusal.NotFound;
        }

        if (segment is { Draft: null, Status: SegmentStatus.Published })
        {
            return TypedResults.Ok(Show(segment, caller, database, snapshot, freshness));
        }

        // What was archived comes back as it was.
        var definition = segment.Draft ?? database.Segments.Revision(caller.Workspace, id, segment.PublishedRevision!.Value)!.Definition;
        return await PutInForce(definition, keepDraft: false, segment, body.Value?.Note, caller, database, rules, engine, freshness, snapshot, cancel);
    }

    /// <summary>Publishes a definition that was stored before. The schema or a segment it refers to may have changed since.</summary>
    internal static async Task<Results<Ok<ManagedSegment>, Refusal>> PutInForce(
        string definition, bool keepDraft, StoredSegment segment, string? note, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, Freshness freshness,
        WorkspaceSnapshot snapshot, CancellationToken cancel)
    {
        if (Refuse(rules, caller.Workspace, RuleService.Stored(definition), segment.Id) is { } refused)
        {
            return refused;
        }

        if (await database.Segments.Publish(caller.Workspace, segment.Id, definition, author: caller.KeyId, note, freshness.Now, keepDraft, cancel) is not { } published)
        {
            return Refusal.NotFound;
        }

        engine.RulesChanged(caller.Workspace);
        return database.Segments.Find(caller.Workspace, segment.Id) is { } after
            ? TypedResults.Ok(ManagedSegmentAnswers.Show(after, definition, snapshot, freshness, published.Revision))
            : Refusal.NotFound;
    }

    private static async Task<Results<Ok<Written>, Refusal>> Delete(
        Guid segment_id, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, GatedItems items, CancellationToken cancel)
    {
        var id = new SegmentId(segment_id);
        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        var (deleted, uses) = await database.Segments.DeleteUnused(caller.Workspace, id, cancel);
        if (uses.Any)
        {
            return InUse(uses);
        }

        if (deleted is not { } revision)
        {
            return Refusal.NotFound;
        }

        items.Forget(caller.Workspace);
        engine.RulesChanged(caller.Workspace);
        return TypedResults.Ok(new Written { Revision = revision });
    }

    private static IReadOnlyList<string> Distinct(IReadOnlyList<string>? tags) => [.. (tags ?? []).Select(static tag => tag.Trim()).Distinct(StringComparer.OrdinalIgnoreCase)];

    internal static Refusal InUse(SegmentUses uses) => Refusal.Conflict("the segment is in use",
    [
        .. uses.Segments.Select(static segment => Use("segment", segment.Id.Value, segment.Name)),
        .. uses.Actions.Select(static action => Use("action", action.Id, action.Name)),
        .. uses.Instructions.Select(static instruction => Use("instruction", instruction.Id, instruction.Title)),
        .. uses.Directories.Select(static directory => Use("directory", "training/directories", directory.Id, directory.Name)),
        .. uses.Webhooks.Select(static webhook => Use("webhook", webhook.Id, webhook.Url)),
    ]);

    private static Diagnostic Use(string kind, Guid id, string name) => Use(kind, kind + "s", id, name);

    private static Diagnostic Use(string kind, string folder, Guid id, string name) => new() { Path = $"{folder}/{id}", Code = $"used_by_{kind}", Message = $"the {kind} \"{name}\" uses it" };

    internal static ManagedSegment Show(StoredSegment segment, Caller caller, SegmentDatabase database, WorkspaceSnapshot snapshot, Freshness freshness, long? revision = null)
    {
        var definition = segment.PublishedRevision is { } published ? database.Segments.Revision(caller.Workspace, segment.Id, published)?.Definition : null;
        return ManagedSegmentAnswers.Show(segment, definition, snapshot, freshness, revision);
    }

    private static Refusal? Refuse(RuleService rules, WorkspaceId workspace, JsonElement definition, SegmentId edited) =>
        rules.Check(workspace, definition, edited) is { Rule: null } check ? Refused(check) : null;

    /// <summary>Paths begin at the body, in which the definition is a field.</summary>
    internal static Refusal Refused(RuleCheck check) => Refusal.BadRule([.. ManagedSegmentAnswers.Show(check.Diagnostics).Select(static each => each with { Path = "$.definition" + each.Path[1..] })]);
}
