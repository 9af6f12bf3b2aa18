using System.Text.Json;

namespace SegmentEngine.Tests.Samples;

/// <summary>The pieces of a rule's JSON.</summary>
internal static class RuleParts
{
    /// <summary>Every object in it, itself included.</summary>
    public static IEnumerable<JsonElement> Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Of),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(static field => Of(field.Value)).Prepend(json),
        _ => [],
    };

    public static bool Is(JsonElement json, string field, string word) => json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(word);
}
