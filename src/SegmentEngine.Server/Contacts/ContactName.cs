using Microsoft.AspNetCore.Http.Features;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Contacts;

/// <summary>A contact that exists. Its seat is null as long as the snapshot does not know it yet.</summary>
public readonly record struct FoundContact(ContactId Id, Seat? Seat);

/// <summary>How a caller names a contact: a UUID, or <c>external_id:…</c>, or <c>email:…</c>.</summary>
public static class ContactName
{
    private const string ExternalId = "external_id:";
    private const string Email = "email:";

    /// <summary>The stored contact of this name; null where there is none in the workspace, or the name is in none of the three forms.</summary>
    public static StoredContact? Find(string name, WorkspaceId workspace, SegmentDatabase database) =>
        Guid.TryParseExact(name, "D", out var id) ? database.Contacts.Find(workspace, new(id))
        : name.StartsWith(ExternalId, StringComparison.Ordinal) ? database.Contacts.FindByExternalId(workspace, name[ExternalId.Length..])
        : name.StartsWith(Email, StringComparison.Ordinal) ? database.Contacts.FindByEmail(workspace, name[Email.Length..])
        : null;

    /// <summary>As the other, for a question to a snapshot: a UUID the snapshot knows costs no look into the database.</summary>
    public static FoundContact? Find(string name, WorkspaceId workspace, SegmentDatabase database, WorkspaceSnapshot snapshot)
    {
        if (Guid.TryParseExact(name, "D", out var id) && snapshot.TryFindSeat(new(id), out var seat))
        {
            return new(new(id), seat);
        }

        var stored = name.StartsWith(ExternalId, StringComparison.Ordinal) ? database.Contacts.IdOfExternalId(workspace, name[ExternalId.Length..])
            : name.StartsWith(Email, StringComparison.Ordinal) ? database.Contacts.IdOfEmail(workspace, name[Email.Length..])
            : Find(name, workspace, database)?.Contact.Id;
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
