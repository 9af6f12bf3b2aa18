using System.Reflection;
using System.Text.RegularExpressions;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Security;

public sealed partial class ThreatModelTests
{
    [Fact]
    public async Task Every_test_that_it_names_is_there()
    {
        var named = Name().Matches(await File.ReadAllTextAsync(Path.Combine(Node.Root, "docs/threat-model.md"))).Select(static match => match.Groups[1].Value).ToList();
        var there = Assembly.GetExecutingAssembly().GetTypes().Where(static type => type.IsPublic)
            .SelectMany(static type => type.GetMethods().Where(static method => method.GetCustomAttribute<FactAttribute>() is not null).SelectMany(method => new[] { type.Name, $"{type.Name}.{method.Name}" })).ToHashSet();
        Assert.True(named.Count > 20, $"it names only {named.Count} tests");
        Assert.All(named, name => Assert.Contains(name, there));
    }

    [GeneratedRegex(@"`(\w+Tests(\.\w+)?)`")]
    private static partial Regex Name();
}
