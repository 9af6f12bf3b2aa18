using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
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

    private static Ok<IReadOnlyList<AgentAction>> List(Caller caller, GatedItems items) =>
        TypedResults.Ok<IReadOnlyList<AgentAction>>([.. items.Of(caller.Workspace).Actions.Select(Show)]);

    private static Results<Ok<AgentAction>, Refusal> Get(Guid action_id, Caller caller, SegmentDatabase database) =>
        database.Actions.Find(caller.Workspace, action_id) is { } action ? TypedResults.Ok(Show(action)) : Refusal.NotFound;

    private static async Task<Results<Created<AgentAction>, Refusal>> Create(
        Body<AgentActionInput> body, Caller caller, SegmentDatabase database, GatedItems items, WorkspaceEngines engine, TimeProvider clock, CancellationToken cancel)
    {
        var input = body.Value;
        if (GatedItemInputs.Faults(input.IsRestricted, input.RestrictedToSegments, input.RestrictedToChannels, ("name", input.Name, Needed: true)) is { Count: > 0 } faults)
        {
            return Refusal.BadRequest(faults);
        }

        try
        {
            var (action, revision) = await database.Actions.Create(
                caller.Workspace,
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
                Instant.From(clock.GetUtcNow()), cancel);
            engine.ContactsChanged(caller.Workspace);
            return TypedResults.Created($"/actions/{action.Id}", Show(action) with { Revision = revision });
        }
        catch (NotInWorkspaceException unknown)
        {
            return Refusal.BadRequest("$.restricted_to_segments", "unknown_segment", unknown.Message);
        }
        finally
        {
            items.Forget(caller.Workspace);
        }
    }

    private static async Task<Results<Ok<AgentAction>, Refusal>> Edit(
        Guid action_id, Body<AgentActionInput> body, Caller caller, SegmentDatabase database, GatedItems items, WorkspaceEngines engine, TimeProvider clock, CancellationToken cancel)
    {
        var input = body.Value;
        if (GatedItemInputs.Faults(input.IsRestricted, input.RestrictedToSegments, input.RestrictedToChannels, ("name", input.Name, Needed: false)) is { Count: > 0 } faults)
        {
            return Refusal.BadRequest(faults);
        }

        try
        {
            var written = await database.Actions.Update(
                caller.Workspace, action_id,
                action => action with
                {
                    Name = input.Name ?? action.Name,
                    Description = input.Description ?? action.Description,
                    Payload = input.Payload?.GetRawText() ?? action.Payload,
                    RestrictedToChannels = input.RestrictedToChannels ?? action.RestrictedToChannels,
                },
                GatedItemInputs.Change(input.IsRestricted, input.RestrictedToSegments), Instant.From(clock.GetUtcNow()), cancel);
            if (written is not { } edited)
            {
                return Refusal.NotFound;
            }

            engine.ContactsChanged(caller.Workspace);
            return TypedResults.Ok(Show(edited.Value) with { Revision = edited.Revision });
        }
        catch (NotInWorkspaceException unknown)
        {
            return Refusal.BadRequest("$.restricted_to_segments", "unknown_segment", unknown.Message);
        }
        finally
        {
            items.Forget(caller.Workspace);
        }
    }

    private static async Task<Results<Ok<Written>, Refusal>> Delete(Guid action_id, Caller caller, SegmentDatabase database, GatedItems items, WorkspaceEngines engine, CancellationToken cancel)
    {
        var deleted = await database.Actions.Delete(caller.Workspace, action_id, cancel);
        items.Forget(caller.Workspace);
        if (deleted is not { } revision)
        {
            return Refusal.NotFound;
        }

        engine.ContactsChanged(caller.Workspace);
        return TypedResults.Ok(new Written { Revision = revision });
    }
}
