using System.Diagnostics;

namespace SegmentEngine.Server.Tests.Support;

/// <summary>Programs of other people's libraries, run with Node.</summary>
internal static class Node
{
    /// <summary>The folder of this repository.</summary>
    public static string Root { get; } = Find();

    /// <summary>Why nothing can be run; null where it can.</summary>
    public static string? Missing { get; } =
        !IsThere("node") ? "node is not installed"
        : new[] { "tests/javascript", "clients/typescript" }.FirstOrDefault(static folder => !Directory.Exists(Path.Combine(Root, folder, "node_modules"))) is { } bare ? $"run `npm ci` in {bare} first"
        : null;

    /// <summary>Runs a program to its end and answers with what it printed.</summary>
    public static async Task<string> Run(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("node", arguments) { WorkingDirectory = Path.Combine(Root, folder), RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.WaitForExitAsync(patience.Token);
        Assert.True(process.ExitCode == 0, $"node {string.Join(' ', arguments)}: {await output}{await error}");
        return await output;
    }

    private static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SegmentEngine.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside of the repository");
        }

        return folder.FullName;
    }
}

/// <summary>A test that needs Node and the packages of its programs; without them it is skipped, and where CI is set it fails.</summary>
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute() => Skip = Environment.GetEnvironmentVariable("CI") == "true" ? null : Node.Missing;
}
