using System.Text.RegularExpressions;

namespace SegmentEngine.Tests.Tidy;

/// <summary>Inside the library data flows one way. A folder is a namespace, so the <c>using</c> lines say whether it still does.</summary>
public sealed partial class RiverTests
{
    private static readonly string[] order = ["Contacts", "Rules", "Exchange", "Evaluation", "Segments", "Memberships", "Gating"];

    [Fact]
    public void Folders_of_the_library_use_only_what_lies_upstream()
    {
        var upstream = from folder in order.Select(static (name, rank) => (name, rank))
                       where Directory.Exists(Path.Combine(Tree.Root, "src/SegmentEngine", folder.name))
                       from file in Tree.Files($"src/SegmentEngine/{folder.name}", "*.cs")
                       from line in File.ReadLines(file)
                       let used = Using().Match(line).Groups["folder"].Value
                       where Array.IndexOf(order, used) > folder.rank
                       select $"{Tree.Short(file)}: {folder.name} uses {used}, which lies downstream. Data flows {string.Join(" → ", order)}; "
                           + $"perhaps the type belongs in {folder.name}, or the code that needs both belongs in {used}";
        Kindly.Nothing(upstream);
    }

    [Fact]
    public void Ids_use_no_folder() =>
        Kindly.Nothing(from line in Tree.Code(Path.Combine(Tree.Root, "src/SegmentEngine/Ids.cs"))
                       where Using().IsMatch(line.Text)
                       select $"src/SegmentEngine/Ids.cs:{line.Number}: names lie above every folder, so this file uses none of them");

    [Fact]
    public void The_library_has_no_folder_that_the_river_does_not_know() =>
        Kindly.Nothing(from file in Tree.Files("src/SegmentEngine", "*.cs")
                       let parts = Tree.Short(file).Split('/')
                       where parts.Length > 3 && !order.Contains(parts[2])
                       select $"{Tree.Short(file)}: the folder {parts[2]} has no place in {string.Join(" → ", order)}. Give it one, here and in docs/architecture.md, or move the file");

    [Fact]
    public void The_library_refers_to_no_package_and_no_project() =>
        Kindly.Nothing(from line in Tree.Code(Path.Combine(Tree.Root, "src/SegmentEngine/SegmentEngine.csproj"))
                       where line.Text.Contains("Reference Include", StringComparison.Ordinal)
                       select $"src/SegmentEngine/SegmentEngine.csproj:{line.Number}: the library stands on the base class library alone. What needs more goes to Storage, Server or Cli");

    [GeneratedRegex("""^\s*(global )?using (static )?(\w+ = )?SegmentEngine\.(?<folder>\w+)""")]
    private static partial Regex Using();
}
