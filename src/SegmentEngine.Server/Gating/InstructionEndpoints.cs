using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
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
        training.MapPut("/{instruction_id:guid}", Replace).Needs(Scopes.Manage).Audited().WithName("ReplaceInstruction").WithSummary("Change what is given; title and content must be. What is not given stays, so that no restriction falls by being left out");
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
        DirectoryId = instruction.DirectoryId,
        StartTime = instruction.StartTime?.ToDateTimeOffset(),
        EndTime = instruction.EndTime?.ToDateTimeOffset(),
        CreatedAt = instruction.CreatedAt.ToDateTimeOffset(),
        UpdatedAt = instruction.UpdatedAt.ToDateTimeOffset(),
    };

    private static Instruction ShowWritten(StoredInstruction instruction, long revision) => Show(instruction) with { Revision = revision };

    private static Ok<IReadOnlyList<Instruction>> List(Caller caller, GatedItems items) =>
        TypedResults.Ok<IReadOnlyList<Instruction>>([.. items.Of(caller.Workspace).Instructions.Select(Show)]);

    private static Results<Ok<Instruction>, Refusal> Get(Guid instruction_id, Caller caller, SegmentDatabase database) =>
        database.Instructions.Find(caller.Workspace, instruction_id) is { } instruction ? TypedResults.Ok(Show(instruction)) : Refusal.NotFound;

    private static async Task<Results<Created<Instruction>, Refusal>> Create(
        Body<InstructionInput> body, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel)
    {
        var input = body.Value;
        return Faults(input, isWhole: true) is { Count: > 0 } faults ? Refusal.BadRequest(faults) : await writes.Create(
            database.Instructions,
            new()
            {
                Id = Guid.NewGuid(),
                Title = input.Title!,
                Content = input.Content!,
                Type = input.Type ?? ScenarioSpecific,
                IsDraft = input.IsDraft ?? false,
                DirectoryId = input.DirectoryId.Value,
                StartTime = At(input.StartTime.Value),
                EndTime = At(input.EndTime.Value),
                IsRestricted = input.IsRestricted ?? false,
                RestrictedToSegments = GatedItemInputs.Segments(input.RestrictedToSegments),
                RestrictedToChannels = input.RestrictedToChannels ?? [],
            },
            "/training", ShowWritten, caller, cancel);
    }

    private static Task<Results<Ok<Instruction>, Refusal>> Replace(
        Guid instruction_id, Body<InstructionInput> body, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel) =>
        Write(instruction_id, body.Value, isWhole: true, caller, database, writes, cancel);

    private static Task<Results<Ok<Instruction>, Refusal>> Edit(
        Guid instruction_id, Body<InstructionInput> body, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel) =>
        Write(instruction_id, body.Value, isWhole: false, caller, database, writes, cancel);

    private static async Task<Results<Ok<Instruction>, Refusal>> Write(
        Guid id, InstructionInput input, bool isWhole, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel) =>
        Faults(input, isWhole) is { Count: > 0 } faults ? Refusal.BadRequest(faults) : await writes.Edit(
            database.Instructions, id,
            instruction => instruction with
            {
                Title = input.Title ?? instruction.Title,
                Content = input.Content ?? instruction.Content,
                Type = input.Type ?? instruction.Type,
                IsDraft = input.IsDraft ?? instruction.IsDraft,
                DirectoryId = input.DirectoryId.Or(instruction.DirectoryId),
                StartTime = input.StartTime.IsGiven ? At(input.StartTime.Value) : instruction.StartTime,
                EndTime = input.EndTime.IsGiven ? At(input.EndTime.Value) : instruction.EndTime,
                RestrictedToChannels = input.RestrictedToChannels ?? instruction.RestrictedToChannels,
            },
            GatedItemInputs.Change(input.IsRestricted, input.RestrictedToSegments), ShowWritten, caller, cancel);

    private static Task<Results<Ok<Written>, Refusal>> Delete(Guid instruction_id, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel) =>
        writes.Delete(database.Instructions, instruction_id, caller, cancel);

    private static Instant? At(DateTimeOffset? time) => time is { } at ? Instant.From(at) : null;

    private static List<Diagnostic> Faults(InstructionInput input, bool isWhole)
    {
        var faults = GatedItemInputs.Faults(input.IsRestricted, input.RestrictedToSegments, input.RestrictedToChannels, ("title", input.Title, isWhole), ("content", input.Content, isWhole));
        if (input.Type is not (null or Behavioral or ScenarioSpecific))
        {
            faults.Add(new() { Path = "$.type", Code = "wrong_value", Message = $"type must be \"{Behavioral}\" or \"{ScenarioSpecific}\"" });
        }

        if (input.StartTime.Value >= input.EndTime.Value)
        {
            faults.Add(new() { Path = "$.end_time", Code = "wrong_value", Message = "end_time must be after start_time" });
        }

        return faults;
    }
}
