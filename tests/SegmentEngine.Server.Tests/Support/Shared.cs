namespace SegmentEngine.Server.Tests.Support;

/// <summary>The folder <c>shared</c> beside the repository, with real data and cases over it.</summary>
internal static class Shared
{
    private static readonly string root = Path.Combine(Repository(), "..", "shared");

    /// <summary>Why tests that need the folder cannot run here; null where they can, and on a build server, where its absence is a failure.</summary>
    public static string? Absent =>
        Directory.Exists(root) || Environment.GetEnvironmentVariable("CI") == "true" ? null : "needs the folder 'shared' beside the repository";

    public static string At(params string[] parts) => Path.Combine([root, .. parts]);

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SegmentEngine.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests do not run inside the repository");
    }
}

/// <summary>A test over the shared data; skipped with a message where there is none.</summary>
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute() => Skip = Shared.Absent;
}
