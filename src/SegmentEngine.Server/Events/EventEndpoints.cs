using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Events;

/// <summary>The messages of the Segment Spec: what a contact did, and what is said of one.</summary>
public static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/v1").WithTags("Events").Needs(Scopes.ContactsWrite);
        messages.MapPost("/track", static (RawBody<EventMessage> body, Caller caller, SegmentDatabase database, WorkspaceEngines engine, TimeProvider clock, CancellationToken cancel) =>
            StoreOne(body.Value, EventMessages.Track, caller, database, engine, clock, cancel)).WithName("Track").WithSummary("A contact did something");
        messages.MapPost("/identify", static (RawBody<EventMessage> body, Caller caller, SegmentDatabase database, WorkspaceEngines engine, TimeProvider clock, CancellationToken cancel) =>
            StoreOne(body.Value, EventMessages.Identify, caller, database, engine, clock, cancel)).WithName("Identify").WithSummary("Traits of a contact");
        messages.MapPost("/batch", StoreMany).WithName("SendEvents").WithSummary("Up to 2,500 track and identify messages").TakesBatches();
    }

    private static Task<Results<Ok<BatchAccepted>, Refusal>> StoreOne(
        JsonElement message, string type, Caller caller, SegmentDatabase database, WorkspaceEngines engine, TimeProvider clock, CancellationToken cancel)
    {
        if (EventMessages.IsTooLarge(message))
        {
            var tooLarge = EventMessages.TooLarge("$");
            return Task.FromResult<Results<Ok<BatchAccepted>, Refusal>>(Refusal.Of(StatusCodes.Status413PayloadTooLarge, tooLarge.Message, [tooLarge]));
        }

        var now = Instant.From(clock.GetUtcNow());
        var intake = new Intake();
        if (EventMessages.Read(message, "$", type, now, out var faults) is { } item)
        {
            intake.Take(item, index: 0, "$");
        }
        else
        {
            intake.Refuse(index: 0, faults);
        }

        return intake.Store(caller.Workspace, database, engine, now, cancel);
    }

    private static async Task<Results<Ok<BatchAccepted>, Refusal>> StoreMany(
        RawBody<EventBatch> body, Caller caller, SegmentDatabase database, WorkspaceEngines engine, TimeProvider clock, CancellationToken cancel)
    {
        if (BatchItems.In(body.Value, "batch", onlyThis: false, out var items) is { } wrong)
        {
            return wrong;
        }

        var now = Instant.From(clock.GetUtcNow());
        var intake = new Intake();
        foreach (var (index, item) in items.Index())
        {
            var path = $"$.batch[{index}]";
            if (EventMessages.Read(item, path, type: null, now, out var faults) is { } read)
            {
                intake.Take(read, index, path);
            }
            else
            {
                intake.Refuse(index, faults);
            }
        }

        return await intake.Store(caller.Workspace, database, engine, now, cancel);
    }
}
