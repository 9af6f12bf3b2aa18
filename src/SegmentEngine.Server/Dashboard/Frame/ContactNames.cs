using SegmentEngine.Client;

namespace SegmentEngine.Server.Dashboard.Frame;

/// <summary>What a contact is called on a page.</summary>
public static class ContactNames
{
    public static string Of(Contact contact) =>
        new[] { contact.Name, contact.Email, contact.ExternalId, contact.PhoneNumber }.FirstOrDefault(static name => !string.IsNullOrWhiteSpace(name)) ?? contact.Id.ToString();
}
