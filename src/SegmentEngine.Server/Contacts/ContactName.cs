using Microsoft.AspNetCore.Http.Features;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Contacts;

/// <summary>A contact that exists. Its seat is null as long as the snapshot does not know it yet.</summary>
public readonly record struct FoundContact(ContactId Id, Seat? Seat);

/// <summary>How a caller names a contact: a UUID, or <c>external_id:…</c>, or <c>email:…</c>.</summary>
public static class ContactName
{
    /// <summary>The stored contact of this name; null where there is none in the workspace, or the name is in none of the three forms.</summary>
    public static StoredContact? Find(string name, WorkspaceId workspace, SegmentDatabase database) => ContactKey.Parse(name) switch
    {
        ContactKey.Id id => database.Contacts.Find(workspace, id.Value),
        ContactKey.ExternalId id => database.Contacts.FindByExternalId(workspace, id.Value),
        ContactKey.Email email => database.Contacts.FindByEmail(workspace, email.Value),
        _ => null,
    };

    /// <summary>As the other, for a question to a snapshot: a UUID the snapshot knows costs no look into the database.</summary>
    public static FoundContact? Find(string name, WorkspaceId workspace, SegmentDatabase database, WorkspaceSnapshot snapshot)
    {
        if (Guid.TryParseExact(name, "D", out var id) && snapshot.TryFindSeat(new(id), out var seat))
        {
            return new(new(id), seat);
        }

        var stored = ContactKey.Parse(name) switch
        {
            ContactKey.ExternalId external => database.Contacts.IdOfExternalId(workspace, external.Value),
            ContactKey.Email email => database.Contacts.IdOfEmail(workspace, email.Value),
            ContactKey.Id => database.Contacts.Find(workspace, new(id))?.Contact.Id,
            _ => null,
        };
        return stored is { } found ? new(found, snapshot.TryFindSeat(found, out seat) ? seat : null) : null;
    }

    /// <summary>A name from a path. The router leaves <c>%2F</c> as it came, lest it be taken for a separator; so the part is taken from the request line.</summary>
    public static string FromPath(string part, HttpContext context)
    {
        if (!part.Contains("%2f", StringComparison.OrdinalIgnoreCase))
        {
            return part;
        }

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var raw = target.Split('?')[0].Split('/').FirstOrDefault(raw => KeepingSlashes(raw) == part);
        return raw is null ? part : Uri.UnescapeDataString(raw);
    }

    private static string KeepingSlashes(string raw) =>
        Uri.UnescapeDataString(raw.Replace("%2F", "%252F", StringComparison.Ordinal).Replace("%2f", "%252f", StringComparison.Ordinal));
}
