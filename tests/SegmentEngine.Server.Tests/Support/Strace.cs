using System.Diagnostics;

namespace SegmentEngine.Server.Tests.Support;

/// <summary>Has the operating system answer calls of a process with errors, or end it at one of them.</summary>
internal sealed class Strace : IAsyncDisposable
{
    private readonly Process process;

    private Strace(Process process) => this.process = process;

    /// <summary>Why it cannot be had here; null where it can.</summary>
    public static string? Absent { get; } = Try();

    /// <summary>The command that ends what it runs at the K-th call of a thread that has something written to disk.</summary>
    public static string[] KillsAtSync(int k) => ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", $"inject=fsync,fdatasync:signal=SIGKILL:when={k}"];

    /// <summary>From here until it is disposed, writes to some files fail.</summary>
    /// <param name="processId">Whose.</param>
    /// <param name="error">With what, such as ENOSPC.</param>
    /// <param name="files">Which.</param>
    public static async Task<Strace> FailWrites(int processId, string error, params string[] files)
    {
        string[] paths = [.. files.SelectMany(static file => new[] { "-P", file })];
        var start = new ProcessStartInfo("strace", ["-f", "-o", "/dev/null", "-p", $"{processId}", .. paths, "-e", "trace=pwrite64,write,fallocate,ftruncate", "-e", $"inject=pwrite64,write,fallocate,ftruncate:error={error}"]) { RedirectStandardError = true };
        var strace = new Strace(Process.Start(start)!);
        var attached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        strace.process.ErrorDataReceived += (_, line) => _ = line.Data?.Contains("attached", StringComparison.Ordinal) == true && attached.TrySetResult();
        strace.process.BeginErrorReadLine();
        await attached.Task.WaitAsync(TimeSpan.FromSeconds(20));
        await Task.Delay(200);
        return strace;
    }

    public async ValueTask DisposeAsync()
    {
        using (var stop = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            await stop.WaitForExitAsync();
        }

        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        process.Dispose();
    }

    private static string? Try()
    {
        const string absent = "strace is missing, or may not be used here: apt-get install strace";
        try
        {
            using var tried = Process.Start(new ProcessStartInfo("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "true"]) { RedirectStandardError = true });
            tried!.WaitForExit();
            return tried.ExitCode == 0 ? null : absent;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return absent;
        }
    }
}

/// <summary>A test that has the operating system fail; skipped with a message where that cannot be had.</summary>
public sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute() => Skip = Strace.Absent;
}
