using System.Buffers;
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

    /// <summary>As <see cref="JsonData.Merge"/>, from UTF-8 to UTF-8: what is kept and what is new are copied as they were written.</summary>
    public static byte[] Merge(JsonElement stored, JsonElement update)
    {
        var merged = new ObjectText();
        foreach (var property in stored.EnumerateObject())
        {
            if (!update.TryGetProperty(property.Name, out var changed))
            {
                merged.Add(property, property.Value);
            }
            else if (changed.ValueKind != JsonValueKind.Null)
            {
                merged.Add(property, changed);
            }
        }

        foreach (var property in update.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && !stored.TryGetProperty(property.Name, out _))
            {
                merged.Add(property, property.Value);
            }
        }

        return merged.End();
    }

    /// <summary>Those properties of an update that change what is stored, null where one is removed; null where none is.</summary>
    public static byte[]? Changes(JsonElement stored, JsonElement update)
    {
        var changes = new ObjectText();
        foreach (var property in update.EnumerateObject())
        {
            var had = stored.TryGetProperty(property.Name, out var value);
            if (property.Value.ValueKind == JsonValueKind.Null ? had : !had || !JsonElement.DeepEquals(value, property.Value))
            {
                changes.Add(property, property.Value);
            }
        }

        return changes.IsEmpty ? null : changes.End();
    }

    /// <summary>A list of texts, each once.</summary>
    public static string Texts(IEnumerable<string> texts) => JsonSerializer.Serialize(texts.Distinct(StringComparer.Ordinal));

    public static ImmutableArray<string> ReadTexts(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual("[]"u8) ? [] : [.. JsonSerializer.Deserialize<string[]>(utf8)!];

    /// <summary>The text of an object in the making.</summary>
    private sealed class ObjectText
    {
        private readonly ArrayBufferWriter<byte> text = new();

        public bool IsEmpty => text.WrittenCount == 0;

        public void Add(JsonProperty name, JsonElement value)
        {
            text.Write(IsEmpty ? "{\""u8 : ",\""u8);
            text.Write(JsonMarshal.GetRawUtf8PropertyName(name));
            text.Write("\":"u8);
            text.Write(JsonMarshal.GetRawUtf8Value(value));
        }

        public byte[] End()
        {
            text.Write(IsEmpty ? "{}"u8 : "}"u8);
            return text.WrittenSpan.ToArray();
        }
    }
}
