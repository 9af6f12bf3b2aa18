using System.Text;
using System.Text.Json;

namespace SegmentEngine.Importing;

/// <summary>JSON Lines in our own form. A contact goes to the server as it was written; a message too, with a type and a message id where it has none.</summary>
internal sealed class JsonLineSource(InputFile file, ImportKind kind) : LineSource(file)
{
    private readonly LineReader lines = new(file, ImportLimits.LineBytesMax);
    private byte[] edited = new byte[1 << 12];

    public override bool TryRead()
    {
        if (!lines.TryRead(out var line))
        {
            return false;
        }

        (Number, Fault, Message, Contact) = (lines.Number, null, line, 0);
        Fingerprint.Add(line.Span);
        if (lines.Fault is { } fault)
        {
            Fault = $"the line {fault}";
            return true;
        }

        try
        {
            if (kind == ImportKind.Events)
            {
                Take(line);
            }
            else
            {
                Fault = ReadThrough(line.Span);
            }
        }
        catch (JsonException malformed)
        {
            Fault = $"malformed JSON: {malformed.Message.Split(" LineNumber:")[0].TrimEnd('.')}, at byte {malformed.BytePositionInLine}";
        }

        return true;
    }

    /// <summary>Whether the line is one JSON object through and through: one that is not would spoil the batch it is sent in.</summary>
    private static string? ReadThrough(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        _ = reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return "the line is JSON, but no object";
        }

        while (reader.Read())
        {
        }

        return null;
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        var fields = Scan(line.Span);
        if (fields.IsNoObject)
        {
            Fault = "the line is JSON, but no object";
            return;
        }

        Contact = IsNone(fields.User) ? 0 : HashOf(line.Span[fields.User]);
        if (fields.IsTrack && !fields.HasTimestamp)
        {
            Fault = "it has no timestamp";
            return;
        }

        if (!fields.NeedsType && !fields.NeedsMessageId)
        {
            return;
        }

        Edit(line.Span, fields);
    }

    private static Fields Scan(ReadOnlySpan<byte> line)
    {
        var fields = new Fields { IsTrack = true, NeedsType = true, NeedsMessageId = true };
        var reader = new Utf8JsonReader(line);
        _ = reader.Read();
        fields.IsNoObject = reader.TokenType != JsonTokenType.StartObject;
        if (fields.IsNoObject)
        {
            return fields;
        }

        fields.Inside = (int)reader.BytesConsumed;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.ValueTextEquals("type"u8) ? Field.Type
                : reader.ValueTextEquals("messageId"u8) ? Field.MessageId
                : reader.ValueTextEquals("userId"u8) ? Field.User
                : reader.ValueTextEquals("timestamp"u8) ? Field.Timestamp
                : Field.Other;
            _ = reader.Read();
            var start = (int)reader.TokenStartIndex;
            var isNull = reader.TokenType == JsonTokenType.Null;
            switch (field)
            {
                case Field.Type:
                    fields.NeedsType = isNull;
                    fields.IsTrack = isNull || (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("track"u8));
                    fields.Type = isNull ? start..(int)reader.BytesConsumed : default;
                    break;
                case Field.MessageId:
                    fields.NeedsMessageId = isNull || (reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty);
                    fields.MessageId = fields.NeedsMessageId ? start..(int)reader.BytesConsumed : default;
                    break;
                case Field.User when reader.TokenType == JsonTokenType.String:
                    fields.User = start..(int)reader.BytesConsumed;
                    break;
                case Field.Timestamp:
                    fields.HasTimestamp = !isNull;
                    break;
            }

            reader.Skip();
        }

        // Anything after the object is malformed, and met here.
        _ = reader.Read();
        return fields;
    }

    /// <summary>The line with the type and the message id it lacks: put in first, or in place of a null or an empty text. It holds at least one field: a timestamp, or a type.</summary>
    private void Edit(ReadOnlySpan<byte> line, Fields fields)
    {
        var most = line.Length + 200;
        if (edited.Length < most)
        {
            edited = new byte[most * 2];
        }

        var length = 0;
        Append(line[..fields.Inside], ref length);
        Span<byte> messageId = stackalloc byte[80];
        _ = Encoding.UTF8.TryGetBytes($"\"{Fingerprint.MessageId(Number)}\"", messageId, out var written);
        messageId = messageId[..written];
        if (fields.NeedsType && IsNone(fields.Type))
        {
            Append("\"type\":\"track\","u8, ref length);
        }

        if (fields.NeedsMessageId && IsNone(fields.MessageId))
        {
            Append("\"messageId\":"u8, ref length);
            Append(messageId, ref length);
            Append(","u8, ref length);
        }

        var rest = fields.Inside;
        var isTypeFirst = fields.Type.Start.Value < fields.MessageId.Start.Value;
        Replace(line, isTypeFirst ? fields.Type : fields.MessageId, isTypeFirst ? "\"track\""u8 : messageId, ref rest, ref length);
        Replace(line, isTypeFirst ? fields.MessageId : fields.Type, isTypeFirst ? messageId : "\"track\""u8, ref rest, ref length);
        Append(line[rest..], ref length);
        Message = edited.AsMemory(0, length);
    }

    private void Replace(ReadOnlySpan<byte> line, Range range, ReadOnlySpan<byte> by, ref int rest, ref int length)
    {
        if (!IsNone(range))
        {
            Append(line[rest..range.Start.Value], ref length);
            Append(by, ref length);
            rest = range.End.Value;
        }
    }

    private static bool IsNone(Range range) => range.Equals(default);

    private void Append(ReadOnlySpan<byte> bytes, ref int length)
    {
        bytes.CopyTo(edited.AsSpan(length));
        length += bytes.Length;
    }

    private enum Field
    {
        Other,
        Type,
        MessageId,
        User,
        Timestamp,
    }

    private struct Fields
    {
        public bool IsNoObject;
        public bool IsTrack;
        public bool HasTimestamp;
        public bool NeedsType;
        public bool NeedsMessageId;

        /// <summary>Where the first field would begin.</summary>
        public int Inside;
        public Range User;
        public Range Type;
        public Range MessageId;
    }
}
