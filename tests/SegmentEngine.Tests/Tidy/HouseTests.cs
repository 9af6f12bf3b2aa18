using System.Text.Json;
using System.Text.RegularExpressions;

namespace SegmentEngine.Tests.Tidy;

/// <summary>What every room of the house has in common.</summary>
public sealed class HouseTests
{
    private static readonly string[] rooms = ["src", "tests", "benchmarks"];

    private static readonly string[] written = ["docs", "rules-samples"];

    // In two halves, so that this file does not find itself.
    private static readonly string[] promises = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "NotImplemented" + "Exception"];

    private static IEnumerable<string> Projects => rooms.SelectMany(static room => Tree.Files(room, "*.csproj"));

    [Fact]
    public void Nothing_is_put_off()
    {
        var files = rooms.SelectMany(static room => Tree.Files(room, "*.cs"))
            .Concat(written.Where(static folder => Directory.Exists(Path.Combine(Tree.Root, folder))).SelectMany(static folder => Tree.Files(folder, "*.*")))
            .Concat(Directory.EnumerateFiles(Tree.Root, "*.md"));
        Kindly.Nothing(from file in files
                       from line in File.ReadLines(file).Select(static (text, i) => (text, number: i + 1))
                       from promise in promises
                       where line.text.Contains(promise, StringComparison.Ordinal)
                       select $"{Tree.Short(file)}:{line.number}: {promise}: finish it, refuse it by name, or write an issue; the code holds no promises");
    }

    [Fact]
    public void No_test_is_switched_off() =>
        Kindly.Nothing(from file in Tree.Files("tests", "*.cs")
                       from line in Tree.Code(file)
                       where Regex.IsMatch(line.Text, """\[(Fact|Theory)\(.*\bSkip\s*=""")
                       select $"{Tree.Short(file)}:{line.Number}: a test that is skipped protects nothing: mend it or remove it");

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Tree.Root, "SegmentEngine.sln")).Replace('\\', '/');
        Kindly.Nothing(from project in Projects
                       where !solution.Contains($"\"{Tree.Short(project)}\"", StringComparison.Ordinal)
                       select $"{Tree.Short(project)}: not in SegmentEngine.sln, so nobody builds it: dotnet sln add {Tree.Short(project)}");
    }

    [Fact]
    public void Every_source_file_belongs_to_a_project()
    {
        var folders = Projects.Select(static project => Path.GetDirectoryName(project)! + Path.DirectorySeparatorChar).ToList();
        Kindly.Nothing(from file in rooms.SelectMany(static room => Tree.Files(room, "*.cs"))
                       where !folders.Exists(folder => file.StartsWith(folder, StringComparison.Ordinal))
                       select $"{Tree.Short(file)}: nobody compiles this file: move it below a project, or remove it");
    }

    [Fact]
    public void No_project_leaves_a_file_out() =>
        Kindly.Nothing(from project in Projects
                       from line in Tree.Code(project)
                       where line.Text.Contains("<Compile Remove", StringComparison.Ordinal)
                       select $"{Tree.Short(project)}:{line.Number}: a file that is not compiled is in the way: remove the file");

    [Fact]
    public void Every_project_has_its_lock_file() =>
        Kindly.Nothing(from project in Projects
                       where !File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json"))
                       select $"{Tree.Short(project)}: its packages.lock.json is missing: run dotnet restore and commit the file");

    [Fact]
    public void Versions_stand_in_one_place() =>
        Kindly.Nothing(from project in Projects
                       from line in Tree.Code(project)
                       where Regex.IsMatch(line.Text, """<PackageReference[^>]*\bVersion(Override)?=""")
                       select $"{Tree.Short(project)}:{line.Number}: versions stand in Directory.Packages.props, once for all projects");

    /// <summary>Older ones are known to exhaust the stack on nested input (GHSA-5crp-9r3c-p9vr); Hangfire alone would bring one in.</summary>
    [Fact]
    public void Newtonsoft_Json_is_at_least_13_0_1() =>
        Kindly.Nothing(from project in Projects
                       from package in Locked(project)
                       where package.Name.Equals("Newtonsoft.Json", StringComparison.OrdinalIgnoreCase) && package.Version < new Version(13, 0, 1)
                       select $"{Tree.Short(project)}: its lock file takes Newtonsoft.Json {package.Version}, which nested input brings down: pin 13.0.1 or later in Directory.Packages.props");

    private static IEnumerable<(string Name, Version Version)> Locked(string project)
    {
        var file = Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json");
        if (!File.Exists(file))
        {
            yield break;
        }

        using var json = JsonDocument.Parse(File.ReadAllText(file));
        foreach (var framework in json.RootElement.GetProperty("dependencies").EnumerateObject())
        {
            foreach (var package in framework.Value.EnumerateObject())
            {
                if (package.Value.TryGetProperty("resolved", out var resolved))
                {
                    yield return (package.Name, Version.Parse(resolved.GetString()!.Split('-')[0]));
                }
            }
        }
    }
}
