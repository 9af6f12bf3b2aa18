using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Cli.Files;

/// <summary>What a line of an events file turned out to be.</summary>
internal enum EventLine
{
    /// <summary>An event that some rule reads, or a change of traits where some rule reads their history.</summary>
    Wanted,

    /// <summary>Another message, another event, or one whose message id has been met.</summary>
    Ignored,

    /// <summary>An event that lacks something it needs.</summary>
    Unusable,
}

/// <summary>Reads the lines of an events file one by one; remembers the message ids it has met.</summary>
internal sealed class EventLineReader(IReadOnlySet<string> wanted)
{
    private readonly HashSet<string> messageIds = new(StringComparer.Ordinal);

    /// <summary>Those of changes of traits; apart, so that which events count does not hang on whether some rule reads that history.</summary>
    private readonly HashSet<string> changeIds = new(StringComparer.Ordinal);

    /// <summary>An event's name as it was written, and in the normal form that rules know it by; null where no rule does.</summary>
    private readonly Dictionary<string, string?> names = new(StringComparer.Ordinal);

    /// <exception cref="RefusedException">The line is no JSON object, so the file is not what it was said to be.</exception>
    public EventLine Read(ReadOnlyMemory<byte> line, string file, long number, out ContactEvent? happened, out string user, out string? fault)
    {
        happened = null;
        user = "";
        var fields = new Fields();
        try
        {
            fault = Scan(line.Span, ref fields, file, number);
        }
        catch (JsonException malformed)
        {
            throw new RefusedException(ContactLine.Malformed(file, number, malformed));
        }
        catch (InvalidOperationException)
        {
            fault = "a text in it holds half a surrogate pair";
        }

        if (fields.IsOther)
        {
            return EventLine.Ignored;
        }

        if (fields.IsIdentify)
        {
            if (!wanted.Contains(ContactEvent.Traits))
            {
                return EventLine.Ignored;
            }

            (fields.Event, fields.Properties) = (ContactEvent.Traits, fields.Traits);
        }
        else if (fields.Event == ContactEvent.Traits)
        {
            fault ??= $"its event is called {ContactEvent.Traits}, which is a reserved name";
        }

        fault ??= string.IsNullOrEmpty(fields.User) ? "it has no userId" : string.IsNullOrEmpty(fields.Event) ? "it has no event" : fields.At is null ? "it has no timestamp" : null;
        if (fault is not null)
        {
            return EventLine.Unusable;
        }

        if ((!string.IsNullOrEmpty(fields.MessageId) && !(fields.IsIdentify ? changeIds : messageIds).Add(fields.MessageId)) || NameOf(fields.Event!) is not { } name)
        {
            return EventLine.Ignored;
        }

        user = fields.User!;
        var properties = fields.Properties is { Length: > 0 } at ? JsonElement.Parse(line.Span.Slice(at.Start, at.Length)) : JsonData.EmptyObject;
        happened = new(name, fields.At!.Value, number, properties);
        return EventLine.Wanted;
    }

    private string? NameOf(string written)
    {
        if (!names.TryGetValue(written, out var name))
        {
            var normal = written.Normalize(NormalizationForm.FormC);
            names.Add(written, name = wanted.Contains(normal) ? normal : null);
        }

        return name;
    }

    private static string? Scan(ReadOnlySpan<byte> line, ref Fields fields, string file, long number)
    {
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new RefusedException($"{file}, line {number}: the line is JSON, but no object");
        }

        string? fault = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("userId"u8))
            {
                fields.User = Text(ref reader, "userId", ref fault);
            }
            else if (reader.ValueTextEquals("event"u8))
            {
                fields.Event = Text(ref reader, "event", ref fault);
            }
            else if (reader.ValueTextEquals("timestamp"u8))
            {
                fields.At = Moment(ref reader, ref fault);
            }
            else if (reader.ValueTextEquals("messageId"u8))
            {
                fields.MessageId = Text(ref reader, "messageId", ref fault);
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                _ = reader.Read();
                fields.IsIdentify = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("identify"u8);
                fields.IsOther = !fields.IsIdentify && reader.TokenType != JsonTokenType.Null && !(reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("track"u8));
                reader.Skip();
            }
            else if (reader.ValueTextEquals("properties"u8))
            {
                fields.Properties = Object(ref reader);
            }
            else if (reader.ValueTextEquals("traits"u8))
            {
                fields.Traits = Object(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        // Anything after the object is malformed, and met here.
        _ = reader.Read();
        return fault ?? (!fields.IsIdentify && fields.Properties is null ? "its properties are no object" : fields.IsIdentify && fields.Traits is null ? "its traits are no object" : null);
    }

    /// <summary>Where an object lies in the line; of no length where it is null; null where it is something else.</summary>
    private static (int Start, int Length)? Object(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        var (start, token) = ((int)reader.TokenStartIndex, reader.TokenType);
        reader.Skip();
        return token switch
        {
            JsonTokenType.StartObject => (start, (int)reader.BytesConsumed - start),
            JsonTokenType.Null => (0, 0),
            _ => null,
        };
    }

    /// <summary>Text; a number or a boolean becomes the text it was written in.</summary>
    private static string? Text(ref Utf8JsonReader reader, string field, ref string? fault)
    {
        _ = reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                return Encoding.UTF8.GetString(reader.ValueSpan);
            case JsonTokenType.Null:
                return null;
            default:
                fault ??= $"its {field} is no text";
                reader.Skip();
                return null;
        }
    }

    private static Instant? Moment(ref Utf8JsonReader reader, ref string? fault)
    {
        _ = reader.Read();
        var at = reader.TokenType switch
        {
            JsonTokenType.String => Instant.TryParse(reader.GetString(), out var instant) ? instant : (Instant?)null,
            JsonTokenType.Number => TraitSchema.TryInstant(JsonElement.Parse(reader.ValueSpan), out var instant) ? instant : null,
            _ => null,
        };
        if (at is null && reader.TokenType != JsonTokenType.Null)
        {
            fault ??= "its timestamp is no instant: RFC 3339 with an offset, or epoch milliseconds";
        }

        reader.Skip();
        return at;
    }

    private struct Fields
    {
        public string? User;
        public string? Event;
        public string? MessageId;
        public Instant? At;
        public (int Start, int Length)? Properties = (0, 0);
        public (int Start, int Length)? Traits = (0, 0);
        public bool IsIdentify;
        public bool IsOther;

        public Fields()
        {
        }
    }
}
