using System.Text.RegularExpressions;
using System.Xml.Linq;
using SegmentEngine.Tests.Tidy;

namespace SegmentEngine.Server.Tests.Dashboard;

/// <summary>Every text of the dashboard is in its files, in every language, and used.</summary>
public sealed partial class TextsTests
{
    private const string Folder = "src/SegmentEngine.Server/Dashboard";

    private static readonly Dictionary<string, string> english = Read("Texts.resx");

    [Fact]
    public void Each_language_says_the_same_with_the_same_places()
    {
        foreach (var file in Tree.Files(Folder, "Texts.*.resx"))
        {
            var other = Read(Path.GetFileName(file));
            Assert.Equal(english.Keys.Order(StringComparer.Ordinal), other.Keys.Order(StringComparer.Ordinal));
            Assert.All(english, text => Assert.Equal(Places(text.Value), Places(other[text.Key])));
            Assert.All(other, static text => Assert.False(string.IsNullOrWhiteSpace(text.Value), text.Key));
        }
    }

    [Fact]
    public void Each_text_that_is_asked_for_is_there_and_each_that_is_there_is_asked_for()
    {
        var sources = string.Concat(Tree.Files(Folder, "*.razor").Concat(Tree.Files(Folder, "*.cs")).Select(File.ReadAllText));
        var asked = Literal().Matches(sources).Select(static match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var missing = Index().Matches(sources).Select(static match => match.Groups[1].Value).Where(static key => !english.ContainsKey(key)).Distinct();
        Assert.Empty(missing);
        var beginnings = Beginning().Matches(sources).Select(static match => match.Groups[1].Value).ToList();
        Assert.DoesNotContain(english.Keys, key => !asked.Contains(key) && !beginnings.Exists(beginning => key.StartsWith(beginning, StringComparison.Ordinal)));
    }

    private static Dictionary<string, string> Read(string file) =>
        XDocument.Load(Path.Combine(Tree.Root, Folder, file)).Root!.Elements("data").ToDictionary(static data => data.Attribute("name")!.Value, static data => data.Element("value")!.Value, StringComparer.Ordinal);

    private static string Places(string text) => string.Join(' ', Place().Matches(text).Select(static match => match.Value).Order(StringComparer.Ordinal));

    [GeneratedRegex("\"([A-Za-z0-9_.-]+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex("""\b(?:T|texts)\["([^"]+)"[\],]""")]
    private static partial Regex Index();

    [GeneratedRegex("""\b(?:T|texts)\[\$"([A-Za-z0-9_.]+)\{""")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Place();
}
