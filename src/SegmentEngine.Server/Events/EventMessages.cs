using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Events;

/// <summary>Reads the messages of the Segment Spec. It is lenient about fields it does not know, and strict about those it stores.</summary>
public static class EventMessages
{
    public const string Track = "track";
    public const string Identify = "identify";

    public static bool IsTooLarge(JsonElement json) => JsonMarshal.GetRawUtf8Value(json).Length > RequestLimits.EventBytesMax;

    public static Diagnostic TooLarge(string path) => new() { Path = path, Code = "too_large", Message = $"a message has at most {RequestLimits.EventBytesMax >> 10} KiB" };

    /// <summary>Null where something is wrong; then the faults say what.</summary>
    /// <param name="type"><see cref="Track"/> or <see cref="Identify"/>; null to take the message's own word.</param>
    public static IngestItem? Read(JsonElement json, string path, string? type, Instant now, out IReadOnlyList<Diagnostic> faults)
    {
        if (IsTooLarge(json))
        {
            faults = [TooLarge(path)];
            return null;
        }

        if (PlainTrack(json, type, now) is { } plain)
        {
            faults = [];
            return plain;
        }

        if (JsonBody.TryRead<EventMessage>(json, path, out faults) is not { } message)
        {
            return null;
        }

        type ??= message.Type;
        if (type is not (Track or Identify))
        {
            faults = [Fault(path + ".type", type is null ? "required" : "unsupported_type", $"type must be \"{Track}\" or \"{Identify}\"")];
            return null;
        }

        faults = Faults(message, type, path);
        return faults.Count > 0 ? null : type == Track ? ToEvent(message, now) : ToContact(message);
    }

    /// <summary>A track message in the plainest form; null where the message is anything else.</summary>
    private static EventWrite? PlainTrack(JsonElement json, string? type, Instant now)
    {
        if (type == Identify || !PlainJson.IsPlainObject(json))
        {
            return null;
        }

        var (isTrack, user, name, message, at) = (type == Track, (string?)null, (string?)null, (string?)null, now);
        JsonElement? properties = null;
        foreach (var field in json.EnumerateObject())
        {
            var value = field.Value;
            if (field.NameEquals("type"u8) && value.ValueKind == JsonValueKind.String)
            {
                isTrack |= value.ValueEquals("track"u8);
            }
            else if (field.NameEquals("properties"u8) && value.ValueKind == JsonValueKind.Object)
            {
                properties = value;
            }
            else if (field.NameEquals("timestamp"u8) && PlainJson.TryInstant(value, out var timestamp))
            {
                at = Instant.From(timestamp);
            }
            else if (!(field.NameEquals("userId"u8) ? PlainJson.TryText(value, ContactInputs.TextLengthMax, out user)
                : field.NameEquals("event"u8) ? PlainJson.TryText(value, ContactInputs.TextLengthMax, out name)
                : field.NameEquals("messageId"u8) && PlainJson.TryText(value, ContactInputs.TextLengthMax, out message)))
            {
                return null;
            }
        }

        return isTrack && user is not null && name is not null and not ContactEvent.Traits
            ? new() { User = user, Name = name, At = at, Properties = properties, MessageId = message }
            : null;
    }

    private static List<Diagnostic> Faults(EventMessage message, string type, string path)
    {
        var faults = new List<Diagnostic>();
        if (string.IsNullOrEmpty(message.UserId))
        {
            faults.Add(Fault(path + ".userId", "required", "a message needs a userId; one with an anonymousId alone belongs to no contact"));
        }

        if (type == Track && string.IsNullOrEmpty(message.Event))
        {
            faults.Add(Fault(path + ".event", "required", "a track message needs the name of its event"));
        }

        if (message.Event == ContactEvent.Traits)
        {
            faults.Add(Fault(path + ".event", "reserved_name", $"no event can be called {ContactEvent.Traits}; traits are set by identify"));
        }

        faults.AddRange(new[]
        {
            message.UserId is "" ? null : ContactInputs.TextFault(message.UserId, path + ".userId"),
            message.Event is "" ? null : ContactInputs.TextFault(message.Event, path + ".event"),
            message.MessageId is "" ? null : ContactInputs.TextFault(message.MessageId, path + ".messageId"),
            ContactInputs.DataFault(message.Properties, path + ".properties"),
            ContactInputs.DataFault(message.Traits, path + ".traits"),
        }.OfType<Diagnostic>());
        return faults;
    }

    private static EventWrite ToEvent(EventMessage message, Instant now) => new()
    {
        User = message.UserId!,
        Name = message.Event!,
        At = message.Timestamp is { } at ? Instant.From(at) : now,
        Properties = message.Properties is { ValueKind: JsonValueKind.Object } properties ? properties : null,
        MessageId = message.MessageId,
    };

    /// <summary>The Spec's reserved traits that a contact has fields for become these; the rest is custom data.</summary>
    private static ContactWrite ToContact(EventMessage message)
    {
        var traits = message.Traits is { ValueKind: JsonValueKind.Object } given ? given : JsonData.EmptyObject;
        return new()
        {
            User = message.UserId,
            Email = Text(traits, "email"),
            PhoneNumber = Text(traits, "phone"),
            Name = Text(traits, "name"),
            CustomData = Without(traits, ["email", "phone", "name"]),
            ChangedAt = message.Timestamp is { } at ? Instant.From(at) : null,
            MessageId = message.MessageId,
        };
    }

    private static string? Text(JsonElement traits, string name) =>
        traits.TryGetProperty(name, out var value) && TraitSchema.TryText(value, out var text) && ContactInputs.TextFault(text, name) is null ? text : null;

    /// <summary>The traits that did not become fields.</summary>
    private static JsonElement Without(JsonElement traits, string[] fields)
    {
        var rest = new JsonObject();
        foreach (var trait in traits.EnumerateObject().Where(trait => !fields.Contains(trait.Name) || Text(traits, trait.Name) is null))
        {
            rest[trait.Name] = JsonNode.Parse(trait.Value.GetRawText());
        }

        return JsonElement.Parse(rest.ToJsonString());
    }

    private static Diagnostic Fault(string path, string code, string message) => new() { Path = path, Code = code, Message = message };
}
