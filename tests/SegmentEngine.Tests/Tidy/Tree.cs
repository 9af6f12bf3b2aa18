using System.Text.RegularExpressions;

namespace SegmentEngine.Tests.Tidy;

/// <summary>The files of this repository as they lie in the working copy.</summary>
internal static partial class Tree
{
    private static readonly string[] notOurs = ["artifacts", "bin", "obj", "node_modules", "data", "TestResults"];

    /// <summary>The folder that holds the solution.</summary>
    public static readonly string Root = FindRoot();

    /// <summary>A path below the root, with forward slashes.</summary>
    public static string Short(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    /// <summary>Every file below a folder of the root, without what builds leave behind.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(static file => !Short(file).Split('/')[..^1].Any(static part => notOurs.Contains(part) || (part.StartsWith('.') && part is not "." and not ".ci")))
            .Order(StringComparer.Ordinal);

    /// <summary>The lines of a source file with what is said in comments taken out, each with its number.</summary>
    public static IEnumerable<(int Number, string Text)> Code(string file) =>
        File.ReadLines(file).Select(static (line, i) => (i + 1, Comment().Replace(line, "")));

    [GeneratedRegex("""(^|\s)//.*$""")]
    private static partial Regex Comment();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SegmentEngine.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no SegmentEngine.sln above {AppContext.BaseDirectory}; run the tests from a working copy");
    }
}
