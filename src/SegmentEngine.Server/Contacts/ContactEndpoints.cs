using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;
using Contact = SegmentEngine.Client.Contact;

namespace SegmentEngine.Server.Contacts;

/// <summary>Contacts in and out, one by one and in batches.</summary>
public static class ContactEndpoints
{
    public static void MapContacts(this IEndpointRouteBuilder routes)
    {
        var contacts = routes.MapGroup("/contacts").WithTags("Contacts");
        contacts.MapGet("", List).Needs(Scopes.ContactsRead).WithName("ListContacts").WithSummary("Contacts in the order they were made");
        contacts.MapPost("", Save).Needs(Scopes.ContactsWrite).WithName("SaveContact").WithSummary("Create a contact, or update the one with this id, external id, e-mail or phone number");
        contacts.MapPost("/batch", SaveMany).Needs(Scopes.ContactsWrite).WithName("SaveContacts").WithSummary("Up to 2,500 contacts").TakesBatches();
        contacts.MapGet("/{contact_id}", Get).Needs(Scopes.ContactsRead).WithName("GetContact").WithSummary("One contact");
        contacts.MapPatch("/{contact_id}", Update).Needs(Scopes.ContactsWrite).WithName("UpdateContact").WithSummary("Change what is given; null empties a field, and removes a key of custom_data");
        contacts.MapDelete("/{contact_id}", Delete).Needs(Scopes.ContactsWrite).Audited().WithName("DeleteContact").WithSummary("Remove a contact with its events, memberships and history; with ?suppress=true for good, so that it does not come back under any of its names");

        var suppressions = routes.MapGroup("/manage/suppressions").WithTags("Contacts").Needs(Scopes.Manage);
        suppressions.MapGet("", CountSuppressions).WithName("CountSuppressions").WithSummary("How many names are suppressed; who they were is not known");
        suppressions.MapDelete("/{contact_id}", LiftSuppression).Audited().WithName("LiftSuppression").WithSummary("Take writes under a name again");
    }

    public static Contact Show(StoredContact stored)
    {
        var contact = stored.Contact;
        return new()
        {
            Id = contact.Id!.Value.Value,
            ExternalId = contact.ExternalId,
            Email = contact.Email,
            PhoneNumber = contact.PhoneNumber,
            Name = contact.Name,
            CustomData = contact.CustomData,
            NonVerifiedCustomData = contact.NonVerifiedCustomData,
            Lists = [.. contact.Lists.Where(static list => !ListStore.IsReserved(list))],
            Sequences = contact.Sequences,
            CreatedAt = contact.CreatedAt?.ToDateTimeOffset(),
            UpdatedAt = contact.UpdatedAt?.ToDateTimeOffset(),
            LastSeenAt = contact.LastSeenAt?.ToDateTimeOffset(),
        };
    }

    private static Results<Ok<ContactPage>, Refusal> List(
        string? cursor, [Range(1, RequestLimits.PageSizeMax)] int? limit,
        [FromQuery(Name = "created_after")] string? createdAfter, [FromQuery(Name = "created_before")] string? createdBefore,
        [FromQuery(Name = "updated_after")] string? updatedAfter, [FromQuery(Name = "updated_before")] string? updatedBefore,
        Caller caller, SegmentDatabase database)
    {
        var faults = new List<Diagnostic>();
        var max = limit ?? RequestLimits.PageSizeDefault;
        if (max is < 1 or > RequestLimits.PageSizeMax)
        {
            faults.Add(new() { Path = "limit", Code = "out_of_range", Message = $"limit is {max}; it must be from 1 to {RequestLimits.PageSizeMax}" });
        }

        var after = 0L;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            faults.Add(new() { Path = "cursor", Code = "wrong_value", Message = "this is not a cursor of ours" });
        }

        var filter = new ContactFilter(
            Time("created_after", createdAfter, faults), Time("created_before", createdBefore, faults),
            Time("updated_after", updatedAfter, faults), Time("updated_before", updatedBefore, faults));
        if (faults.Count > 0)
        {
            return Refusal.BadRequest(faults);
        }

