using SegmentEngine.Rules;
using SegmentEngine.Scripting;

namespace SegmentEngine.Cli.Evaluating;

/// <summary>A rule as it was read, in whichever form it was written.</summary>
/// <param name="Reading">What could be made of it.</param>
/// <param name="PlaceOf">Where in the file a diagnostic belongs, as a line begins that tells of it: <c>: $.and[0]</c>, or <c>:2:13</c>.</param>
internal sealed record RuleSource(RuleReading Reading, Func<RuleDiagnostic, string> PlaceOf)
{
    /// <summary>In a form whose diagnostics have paths.</summary>
    public static RuleSource Of(RuleReading reading) => new(reading, static diagnostic => $": {diagnostic.Path}");

    /// <summary>A bare definition, or an object with a <c>rule</c> field.</summary>
    public static RuleSource OfJson(string json) => Of(RuleJson.TryParse(json, out var definition, out var refused) ? RuleJson.Read(RuleJson.DefinitionIn(definition)) : new(null, [refused!]));

    public static RuleSource OfText(string text)
    {
        var reading = RuleText.Read(text);
        return new(reading.Rule, diagnostic => PlaceOf(reading.Locate(diagnostic)));

        static string PlaceOf(TextDiagnostic found) => $":{found.Line}:{found.Column}";
    }
}
