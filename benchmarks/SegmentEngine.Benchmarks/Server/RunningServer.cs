using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SegmentEngine.Benchmarks.Server;

/// <summary>The real server, as a process of its own, on a port of its own; ended by its process alone.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const int Port = 5227;

    private readonly Process process;
    private readonly string key;

    private RunningServer(Process process, string key)
    {
        (this.process, this.key) = (process, key);
        Http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = new($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromMinutes(5) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public HttpClient Http { get; }

    /// <summary>A GET as it goes over the wire.</summary>
    public byte[] Request(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{Port}\r\nAuthorization: Bearer {key}\r\n\r\n");

    public TimeSpan CpuTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public long MemoryBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    /// <summary>Starts it, and does not wait.</summary>
    public static RunningServer Start(ServerWorld world)
    {
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "SegmentEngine.Server", "release", "SegmentEngine.Server.dll"));
        var start = new ProcessStartInfo("dotnet", [program, "--database", world.File, "--urls", $"http://127.0.0.1:{Port}", "--Logging:LogLevel:Default", "Warning", "--RequestsPerSecond", "1000000", "--RequestsAtOnce", "1000000"]) { RedirectStandardOutput = false };
        return new(Process.Start(start) ?? throw new InvalidOperationException("the server did not start"), world.Key);
    }

    /// <summary>Answers with how long it took until a call was answered 200.</summary>
    public async Task<TimeSpan> Until(string path)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative));
                if (answer.IsSuccessStatusCode)
                {
                    return Stopwatch.GetElapsedTime(started);
                }
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                // It does not listen yet.
            }

            await Task.Delay(5);
        }
    }

    /// <summary>Sends a body; answers with the revision.</summary>
    public async Task<long> Post(string path, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using var answer = await Http.PostAsync(new Uri(path, UriKind.Relative), content);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        return answer.IsSuccessStatusCode
            ? JsonElement.Parse(bytes).GetProperty("revision").GetInt64()
            : throw new InvalidOperationException($"{path}: {answer.StatusCode} {Encoding.UTF8.GetString(bytes[..Math.Min(500, bytes.Length)])}");
    }

    /// <summary>Whether a contact is in a segment, by a snapshot that reflects a revision; asked until there is one.</summary>
    public async Task<bool> IsMember(SegmentId segment, string user, long revision)
    {
        while (true)
        {
            using var answer = await Http.GetAsync(new Uri($"/contacts/segments/{segment}/contacts/external_id:{user}?at_least={revision}", UriKind.Relative));
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            if (answer.IsSuccessStatusCode)
            {
                return JsonElement.Parse(bytes).GetProperty("is_member").GetBoolean();
            }

            if ((int)answer.StatusCode is not (409 or 412 or 425 or 503))
            {
                throw new InvalidOperationException($"{answer.StatusCode} {Encoding.UTF8.GetString(bytes)}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
