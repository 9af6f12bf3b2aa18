using System.CommandLine;
using System.Text;
using System.Text.Json;
using SegmentEngine.Cli.Converting;
using SegmentEngine.Rules;

namespace SegmentEngine.Cli.Verbs;

/// <summary><c>segment convert</c>: a rule from one form into another. What gets lost is named on standard error, and parked in its place.</summary>
internal static class ConvertVerb
{
    private const int GroupsBytesMax = 4 << 20;

    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "the rule to convert; - is standard input" };
        var from = new Option<string>("--from") { HelpName = "FORMAT", Description = string.Join(", ", RuleFormat.Readable), Required = true };
        var to = new Option<string>("--to") { HelpName = "FORMAT", Description = string.Join(", ", RuleFormat.Writable), Required = true };
        var groups = new Option<string>("--groups") { HelpName = "G.json", Description = "with --from growthbook: the saved groups, an object with a list of values for each id" };
        var schema = Given.Schema();
        var verb = new Command("convert", "Print a rule in another form: exit 0 if nothing was lost, 2 if something was, or the rule was refused.") { file, from, to, groups, schema };
        verb.SetAction(parsed => Run(parsed.GetRequiredValue(file), parsed.GetRequiredValue(from), parsed.GetRequiredValue(to), parsed.GetValue(groups), parsed.GetValue(schema), terminal));
        return verb;
    }

    private static int Run(string path, string from, string to, string? groupsPath, string? schemaPath, Terminal terminal)
    {
        Given.RefuseTwoStandardInputs(path, groupsPath, schemaPath);
        var read = Find(from)?.Read ?? throw new RefusedException($"--from: {Unknown(from, "read", RuleFormat.Readable)}");
        var write = Find(to)?.Write ?? throw new RefusedException($"--to: {Unknown(to, "written", RuleFormat.Writable)}");
        if (groupsPath is not null && from != "growthbook")
        {
            throw new RefusedException("--groups goes with --from growthbook");
        }

        var names = new ForeignNames(Given.ReadSchema(schemaPath, terminal), ReadGroups(groupsPath, terminal));
        var name = InputFile.IsStandardInput(path) ? "standard input" : path;
        var source = read(Encoding.UTF8.GetString(InputFile.ReadAll(path, Limits.ForeignBytesMax, terminal.OpenInput)), names);
        var reading = source.Reading;
        var written = reading.Condition is { } condition ? write(condition) : ("", []);
        foreach (var diagnostic in reading.Diagnostics.Concat(written.Lost))
        {
            terminal.Error.WriteLine(Given.Line(name, source, diagnostic));
        }

        if (reading.Condition is not null)
        {
            terminal.Output.Write($"{written.Text}\n");
        }

        return reading.HasErrors || written.Lost.Any(static lost => lost.Severity == DiagnosticSeverity.Error) ? ExitCode.Refused : ExitCode.Fine;
    }

    private static RuleFormat? Find(string name) => RuleFormat.All.FirstOrDefault(format => format.Name == name);

    private static string Unknown(string name, string done, IEnumerable<string> there) =>
        Find(name) is null ? $"there is no format \"{name}\"; there are {string.Join(", ", there)}" : $"{name} is not {done} here; {string.Join(", ", there)} are";

    private static JsonElement ReadGroups(string? path, Terminal terminal)
    {
        if (path is null)
        {
            return default;
        }

        var bytes = InputFile.ReadAll(path, GroupsBytesMax, terminal.OpenInput);
        if (bytes.Length > GroupsBytesMax)
        {
            throw new RefusedException($"the saved groups '{path}' are larger than {GroupsBytesMax >> 20} MiB");
        }

        try
        {
            return JsonElement.Parse(bytes, new() { AllowDuplicateProperties = false }) is { ValueKind: JsonValueKind.Object } groups
                ? groups
                : throw new RefusedException($"the saved groups '{path}' are no JSON object");
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            throw new RefusedException($"the saved groups '{path}' are no JSON: {malformed.Message.TrimEnd('.')}");
        }
    }
}
