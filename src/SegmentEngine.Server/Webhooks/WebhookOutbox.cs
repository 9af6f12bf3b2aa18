using System.Collections.Concurrent;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Webhooks;

/// <summary>
/// Tells webhooks what waits for them: one delivery after the other for each, so that a receiver hears of a contact and a segment in order, and each webhook by itself, so that a slow receiver keeps nobody else waiting.
/// A delivery that is not taken is tried again, ever more seldom; what is older than a day by then is given up, and can be told again by hand.
/// </summary>
public sealed partial class WebhookOutbox(SegmentDatabase database, WebhookSender sender, ServerOptions options, TimeProvider clock, ILogger<WebhookOutbox> logger) : BackgroundService
{
    private const int EventsMax = 100;

    private static readonly TimeSpan look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan glance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan givenUpAfter = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<long, Task> running = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var pace = new PeriodicTimer(look);
        using var end = stoppingToken.Register(pace.Dispose);
        while (await pace.WaitForNextTickAsync(CancellationToken.None))
        {
            try
            {
                foreach (var webhook in database.Webhooks.Due().Where(webhook => running.GetValueOrDefault(webhook.Number) is not { IsCompleted: false }))
                {
                    running[webhook.Number] = Task.Run(() => Tell(webhook, stoppingToken), CancellationToken.None);
                }
            }
            catch (Exception failure)
            {
                LogFailed(logger, failure);
            }
        }

        await Task.WhenAll(running.Values);
    }

    /// <summary>Until nothing waits any more.</summary>
    private async Task Tell(StoredWebhook webhook, CancellationToken cancel)
    {
        try
        {
            var failures = 0;
            while (Now(webhook) is { } now && await Deliver(webhook = now, cancel) is { } isTaken)
            {
                failures = isTaken ? 0 : failures + 1;
                for (var wait = isTaken ? TimeSpan.Zero : Backoff(failures - 1); wait > TimeSpan.Zero && Now(webhook)?.Url == webhook.Url; wait -= glance)
                {
                    // Whoever puts the address right need not wait with it.
                    await Task.Delay(wait < glance ? wait : glance, clock, cancel);
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // It is told when the server is back.
        }
        catch (Exception failure)
        {
            LogFailed(logger, failure);
        }
    }

    /// <summary>As it is now; null where nothing waits for it.</summary>
    private StoredWebhook? Now(StoredWebhook webhook) => database.Webhooks.Due(webhook.Number) is [var due] ? due : null;

    /// <summary>Whether it was taken; null where what waits cannot be told just now.</summary>
    private async Task<bool?> Deliver(StoredWebhook webhook, CancellationToken cancel)
    {
        var events = database.Webhooks.Next(webhook.Number, after: 0, EventsMax);
        if (events.Count == 0)
        {
            // Of a contact that is deleted, until the engine has seen that.
            return null;
        }

        var at = Instant.From(clock.GetUtcNow());
        var result = await sender.Send(webhook, new() { WebhookId = webhook.Id, Events = [.. events.Select(Show)] }, cancel);
        _ = await database.Webhooks.Tried(
            webhook.Number,
            new(0, at, events[0].Sequence, events[^1].Sequence, events.Count, result.Status, result.Error, (long)result.Took.TotalMilliseconds),
            events.Select(static told => told.Sequence),
            Instant.From(clock.GetUtcNow() - givenUpAfter),
            CancellationToken.None);
        return result.Error is null;
    }

    public static WebhookEvent Show(OutboxEvent told) => new()
    {
        Id = $"{told.Segment}:{told.Contact}:{told.Sequence}",
        Sequence = told.Sequence,
        Type = told.Entered ? "entered" : "left",
        SegmentId = told.Segment.Value,
        ContactId = told.Contact.Value,
        ExternalId = told.ExternalId,
        At = told.At.ToDateTimeOffset(),
        Cause = told.Cause,
        Revision = told.Revision,
    };

    /// <summary>Twice as long each time, with a fifth to and fro, so that receivers that failed together are not called together.</summary>
    private TimeSpan Backoff(int failures)
    {
        var wait = options.WebhookRetrySeconds * Math.Pow(2, Math.Min(failures, 30));
        return TimeSpan.FromSeconds(Math.Min(wait, options.WebhookRetrySecondsMax) * (0.8 + (0.4 * Random.Shared.NextDouble())));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhooks could not be told; they are tried again")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
