using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Webhooks;

/// <summary>Whom to tell of entering and leaving, and what became of that.</summary>
public static class WebhookEndpoints
{
    private const int UrlLengthMax = 2_000;
    private const int WebhooksMax = 50;

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var webhooks = routes.MapGroup("/manage/webhooks").WithTags("Webhooks").Needs(Scopes.Manage);
        webhooks.MapGet("", List).WithName("ListWebhooks").WithSummary("All webhooks, with what waits for each and what was given up");
        webhooks.MapPost("", Create).Audited().ForAdmins().WithName("CreateWebhook").WithSummary("Tell an address who enters and leaves a segment, or any; the secret that deliveries are signed with is in this answer and in no other");
        webhooks.MapGet("/{webhook_id:guid}", Get).WithName("GetWebhook").WithSummary("One webhook");
        webhooks.MapPatch("/{webhook_id:guid}", Change).Audited().ForAdmins().WithName("ChangeWebhook").WithSummary("Change its address, or whether it is told");
        webhooks.MapDelete("/{webhook_id:guid}", Delete).Audited().ForAdmins().WithName("DeleteWebhook").WithSummary("Remove it with all that waits for it");
        webhooks.MapPost("/{webhook_id:guid}/test", Test).ForAdmins().WithName("TestWebhook").WithSummary("Send a delivery without events, once, and answer with what became of it");
        webhooks.MapGet("/{webhook_id:guid}/deliveries", Deliveries).WithName("ListWebhookDeliveries").WithSummary("The last tries to deliver, newest first");
        webhooks.MapGet("/{webhook_id:guid}/dead-letters", DeadLetters).WithName("ListDeadLetters").WithSummary("What was given up after a day, oldest first");
        webhooks.MapPost("/{webhook_id:guid}/replay", Replay).Audited().ForAdmins().WithName("ReplayDeadLetters").WithSummary("Tell what was given up again, before what is newer");
    }

    private static Ok<WebhookList> List(Caller caller, SegmentDatabase database) => TypedResults.Ok(new WebhookList { Data = [.. database.Webhooks.All(caller.Workspace).Select(static webhook => Show(webhook))] });

    private static async Task<Results<Created<Webhook>, Refusal>> Create(Body<WebhookInput> body, Caller caller, SegmentDatabase database, TimeProvider clock, CancellationToken cancel)
    {
        var input = body.Value;
        if (input.Url is null)
        {
            return Refusal.BadRequest("$.url", "required", "say where to: an http or https address");
        }

        if (UrlFault(input.Url) is { } fault)
        {
            return fault;
        }

        if (database.Webhooks.All(caller.Workspace).Count >= WebhooksMax)
        {
            return Refusal.Conflict($"a workspace has at most {WebhooksMax} webhooks");
        }

        var secret = $"whsec_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
        var made = await database.Webhooks.Create(caller.Workspace, input.Url, input.SegmentId is { } segment ? new(segment) : null, secret, Instant.From(clock.GetUtcNow()), cancel);
        if (made is null)
        {
            return Refusal.BadRequest("$.segment_id", "unknown_segment", $"there is no segment {input.SegmentId}");
        }

        if (input.IsActive == false)
        {
            _ = await database.Webhooks.Change(caller.Workspace, made.Id, url: null, isActive: false, cancel);
        }

        return TypedResults.Created($"/manage/webhooks/{made.Id}", Show(database.Webhooks.Find(caller.Workspace, made.Id) ?? made) with { Secret = secret });
    }

    private static Results<Ok<Webhook>, Refusal> Get(Guid webhook_id, Caller caller, SegmentDatabase database) =>
        database.Webhooks.Find(caller.Workspace, webhook_id) is { } webhook ? TypedResults.Ok(Show(webhook)) : Refusal.NotFound;

    private static async Task<Results<Ok<Webhook>, Refusal>> Change(Guid webhook_id, Body<WebhookInput> body, Caller caller, SegmentDatabase database, CancellationToken cancel)
    {
        var input = body.Value;
        if (input.SegmentId is not null)
        {
            return Refusal.BadRequest("$.segment_id", "read_only", "whose segment it tells of cannot be changed: make another webhook");
        }

        if (input.Url is { } url && UrlFault(url) is { } fault)
        {
            return fault;
        }

        return await database.Webhooks.Change(caller.Workspace, webhook_id, input.Url, input.IsActive, cancel) && database.Webhooks.Find(caller.Workspace, webhook_id) is { } webhook
            ? TypedResults.Ok(Show(webhook))
            : Refusal.NotFound;
    }

    private static async Task<Results<NoContent, Refusal>> Delete(Guid webhook_id, Caller caller, SegmentDatabase database, CancellationToken cancel) =>
        await database.Webhooks.Delete(caller.Workspace, webhook_id, cancel) ? TypedResults.NoContent() : Refusal.NotFound;

    private static async Task<Results<Ok<WebhookTry>, Refusal>> Test(Guid webhook_id, Caller caller, SegmentDatabase database, WebhookSender sender, TimeProvider clock, CancellationToken cancel)
    {
        if (database.Webhooks.Find(caller.Workspace, webhook_id) is not { } webhook)
        {
            return Refusal.NotFound;
        }

        var at = Instant.From(clock.GetUtcNow());
        var result = await sender.Send(webhook, new() { WebhookId = webhook.Id, Events = [] }, cancel);
        var tried = new StoredDelivery(0, at, 0, 0, 0, result.Status, result.Error, (long)result.Took.TotalMilliseconds);
        _ = await database.Webhooks.Tried(webhook.Number, tried, [], at, CancellationToken.None);
        return TypedResults.Ok(Show(tried));
    }

    private static Results<Ok<WebhookTryPage>, Refusal> Deliveries(
        Guid webhook_id, string? cursor, [Range(1, RequestLimits.MembersPageSizeMax)] int? limit, Caller caller, SegmentDatabase database)
    {
        if (Page(cursor, limit, long.MaxValue, out var before, out var max) is { } refusal)
        {
            return refusal;
        }

        if (database.Webhooks.Find(caller.Workspace, webhook_id) is not { } webhook)
        {
            return Refusal.NotFound;
        }

        var found = database.Webhooks.Deliveries(webhook.Number, before, max + 1);
        return TypedResults.Ok(new WebhookTryPage { Items = [.. found.Take(max).Select(Show)], Next = found.Count > max ? Text(found[max - 1].Number) : null });
    }

    private static Results<Ok<WebhookEventPage>, Refusal> DeadLetters(
        Guid webhook_id, string? cursor, [Range(1, RequestLimits.MembersPageSizeMax)] int? limit, Caller caller, SegmentDatabase database)
    {
        if (Page(cursor, limit, 0, out var after, out var max) is { } refusal)
        {
            return refusal;
        }

        if (database.Webhooks.Find(caller.Workspace, webhook_id) is not { } webhook)
        {
            return Refusal.NotFound;
        }

        var found = database.Webhooks.Next(webhook.Number, after, max + 1, dead: true);
        return TypedResults.Ok(new WebhookEventPage { Items = [.. found.Take(max).Select(WebhookOutbox.Show)], Next = found.Count > max ? Text(found[max - 1].Sequence) : null });
    }

    private static async Task<Results<Ok<WebhookReplayed>, Refusal>> Replay(Guid webhook_id, Caller caller, SegmentDatabase database, CancellationToken cancel) =>
        await database.Webhooks.Replay(caller.Workspace, webhook_id, cancel) is { } events ? TypedResults.Ok(new WebhookReplayed(events)) : Refusal.NotFound;

    private static Refusal? Page(string? cursor, int? limit, long start, out long from, out int max)
    {
        (from, max) = (start, limit ?? RequestLimits.PageSizeMax);
        return max is < 1 or > RequestLimits.MembersPageSizeMax ? Refusal.BadRequest("limit", "out_of_range", $"limit is {max}; it must be from 1 to {RequestLimits.MembersPageSizeMax}")
            : cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out from) ? Refusal.BadRequest("cursor", "wrong_value", "this is not a cursor of ours")
            : null;
    }

    private static Refusal? UrlFault(string url) =>
        url.Length <= UrlLengthMax && Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0
            ? null
            : Refusal.BadRequest("$.url", "wrong_value", $"this must be an absolute http or https address of at most {UrlLengthMax} characters, without a user in it");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Webhook Show(StoredWebhook webhook) => new()
    {
        Id = webhook.Id,
        Url = webhook.Url,
        SegmentId = webhook.Segment?.Value,
        IsActive = webhook.IsActive,
        CreatedAt = webhook.CreatedAt.ToDateTimeOffset(),
        Waiting = webhook.Waiting,
        Dead = webhook.Dead,
    };

    private static WebhookTry Show(StoredDelivery delivery) => new()
    {
        At = delivery.At.ToDateTimeOffset(),
        Events = delivery.Events,
        FirstSequence = delivery.FirstSequence,
        LastSequence = delivery.LastSequence,
        Status = delivery.Status,
        Error = delivery.Error,
        Milliseconds = delivery.Milliseconds,
    };
}
