using System.CommandLine;
using SegmentEngine.Cli.Evaluating;
using SegmentEngine.Rules;

namespace SegmentEngine.Cli.Verbs;

/// <summary><c>segment check</c>: everything that is wrong with a rule, each thing with its place.</summary>
internal static class CheckVerb
{
    public static Command Create(Terminal terminal)
    {
        var rule = new Argument<string>("RULE") { Description = "JSON, or text where the name ends with .rule; - is standard input" };
        var schema = Given.Schema();
        var zone = Given.Zone();
        var rules = new Option<string>("--rules") { HelpName = "DIR", Description = "a folder with the rules it may refer to, each by its file's name without .json or .rule" };
        var verb = new Command("check", "Check a rule: exit 0 if it is taken, 2 if it is refused.") { rule, schema, zone, rules };
        verb.SetAction(parsed => Run(parsed.GetRequiredValue(rule), parsed.GetValue(schema), parsed.GetRequiredValue(zone), parsed.GetValue(rules), terminal));
        return verb;
    }

    private static int Run(string path, string? schemaPath, string zoneName, string? folder, Terminal terminal)
    {
        Given.RefuseTwoStandardInputs(path, schemaPath);
        var zone = Given.ReadZone(zoneName);
        var schema = Given.ReadSchema(schemaPath, terminal);
        var file = RuleFile.Read(path, terminal);
        var others = folder is null ? [] : RuleFile.ReadFolder(folder, terminal).Where(other => other.Name != file.Name);

        // Which lists and sequences there are is known where there are contacts.
        var set = new RuleSet([file, .. others], schema, zone, static _ => true, static _ => true);
        var diagnostics = set.DiagnosticsOf(file);
        foreach (var diagnostic in diagnostics)
        {
            terminal.Output.WriteLine(Given.Line(file.File, file.Source, diagnostic));
        }

        var errors = diagnostics.Count(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        terminal.Output.WriteLine($"{file.File}: {Counted.Of(errors, "error")}, {Counted.Of(diagnostics.Count - errors, "warning")}");
        return errors == 0 ? ExitCode.Fine : ExitCode.Refused;
    }
}
