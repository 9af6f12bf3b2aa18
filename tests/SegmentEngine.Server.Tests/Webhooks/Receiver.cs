using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SegmentEngine.Client;
using SegmentEngine.Server.Webhooks;

namespace SegmentEngine.Server.Tests.Webhooks;

/// <summary>A server that takes deliveries, or does not.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private Receiver(WebApplication app) => this.app = app;

    /// <summary>What it answers next.</summary>
    public Func<HttpContext, Task<int>> Answer { get; set; } = static _ => Task.FromResult(200);

    /// <summary>The events of the deliveries it answered 2xx, in the order they came.</summary>
    public ConcurrentQueue<WebhookEvent> Taken { get; } = [];

    /// <summary>Timestamp, signature and body of every delivery.</summary>
    public ConcurrentQueue<(string Timestamp, string Signature, byte[] Body)> Seen { get; } = [];

    public Uri Address => new(app.Urls.Single());

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver.app.Run(receiver.Take);
        await receiver.app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Seen.Enqueue((context.Request.Headers[WebhookSender.TimestampHeader].ToString(), context.Request.Headers[WebhookSender.SignatureHeader].ToString(), body.ToArray()));
        context.Response.StatusCode = await Answer(context);
        if (context.Response.StatusCode < 300)
        {
            foreach (var told in JsonSerializer.Deserialize(body.ToArray(), WireJson.Default.WebhookDelivery)!.Events)
            {
                Taken.Enqueue(told);
            }
        }
    }
}