        // The revision is read first: the page may know more than it says, never less.
        var revision = database.Workspaces.Revision(caller.Workspace);
        var page = database.Contacts.Page(caller.Workspace, after, max + 1, filter);
        return TypedResults.Ok(new ContactPage
        {
            Items = [.. page.Take(max).Select(Show)],
            Next = page.Count > max ? page[max - 1].Number.ToString(CultureInfo.InvariantCulture) : null,
            Revision = revision,
        });
    }

    private static Results<Ok<Contact>, Refusal> Get(string contact_id, Caller caller, SegmentDatabase database, HttpContext context) =>
        ContactName.Find(ContactName.FromPath(contact_id, context), caller.Workspace, database) is { } stored ? TypedResults.Ok(Show(stored)) : Refusal.NotFound;

    private static async Task<Results<Ok<ContactSaved>, Created<ContactSaved>, Refusal>> Save(RawBody<ContactInput> body, Caller caller, ContactWriter contacts, CancellationToken cancel)
    {
        var (json, path) = ContactInputs.Unwrap(body.Value);
        var (saved, refusal) = await contacts.Save(json, path, caller, cancel);
        return refusal is not null ? refusal : saved!.Created ? TypedResults.Created($"/contacts/{saved.Id}", saved) : TypedResults.Ok(saved);
    }

    private static async Task<Results<Ok<ContactSaved>, Refusal>> Update(
        string contact_id, RawBody<ContactInput> body, Caller caller, ContactWriter contacts, HttpContext context, CancellationToken cancel)
    {
        var (json, path) = ContactInputs.Unwrap(body.Value);
        var (saved, refusal) = await contacts.Update(ContactName.FromPath(contact_id, context), json, path, caller, cancel);
        return refusal is not null ? refusal : TypedResults.Ok(saved);
    }

    private static async Task<Results<Ok<BatchAccepted>, Refusal>> SaveMany(
        RawBody<ContactBatch> body, Caller caller, SegmentDatabase database, WorkspaceEngines engine, TimeProvider clock, CancellationToken cancel)
    {
        if (BatchItems.In(body.Value, "contacts", onlyThis: true, out var items) is { } wrong)
        {
            return wrong;
        }

        var intake = new Intake();
        foreach (var (index, item) in items.Index())
        {
            var path = $"$.contacts[{index}]";
            if (ContactInputs.Read(item, path, nullClears: false, out var faults) is { } write)
            {
                intake.Take(write, index, path);
            }
            else
            {
                intake.Refuse(index, faults);
            }
        }

        return await intake.Store(caller.Workspace, database, engine, Instant.From(clock.GetUtcNow()), cancel);
    }

    private static async Task<Results<Ok<Written>, Refusal>> Delete(
        string contact_id, bool? suppress, Caller caller, SegmentDatabase database, WorkspaceEngines engine, TimeProvider clock, HttpContext context, CancellationToken cancel)
    {
        if (ContactName.Find(ContactName.FromPath(contact_id, context), caller.Workspace, database)?.Contact.Id is not { } id)
        {
            return Refusal.NotFound;
        }

        // However the caller named it, the log has the id alone.
        AuditedCall.Current = AuditedCall.Current?.On($"/contacts/{id}");
        if (await database.Contacts.Delete(caller.Workspace, id, suppress == true ? Instant.From(clock.GetUtcNow()) : null, cancel) is not { } revision)
        {
            return Refusal.NotFound;
        }

        engine.ContactsChanged(caller.Workspace);
        return TypedResults.Ok(new Written { Revision = revision });
    }

    private static Ok<SuppressionCount> CountSuppressions(Caller caller, SegmentDatabase database) => TypedResults.Ok(new SuppressionCount(database.Suppression.Count(caller.Workspace)));

    private static async Task<Results<NoContent, Refusal>> LiftSuppression(string contact_id, Caller caller, SegmentDatabase database, HttpContext context, CancellationToken cancel)
    {
        // The log must not have the name again.
        AuditedCall.Current = AuditedCall.Current?.On("/manage/suppressions");
        return ContactKey.Parse(ContactName.FromPath(contact_id, context)) is not { } name ? Refusal.BadRequest("contact_id", "wrong_value", "name the contact by its UUID, or external_id:…, or email:…")
            : await database.Suppression.Lift(caller.Workspace, name, cancel) ? TypedResults.NoContent()
            : Refusal.NotFound;
    }

    private static Instant? Time(string name, string? text, List<Diagnostic> faults)
    {
        if (text is null)
        {
            return null;
        }

        if (Instant.TryParse(text, out var instant))
        {
            return instant;
        }

        faults.Add(new() { Path = name, Code = "wrong_value", Message = $"\"{text}\" is not an instant: RFC 3339 with an offset, such as 2024-05-01T12:00:00Z" });
        return null;
    }
}
