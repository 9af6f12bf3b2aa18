using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>The tools an agent may call.</summary>
public static class ActionEndpoints
{
    public static void MapActions(this IEndpointRouteBuilder routes)
    {
        var actions = routes.MapGroup("/actions").WithTags("Actions");
        actions.MapGet("", List).Needs(Scopes.GatingRead).WithName("ListActions").WithSummary("All actions, oldest first");
        actions.MapGet("/{action_id:guid}", Get).Needs(Scopes.GatingRead).WithName("GetAction").WithSummary("One action");
        actions.MapPost("", Create).Needs(Scopes.Manage).Audited().WithName("CreateAction").WithSummary("A new action");
        actions.MapPatch("/{action_id:guid}", Edit).Needs(Scopes.Manage).Audited().WithName("EditAction").WithSummary("Change what is given");
        actions.MapDelete("/{action_id:guid}", Delete).Needs(Scopes.Manage).Audited().WithName("DeleteAction").WithSummary("Delete an action");
    }

    public static AgentAction Show(StoredAction action) => new()
    {
        Id = action.Id,
        Name = action.Name,
        Description = action.Description,
        Payload = action.Payload is null ? null : JsonElement.Parse(action.Payload),
        IsRestricted = action.IsRestricted,
        RestrictedToSegments = [.. action.RestrictedToSegments.Select(static segment => segment.Value)],
        RestrictedToChannels = action.RestrictedToChannels,
        CreatedAt = action.CreatedAt.ToDateTimeOffset(),
        UpdatedAt = action.UpdatedAt.ToDateTimeOffset(),
    };

    private static AgentAction ShowWritten(StoredAction action, long revision) => Show(action) with { Revision = revision };

    private static Ok<IReadOnlyList<AgentAction>> List(Caller caller, GatedItems items) =>
        TypedResults.Ok<IReadOnlyList<AgentAction>>([.. items.Of(caller.Workspace).Actions.Select(Show)]);

    private static Results<Ok<AgentAction>, Refusal> Get(Guid action_id, Caller caller, SegmentDatabase database) =>
        database.Actions.Find(caller.Workspace, action_id) is { } action ? TypedResults.Ok(Show(action)) : Refusal.NotFound;

    private static async Task<Results<Created<AgentAction>, Refusal>> Create(
        Body<AgentActionInput> body, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel)
    {
        var input = body.Value;
        return Faults(input, isNew: true) is { Count: > 0 } faults ? Refusal.BadRequest(faults) : await writes.Create(
            database.Actions,
            new()
            {
                Id = Guid.NewGuid(),
                Name = input.Name!,
                Description = input.Description,
                Payload = input.Payload?.GetRawText(),
                IsRestricted = input.IsRestricted ?? false,
                RestrictedToSegments = GatedItemInputs.Segments(input.RestrictedToSegments),
                RestrictedToChannels = input.RestrictedToChannels ?? [],
            },
            "/actions", ShowWritten, caller, cancel);
    }

    private static async Task<Results<Ok<AgentAction>, Refusal>> Edit(
        Guid action_id, Body<AgentActionInput> body, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel)
    {
        var input = body.Value;
        return Faults(input, isNew: false) is { Count: > 0 } faults ? Refusal.BadRequest(faults) : await writes.Edit(
            database.Actions, action_id,
            action => action with
            {
                Name = input.Name ?? action.Name,
                Description = input.Description ?? action.Description,
                Payload = input.Payload?.GetRawText() ?? action.Payload,
                RestrictedToChannels = input.RestrictedToChannels ?? action.RestrictedToChannels,
            },
            GatedItemInputs.Change(input.IsRestricted, input.RestrictedToSegments), ShowWritten, caller, cancel);
    }

    private static Task<Results<Ok<Written>, Refusal>> Delete(Guid action_id, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel) =>
        writes.Delete(database.Actions, action_id, caller, cancel);

    private static List<Diagnostic> Faults(AgentActionInput input, bool isNew) =>
        GatedItemInputs.Faults(input.IsRestricted, input.RestrictedToSegments, input.RestrictedToChannels, ("name", input.Name, isNew));
}
