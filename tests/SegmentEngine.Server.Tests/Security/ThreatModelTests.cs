using System.Text.RegularExpressions;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Security;

public sealed partial class ThreatModelTests
{
    [Fact]
    public async Task Every_test_that_it_names_is_there()
    {
        var named = Name().Matches(await File.ReadAllTextAsync(Path.Combine(Node.Root, "docs/threat-model.md"))).Select(static match => match.Groups[1].Value).ToList();
        var there = Directory.EnumerateFiles(Path.Combine(Node.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(static file => Test().Matches(File.ReadAllText(file)).Select(test => $"{Path.GetFileNameWithoutExtension(file)}.{test.Groups[1].Value}").Prepend(Path.GetFileNameWithoutExtension(file))).ToHashSet();
        Assert.True(named.Count > 20, $"it names only {named.Count} tests");
        Assert.All(named, name => Assert.Contains(name, there));
    }

    [GeneratedRegex(@"`(\w+Tests(\.\w+)?)`")]
    private static partial Regex Name();

    /// <summary>A method below an attribute that makes a test of it.</summary>
    [GeneratedRegex(@"\[(?:Browser|Shop|Shared)?(?:Fact|Theory)[^\n]*\n(?:\s*\[[^\n]*\n)*\s*public [\w ]+ (\w+)\(")]
    private static partial Regex Test();
}
