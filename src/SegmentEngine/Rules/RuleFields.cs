using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>The fields of one JSON object of a rule while it is read: each is asked for once, and what nobody asked for is reported.</summary>
internal sealed partial class RuleFields
{
    private readonly JsonElement json;
    private readonly string path;
    private readonly ImmutableArray<RuleDiagnostic>.Builder diagnostics;
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    /// <summary><paramref name="json"/> must be an object.</summary>
    public RuleFields(JsonElement json, string path, ImmutableArray<RuleDiagnostic>.Builder diagnostics)
    {
        this.json = json;
        this.path = path;
        this.diagnostics = diagnostics;
        foreach (var twice in json.EnumerateObject().GroupBy(static field => field.Name, StringComparer.Ordinal).Where(static group => group.Count() > 1))
        {
            Error(twice.Key, "duplicate_field", $"`{twice.Key}` is written more than once");
        }
    }

    public string PathOf(string field) => PathOf(path, field);

    /// <summary>The JSON path of a field of the object at a path.</summary>
    public static string PathOf(string path, string field) => PlainName().IsMatch(field) ? $"{path}.{field}" : $"{path}[{JsonSerializer.Serialize(field, RuleText.AsWritten.String)}]";

    public bool Has(string field) => Find(field) is not null;

    /// <summary>A field as written; null where it is absent.</summary>
    public JsonElement? Find(string field)
    {
        asked.Add(field);
        return json.TryGetProperty(field, out var value) ? value : null;
    }

    public JsonElement? Required(string field)
    {
        var value = Find(field);
        if (value is null)
        {
            Error(field, "missing_field", $"`{field}` is missing");
        }

        return value;
    }

    /// <summary>A text that is not empty; reported and null otherwise.</summary>
    public string? RequiredText(string field) => Required(field) is { } value ? Text(value, field) : null;

    public string? OptionalText(string field) => Find(field) is { } value ? Text(value, field) : null;

    public bool? OptionalFlag(string field)
    {
        switch (Find(field)?.ValueKind)
        {
            case null: return null;
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            default:
                Error(field, "wrong_type", $"`{field}` must be true or false");
                return null;
        }
    }

    public T? RequiredWord<T>(string field, string code = "unknown_word") where T : struct, Enum => Required(field) is not null ? OptionalWord<T>(field, code) : null;

    public T? OptionalWord<T>(string field, string code = "unknown_word") where T : struct, Enum
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && TraitSchema.TryText(value, out var word))
        {
            if (RuleNames.TryFind<T>(word, out var found))
            {
                return found;
            }

            var words = RuleNames.All<T>().ToList();
            UnknownWord(field, word, words, code);
            return null;
        }

        Error(field, "wrong_type", $"`{field}` must be one of {string.Join(", ", RuleNames.All<T>())}");
        return null;
    }

    /// <summary>A word that is none of some; all of them are named only where it is not plain which was meant.</summary>
    public void UnknownWord(string field, string word, IReadOnlyCollection<string> words, string code = "unknown_word")
    {
        var meant = RuleNames.Meant(word, words);
        Error(field, code, meant is null ? $"`{word}` is not one of {string.Join(", ", words)}" : $"`{word}` is no word for `{field}`", meant);
    }

    /// <summary>A whole number of at least some least one; reported and null otherwise.</summary>
    public long? RequiredWhole(string field, long least)
    {
        if (Required(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && Numeric.TryParse(value.GetRawText(), out var number) && number.IsExact
            && decimal.IsInteger(number.Exact) && number.Exact >= least && number.Exact <= int.MaxValue)
        {
            return (long)number.Exact;
        }

        Error(field, "wrong_type", $"`{field}` must be a whole number from {least} to {int.MaxValue}, not {Shown(value)}");
        return null;
    }

    /// <summary>A list with at least one element; reported and default otherwise.</summary>
    public ImmutableArray<JsonElement> RequiredList(string field)
    {
        if (Required(field) is not { } value)
        {
            return default;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Error(field, "wrong_type", $"`{field}` must be a list");
            return default;
        }

        if (value.GetArrayLength() is var length && (length == 0 || length > Limits.ValuesMax))
        {
            Error(field, length == 0 ? "empty" : "too_many_values",
                length == 0 ? $"`{field}` is empty; say nobody with no_contacts and everybody with all_contacts" : $"`{field}` has {length} values; at most {Limits.ValuesMax} are allowed");
            return default;
        }

        return [.. value.EnumerateArray()];
    }

    public ImmutableArray<string> RequiredTexts(string field)
    {
        var list = RequiredList(field);
        return list.IsDefault ? default : [.. list.Select((value, i) => Text(value, $"{field}[{i}]")).OfType<string>()];
    }

    /// <summary>Reports the fields that nobody asked for.</summary>
    public void Done()
    {
        foreach (var field in json.EnumerateObject().Select(static field => field.Name).Distinct().Where(name => !asked.Contains(name)))
        {
            Error(field, "unknown_field", $"`{field}` is not a field here", RuleNames.Nearest(field, asked.Where(name => !json.TryGetProperty(name, out _))));
        }
    }

    public void Error(string field, string code, string message, string? suggestion = null) =>
        diagnostics.Add(new(field.Contains('[', StringComparison.Ordinal) ? $"{path}.{field}" : PathOf(field), code, DiagnosticSeverity.Error, message, suggestion));

    /// <summary>A value for a message: short, as written.</summary>
    public static string Shown(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? $"{text[..57]}…" : value.GetRawText();

    private string? Text(JsonElement value, string field)
    {
        if (value.ValueKind != JsonValueKind.String || !TraitSchema.TryText(value, out _))
        {
            Error(field, "wrong_type", $"`{field}` must be a text, not {Shown(value)}");
            return null;
        }

        var text = value.GetString()!;
        if (text.Length == 0)
        {
            Error(field, "empty", $"`{field}` is empty");
            return null;
        }

        if (System.Text.Encoding.UTF8.GetByteCount(text) > Limits.TextBytesMax)
        {
            Error(field, "text_too_long", $"`{field}` is longer than {Limits.TextBytesMax} bytes");
            return null;
        }

        return text;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class RuleText : System.Text.Json.Serialization.JsonSerializerContext
{
    /// <summary>Escapes only what JSON requires: a path is read by people, and never part of a page.</summary>
    public static RuleText AsWritten { get; } = new(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
