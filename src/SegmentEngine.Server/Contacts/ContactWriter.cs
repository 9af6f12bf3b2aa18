using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Contacts;

/// <summary>Writes one contact as a caller describes it, and has its memberships follow. Answers with what became of it, or with why nothing did.</summary>
public sealed class ContactWriter(SegmentDatabase database, WorkspaceEngines engine, TimeProvider clock)
{
    /// <summary>Makes a contact, or changes the one that has its id, external id, e-mail or phone number.</summary>
    /// <param name="json">The contact.</param>
    /// <param name="path">Of the contact in the body.</param>
    /// <param name="caller">Whose workspace.</param>
    /// <param name="cancel">Ends the wait for the writer.</param>
    public async Task<(ContactSaved? Saved, Refusal? Refusal)> Save(JsonElement json, string path, Caller caller, CancellationToken cancel) =>
        ContactInputs.Read(json, path, nullClears: false, out var faults) is not { } write ? (null, Refusal.BadRequest(faults))
        : write is { Id: null, ExternalId: null, Email: null, PhoneNumber: null } ? (null, Refusal.BadRequest(path, "required", "a contact needs an id, an external_id, an email or a phone_number"))
        : await Write(write, caller, cancel);

    /// <summary>Changes the contact of this name; null empties a field.</summary>
    /// <inheritdoc cref="Save"/>
    public async Task<(ContactSaved? Saved, Refusal? Refusal)> Update(string contactName, JsonElement json, string path, Caller caller, CancellationToken cancel) =>
        ContactName.Find(contactName, caller.Workspace, database)?.Contact.Id is not { } id ? (null, Refusal.NotFound)
        : ContactInputs.Read(json, path, nullClears: true, out var faults) is not { } write ? (null, Refusal.BadRequest(faults))
        : write.Id is { } other && other != id ? (null, Refusal.BadRequest(path + ".id", "wrong_value", "a contact's id never changes"))
        : await Write(write with { Id = id, MustExist = true }, caller, cancel);

    private async Task<(ContactSaved? Saved, Refusal? Refusal)> Write(ContactWrite write, Caller caller, CancellationToken cancel)
    {
        var receipt = await database.Ingest.Write(caller.Workspace, [write], Instant.From(clock.GetUtcNow()), createContacts: true, cancel);
        var result = receipt.Results[0];
        if (result.Contact is not { } contact)
        {
            return (null, Refusal.Conflict(result.Reason ?? "the contact was refused"));
        }

        engine.ContactsChanged(caller.Workspace);
        return (new() { Id = contact.Value, Created = result.Outcome == IngestOutcome.Created, Revision = receipt.Revision }, null);
    }
}
