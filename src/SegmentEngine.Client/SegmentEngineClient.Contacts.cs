using System.Runtime.CompilerServices;

namespace SegmentEngine.Client;

public sealed partial class SegmentEngineClient
{
    /// <summary>Creates the contact, or updates the one that has this id, external id, e-mail or phone number (asked in that order).</summary>
    public Task<ContactSaved> SaveContact(ContactInput contact, CancellationToken cancel = default) =>
        Make("contacts", contact, WireJson.Default.ContactInput, WireJson.Default.ContactSaved, cancel);

    /// <summary>As <see cref="SaveContact"/>, for up to 2,500 at once. Sent twice it leaves the same contacts only if each has an id, an external id, an e-mail or a phone number.</summary>
    public Task<BatchAccepted> SaveContacts(ContactBatch contacts, CancellationToken cancel = default) =>
        Make("contacts/batch", contacts, WireJson.Default.ContactBatch, WireJson.Default.BatchAccepted, cancel);

    /// <summary>As the other, for a body that is JSON already (<c>{"contacts": [ContactInput, …]}</c>), each contact with an id, an external id, an e-mail or a phone number; it is tried again.</summary>
    public Task<BatchAccepted> SaveContactsJson(ReadOnlyMemory<byte> json, CancellationToken cancel = default) =>
        SendJson("contacts/batch", json, WireJson.Default.BatchAccepted, cancel);

    /// <summary>A contact is named by its UUID, <c>external_id:…</c> or <c>email:…</c>, here and in every call.</summary>
    public Task<ContactSaved> UpdateContact(string contact, ContactInput changes, CancellationToken cancel = default) =>
        Ask(HttpMethod.Patch, $"contacts/{Escape(contact)}", changes, WireJson.Default.ContactInput, WireJson.Default.ContactSaved, cancel);

    public Task<Contact> GetContact(string contact, CancellationToken cancel = default) =>
        Get($"contacts/{Escape(contact)}", WireJson.Default.Contact, cancel);

    public Task<ContactPage> ListContacts(string? cursor = null, int? limit = null, CancellationToken cancel = default) =>
        Get($"contacts{Query(("cursor", cursor), ("limit", limit))}", WireJson.Default.ContactPage, cancel);

    /// <summary>All contacts, page by page.</summary>
    public async IAsyncEnumerable<Contact> AllContacts([EnumeratorCancellation] CancellationToken cancel = default)
    {
        for (string? cursor = null; ;)
        {
            var page = await ListContacts(cursor, limit: 100, cancel).ConfigureAwait(false);
            foreach (var contact in page.Items)
            {
                yield return contact;
            }

            if ((cursor = page.Next) is null)
            {
                yield break;
            }
        }
    }

    /// <param name="contact">A UUID, or <c>external_id:…</c>, or <c>email:…</c>.</param>
    /// <param name="suppress">Whether nothing is to be stored under any of its names again.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task<Written> DeleteContact(string contact, bool suppress = false, CancellationToken cancel = default) =>
        Delete($"contacts/{Escape(contact)}{(suppress ? "?suppress=true" : "")}", WireJson.Default.Written, cancel);

    /// <summary>One event. It is tried again only if it has a message id, which makes the second one harmless.</summary>
    public Task<BatchAccepted> Track(EventMessage message, CancellationToken cancel = default) => SendMessage("v1/track", message, cancel);

    public Task<BatchAccepted> Identify(EventMessage message, CancellationToken cancel = default) => SendMessage("v1/identify", message, cancel);

    /// <summary>Up to 2,500 messages. Tried again only if each has a message id.</summary>
    public Task<BatchAccepted> SendEvents(EventBatch batch, CancellationToken cancel = default) =>
        Send(HttpMethod.Post, "v1/batch", batch, WireJson.Default.EventBatch, WireJson.Default.BatchAccepted,
            repeatable: batch.Batch.All(message => message.MessageId is not null), cancel);

    /// <summary>As the other, for a body that is JSON already (<c>{"batch": [EventMessage, …]}</c>), each message with a message id; it is tried again.</summary>
    public Task<BatchAccepted> SendEventsJson(ReadOnlyMemory<byte> json, CancellationToken cancel = default) =>
        SendJson("v1/batch", json, WireJson.Default.BatchAccepted, cancel);

    private Task<BatchAccepted> SendMessage(string path, EventMessage message, CancellationToken cancel) =>
        Send(HttpMethod.Post, path, message, WireJson.Default.EventMessage, WireJson.Default.BatchAccepted, repeatable: message.MessageId is not null, cancel);
}
