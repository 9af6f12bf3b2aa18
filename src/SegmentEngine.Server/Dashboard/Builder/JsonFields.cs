using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SegmentEngine.Server.Dashboard.Builder;

/// <summary>Reading and writing the fields of a condition's JSON.</summary>
public static class JsonFields
{
    /// <summary>Null where there is none, or it is no text.</summary>
    public static string? Text(this JsonObject json, string name) => json[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>As somebody would type it; empty where there is none.</summary>
    public static string Shown(this JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    /// <summary>Null takes it away.</summary>
    public static void Put(this JsonObject json, string name, JsonNode? value)
    {
        if (value is null)
        {
            _ = json.Remove(name);
        }
        else
        {
            json[name] = value;
        }
    }

    /// <summary>What was typed as a value of a kind; what does not read stays text, and the rule's check says so at its place.</summary>
    public static JsonNode? Typed(string text, string kind) => kind switch
    {
        "number" when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        "boolean" when bool.TryParse(text, out var truth) => JsonValue.Create(truth),
        _ => JsonValue.Create(text),
    };

    /// <summary>A list's elements; none where it is no list.</summary>
    public static IReadOnlyList<JsonNode?> List(this JsonObject json, string name) => json[name] is JsonArray list ? [.. list] : [];

    public static JsonArray ArrayOf(IEnumerable<JsonNode?> values) => new([.. values.Select(static value => value?.DeepClone())]);

    /// <summary>A whole number where it is one, and otherwise what was typed.</summary>
    public static JsonNode Whole(string? text) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(text ?? "");
}
