using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>What an agent is told; OpenCX calls it training.</summary>
public static class InstructionEndpoints
{
    private const string Behavioral = "BEHAVIORAL";
    private const string ScenarioSpecific = "SCENARIO_SPECIFIC";

    public static void MapInstructions(this IEndpointRouteBuilder routes)
    {
        var training = routes.MapGroup("/training").WithTags("Instructions");
        training.MapGet("", List).Needs(Scopes.GatingRead).WithName("ListInstructions").WithSummary("All instructions, oldest first");
        training.MapGet("/{instruction_id:guid}", Get).Needs(Scopes.GatingRead).WithName("GetInstruction").WithSummary("One instruction");
        training.MapPost("", Create).Needs(Scopes.Manage).Audited().WithName("CreateInstruction").WithSummary("A new instruction");
        training.MapPatch("/{instruction_id:guid}", Edit).Needs(Scopes.Manage).Audited().WithName("EditInstruction").WithSummary("Change what is given");
        training.MapDelete("/{instruction_id:guid}", Delete).Needs(Scopes.Manage).Audited().WithName("DeleteInstruction").WithSummary("Delete an instruction");
    }

    public static Instruction Show(StoredInstruction instruction) => new()
    {
        Id = instruction.Id,
        Title = instruction.Title,
        Content = instruction.Content,
        Type = instruction.Type,
        IsRestricted = instruction.IsRestricted,
        RestrictedToSegments = [.. instruction.RestrictedToSegments.Select(static segment => segment.Value)],
        RestrictedToChannels = instruction.RestrictedToChannels,
        IsDraft = instruction.IsDraft,
        CreatedAt = instruction.CreatedAt.ToDateTimeOffset(),
        UpdatedAt = instruction.UpdatedAt.ToDateTimeOffset(),
    };

    private static Ok<IReadOnlyList<Instruction>> List(Caller caller, GatedItems items) =>
        TypedResults.Ok<IReadOnlyList<Instruction>>([.. items.Of(caller.Workspace).Instructions.Select(Show)]);

    private static Results<Ok<Instruction>, Refusal> Get(Guid instruction_id, Caller caller, SegmentDatabase database) =>
        database.Instructions.Find(caller.Workspace, instruction_id) is { } instruction ? TypedResults.Ok(Show(instruction)) : Refusal.NotFound;

    private static async Task<Results<Created<Instruction>, Refusal>> Create(
        Body<InstructionInput> body, Caller caller, SegmentDatabase database, GatedItems items, WorkspaceEngines engine, TimeProvider clock, CancellationToken cancel)
    {
        var input = body.Value;
        if (Faults(input, isNew: true) is { Count: > 0 } faults)
        {
            return Refusal.BadRequest(faults);
        }

        try
        {
            var (instruction, revision) = await database.Instructions.Create(
                caller.Workspace,
                new()
                {
                    Id = Guid.NewGuid(),
                    Title = input.Title!,
                    Content = input.Content!,
                    Type = input.Type ?? Behavioral,
                    IsDraft = input.IsDraft ?? false,
                    IsRestricted = input.IsRestricted ?? false,
                    RestrictedToSegments = GatedItemInputs.Segments(input.RestrictedToSegments),
                    RestrictedToChannels = input.RestrictedToChannels ?? [],
                },
                Instant.From(clock.GetUtcNow()), cancel);
            engine.ContactsChanged(caller.Workspace);
            return TypedResults.Created($"/training/{instruction.Id}", Show(instruction) with { Revision = revision });
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

    private static async Task<Results<Ok<Instruction>, Refusal>> Edit(
        Guid instruction_id, Body<InstructionInput> body, Caller caller, SegmentDatabase database, GatedItems items, WorkspaceEngines engine, TimeProvider clock, CancellationToken cancel)
    {
        var input = body.Value;
        if (Faults(input, isNew: false) is { Count: > 0 } faults)
        {
            return Refusal.BadRequest(faults);
        }

        try
        {
            var written = await database.Instructions.Update(
                caller.Workspace, instruction_id,
                instruction => instruction with
                {
                    Title = input.Title ?? instruction.Title,
                    Content = input.Content ?? instruction.Content,
                    Type = input.Type ?? instruction.Type,
                    IsDraft = input.IsDraft ?? instruction.IsDraft,
                    RestrictedToChannels = input.RestrictedToChannels ?? instruction.RestrictedToChannels,
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

    private static async Task<Results<Ok<Written>, Refusal>> Delete(Guid instruction_id, Caller caller, SegmentDatabase database, GatedItems items, WorkspaceEngines engine, CancellationToken cancel)
    {
        var deleted = await database.Instructions.Delete(caller.Workspace, instruction_id, cancel);
        items.Forget(caller.Workspace);
        if (deleted is not { } revision)
        {
            return Refusal.NotFound;
        }

        engine.ContactsChanged(caller.Workspace);
        return TypedResults.Ok(new Written { Revision = revision });
    }

    private static List<Diagnostic> Faults(InstructionInput input, bool isNew)
    {
        var faults = GatedItemInputs.Faults(input.IsRestricted, input.RestrictedToSegments, input.RestrictedToChannels, ("title", input.Title, isNew), ("content", input.Content, isNew));
        if (input.Type is not (null or Behavioral or ScenarioSpecific))
        {
            faults.Add(new() { Path = "$.type", Code = "wrong_value", Message = $"type must be \"{Behavioral}\" or \"{ScenarioSpecific}\"" });
        }

        return faults;
    }
}
