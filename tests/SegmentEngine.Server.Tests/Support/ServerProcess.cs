using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Tests.Support;

/// <summary>The server as a process of its own, which can be killed as a power cut would.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process process;
    private readonly ConcurrentQueue<string> lines = [];
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient http = new();

    private ServerProcess(Process process) => this.process = process;

    public bool IsKilled { get; private set; }

    public int Id => process.Id;

    /// <summary>What the server said, for a test that fails.</summary>
    public string Said => string.Join('\n', lines);

    /// <summary>Whether the server logged an error.</summary>
    public bool Complained => lines.Any(static line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal) || line.StartsWith("err ", StringComparison.Ordinal));

    public SegmentEngineClient Client { get; private set; } = null!;

    public static ServerProcess Start(string database, string key)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "SegmentEngine.Server.dll"), "--database", database, "--urls", "http://127.0.0.1:0",
                "--Logging:LogLevel:Default", "Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information",
            },
            Environment = { ["DOTNET_gcServer"] = "0", ["DOTNET_TieredPGO"] = "0" },
        };
        var server = new ServerProcess(Process.Start(start)!);
        server.process.OutputDataReceived += (_, line) => server.Hear(line.Data);
        server.process.ErrorDataReceived += (_, line) => server.Hear(line.Data is null ? null : "err " + line.Data);
        server.process.BeginOutputReadLine();
        server.process.BeginErrorReadLine();
        server.http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        server.Client = new(server.http);
        return server;
    }

    /// <summary>Waits until everything is loaded.</summary>
    public async Task Ready()
    {
        http.BaseAddress = await address.Task.WaitAsync(TimeSpan.FromMinutes(1));
        while ((await http.GetAsync(new Uri("health/ready", UriKind.Relative))).IsSuccessStatusCode is false)
        {
            await Task.Delay(10);
        }
    }

    /// <summary>Waits until it ends by itself, and answers with its exit code.</summary>
    public async Task<int> Ended()
    {
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return process.ExitCode;
    }

    /// <summary>SIGKILL: nothing is flushed, closed or said.</summary>
    public async Task Kill()
    {
        IsKilled = true;
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
        http.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lines.Enqueue(line);
        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
        {
            address.TrySetResult(new(line[(at + Listening.Length)..].Trim()));
        }
    }
}
