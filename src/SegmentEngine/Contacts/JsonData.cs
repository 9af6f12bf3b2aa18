using System.Text.Json;
using System.Text.Json.Nodes;

namespace SegmentEngine.Contacts;

/// <summary>The free-form JSON object of a contact or an event. Numbers keep the text they were written in.</summary>
public static class JsonData
{
    public static readonly JsonElement EmptyObject = JsonElement.Parse("{}");

    /// <summary>Merges an update into what is stored, by first-level keys: null removes a key, anything else replaces it whole.</summary>
    public static JsonElement Merge(JsonElement stored, JsonElement update)
    {
        var merged = new JsonObject();
        foreach (var property in stored.EnumerateObject())
        {
            merged[property.Name] = JsonNode.Parse(property.Value.GetRawText());
        }

        foreach (var property in update.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                merged.Remove(property.Name);
            }
            else
            {
                merged[property.Name] = JsonNode.Parse(property.Value.GetRawText());
            }
        }

        return JsonElement.Parse(merged.ToJsonString());
    }
}
