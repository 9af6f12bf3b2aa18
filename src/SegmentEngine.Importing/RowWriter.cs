using System.Buffers;
using System.Globalization;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Importing;

/// <summary>Writes rows as the JSON of contacts or messages, by a plan.</summary>
internal sealed class RowWriter(Mapping mapping, ImportKind kind) : IDisposable
{
    private const string EpochMs = "epoch_ms";
    private const string EpochSeconds = "epoch_s";

    private static readonly string[] localTimes = ["yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd"];

    private readonly ImportFields fields = ImportFields.Of(kind);
    private readonly ArrayBufferWriter<byte> buffer = new(1 << 12);
    private readonly Utf8JsonWriter writer = new(Stream.Null);
    private readonly List<string> open = [];

    public ReadOnlyMemory<byte> Written => buffer.WrittenMemory;

    /// <summary>Who the row last written speaks of.</summary>
    public string Contact { get; private set; } = "";

    /// <summary>Writes a row; says what is wrong with one that cannot be sent, and null where nothing is.</summary>
    /// <param name="plan">What to write.</param>
    /// <param name="cell">What the row holds in a column.</param>
    /// <param name="messageId">For a message that has none of its own.</param>
    public string? Write(RowPlan plan, Func<int, Cell> cell, string? messageId)
    {
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        writer.WriteStartObject();
        open.Clear();
        Contact = "";
        var (hasTime, fault) = (false, (string?)null);
        foreach (var field in plan.Fields)
        {
            var value = field.Column < 0 ? new(null, field.Constant) : cell(field.Column);
            if (value.IsAbsent || (!value.IsTyped && mapping.Missing.Contains(value.Text)))
            {
                continue;
            }

            Open(field);
            hasTime |= field.Field == "timestamp";
            messageId = field.Field == "messageId" ? null : messageId;
            if (fields.IsData(field.Field))
            {
                WriteData(field, value);
            }
            else
            {
                var wrong = WriteOwn(field, value);
                fault ??= wrong;
            }
        }

        while (open.Count > 0)
        {
            Close();
        }

        if (kind == ImportKind.Events)
        {
            writer.WriteString("type"u8, "track"u8);
            if (messageId is not null)
            {
                writer.WriteString("messageId"u8, messageId);
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return fault ?? (kind == ImportKind.Events && !hasTime ? "it has no timestamp" : null);
    }

    public void Dispose() => writer.Dispose();

    /// <summary>Closes what the field is not in and opens what it is in, up to its own key.</summary>
    private void Open(PlannedField field)
    {
        var common = 0;
        while (common < open.Count && common < field.Keys.Length - 1 && open[common] == field.Keys[common])
        {
            common++;
        }

        while (open.Count > common)
        {
            Close();
        }

        for (var i = common; i < field.Keys.Length - 1; i++)
        {
            writer.WriteStartObject(field.Keys[i]);
            open.Add(field.Keys[i]);
        }

        writer.WritePropertyName(field.Keys[^1]);
    }

    private void Close()
    {
        writer.WriteEndObject();
        open.RemoveAt(open.Count - 1);
    }

    /// <summary>A field of the contact's or the message's own: a text, or a time.</summary>
    private string? WriteOwn(PlannedField field, Cell value)
    {
        var text = value.Text.Trim();
        if (fields.IsTime(field.Field))
        {
            if (Time(text, value, field.Target) is { } instant)
            {
                writer.WriteStringValue(instant.ToString());
                return null;
            }

            writer.WriteNullValue();
            return $"{field.Field}: \"{text}\" is no instant; give its `format`, and its `zone` where it has no offset, in --map";
        }

        text = field.Target.Type is { IsWhole: true } && Whole(text) is { } whole ? whole.ToString(CultureInfo.InvariantCulture) : text;
        Contact = field.Field is "userId" or "external_id" || Contact.Length == 0 ? text : Contact;
        writer.WriteStringValue(text);
        return null;
    }

    /// <summary>A trait or a property. What does not convert stays the text it is: rules count it as missing, and the figures on data quality show it.</summary>
    private void WriteData(PlannedField field, Cell value)
    {
        if (field.Target.Type is not { } type || value is { IsTyped: true, Json.ValueKind: JsonValueKind.Array or JsonValueKind.Object })
        {
            if (value.IsTyped)
            {
                value.Json.WriteTo(writer);
            }
            else
            {
                writer.WriteStringValue(value.Text);
            }
        }
        else if (type.IsList)
        {
            writer.WriteStartArray();
            foreach (var element in value.Text.Split(field.Target.Separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                WriteScalar(element, new(element, default), type, field.Target);
            }

            writer.WriteEndArray();
        }
        else
        {
            WriteScalar(value.Text, value, type, field.Target);
        }
    }

    private void WriteScalar(string text, Cell value, ColumnType type, Target target)
    {
        var trimmed = text.Trim();
        switch (type.Kind)
        {
            case TraitKind.Number when type.IsWhole && Whole(trimmed) is { } whole:
                writer.WriteNumberValue(whole);
                break;
            case TraitKind.Number when Numeric.TryParse(trimmed, out var number):
                if (number.IsExact)
                {
                    writer.WriteNumberValue(number.Exact);
                }
                else
                {
                    writer.WriteNumberValue(number.Approximate);
                }

                break;
            case TraitKind.Boolean when Flag(trimmed) is { } flag:
                writer.WriteBooleanValue(flag);
                break;
            case TraitKind.Date when Day(trimmed, target.Format) is { } day:
                writer.WriteStringValue(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case TraitKind.DateTime when Time(trimmed, value, target) is { } instant:
                writer.WriteStringValue(instant.ToString());
                break;
            default:
                writer.WriteStringValue(text);
                break;
        }
    }

    private static decimal? Whole(string text) =>
        Numeric.TryParse(text, out var number) && number.IsExact && decimal.IsInteger(number.Exact) ? decimal.Truncate(number.Exact) : null;

    private static bool? Flag(string text) => text.ToLowerInvariant() switch
    {
        "true" or "t" or "yes" or "y" or "1" => true,
        "false" or "f" or "no" or "n" or "0" => false,
        _ => null,
    };

    private static DateOnly? Day(string text, string? format) =>
        (format is null ? TraitSchema.TryDay(text, out var day) : DateOnly.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out day)) ? day : null;

    private Instant? Time(string text, Cell value, Target target)
    {
        if (target.Format is EpochMs or EpochSeconds || (target.Format is null && value is { IsTyped: true, Json.ValueKind: JsonValueKind.Number }))
        {
            var factor = target.Format == EpochSeconds ? 1_000m : 1m;
            return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var epoch) && Math.Abs(epoch) < 1e15m && Instant.TryFromEpochMs((long)(epoch * factor), out var at) ? at : null;
        }

        if (target.Format is null && Instant.TryParse(text, out var instant))
        {
            return instant;
        }

        if (target.Format is { } format && format.AsSpan().ContainsAny('z', 'K'))
        {
            return DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var offset) ? Instant.From(offset) : null;
        }

        return (target.Zone ?? mapping.Zone) is { } zone && DateTime.TryParseExact(text, target.Format is null ? localTimes : [target.Format], CultureInfo.InvariantCulture, DateTimeStyles.None, out var wall)
            ? InstantOf(wall, zone)
            : null;
    }

    /// <summary>A wall-clock time's instant: the first one where it comes twice; in a gap it is read with the offset before the gap.</summary>
    private static Instant InstantOf(DateTime wall, TimeZoneInfo zone)
    {
        var offset = zone.IsInvalidTime(wall) ? zone.GetUtcOffset(wall.AddDays(-1))
            : zone.IsAmbiguousTime(wall) ? zone.GetAmbiguousTimeOffsets(wall).Max()
            : zone.GetUtcOffset(wall);
        return new(Math.Clamp(wall.Ticks - offset.Ticks, Instant.MinValue.Ticks, Instant.MaxValue.Ticks));
    }
}
