using System.Text;
using System.Text.Unicode;
using SegmentEngine.Rules;
using SegmentEngine.Scripting;

namespace SegmentEngine.Cli.Evaluating;

/// <summary>A rule as it was read from a file, with the name by which other rules of the folder refer to it.</summary>
/// <param name="Name">The file's name without <c>.json</c> or <c>.rule</c>.</param>
/// <param name="File">The file, as a message calls it.</param>
/// <param name="Source">What could be made of it.</param>
internal sealed record RuleFile(string Name, string File, RuleSource Source)
{
    private static readonly string[] extensions = [".json", RuleText.Extension];

    public RuleReading Reading => Source.Reading;

    /// <summary>Text where the name ends with <c>.rule</c>, or where it is said; else JSON. Standard input is JSON where it begins with a brace.</summary>
    public static RuleFile Read(string path, Terminal terminal, bool isText = false)
    {
        var bytes = InputFile.ReadAll(path, Limits.JsonBytesMax, terminal.OpenInput);
        var written = Utf8.IsValid(bytes) || bytes.Length > Limits.JsonBytesMax ? Encoding.UTF8.GetString(bytes) : throw new RefusedException($"'{path}' is not UTF-8");
        if (InputFile.IsStandardInput(path))
        {
            return new("rule", "standard input", isText || !written.AsSpan().TrimStart().StartsWith('{') ? RuleSource.OfText(written) : RuleSource.OfJson(written));
        }

        var name = Path.GetFileName(path);
        var extension = Array.Find(extensions, extension => name.EndsWith(extension, StringComparison.Ordinal));
        return new(extension is null ? name : name[..^extension.Length], path, isText || extension == RuleText.Extension ? RuleSource.OfText(written) : RuleSource.OfJson(written));
    }

    /// <summary>Every rule of a folder, by name in ordinal order.</summary>
    public static IReadOnlyList<RuleFile> ReadFolder(string folder, Terminal terminal)
    {
        if (!Directory.Exists(folder))
        {
            throw new RefusedException(System.IO.File.Exists(folder) ? $"'{folder}' is a file; --rules takes a folder, --rule a file" : $"there is no folder '{folder}'");
        }

        var files = extensions.SelectMany(extension => Directory.EnumerateFiles(folder, "*" + extension)).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0)
        {
            throw new RefusedException($"the folder '{folder}' holds no {string.Join(" and no ", extensions)} file");
        }

        if (files.GroupBy(Path.GetFileNameWithoutExtension, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new RefusedException($"the folder '{folder}' holds the rule \"{twice.Key}\" twice, as {string.Join(" and as ", twice.Select(Path.GetFileName))}");
        }

        return [.. files.Select(file => Read(file, terminal)).OrderBy(static rule => rule.Name, StringComparer.Ordinal)];
    }
}
