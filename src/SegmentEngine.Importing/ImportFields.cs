using System.Text;
using SegmentEngine.Contacts;

namespace SegmentEngine.Importing;

/// <summary>The fields of a contact or a message, and the names that columns give them.</summary>
internal sealed class ImportFields
{
    private static readonly ImportFields contacts = new(
        data: ["custom_data.", "non_verified_custom_data."],
        times: ["created_at", "updated_at", "last_seen_at"],
        ("id", []),
        ("external_id", ["externalid", "user_id", "userid", "customer_id", "customerid", "contact_id", "contactid"]),
        ("email", ["e_mail", "email_address", "mail"]),
        ("phone_number", ["phone", "phonenumber", "mobile", "telephone"]),
        ("name", ["full_name", "fullname", "display_name"]),
        ("created_at", ["createdat", "created", "signed_up_at", "signup_date"]),
        ("updated_at", ["updatedat"]),
        ("last_seen_at", ["lastseenat", "last_seen"]));

    private static readonly ImportFields events = new(
        data: ["properties."],
        times: ["timestamp"],
        ("userId", ["user_id", "userid", "external_id", "customer_id", "customerid", "contact_id", "contactid"]),
        ("event", ["event_name", "eventname"]),
        ("timestamp", ["time", "occurred_at", "happened_at", "event_time", "date", "datetime", "created_at"]),
        ("messageId", ["message_id", "messageid", "event_id", "eventid"]));

    private readonly string[] data;
    private readonly string[] times;
    private readonly (string Field, string[] Names)[] named;

    private ImportFields(string[] data, string[] times, params (string, string[])[] named) => (this.data, this.times, this.named) = (data, times, named);

    public static ImportFields Of(ImportKind kind) => kind == ImportKind.Contacts ? contacts : events;

    /// <summary>For a message: every field there is.</summary>
    public string Described => string.Join(", ", named.Select(static each => each.Field).Concat(data.Select(static prefix => prefix + "…")));

    /// <summary>Those that are no trait and no property.</summary>
    public IEnumerable<string> Own => named.Select(static each => each.Field);

    /// <summary>Where columns go that are no field of their own.</summary>
    public string DataPrefix => data[0];

    public bool IsField(string name) => named.Any(each => each.Field == name) || data.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal) && name.Length > prefix.Length);

    public bool IsData(string field) => data.Any(prefix => field.StartsWith(prefix, StringComparison.Ordinal));

    public bool IsTime(string field) => times.Contains(field);

    /// <summary>The keys to a field from the outside in: <c>custom_data</c>, then the keys of the trait.</summary>
    public string[] KeysOf(string field)
    {
        var prefix = data.FirstOrDefault(prefix => field.StartsWith(prefix, StringComparison.Ordinal));
        return prefix is null ? [field] : [prefix[..^1], .. TraitPath.OfProperty(field[prefix.Length..]).Keys];
    }

    /// <summary>The field that a column's own name speaks of.</summary>
    public string FieldFor(string column)
    {
        var plain = Plain(column);
        return IsField(column) ? column
            : named.FirstOrDefault(each => Plain(each.Field) == plain || each.Names.Contains(plain)).Field ?? DataPrefix + column;
    }

    /// <summary><c>User ID</c>, <c>user-id</c> and <c>UserId</c> are one name.</summary>
    private static string Plain(string column)
    {
        var plain = new StringBuilder();
        foreach (var letter in column.Trim())
        {
            plain.Append(letter is ' ' or '-' ? '_' : char.ToLowerInvariant(letter));
        }

        return plain.ToString();
    }
}
