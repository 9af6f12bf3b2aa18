using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Webhooks;

/// <summary>What became of a try.</summary>
/// <param name="Status">What the receiver answered; null where it did not.</param>
/// <param name="Error">What went wrong; null where it was taken.</param>
/// <param name="Took">How long it took.</param>
public readonly record struct SendResult(int? Status, string? Error, TimeSpan Took);

/// <summary>Sends signed deliveries. Redirects are not followed, no proxy is asked, and nobody is called at an address that is not public, unless the operator allows it: that is looked at where the connection is made, after names are resolved.</summary>
public sealed class WebhookSender : IDisposable
{
    public const string TimestampHeader = "SegmentEngine-Timestamp";
    public const string SignatureHeader = "SegmentEngine-Signature";

    /// <summary>For an answer; whoever has more to do should take the delivery and do it later.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient http;
    private readonly TimeProvider clock;

    public WebhookSender(ServerOptions options, TimeProvider clock)
    {
        this.clock = clock;
        http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = (context, cancel) => Connect(context.DnsEndPoint, options.WebhooksToPrivateAddresses, cancel),
        })
        { Timeout = patience, MaxResponseContentBufferSize = 64 << 10 };
    }

    public void Dispose() => http.Dispose();

    /// <summary>Never throws but where it is cancelled.</summary>
    public async Task<SendResult> Send(StoredWebhook webhook, WebhookDelivery delivery, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        SendResult Result(int? status, string? error) => new(status, error, Stopwatch.GetElapsedTime(started));
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(delivery, WireJson.Default.WebhookDelivery);
            var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
            request.Headers.UserAgent.Add(new("SegmentEngine", null));
            request.Headers.Add(TimestampHeader, timestamp);
            request.Headers.Add(SignatureHeader, Sign(webhook.Secret, timestamp, body));
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return Result((int)answer.StatusCode, answer.IsSuccessStatusCode ? null : $"the receiver answered {(int)answer.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Result(null, $"no answer within {patience.TotalSeconds:0} s");
        }
        catch (HttpRequestException failed)
        {
            return Result(null, failed.InnerException is RefusedAddressException refused ? refused.Message : failed.InnerException?.Message ?? failed.Message);
        }
    }

    /// <summary><c>v1=</c> and, in hexadecimal digits, HMAC-SHA256 over the timestamp, a full stop and the body.</summary>
    public static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body) =>
        $"v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes($"{timestamp}."), .. body]))}";

    private static async ValueTask<Stream> Connect(DnsEndPoint asked, bool privateToo, CancellationToken cancel)
    {
        var addresses = IPAddress.TryParse(asked.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(asked.Host, cancel);
        var allowed = privateToo ? addresses : Array.FindAll(addresses, PublicAddresses.Has);
        if (allowed.Length == 0)
        {
            throw new RefusedAddressException(addresses.Length == 0
                ? $"{asked.Host} has no address"
                : $"{asked.Host} is {string.Join(", ", addresses.Select(static address => address.ToString()))}, which is not on the public internet; WebhooksToPrivateAddresses lets it be called");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, asked.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class RefusedAddressException(string message) : IOException(message);
}
