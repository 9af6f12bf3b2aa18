using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
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

    /// <summary>Whether it is to end by itself some time.</summary>
    public bool IsDoomed { get; init; }

    public bool HasEnded => process.HasExited;

    public int Id => process.Id;

    /// <summary>What the server said, for a test that fails.</summary>
    public string Said => string.Join('\n', lines);

    /// <summary>Whether the server logged an error.</summary>
    public bool Complained => lines.Any(static line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("crit:", StringComparison.Ordinal) || line.StartsWith("err ", StringComparison.Ordinal));

    public SegmentEngineClient Client { get; private set; } = null!;

    /// <param name="database">The file.</param>
    /// <param name="key">Of a workspace in it.</param>
    /// <param name="under">A command that runs the server.</param>
    public static ServerProcess Start(string database, string key, params string[] under)
    {
        string[] command =
        [
            .. under, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            Path.Combine(AppContext.BaseDirectory, "SegmentEngine.Server.dll"), "--database", database, "--urls", "http://127.0.0.1:0",
            "--Logging:LogLevel:Default", "Warning", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information",
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_gcServer"] = "0", ["DOTNET_TieredPGO"] = "0" },
        };
        var server = new ServerProcess(Process.Start(start)!) { IsDoomed = under.Length > 0 };
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

    /// <summary>As <see cref="Ready"/>; false where it ended before.</summary>
    public async Task<bool> IsReadyBeforeItEnds()
    {
        using var end = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var listens = await Task.WhenAny(address.Task, process.WaitForExitAsync(end.Token)) == address.Task;
        http.BaseAddress = listens ? await address.Task : null;
        while (listens && !HasEnded)
        {
            try
            {
                if ((await http.GetAsync(new Uri("health/ready", UriKind.Relative), end.Token)).IsSuccessStatusCode)
                {
                    return true;
                }

                await Task.Delay(10, end.Token);
            }
            catch (HttpRequestException)
            {
                // It ends just now.
                await Task.Delay(50, end.Token);
            }
        }

        return false;
    }

    /// <summary>Waits until it ends by itself, and answers with its exit code.</summary>
    public async Task<int> Ended()
    {
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return process.ExitCode;
    }

    /// <summary>SIGTERM, as an operator or a supervisor stops it. Answers with its exit code once it has ended.</summary>
    public async Task<int> Stop()
    {
        IsKilled = true;
        using (var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        return await Ended();
    }

    /// <summary>SIGKILL: nothing is flushed, closed or said.</summary>
    public async Task Kill()
    {
        IsKilled = true;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
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
