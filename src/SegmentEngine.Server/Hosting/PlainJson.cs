using System.Runtime.InteropServices;
using System.Text.Json;

namespace SegmentEngine.Server.Hosting;

/// <summary>
/// The quick way to read items that come by the thousand: what an item says in the plainest form is taken where it lies in the body. Whatever is not in that form, right or wrong, goes the careful way through
/// <see cref="JsonBody"/>, which alone says what is wrong.
/// </summary>
public static class PlainJson
{
    private const int SecondsLength = 20;
    private const int TicksLength = 28;

    /// <summary>Whether a value is an object without a backslash in it, so that its texts are what they look like.</summary>
    public static bool IsPlainObject(JsonElement json) => json.ValueKind == JsonValueKind.Object && !JsonMarshal.GetRawUtf8Value(json).Contains((byte)'\\');

    /// <summary>A text that is not empty, and short enough for every name.</summary>
    public static bool TryText(JsonElement json, int lengthMax, out string? text)
    {
        text = json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        return text is { Length: > 0 } && text.Length <= lengthMax;
    }

    /// <summary>An instant in UTC with seconds, and decimals of them at will: <c>2024-05-01T12:00:00Z</c>.</summary>
    public static bool TryInstant(JsonElement json, out DateTimeOffset instant)
    {
        instant = default;
        return json.ValueKind == JsonValueKind.String
            && JsonMarshal.GetRawUtf8Value(json)[1..^1] is { Length: >= SecondsLength and <= TicksLength } utf8
            && utf8[^1] == 'Z' && utf8[10] == 'T'
            && json.TryGetDateTimeOffset(out instant);
    }
}
