using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>An instant on the wire: RFC 3339 with seconds and an offset, or epoch milliseconds as a whole number. A time without a zone is refused rather than guessed. Written in UTC, with as many decimals as are needed.</summary>
internal sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    private const string Expected = "is not an instant: RFC 3339 with an offset, such as \"2024-05-01T12:00:00Z\", or epoch milliseconds";
    private const long EpochMsMin = -62_135_596_800_000;
    private const long EpochMsMax = 253_402_300_799_999;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String when TryParse(reader.GetString()!, out var instant) => instant,
        JsonTokenType.String => throw new JsonException($"\"{reader.GetString()}\" {Expected}"),
        JsonTokenType.Number when reader.TryGetInt64(out var ms) && ms is >= EpochMsMin and <= EpochMsMax => DateTimeOffset.FromUnixTimeMilliseconds(ms),
        _ => throw new JsonException($"this {Expected}"),
    };

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        // The round-trip form has seven decimals; those that are needed stay.
        Span<byte> text = stackalloc byte[28];
        _ = value.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        var digits = text[..^1].TrimEnd((byte)'0').TrimEnd((byte)'.').Length;
        text[digits] = (byte)'Z';
        writer.WriteStringValue(text[..(digits + 1)]);
    }

    private static bool TryParse(string text, out DateTimeOffset instant)
    {
        instant = default;
        var (length, offset) = Offset(text);
        if (length == 0)
        {
            return false;
        }

        var local = text[..^length].Replace('t', 'T');
        if (local.LastIndexOf('.') is var point and > 0)
        {
            if (point == local.Length - 1)
            {
                return false;
            }

            local = local[..Math.Min(local.Length, point + 8)];
        }

        if (!DateTime.TryParseExact(local, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            || time.Ticks - offset.Ticks is var ticks && (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks))
        {
            return false;
        }

        instant = new(ticks, TimeSpan.Zero);
        return true;
    }

    /// <summary>The offset at the end of the text and how many characters it takes; none is length 0.</summary>
    private static (int Length, TimeSpan Offset) Offset(string text)
    {
        if (text is [.., 'Z' or 'z'])
        {
            return (1, TimeSpan.Zero);
        }

        return text.Length > 6 && text[^6] is '+' or '-' && TimeSpan.TryParseExact(text[^5..], @"hh\:mm", CultureInfo.InvariantCulture, out var offset)
            ? (6, text[^6] == '-' ? -offset : offset)
            : default;
    }
}
