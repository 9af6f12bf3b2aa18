using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Cli.Files;

/// <summary>What one line of a contacts file says. A built-in field is text: a number or a boolean becomes the text it was written in; one that does not convert is missing.</summary>
internal sealed class ContactLine
{
    private readonly JsonElement json;

    private ContactLine(JsonElement json, Guid? id, string? externalId) => (this.json, Id, ExternalId) = (json, id, externalId);

    public Guid? Id { get; }
    public string? ExternalId { get; }

    /// <summary>The id as it was written.</summary>
    public string? IdText => Name("id");

    /// <exception cref="RefusedException">The line is no JSON object, so the file is not what it was said to be.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> line, string file, long number)
    {
        try
        {
            var json = JsonElement.Parse(line.Span);
            return json.ValueKind == JsonValueKind.Object ? json : throw new RefusedException($"{file}, line {number}: the line is JSON, but no object");
        }
        catch (JsonException malformed)
        {
            throw new RefusedException(Malformed(file, number, malformed));
        }
    }

    public static string Malformed(string file, long number, JsonException malformed) =>
        $"{file}, line {number}: the line is no JSON object: {malformed.Message.Split(" LineNumber:")[0].TrimEnd('.')}, at byte {malformed.BytePositionInLine}";

    /// <summary>Says what is wrong with a line of which no contact can be made; null where nothing is.</summary>
    public static string? TryRead(JsonElement json, out ContactLine line)
    {
        line = new(json, null, null);
        var idText = line.IdText;
        Guid? id = null;
        if (idText is not null)
        {
            if (!Guid.TryParseExact(idText, "D", out var guid))
            {
                return $"its id \"{idText}\" is no UUID";
            }

            id = guid;
        }

        line = new(json, id, line.Name("external_id"));
        return id is null && line.ExternalId is null ? "it has neither an external_id nor an id"
            : DataFault(json, "custom_data") ?? DataFault(json, "non_verified_custom_data") ?? ListFault(json, "lists") ?? ListFault(json, "sequences");
    }

    /// <summary>The contact with what this line says laid over it: a field that is there replaces, data is merged by its first-level keys, null removes.</summary>
    public Contact ApplyTo(Contact contact) => contact with
    {
        Id = Id is { } id ? new(id) : contact.Id,
        ExternalId = ExternalId ?? contact.ExternalId,
        Email = Has("email") ? Text("email") : contact.Email,
        PhoneNumber = Has("phone_number") ? Text("phone_number") : contact.PhoneNumber,
        Name = Has("name") ? Text("name") : contact.Name,
        CreatedAt = Has("created_at") ? Moment("created_at") : contact.CreatedAt,
        UpdatedAt = Has("updated_at") ? Moment("updated_at") : contact.UpdatedAt,
        LastSeenAt = Has("last_seen_at") ? Moment("last_seen_at") : contact.LastSeenAt,
        CustomData = Merged(contact.CustomData, "custom_data"),
        NonVerifiedCustomData = Merged(contact.NonVerifiedCustomData, "non_verified_custom_data"),
        Lists = Has("lists") ? Ids("lists") : contact.Lists,
        Sequences = Has("sequences") ? Ids("sequences") : contact.Sequences,
    };

    private bool Has(string field) => json.TryGetProperty(field, out _);

    /// <summary>An empty text names nobody.</summary>
    private string? Name(string field) => Text(field) is { Length: > 0 } name ? name : null;

    private string? Text(string field) => json.TryGetProperty(field, out var value) ? Text(value) : null;

    private ImmutableArray<string> Ids(string field) =>
        json.GetProperty(field) is { ValueKind: JsonValueKind.Array } ids ? [.. ids.EnumerateArray().Select(Text).OfType<string>().Where(static id => id.Length > 0)] : [];

    private static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is no text.
            return null;
        }
    }

    private Instant? Moment(string field) => json.TryGetProperty(field, out var value) && TraitSchema.TryInstant(value, out var instant) ? instant : null;

    private JsonElement Merged(JsonElement stored, string field) =>
        !json.TryGetProperty(field, out var update) || update.ValueKind != JsonValueKind.Object ? stored
        : stored.GetPropertyCount() == 0 ? update
        : JsonData.Merge(stored, update);

    private static string? ListFault(JsonElement json, string field) =>
        json.TryGetProperty(field, out var ids) && ids.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null) ? $"its {field} is no list" : null;

    private static string? DataFault(JsonElement json, string field) =>
        json.TryGetProperty(field, out var data) && data.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null) ? $"its {field} is no object" : null;
}
