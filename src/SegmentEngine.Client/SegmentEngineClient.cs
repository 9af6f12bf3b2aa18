using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SegmentEngine.Client;

/// <summary>The typed client of SegmentEngine's HTTP API. Safe to share between threads. Calls that may be repeated without harm are tried again on 429 and 503; every other error answer is thrown as <see cref="SegmentEngineException"/>.
/// Answers that bear a tag are kept and asked for by it, so that those of which nothing changed are not sent again: the server is asked each time, and an answer is never older than that.</summary>
/// <param name="http">With the server's address and the key set; it stays the caller's to dispose.</param>
/// <param name="keptAnswersMax">How many answers are kept, about; 0 for none.</param>
public sealed partial class SegmentEngineClient(HttpClient http, int keptAnswersMax = SegmentEngineClient.KeptAnswersDefault)
{
    public const int KeptAnswersDefault = 256;

    private const int TriesMax = 4;
    private static readonly TimeSpan firstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan waitMax = TimeSpan.FromSeconds(10);

    private readonly KeptAnswers keptAnswers = new(keptAnswersMax);

    /// <summary>A client with an <see cref="HttpClient"/> of its own, which lives as long as the process.</summary>
    public static SegmentEngineClient Connect(Uri address, string key) => new(new HttpClient
    {
        BaseAddress = address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    });

    public Task<Health> Live(CancellationToken cancel = default) => Get("health/live", WireJson.Default.Health, cancel);

    /// <summary>Throws with status 503 while the server is still loading.</summary>
    public async Task<Health> Ready(CancellationToken cancel = default)
    {
        using var answer = await http.GetAsync(new Uri("health/ready", UriKind.Relative), cancel).ConfigureAwait(false);
        return await Read(answer, WireJson.Default.Health, cancel).ConfigureAwait(false);
    }

    private Task<TAnswer> Get<TAnswer>(string path, JsonTypeInfo<TAnswer> answer, CancellationToken cancel) =>
        Send<object, TAnswer>(HttpMethod.Get, path, body: null, bodyType: null, answer, repeatable: true, cancel);

    private Task<TAnswer> Delete<TAnswer>(string path, JsonTypeInfo<TAnswer> answer, CancellationToken cancel) =>
        Send<object, TAnswer>(HttpMethod.Delete, path, body: null, bodyType: null, answer, repeatable: true, cancel);

    /// <summary>A call that only asks, or that leaves the same state when it is made twice.</summary>
    private Task<TAnswer> Ask<TBody, TAnswer>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answer, CancellationToken cancel) =>
        Send(method, path, body, bodyType, answer, repeatable: true, cancel);

    /// <summary>A call that must not be made twice.</summary>
    private Task<TAnswer> Make<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answer, CancellationToken cancel) =>
        Send(HttpMethod.Post, path, body, bodyType, answer, repeatable: false, cancel);

    private Task<TAnswer> Send<TBody, TAnswer>(
        HttpMethod method, string path, TBody? body, JsonTypeInfo<TBody>? bodyType, JsonTypeInfo<TAnswer> answerType, bool repeatable, CancellationToken cancel) =>
        Send(method, path, () => body is not null && bodyType is not null ? JsonContent.Create(body, bodyType) : null, answerType, repeatable, cancel);

    /// <summary>A body that is JSON already goes as it is.</summary>
    private Task<TAnswer> SendJson<TAnswer>(string path, ReadOnlyMemory<byte> json, JsonTypeInfo<TAnswer> answerType, CancellationToken cancel) =>
        Send(HttpMethod.Post, path, () => new ReadOnlyMemoryContent(json) { Headers = { ContentType = new("application/json") } }, answerType, repeatable: true, cancel);

    private async Task<TAnswer> Send<TAnswer>(HttpMethod method, string path, Func<HttpContent?> body, JsonTypeInfo<TAnswer> answerType, bool repeatable, CancellationToken cancel)
    {
        var kept = method == HttpMethod.Get ? keptAnswers.Find(path) : null;
        for (var tries = 1; ; tries++)
        {
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body() };
            if (kept is not null)
            {
                request.Headers.IfNoneMatch.Add(kept.Tag);
            }

            using var answer = await http.SendAsync(request, cancel).ConfigureAwait(false);
            if (repeatable && tries < TriesMax && answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            {
                await Task.Delay(Wait(answer, tries), cancel).ConfigureAwait(false);
                continue;
            }

            if (kept is { Answer: TAnswer same } && answer.StatusCode == HttpStatusCode.NotModified)
            {
                return same;
            }

            var read = await Read(answer, answerType, cancel).ConfigureAwait(false);
            if (method == HttpMethod.Get && answer.Headers.ETag is { } tag)
            {
                keptAnswers.Keep(path, tag, read!);
            }

            return read;
        }
    }

    private static TimeSpan Wait(HttpResponseMessage answer, int tries)
    {
        // Never sooner than asked for, and not at once with all others that were told the same.
        var wait = (answer.Headers.RetryAfter?.Delta ?? firstWait * Math.Pow(2, tries - 1)) * (1 + (Random.Shared.NextDouble() / 4));
        return wait < waitMax ? wait : waitMax;
    }

    private static async Task<TAnswer> Read<TAnswer>(HttpResponseMessage answer, JsonTypeInfo<TAnswer> type, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new SegmentEngineException((int)answer.StatusCode, await ReadError(answer, cancel).ConfigureAwait(false));
        }

        try
        {
            return await answer.Content.ReadFromJsonAsync(type, cancel).ConfigureAwait(false)
                ?? throw new SegmentEngineException("the server answered null");
        }
        catch (JsonException)
        {
            // A proxy's page, or another program altogether.
            throw new SegmentEngineException((int)answer.StatusCode, body: null);
        }
    }

    private static async Task<ErrorBody?> ReadError(HttpResponseMessage answer, CancellationToken cancel)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(WireJson.Default.ErrorBody, cancel).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Escape(string part) => Uri.EscapeDataString(part);

    /// <summary>A query string of the parameters that are not null.</summary>
    private static string Query(params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var parts = new List<string>();
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                parts.Add($"{name}={Escape(Text(value))}");
            }
        }

        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private static string Text(object value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
