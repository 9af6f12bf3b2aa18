using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Exchange;

/// <summary>
/// What the readers of other products' rules share: everything that is wrong or lost is said with its path in the source, and parked as <see cref="Condition.Unsupported"/> in its place.
/// The code <c>unsupported</c> says that the source is fine and this language cannot say it; any other error that the source is not.
/// </summary>
/// <param name="origin">What a parked condition says it came from.</param>
internal abstract class ForeignReader(string origin)
{
    /// <summary>For what is made of something that was read, and wrapped once or twice.</summary>
    public static readonly JsonDocumentOptions DeepEnough = new() { MaxDepth = 2 * Limits.ForeignNestingMax };

    private static readonly string[] wholeRule = ["too_deep", "too_many_conditions", "too_many_references", "too_large"];

    private readonly ImmutableArray<RuleDiagnostic>.Builder diagnostics = ImmutableArray.CreateBuilder<RuleDiagnostic>();

    /// <summary>Never throws on what the text holds.</summary>
    public RuleReading Read(string json) =>
        RuleJson.TryParse(json, Limits.ForeignBytesMax, Limits.ForeignNestingMax, out var element, out var refused) ? Read(element) : new(null, [refused!]);

    public RuleReading Read(JsonElement json)
    {
        if (!IsText(json))
        {
            return new(null, [RuleJson.HalfName]);
        }

        var condition = Root(json);
        foreach (var limit in RuleJson.Read(RuleJson.Print(condition)).Diagnostics.Where(static found => wholeRule.Contains(found.Code)).DistinctBy(static found => found.Code))
        {
            diagnostics.Add(limit with { Path = "$" });
        }

        return new(condition, diagnostics.DrainToImmutable());
    }

    protected abstract Condition Root(JsonElement json);

    /// <summary>Whether every text and name is one; half a surrogate pair is none.</summary>
    protected static bool IsText(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.Object => json.EnumerateObject().All(static field => field.Name is not null && IsText(field.Value)),
                JsonValueKind.Array => json.EnumerateArray().All(IsText),
                JsonValueKind.String => json.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>A condition as it is, or parked with what the language has against it.</summary>
    protected Condition Leaf(Condition.Leaf leaf, JsonElement raw, string path) =>
        RuleJson.Read(RuleJson.Print(leaf)).Diagnostics.FirstOrDefault(static found => found.Severity == DiagnosticSeverity.Error) is { } fault
            ? Park(raw, path, fault.Code, fault.Message, fault.Suggestion)
            : leaf;

    /// <summary>Keeps the place of what cannot be said, and says why.</summary>
    protected Condition.Unsupported Park(JsonElement raw, string path, string code, string message, string? suggestion = null)
    {
        diagnostics.Add(new(path, code, DiagnosticSeverity.Error, message, suggestion));
        return new(origin, raw);
    }

    protected void Warn(string path, string code, string message, string? suggestion = null) => diagnostics.Add(new(path, code, DiagnosticSeverity.Warning, message, suggestion));

    /// <summary>A test of a pattern, or the pattern parked because it cannot be run.</summary>
    protected Condition Pattern(Condition.ValueTest test, JsonElement raw, string path)
    {
        if (!TraitSchema.TryText(test.Value, out var pattern))
        {
            return Park(raw, path, "wrong_type", $"a pattern is a text, not {RuleFields.Shown(test.Value)}");
        }

        return RulePattern.TryCompile(pattern, test.CaseSensitive ?? false, out _, out var refused) ? Leaf(test, raw, path) : Park(raw, path, "bad_pattern", refused);
    }

    /// <summary>Values that are compared with one another: texts, numbers, true and false, each kind by itself; null where one is of no such kind.</summary>
    protected static List<ImmutableArray<JsonElement>>? ByKind(IEnumerable<JsonElement> values)
    {
        var groups = values.GroupBy(static value => value.ValueKind == JsonValueKind.False ? JsonValueKind.True : value.ValueKind).ToList();
        return groups.Exists(static group => group.Key is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True))
            ? null
            : [.. groups.Select(static group => group.ToImmutableArray())];
    }

    protected static bool? CaseOf(JsonElement operand) => operand.ValueKind == JsonValueKind.String ? true : null;

    /// <summary>The one condition, or all of several.</summary>
    protected static Condition All(IReadOnlyList<Condition> conditions) => conditions is [var only] ? only : new Condition.AllOf([.. conditions]);

    protected static Condition Any(IReadOnlyList<Condition> conditions) => conditions is [var only] ? only : new Condition.AnyOf([.. conditions]);

    /// <summary>The trait of the custom data at some keys; null where a key cannot be written, for <c>\.</c> is a dot inside a key.</summary>
    protected static string? TraitAt(IEnumerable<string> keys)
    {
        var parts = keys.ToList();
        if (parts.Exists(static key => key.EndsWith('\\') || key.Contains("\\.", StringComparison.Ordinal)))
        {
            return null;
        }

        var name = string.Join('.', parts.Select(static key => key.Replace(".", "\\.", StringComparison.Ordinal)));
        return TraitPath.BuiltInNames.Contains(name) || name.StartsWith("custom_data.", StringComparison.Ordinal) ? $"custom_data.{name}" : name;
    }

    protected static JsonElement Written(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return JsonElement.Parse(buffer.ToArray(), DeepEnough);
    }

    protected static JsonElement Size(TraitOperator op, JsonElement n) => Written(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("op", RuleNames.Of(op));
        writer.WritePropertyName("n");
        n.WriteTo(writer);
        writer.WriteEndObject();
    });
}
