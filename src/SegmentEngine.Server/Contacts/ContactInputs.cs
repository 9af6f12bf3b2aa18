using System.Runtime.InteropServices;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Contacts;

/// <summary>Reads what callers say of a contact, in our flat form or in OpenCX's <c>{"contact": {…}}</c>.</summary>
public static class ContactInputs
{
    /// <summary>Longer than any e-mail address, phone number or id in use.</summary>
    public const int TextLengthMax = 1_024;

    /// <summary>Lists, and sequences, of one contact.</summary>
    private const int BelongingsMax = 1_000;

    private static readonly (string Name, ContactFields Field)[] clearable =
    [
        ("external_id", ContactFields.ExternalId), ("email", ContactFields.Email), ("phone_number", ContactFields.PhoneNumber), ("phone", ContactFields.PhoneNumber),
        ("name", ContactFields.Name), ("last_seen_at", ContactFields.LastSeenAt),
    ];

    /// <summary>The contact in a body and the path to it.</summary>
    public static (JsonElement Contact, string Path) Unwrap(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.GetPropertyCount() == 1 && body.TryGetProperty("contact", out var contact) ? (contact, "$.contact") : (body, "$");

    /// <summary>Null where something is wrong; then the faults say what. A field that is null is left as it is, or emptied where <paramref name="nullClears"/>.</summary>
    public static ContactWrite? Read(JsonElement json, string path, bool nullClears, out IReadOnlyList<Diagnostic> faults)
    {
        if (JsonMarshal.GetRawUtf8Value(json).Length > RequestLimits.ContactBytesMax)
        {
            faults = [new() { Path = path, Code = "too_large", Message = $"a contact has at most {RequestLimits.ContactBytesMax >> 10} KiB" }];
            return null;
        }

        if (Plain(json) is { } plain)
        {
            faults = [];
            return plain;
        }

        if (JsonBody.TryRead<ContactInput>(json, path, out faults) is not { } input)
        {
            return null;
        }

        faults = Faults(input, path);
        if (faults.Count > 0)
        {
            return null;
        }

        return new()
        {
            Id = input.Id is { } id ? new(id) : null,
            ExternalId = input.ExternalId,
            Email = input.Email,
            PhoneNumber = input.PhoneNumber ?? input.Phone,
            Name = input.Name,
            CreatedAt = input.CreatedAt is { } created ? Instant.From(created) : null,
            UpdatedAt = input.UpdatedAt is { } updated ? Instant.From(updated) : null,
            LastSeenAt = input.LastSeenAt is { } seen ? Instant.From(seen) : null,
            CustomData = input.CustomData,
            NonVerifiedCustomData = input.NonVerifiedCustomData,
            Lists = input.Lists,
            Sequences = input.Sequences,
            Cleared = nullClears ? Cleared(json) : ContactFields.None,
        };
    }

    /// <summary>A contact in the plainest form; null where it is anything else.</summary>
    private static ContactWrite? Plain(JsonElement json)
    {
        if (!PlainJson.IsPlainObject(json))
        {
            return null;
        }

        string? externalId = null, email = null, phoneNumber = null, name = null;
        JsonElement? customData = null;
        foreach (var field in json.EnumerateObject())
        {
            var value = field.Value;
            if (field.NameEquals("custom_data"u8) && value.ValueKind == JsonValueKind.Object)
            {
                customData = value;
            }
            else if (!(field.NameEquals("external_id"u8) ? PlainJson.TryText(value, TextLengthMax, out externalId)
                : field.NameEquals("email"u8) ? PlainJson.TryText(value, TextLengthMax, out email)
                : field.NameEquals("phone_number"u8) ? PlainJson.TryText(value, TextLengthMax, out phoneNumber)
                : field.NameEquals("name"u8) && PlainJson.TryText(value, TextLengthMax, out name)))
            {
                return null;
            }
        }

        return new() { ExternalId = externalId, Email = email, PhoneNumber = phoneNumber, Name = name, CustomData = customData };
    }

    /// <summary>What is wrong with a JSON value that should be an object of data; null where nothing is.</summary>
    public static Diagnostic? DataFault(JsonElement? data, string path)
    {
        if (data is not { } value || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object ? null : new() { Path = path, Code = "wrong_type", Message = "expected an object" };
    }

    /// <summary>What is wrong with a text that names or describes a contact; null where nothing is.</summary>
    public static Diagnostic? TextFault(string? text, string path) =>
        text is null ? null
        : text.Length == 0 ? new() { Path = path, Code = "wrong_value", Message = "this must not be empty" }
        : text.Length > TextLengthMax ? new() { Path = path, Code = "too_long", Message = $"this must have at most {TextLengthMax} characters" }
        : text.Contains('\0', StringComparison.Ordinal) ? new() { Path = path, Code = "wrong_value", Message = "this must not hold the character U+0000" }
        : null;

    private static Diagnostic? IdsFault(IReadOnlyList<string>? ids, string path) =>
        ids is null ? null
        : ids.Count > BelongingsMax ? new() { Path = path, Code = "too_many", Message = $"a contact is on at most {BelongingsMax} of them" }
        : ids.Select((id, i) => id is null ? new() { Path = $"{path}[{i}]", Code = "wrong_type", Message = "expected a text" } : TextFault(id, $"{path}[{i}]")).FirstOrDefault(static fault => fault is not null);

    private static List<Diagnostic> Faults(ContactInput input, string path) =>
    [
        .. new[]
        {
            TextFault(input.ExternalId, path + ".external_id"),
            TextFault(input.Email, path + ".email"),
            TextFault(input.PhoneNumber, path + ".phone_number"),
            TextFault(input.Phone, path + ".phone"),
            input.Name is { Length: > 0 } ? TextFault(input.Name, path + ".name") : null,
            DataFault(input.CustomData, path + ".custom_data"),
            DataFault(input.NonVerifiedCustomData, path + ".non_verified_custom_data"),
            IdsFault(input.Lists, path + ".lists"),
            input.Lists?.FirstOrDefault(static id => id is not null && ListStore.IsReserved(id)) is { } own
                ? new() { Path = path + ".lists", Code = "wrong_value", Message = $"\"{own}\" is a segment's own list, which has calls of its own: /manage/segments/{{segment_id}}/lists" } : null,
            IdsFault(input.Sequences, path + ".sequences"),
        }.OfType<Diagnostic>(),
    ];

    private static ContactFields Cleared(JsonElement json) =>
        clearable.Where(field => json.TryGetProperty(field.Name, out var value) && value.ValueKind == JsonValueKind.Null
                && !(field.Name == "phone" && json.TryGetProperty("phone_number", out var number) && number.ValueKind != JsonValueKind.Null))
            .Aggregate(ContactFields.None, static (cleared, field) => cleared | field.Field);
}
