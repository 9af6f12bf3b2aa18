using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage.Tests;

public sealed class SqliteIngestStoreTests : IngestStoreTests<SqliteTestDatabase>;

public abstract class IngestStoreTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task A_contact_is_stored_as_it_came()
    {
        var id = new ContactId(Guid.NewGuid());
        var receipt = await Ingest(new ContactWrite
        {
            Id = id, ExternalId = "u1", Email = "Ana@Example.com", PhoneNumber = "+33 1", Name = "Ana", CreatedAt = new(638_000_000_000_000_000), LastSeenAt = Some.Now,
            CustomData = JsonElement.Parse("""{"plan":"pro","spend":12.50}"""), NonVerifiedCustomData = JsonElement.Parse("""{"page":"/"}"""),
        });
        Assert.Equal([new IngestResult(IngestOutcome.Created, id, CreatedContact: true)], receipt.Results);
        Assert.Equal(1, receipt.Revision);

        var contact = Store.Contacts.Find(Workspace, id)!.Contact;
        Assert.Equal(
            ("u1", "Ana@Example.com", "+33 1", "Ana", new Instant(638_000_000_000_000_000), Some.Now, Some.Now),
            (contact.ExternalId, contact.Email, contact.PhoneNumber, contact.Name, contact.CreatedAt, contact.UpdatedAt, contact.LastSeenAt));
        Assert.Equal("""{"plan":"pro","spend":12.50}""", contact.CustomData.GetRawText());
        Assert.Equal("""{"page":"/"}""", contact.NonVerifiedCustomData.GetRawText());
    }

    [Fact]
    public async Task An_event_finds_its_user_by_the_names_as_they_are_now()
    {
        async Task<ContactId?> Whose(string user) => (await Ingest(new EventWrite { User = user, Name = "login", At = Some.Now })).Results[0].Contact;
        var contacts = await Contacts("u1", "u2");
        var (one, two) = (contacts[0].Contact.Id!.Value, contacts[1].Contact.Id!.Value);
        Assert.Equal((one, two, one), (await Whose("u1"), await Whose("u2"), await Whose(one.ToString())));

        _ = await Ingest(new ContactWrite { Id = one, ExternalId = "u3" });
        Assert.Equal((null, one), (await Whose("u1"), await Whose("u3")));
        _ = await Ingest(new ContactWrite { Id = two, ExternalId = "u1" });
        Assert.Equal((two, null), (await Whose("u1"), await Whose("u2")));
        _ = await Ingest(new ContactWrite { Id = two, Cleared = ContactFields.ExternalId });
        Assert.Null(await Whose("u1"));

        // An external id goes before the id that it looks like.
        _ = await Ingest(new ContactWrite { ExternalId = one.ToString() });
        Assert.NotEqual(one, await Whose(one.ToString()));
        _ = await Store.Contacts.Delete(Workspace, one);
        Assert.Null(await Whose("u3"));
        Assert.Null((await Store.Ingest.Write(Stranger, [new EventWrite { User = two.ToString(), Name = "login", At = Some.Now }], Some.Now, createContacts: false)).Results[0].Contact);
    }

    [Fact]
    public async Task The_time_of_the_last_change_is_the_one_given_else_that_of_the_write()
    {
        Instant theirs = new(638_000_000_000_000_000);
        Instant UpdatedAt() => Store.Contacts.FindByExternalId(Workspace, "u1")!.Contact.UpdatedAt!.Value;
        _ = await Ingest(new ContactWrite { ExternalId = "u1", UpdatedAt = theirs });
        Assert.Equal(theirs, UpdatedAt());
        _ = await Ingest(new ContactWrite { ExternalId = "u1", Name = "Ana" });
        Assert.Equal(Some.Now, UpdatedAt());
        _ = await Ingest(new ContactWrite { ExternalId = "u1", UpdatedAt = theirs });
        Assert.Equal(theirs, UpdatedAt());
    }

    [Fact]
    public async Task An_update_replaces_what_it_gives_merges_data_and_empties_what_it_clears()
    {
        _ = await Ingest(new ContactWrite { ExternalId = "u1", Email = "a@x.com", Name = "Ana", PhoneNumber = "1", CustomData = JsonElement.Parse("""{"plan":"pro","seats":3}"""), NonVerifiedCustomData = JsonElement.Parse("""{"plan":"fake"}""") });
        var receipt = await Ingest(new ContactWrite { ExternalId = "u1", Name = "Ann", CustomData = JsonElement.Parse("""{"plan":null,"seats":4,"city":"Rome"}"""), Cleared = ContactFields.PhoneNumber });
        Assert.Equal(IngestOutcome.Updated, receipt.Results[0].Outcome);

        var contact = Store.Contacts.FindByExternalId(Workspace, "u1")!.Contact;
        Assert.Equal(("Ann", "a@x.com", null), (contact.Name, contact.Email, contact.PhoneNumber));
        Assert.Equal("""{"seats":4,"city":"Rome"}""", contact.CustomData.GetRawText());
        Assert.Equal("""{"plan":"fake"}""", contact.NonVerifiedCustomData.GetRawText());
    }

    [Fact]
    public async Task Lists_and_sequences_are_replaced_whole_and_their_names_stay_known()
    {
        _ = await Ingest(new ContactWrite { ExternalId = "u1", Lists = ["press", "staff", "press"], Sequences = ["onboarding"] });
        _ = await Ingest(new ContactWrite { ExternalId = "u1", Name = "Ann" });
        var contact = Store.Contacts.FindByExternalId(Workspace, "u1")!.Contact;
        Assert.Equal(["press", "staff"], contact.Lists.AsEnumerable());
        Assert.Equal(["onboarding"], contact.Sequences.AsEnumerable());

        _ = await Ingest(new ContactWrite { ExternalId = "u1", Lists = [] });
        contact = Store.Contacts.FindByExternalId(Workspace, "u1")!.Contact;
        Assert.Empty(contact.Lists);
        Assert.Equal(["onboarding"], contact.Sequences.AsEnumerable());
        Assert.Equal(["press", "staff"], Store.Contacts.KnownLists(Workspace).Order(StringComparer.Ordinal));
        Assert.Equal(["onboarding"], Store.Contacts.KnownSequences(Workspace));
        Assert.Empty(Store.Contacts.KnownLists((await Store.Workspaces.Create("other", "UTC", Some.Now)).Id));
    }

    [Fact]
    public async Task The_history_of_traits_has_what_changed_and_since_when()
    {
        var (first, second, third) = (Some.Now, Some.Now.Plus(TimeSpan.FromDays(1)), Some.Now.Plus(TimeSpan.FromDays(2)));
        Task Set(Instant now, string traits, Instant? changedAt = null) =>
            Store.Ingest.Write(Workspace, [new ContactWrite { ExternalId = "u1", CustomData = JsonElement.Parse(traits), ChangedAt = changedAt }], now, createContacts: true);

        await Set(first, """{"plan":"free","seats":1,"gone":null}""");
        await Set(second, """{"plan":"free","seats":1.0}""");
        await Set(second, """{"plan":"pro","seats":1}""", changedAt: third);
        await Set(third, """{"plan":null,"seats":2,"gone":null}""", changedAt: new Instant(first.Ticks - 1));
        var contact = Store.Contacts.FindByExternalId(Workspace, "u1")!;
        Assert.Equal(
            [(first, """{"plan":"free","seats":1}"""), (second, """{"plan":"pro"}"""), (second, """{"plan":null,"seats":2}""")],
            Store.Events.OfContact(Workspace, contact.Number, [ContactEvent.Traits]).Select(static change => (change.At, change.Properties.GetRawText())));
        Assert.Empty(Store.Events.OfContact(Workspace, contact.Number));
        Assert.Empty(Store.Events.Names(Workspace));
    }

    [Fact]
    public async Task A_contact_is_found_by_any_identity_and_takes_the_others()
    {
        var first = (await Ingest(new ContactWrite { Email = "ana@x.com" })).Results[0].Contact;
        Assert.Equal(first, (await Ingest(new ContactWrite { ExternalId = "u1", Email = "ANA@x.com", PhoneNumber = "1" })).Results[0].Contact);
        Assert.Equal(first, (await Ingest(new ContactWrite { PhoneNumber = "1" })).Results[0].Contact);
        Assert.Equal(first, (await Ingest(new ContactWrite { Id = first, ExternalId = "renamed" })).Results[0].Contact);
        Assert.Equal(first, (await Ingest(new ContactWrite { ExternalId = "renamed" })).Results[0].Contact);
        Assert.Equal(first, Store.Contacts.FindByEmail(Workspace, "Ana@X.com")!.Contact.Id);
        Assert.Null(Store.Contacts.FindByExternalId(Workspace, "u1"));
        Assert.Equal(1, Store.Contacts.Count(Workspace));
    }

    [Fact]
    public async Task Identities_of_different_contacts_are_refused_and_nothing_of_the_item_is_stored()
    {
        var receipt = await Ingest(
            new ContactWrite { ExternalId = "u1", Email = "a@x.com" },
            new ContactWrite { ExternalId = "u2", Email = "b@x.com" },
            new ContactWrite { ExternalId = "u1", Email = "b@x.com", Name = "no", MessageId = "m1" },
            new ContactWrite { ExternalId = "u3", Email = "a@x.com", Name = "no" },
            new ContactWrite { Id = new(Guid.NewGuid()), ExternalId = "u1", Name = "no" },
            new ContactWrite { Name = "no" },
            new ContactWrite { ExternalId = "u4", MustExist = true },
            new ContactWrite { ExternalId = "u5", MessageId = "m1" });
        Assert.Equal("Created Created Refused Refused Refused Refused Refused Created", string.Join(' ', receipt.Results.Select(result => result.Outcome)));
        Assert.All(receipt.Results.Where(result => result.Outcome == IngestOutcome.Refused), result => Assert.NotEmpty(result.Reason!));
        Assert.Equal(3, Store.Contacts.Count(Workspace));
        Assert.DoesNotContain(Store.Contacts.Page(Workspace, 0, 10), stored => stored.Contact.Name == "no");
    }

    [Fact]
    public async Task A_phone_number_may_be_shared_but_then_names_nobody()
    {
        var receipt = await Ingest(new ContactWrite { ExternalId = "u1", PhoneNumber = "1" }, new ContactWrite { ExternalId = "u2", PhoneNumber = "1" }, new ContactWrite { PhoneNumber = "1" });
        Assert.Equal(IngestOutcome.Refused, receipt.Results[2].Outcome);
        Assert.Equal("several contacts have this phone number", receipt.Results[2].Reason);
    }

    [Fact]
    public async Task Events_keep_their_order_and_an_unknown_user_is_made_only_when_asked()
    {
        var refused = await Ingest(Event("new", "order"));
        Assert.Equal(IngestOutcome.Refused, refused.Results[0].Outcome);
        Assert.Equal(0, refused.Revision);

        var receipt = await Store.Ingest.Write(Workspace, [Event("new", "order", """{"value":1.10}"""), Event("new", "view"), Event("new", "order")], Some.Now, createContacts: true);
        Assert.Equal([true, false, false], receipt.Results.Select(result => result.CreatedContact));
        var contact = Store.Contacts.FindByExternalId(Workspace, "new")!;
        Assert.All(receipt.Results, result => Assert.Equal(contact.Contact.Id, result.Contact));
        var events = Store.Events.OfContact(Workspace, contact.Number);
        Assert.Equal(["order", "view", "order"], events.Select(stored => stored.Name));
        Assert.Equal("""{"value":1.10}""", events[0].Properties.GetRawText());
        Assert.Equal("{}", events[1].Properties.GetRawText());

        var byId = await Ingest(Event(contact.Contact.Id.ToString()!, "view"));
        Assert.Equal(contact.Contact.Id, byId.Results[0].Contact);
    }

    [Fact]
    public async Task A_user_is_who_has_the_external_id_when_the_write_has_its_turn_or_else_the_id()
    {
        var contact = (await Contacts("u1"))[0].Contact.Id!.Value;
        var id = contact.ToString();
        var deleting = Store.Contacts.Delete(Workspace, contact);
        var receipt = await Ingest(new ContactWrite { User = "u1", Name = "a" }, new ContactWrite { User = id, Name = "b" }, new ContactWrite { User = id, PhoneNumber = "1" });
        _ = await deleting;
        Assert.Equal("Created Created Updated", string.Join(' ', receipt.Results.Select(result => result.Outcome)));
        var made = Store.Contacts.FindByExternalId(Workspace, id)!.Contact;
        Assert.Equal(("b", "1"), (made.Name, made.PhoneNumber));
        Assert.NotEqual(contact, made.Id);

        // The id of one contact is the external id of another.
        var both = receipt.Results[0].Contact!.Value;
        receipt = await Ingest(new ContactWrite { User = both.ToString(), Email = "a@x.com" }, new ContactWrite { ExternalId = both.ToString() }, new ContactWrite { User = both.ToString(), Name = "c" });
        Assert.Equal(both, receipt.Results[0].Contact);
        Assert.NotEqual(both, receipt.Results[2].Contact);
        Assert.Equal(("u1", "a", "a@x.com"), Store.Contacts.Find(Workspace, both) is { Contact: var first } ? (first.ExternalId, first.Name, first.Email) : default);
    }

    [Fact]
    public async Task The_first_message_with_an_id_wins_within_and_across_batches_and_restarts()
    {
        _ = await Contacts("u1", "u2");
        var first = await Ingest(Event("u1", "a", id: "m1"), Event("u2", "b", id: "m1"), Event("nobody", "c", id: "m2"), Event("u1", "d", id: "m2"), Event("u1", "e", id: ""), Event("u1", "f", id: ""));
        Assert.Equal("Created Duplicate Refused Duplicate Created Created", string.Join(' ', first.Results.Select(result => result.Outcome)));
        Assert.Equal(IngestOutcome.Duplicate, (await Ingest(Event("u2", "g", id: "m1"))).Results[0].Outcome);
        Reopen();
        Assert.Equal(IngestOutcome.Duplicate, (await Ingest(new ContactWrite { ExternalId = "u1", MessageId = "m1" })).Results[0].Outcome);
        _ = await Store.Ingest.Write(Stranger, [Event("u1", "a", id: "m1")], Some.Now, createContacts: true);
        Assert.Single(Store.Events.OfContact(Stranger, Store.Contacts.FindByExternalId(Stranger, "u1")!.Number));
    }

    [Fact]
    public async Task What_was_settled_is_still_known_and_still_found()
    {
        var contacts = await Contacts("u1", "u2");
        const int Events = 50_000;
        for (var start = 0; start < Events; start += 5_000)
        {
            _ = await Ingest([.. Enumerable.Range(start, 5_000).Select(i => Event(i % 2 == 0 ? "u1" : "u2", "view", id: $"m{i}"))]);
        }

        var again = await Ingest([.. Enumerable.Range(0, Events).Select(i => Event("u1", "view", id: $"m{i}"))]);
        Assert.All(again.Results, result => Assert.Equal(IngestOutcome.Duplicate, result.Outcome));
        Reopen();
        _ = await Ingest(Event("u1", "late"));
        var events = Store.Events.OfContact(Workspace, contacts[0].Number);
        Assert.Equal((Events / 2) + 1, events.Count);
        Assert.Equal("late", events[^1].Name);
        Assert.Equal(events.Select(stored => stored.Number).Order(), events.Select(stored => stored.Number));
        _ = await Store.Contacts.Delete(Workspace, contacts[0].Contact.Id!.Value);
        Assert.Empty(Store.Events.OfContact(Workspace, contacts[0].Number));
        Assert.Equal(Events / 2, Store.Events.OfContact(Workspace, contacts[1].Number).Count);
        Reopen();
        _ = await Ingest(Event("u2", "after"));
        Assert.Equal("after", Store.Events.OfContact(Workspace, contacts[1].Number)[^1].Name);
    }

    [Fact]
    public async Task Writes_of_one_workspace_touch_no_other()
    {
        _ = await Ingest(new ContactWrite { ExternalId = "u1", Email = "a@x.com" });
        var theirs = await Store.Ingest.Write(Stranger, [new ContactWrite { ExternalId = "u1", Email = "a@x.com", Name = "theirs" }], Some.Now, createContacts: false);
        Assert.Equal(IngestOutcome.Created, theirs.Results[0].Outcome);
        Assert.Null(Store.Contacts.FindByExternalId(Workspace, "u1")!.Contact.Name);
        Assert.Null(Store.Contacts.Find(Workspace, theirs.Results[0].Contact!.Value));
    }

    private static EventWrite Event(string user, string name, string? properties = null, string? id = null) =>
        new() { User = user, Name = name, At = Some.Now, Properties = properties is null ? null : JsonElement.Parse(properties), MessageId = id };
}
