using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using SegmentEngine.Cli.Evaluating;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Cli.Verbs;

/// <summary>What verbs are given alike: schema, zone, instants, and how diagnostics are told.</summary>
internal static class Given
{
    private const int SchemaBytesMax = 4 << 20;

    public static Option<string> Schema() => new("--schema") { HelpName = "S.json", Description = "the declared types of traits and of events' properties; what is not declared takes its JSON kind" };

    public static Option<string> Zone() => new("--zone") { HelpName = "ZONE", Description = "the time zone of days and calendar units, such as Europe/Paris", DefaultValueFactory = static _ => "UTC" };

    public static TimeZoneInfo ReadZone(string name) =>
        name.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : throw new RefusedException($"\"{name}\" is no time zone; write an IANA name such as Europe/Paris");

    public static Instant ReadInstant(string option, string text) =>
        Instant.TryParse(text, out var instant) || (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms) && Instant.TryFromEpochMs(ms, out instant))
            ? instant
            : throw new RefusedException($"{option}: \"{text}\" is no instant; write RFC 3339 with an offset, such as 2024-05-01T12:00:00Z, or epoch milliseconds");

    public static TraitSchema ReadSchema(string? path, Terminal terminal)
    {
        if (path is null)
        {
            return TraitSchema.Empty;
        }

        var bytes = InputFile.ReadAll(path, SchemaBytesMax, terminal.OpenInput);
        if (bytes.Length > SchemaBytesMax)
        {
            throw new RefusedException($"the schema '{path}' is larger than {SchemaBytesMax >> 20} MiB");
        }

        JsonElement json;
        try
        {
            json = JsonElement.Parse(bytes, new() { AllowDuplicateProperties = false });
        }
        catch (JsonException malformed)
        {
            throw new RefusedException($"the schema '{path}' is no JSON: {Malformed.Sentence(malformed)}");
        }

        return TraitSchema.TryParse(json, out var schema, out var problems)
            ? schema
            : throw new RefusedException(string.Join('\n', problems.Select(problem => $"{path}: {problem.Path}: {problem.Message}")));
    }

    /// <summary>Standard input can be read once.</summary>
    public static void RefuseTwoStandardInputs(params ReadOnlySpan<string?> paths)
    {
        var count = 0;
        foreach (var path in paths)
        {
            count += path is not null && InputFile.IsStandardInput(path) ? 1 : 0;
        }

        if (count > 1)
        {
            throw new RefusedException("standard input (-) can stand for one file only");
        }
    }

    /// <summary>One line: where, how bad, what, what to write instead, and the word for programs.</summary>
    public static string Line(string file, RuleSource source, RuleDiagnostic diagnostic) =>
        $"{file}{source.PlaceOf(diagnostic)}: {(diagnostic.Severity == DiagnosticSeverity.Error ? "error" : "warning")}: {diagnostic.Message}"
        + (diagnostic.Suggestion is { } suggestion ? $" (did you mean {suggestion}?)" : "") + $" [{diagnostic.Code}]";
}
