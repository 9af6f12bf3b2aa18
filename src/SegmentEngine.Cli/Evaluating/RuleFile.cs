using System.Text;
using SegmentEngine.Cli.Files;
using SegmentEngine.Rules;

namespace SegmentEngine.Cli.Evaluating;

/// <summary>A rule as it was read from a file, with the name by which other rules of the folder refer to it.</summary>
/// <param name="Name">The file's name without <c>.json</c>.</param>
/// <param name="File">The file, as a message calls it.</param>
/// <param name="Reading">What could be made of it.</param>
internal sealed record RuleFile(string Name, string File, RuleReading Reading)
{
    private const string Extension = ".json";

    /// <summary>A bare definition, or an object with a <c>rule</c> field.</summary>
    public static RuleFile Read(string path, Terminal terminal)
    {
        var text = Encoding.UTF8.GetString(InputFile.ReadAll(path, Limits.JsonBytesMax, terminal));
        var reading = RuleJson.TryParse(text, out var json, out var refused) ? RuleJson.Read(RuleJson.DefinitionIn(json)) : new(null, [refused!]);
        return InputFile.IsStandardInput(path)
            ? new("rule", "standard input", reading)
            : new(Path.GetFileName(path).EndsWith(Extension, StringComparison.Ordinal) ? Path.GetFileName(path)[..^Extension.Length] : Path.GetFileName(path), path, reading);
    }

    /// <summary>Every rule of a folder, by name in ordinal order.</summary>
    public static IReadOnlyList<RuleFile> ReadFolder(string folder, Terminal terminal)
    {
        if (!Directory.Exists(folder))
        {
            throw new RefusedException(System.IO.File.Exists(folder) ? $"'{folder}' is a file; --rules takes a folder, --rule a file" : $"there is no folder '{folder}'");
        }

        var files = Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal).ToList();
        return files.Count == 0 ? throw new RefusedException($"the folder '{folder}' holds no {Extension} file") : [.. files.Select(file => Read(file, terminal)).OrderBy(static rule => rule.Name, StringComparer.Ordinal)];
    }
}
