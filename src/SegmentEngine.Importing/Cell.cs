using System.Text.Json;

namespace SegmentEngine.Importing;

/// <summary>What a row holds in a column: the text of a CSV file, or a value of a JSON line.</summary>
internal readonly record struct Cell(string? Csv, JsonElement Json)
{
    public bool IsAbsent => Csv is null && Json.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>Whether this is JSON with a type of its own, which no text can have.</summary>
    public bool IsTyped => Csv is null && Json.ValueKind != JsonValueKind.String;

    public string Text => Csv ?? (Json.ValueKind == JsonValueKind.String ? Json.GetString()! : Json.GetRawText());
}
