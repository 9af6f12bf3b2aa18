using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Server.Insight;

/// <summary>Finds a trait in the text of an object without making anything of the rest, at a fifth of what reading all of it takes.</summary>
internal sealed class PathReader(TraitPath path, TraitType? type)
{
    private readonly byte[][] keys = [.. path.Keys.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Counts the single value, or each element of the list, that somebody has there. What the trait's type cannot be is passed over.</summary>
    public void Count(ValueTally tally, long who, ReadOnlySpan<byte> data)
    {
        try
        {
            var found = data;
            foreach (var key in keys)
            {
                found = Find(found, key);
            }

            Take(tally, who, found);
        }
        catch (InvalidOperationException)
        {
            // Some name holds half a surrogate pair: read the long way.
            if (path.Find(JsonElement.Parse(data)) is { } value)
            {
                Take(tally, who, JsonMarshal.GetRawUtf8Value(value));
            }
        }
    }

    /// <summary>The text of the last property of a name; empty where there is none.</summary>
    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> data, byte[] key)
    {
        if (data is not [(byte)'{', ..])
        {
            return [];
        }

        var reader = new Utf8JsonReader(data);
        ReadOnlySpan<byte> found = [];
        _ = reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(key);
            _ = reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isIt)
            {
                found = data[start..(int)reader.BytesConsumed];
            }
        }

        return found;
    }

    private void Take(ValueTally tally, long who, ReadOnlySpan<byte> value)
    {
        if (value is [(byte)'[', ..])
        {
            if (type is { IsList: false })
            {
                return;
            }

            var reader = new Utf8JsonReader(value);
            _ = reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                var isSingle = reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject or JsonTokenType.Null);
                reader.Skip();
                if (isSingle)
                {
                    tally.Add(who, value[start..(int)reader.BytesConsumed]);
                }
            }
        }
        else if (value is [not ((byte)'{' or (byte)'n'), ..] && type is not { IsList: true })
        {
            tally.Add(who, value);
        }
    }
}
