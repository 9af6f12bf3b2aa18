using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>The directories of instructions, which say for whom all that is in them is.</summary>
public static class DirectoryEndpoints
{
    public static void MapDirectories(this IEndpointRouteBuilder routes)
    {
        var directories = routes.MapGroup("/training/directories").WithTags("Instructions");
        directories.MapGet("", List).Needs(Scopes.GatingRead).WithName("ListDirectories").WithSummary("All directories, oldest first");
        directories.MapGet("/{directory_id:guid}", Get).Needs(Scopes.GatingRead).WithName("GetDirectory").WithSummary("One directory");
        directories.MapPost("", Create).Needs(Scopes.Manage).Audited().WithName("CreateDirectory").WithSummary("A new directory");
        directories.MapPatch("/{directory_id:guid}", Edit).Needs(Scopes.Manage).Audited().WithName("EditDirectory").WithSummary("Change what is given");
        directories.MapDelete("/{directory_id:guid}", Delete).Needs(Scopes.Manage).Audited().WithName("DeleteDirectory").WithSummary("Delete an empty directory");
    }

    private static InstructionDirectory Show(StoredDirectory directory) => new()
    {
        Id = directory.Id,
        Name = directory.Name,
        IsRestricted = directory.IsRestricted,
        RestrictedToSegments = [.. directory.RestrictedToSegments.Select(static segment => segment.Value)],
        RestrictedToChannels = directory.RestrictedToChannels,
        CreatedAt = directory.CreatedAt.ToDateTimeOffset(),
        UpdatedAt = directory.UpdatedAt.ToDateTimeOffset(),
    };

    private static InstructionDirectory ShowWritten(StoredDirectory directory, long revision) => Show(directory) with { Revision = revision };

    private static Ok<IReadOnlyList<InstructionDirectory>> List(Caller caller, GatedItems items) =>
        TypedResults.Ok<IReadOnlyList<InstructionDirectory>>([.. items.Of(caller.Workspace).Directories.Select(Show)]);

    private static Results<Ok<InstructionDirectory>, Refusal> Get(Guid directory_id, Caller caller, SegmentDatabase database) =>
        database.Directories.Find(caller.Workspace, directory_id) is { } directory ? TypedResults.Ok(Show(directory)) : Refusal.NotFound;

    private static async Task<Results<Created<InstructionDirectory>, Refusal>> Create(
        Body<InstructionDirectoryInput> body, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel)
    {
        var input = body.Value;
        return Faults(input, isNew: true) is { Count: > 0 } faults ? Refusal.BadRequest(faults) : await writes.Create(
            database.Directories,
            new()
            {
                Id = Guid.NewGuid(),
                Name = input.Name!,
                IsRestricted = input.IsRestricted ?? false,
                RestrictedToSegments = GatedItemInputs.Segments(input.RestrictedToSegments),
                RestrictedToChannels = input.RestrictedToChannels ?? [],
            },
            "/training/directories", ShowWritten, caller, cancel);
    }

    private static async Task<Results<Ok<InstructionDirectory>, Refusal>> Edit(
        Guid directory_id, Body<InstructionDirectoryInput> body, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel)
    {
        var input = body.Value;
        return Faults(input, isNew: false) is { Count: > 0 } faults ? Refusal.BadRequest(faults) : await writes.Edit(
            database.Directories, directory_id,
            directory => directory with { Name = input.Name ?? directory.Name, RestrictedToChannels = input.RestrictedToChannels ?? directory.RestrictedToChannels },
            GatedItemInputs.Change(input.IsRestricted, input.RestrictedToSegments), ShowWritten, caller, cancel);
    }

    private static Task<Results<Ok<Written>, Refusal>> Delete(Guid directory_id, Caller caller, SegmentDatabase database, GatedItemWrites writes, CancellationToken cancel) =>
        writes.Delete(database.Directories, directory_id, caller, cancel);

    private static List<Diagnostic> Faults(InstructionDirectoryInput input, bool isNew) =>
        GatedItemInputs.Faults(input.IsRestricted, input.RestrictedToSegments, input.RestrictedToChannels, ("name", input.Name, isNew));
}
