using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace SegmentEngine.Rules;

/// <summary>A rule read from JSON: the condition, as far as it could be read, and everything that was wrong with its shape.</summary>
/// <param name="Condition">Null where nothing could be made of the text at all. Where a diagnostic is an error it must not be run.</param>
/// <param name="Diagnostics">All of them, in the order of the text.</param>
public sealed record RuleReading(Condition? Condition, ImmutableArray<RuleDiagnostic> Diagnostics)
{
    public bool HasErrors => Diagnostics.Any(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
}

/// <summary>The JSON form of rules, both ways. Reading looks at the shape alone; <see cref="RuleChecker"/> holds it against a schema.</summary>
public static class RuleJson
{
    /// <summary>Reads a definition. Never throws on what the text holds.</summary>
    public static RuleReading Read(string json) => TryParse(json, out var element, out var refused) ? Read(element) : new(null, [refused!]);

    /// <summary>Reads a definition that is part of a larger document.</summary>
    public static RuleReading Read(JsonElement json)
    {
        if (Encoding.UTF8.GetByteCount(json.GetRawText()) > Limits.JsonBytesMax)
        {
            return new(null, [TooLarge(Limits.JsonBytesMax)]);
        }

        if (!NamesAreText(json))
        {
            return new(null, [HalfName]);
        }

        var reader = new RuleReader();
        var condition = reader.Read(json);
        return new(condition, reader.Diagnostics);
    }

    /// <summary>Parses the text of a rule file into JSON, or says why it is none: too large, nested too deep, malformed.</summary>
    public static bool TryParse(string json, out JsonElement element, out RuleDiagnostic? refused) => TryParse(json, Limits.JsonBytesMax, Limits.JsonNestingMax, out element, out refused);

    /// <summary>The same of a rule in another form, which may be wordier than ours.</summary>
    internal static bool TryParse(string json, int bytesMax, int nestingMax, out JsonElement element, out RuleDiagnostic? refused)
    {
        element = default;
        refused = null;
        if (Encoding.UTF8.GetByteCount(json) > bytesMax)
        {
            refused = TooLarge(bytesMax);
        }
        else if (Nesting(json) > nestingMax)
        {
            refused = new("$", "too_deep", DiagnosticSeverity.Error, $"brackets are nested more than {nestingMax} deep; a rule has at most {Limits.DepthMax} levels");
        }
        else
        {
            try
            {
                element = JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = nestingMax + 1, AllowDuplicateProperties = false });
            }
            catch (InvalidOperationException)
            {
                // The parser compares names to find one that is written twice.
                refused = HalfName;
            }
            catch (JsonException malformed)
            {
                refused = new(malformed.Path ?? "$", "malformed_json", DiagnosticSeverity.Error, Malformed(malformed));
            }
        }

        return refused is null;
    }

    /// <summary>The definition in a rule file, which is either the file itself or its <c>rule</c> field.</summary>
    public static JsonElement DefinitionIn(JsonElement file) =>
        file.ValueKind == JsonValueKind.Object && file.TryGetProperty("rule", out var rule) ? rule : file;

    /// <summary>Prints a rule as JSON; reading it back gives the same rule.</summary>
    public static string Print(Condition condition)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            RuleWriter.Write(writer, condition);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static RuleDiagnostic TooLarge(int bytesMax) => new("$", "too_large", DiagnosticSeverity.Error, $"the rule is larger than {bytesMax / 1024} KiB");

    /// <summary>The parser's first sentence, and where it stopped, counted from 1 as editors do. A name that comes twice has no place but its own.</summary>
    private static string Malformed(JsonException malformed) =>
        $"this is no JSON: {malformed.Message.Split(" LineNumber:")[0].Split(". ")[0].TrimEnd('.')}" + (malformed is { LineNumber: { } line, BytePositionInLine: { } at } ? $", at line {line + 1}, byte {at + 1}" : "");

    internal static RuleDiagnostic HalfName => new("$", "malformed_json", DiagnosticSeverity.Error, "the name of a field holds half a surrogate pair, which is no text");

    private static bool NamesAreText(JsonElement json)
    {
        try
        {
            return json.ValueKind switch
            {
                JsonValueKind.Object => json.EnumerateObject().All(static field => field.Name is not null && NamesAreText(field.Value)),
                JsonValueKind.Array => json.EnumerateArray().All(NamesAreText),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>How deep brackets are nested outside of strings. Of malformed text it says no less than the parser would meet.</summary>
    private static int Nesting(string json)
    {
        var (depth, deepest, inString) = (0, 0, false);
        for (var i = 0; i < json.Length; i++)
        {
            switch (json[i])
            {
                case '\\' when inString:
                    i++;
                    break;
                case '"':
                    inString = !inString;
                    break;
                case '[' or '{' when !inString:
                    deepest = Math.Max(deepest, ++depth);
                    break;
                case ']' or '}' when !inString:
                    depth--;
                    break;
            }
        }

        return deepest;
    }
}
