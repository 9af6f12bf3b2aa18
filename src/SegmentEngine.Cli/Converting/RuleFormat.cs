using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SegmentEngine.Cli.Evaluating;
using SegmentEngine.Contacts;
using SegmentEngine.Exchange;
using SegmentEngine.Rules;
using SegmentEngine.Scripting;

namespace SegmentEngine.Cli.Converting;

/// <summary>A form that rules are written in. This is the one list of them.</summary>
/// <param name="Name">As <c>--from</c> and <c>--to</c> call it.</param>
/// <param name="Read">Reads a file of it; null where it is only written. No condition where nothing can be made of the file.</param>
/// <param name="Write">Writes a rule in it, for people to read; null where it is only read.</param>
internal sealed record RuleFormat(string Name, Func<string, ForeignNames, RuleSource>? Read, Func<Condition, (string Text, ImmutableArray<RuleDiagnostic> Lost)>? Write)
{
    private static readonly JsonWriterOptions indented = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly ImmutableArray<RuleFormat> All =
    [
        new("json", static (text, _) => Whole(RuleSource.OfJson(text)), static rule => (Indented(RuleJson.Print(rule)), [])),
        new("text", static (text, _) => Whole(RuleSource.OfText(text)), static rule => (RuleText.Print(rule), [])),
        new("react-querybuilder", static (text, _) => RuleSource.Of(ReactQueryBuilder.Read(text)), static rule => (Indented(ReactQueryBuilder.Write(rule)), [])),
        new("jsonlogic", static (text, _) => RuleSource.Of(JsonLogicRules.Read(text)), static rule => JsonLogicRules.Write(rule) is var written ? (Indented(written.Json), written.Diagnostics) : default),
        new("growthbook", static (text, names) => RuleSource.Of(GrowthBookConditions.Read(text, names.SavedGroups, names.Schema)), null),
        new("launchdarkly", static (text, names) => RuleSource.Of(LaunchDarklySegments.Read(text, static key => key, names.Schema)), null),
    ];

    public static IEnumerable<string> Readable => All.Where(static format => format.Read is not null).Select(static format => format.Name);

    public static IEnumerable<string> Writable => All.Where(static format => format.Write is not null).Select(static format => format.Name);

    /// <summary>A rule of ours is converted whole or not at all.</summary>
    private static RuleSource Whole(RuleSource source) => source.Reading.HasErrors ? source with { Reading = source.Reading with { Condition = null } } : source;

    private static string Indented(string json)
    {
        using var parsed = JsonDocument.Parse(json, new() { MaxDepth = 2 * Limits.ForeignNestingMax });
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, indented))
        {
            parsed.RootElement.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}

/// <summary>What names in another product's rule stand for.</summary>
/// <param name="Schema">The declared traits.</param>
/// <param name="SavedGroups">GrowthBook's saved groups, by id; undefined where none are given.</param>
internal sealed record ForeignNames(TraitSchema Schema, JsonElement SavedGroups);
