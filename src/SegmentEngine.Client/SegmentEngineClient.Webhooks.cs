namespace SegmentEngine.Client;

public sealed partial class SegmentEngineClient
{
    public Task<WebhookList> ListWebhooks(CancellationToken cancel = default) => Get("manage/webhooks", WireJson.Default.WebhookList, cancel);

    public Task<Webhook> GetWebhook(Guid webhook, CancellationToken cancel = default) => Get($"manage/webhooks/{webhook}", WireJson.Default.Webhook, cancel);

    /// <summary>From now on an address is told who enters and leaves a segment, or any. The secret is in this answer and in no other.</summary>
    public Task<Webhook> CreateWebhook(WebhookInput webhook, CancellationToken cancel = default) =>
        Make("manage/webhooks", webhook, WireJson.Default.WebhookInput, WireJson.Default.Webhook, cancel);

    public Task<Webhook> ChangeWebhook(Guid webhook, WebhookInput changes, CancellationToken cancel = default) =>
        Ask(HttpMethod.Patch, $"manage/webhooks/{webhook}", changes, WireJson.Default.WebhookInput, WireJson.Default.Webhook, cancel);

    public async Task DeleteWebhook(Guid webhook, CancellationToken cancel = default)
    {
        using var answer = await http.DeleteAsync(new Uri($"manage/webhooks/{webhook}", UriKind.Relative), cancel).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            throw new SegmentEngineException((int)answer.StatusCode, await ReadError(answer, cancel).ConfigureAwait(false));
        }
    }

    /// <summary>Sends a delivery without events, once.</summary>
    public Task<WebhookTry> TestWebhook(Guid webhook, CancellationToken cancel = default) =>
        Send(HttpMethod.Post, $"manage/webhooks/{webhook}/test", static () => null, WireJson.Default.WebhookTry, repeatable: false, cancel);

    public Task<WebhookTryPage> ListWebhookDeliveries(Guid webhook, string? cursor = null, int? limit = null, CancellationToken cancel = default) =>
        Get($"manage/webhooks/{webhook}/deliveries{Query(("cursor", cursor), ("limit", limit))}", WireJson.Default.WebhookTryPage, cancel);

    public Task<WebhookEventPage> ListDeadLetters(Guid webhook, string? cursor = null, int? limit = null, CancellationToken cancel = default) =>
        Get($"manage/webhooks/{webhook}/dead-letters{Query(("cursor", cursor), ("limit", limit))}", WireJson.Default.WebhookEventPage, cancel);

    public Task<WebhookReplayed> ReplayDeadLetters(Guid webhook, CancellationToken cancel = default) =>
        Send(HttpMethod.Post, $"manage/webhooks/{webhook}/replay", static () => null, WireJson.Default.WebhookReplayed, repeatable: true, cancel);
}
