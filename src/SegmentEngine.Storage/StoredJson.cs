using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>JSON objects as UTF-8 text in a column: numbers keep the digits they were written in.</summary>
internal static class StoredJson
{
    public static JsonElement Read(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual("{}"u8) ? JsonData.EmptyObject : JsonElement.Parse(utf8);

    public static ReadOnlySpan<byte> Text(JsonElement value) => JsonMarshal.GetRawUtf8Value(value);

    /// <summary>A list of texts, each once.</summary>
    public static string Texts(IEnumerable<string> texts) => JsonSerializer.Serialize(texts.Distinct(StringComparer.Ordinal));

    public static ImmutableArray<string> ReadTexts(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual("[]"u8) ? [] : [.. JsonSerializer.Deserialize<string[]>(utf8)!];
}
