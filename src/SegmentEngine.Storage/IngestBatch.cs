using System.Globalization;
using System.Text;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>One batch on its way into the tables. Contacts it touches are marked once, at the end.</summary>
internal sealed class IngestBatch(WriteTransaction tx, WorkspaceKey workspace, Instant now, bool createContacts)
{
    private const string Suppressed = "the contact was deleted and is suppressed, so nothing is stored under its names; DELETE /manage/suppressions/{contact} lifts that";

    private readonly Dictionary<string, long> eventNames = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> touched = [];

    private long lastEvent;
    private bool? hasSuppressed;

    /// <summary>Whether the contact write at hand is about one that does not have its external id yet.</summary>
    private bool givesExternalId;

    public IngestResult Store(IngestItem item) => item switch
    {
        ContactWrite write => Store(write),
        EventWrite write => Store(write),
        _ => throw new ArgumentException($"{item.GetType().Name} is not stored", nameof(item)),
    };

    /// <summary>Leaves the marks and answers with the revision; without a touched contact it is the last one.</summary>
    public long Finish()
    {
        if (touched.Count == 0)
        {
            using var current = tx.Prepare("select revision from workspaces where number = ?1").Set(1, workspace.Number);
            return current.Step() ? current.Integer(0) : 0;
        }

        tx.Recent.Settle(lastEvent);
        var revision = tx.Revise(workspace.Number);
        foreach (var of in touched.GroupBy(static contact => contact.Value, static contact => contact.Key))
        {
            DirtyContacts.Mark(tx, workspace.Number, of.Key, [.. of.Order()], revision);
        }

        return revision;
    }

    private IngestResult Store(EventWrite write)
    {
        var found = FindUser(write.User);
        if (found is null && (IsSuppressed(new ContactKey.ExternalId(write.User)) || (Guid.TryParseExact(write.User, "D", out var id) && IsSuppressed(new ContactKey.Id(new(id))))))
        {
            return new(IngestOutcome.Refused, null, Reason: Suppressed);
        }

        if (found is null && !createContacts)
        {
            return TakeMessageId(write) ? new(IngestOutcome.Refused, null, Reason: $"no contact has the external id or id '{write.User}'") : new(IngestOutcome.Duplicate, null);
        }

        if (!TakeMessageId(write))
        {
            return new(IngestOutcome.Duplicate, null);
        }

        var contact = found ?? Insert(new() { ExternalId = write.User });
        Insert(contact, write.Name.IsNormalized(NormalizationForm.FormC) ? write.Name : write.Name.Normalize(NormalizationForm.FormC), write.At, write.Properties is { } properties ? StoredJson.Text(properties) : "{}"u8);
        touched[contact.Number] = contact.Shard;
        return new(IngestOutcome.Created, contact.Id, found is null);
    }

    private void Insert(KnownContact contact, string name, Instant at, ReadOnlySpan<byte> properties)
    {
        if (!eventNames.TryGetValue(name, out var nameNumber))
        {
            eventNames[name] = nameNumber = tx.EventName(workspace.Number, name);
        }

        lastEvent = tx.NextEventNumber();
        using var insert = tx.Prepare("insert into events (number, contact_no, name_no, shard, at, properties) values (?1, ?2, ?3, ?4, ?5, ?6)")
            .Set(1, lastEvent).Set(2, contact.Number).Set(3, nameNumber).Set(4, contact.Shard).Set(5, at.Ticks).SetText(6, properties);
        _ = insert.Run();
    }

    /// <summary>What has changed among the traits goes into their history; a repeated value does not.</summary>
    private void Remember(KnownContact contact, JsonElement before, JsonElement update, Instant at)
    {
        if (StoredJson.Changes(before, update) is { } changed)
        {
            Insert(contact, ContactEvent.Traits, at, changed);
        }
    }

    /// <summary>The ids as they are stored, noted as known to the workspace.</summary>
    private string Belonging(string kind, IReadOnlyCollection<string>? ids, IReadOnlyCollection<string>? unnoted = null)
    {
        foreach (var id in ids ?? [])
        {
            using var note = tx.Prepare("insert or ignore into belonging_names (workspace, kind, name) values (?1, ?2, ?3)").Set(1, workspace.Number).Set(2, kind).Set(3, id);
            _ = note.Run();
        }

        return StoredJson.Texts([.. ids ?? [], .. unnoted ?? []]);
    }

    private IngestResult Store(ContactWrite write)
    {
        if (!TakeMessageId(write))
        {
            return new(IngestOutcome.Duplicate, null);
        }

        write = write.User is { } user ? Named(write, user) : write;
        KnownContact? contact = null;
        if ((SuppressedIn(write) ?? Identify(write, out contact)) is { } refusal)
        {
            // It may be put right and sent again under the same id.
            if (!string.IsNullOrEmpty(write.MessageId))
            {
                tx.Recent.GiveBackMessageId(workspace.Number, write.MessageId);
            }

            return new(IngestOutcome.Refused, null, Reason: refusal);
        }

        if (contact is { } known)
        {
            Update(known, write);
        }

        var stored = contact ?? Insert(write);
        touched[stored.Number] = stored.Shard;
        return new(contact is null ? IngestOutcome.Created : IngestOutcome.Updated, stored.Id, contact is null);
    }

    /// <summary>Why a write cannot be taken, where it names somebody who was deleted for good.</summary>
    private string? SuppressedIn(ContactWrite write) =>
        (write.Id is { } id && IsSuppressed(new ContactKey.Id(id))) || (write.User is { } user && Guid.TryParseExact(user, "D", out var named) && IsSuppressed(new ContactKey.Id(new(named)))) || (write.ExternalId is { } externalId && IsSuppressed(new ContactKey.ExternalId(externalId))) || (write.Email is { } email && IsSuppressed(new ContactKey.Email(email)))
            ? Suppressed
            : null;

    private bool IsSuppressed(ContactKey name) => (hasSuppressed ??= Suppression.Any(tx, workspace.Number)) && Suppression.Has(tx, workspace.Number, name);

    /// <summary>A write about a user, with the name that the user is stored by.</summary>
    private ContactWrite Named(ContactWrite write, string user) => FindUser(user) is { } found && !HasExternalId(found, user) ? write with { Id = found.Id } : write with { ExternalId = user };

    /// <summary>Finds whom a write is about: a contact, or null for a new one. Answers with the reason if it cannot be told.</summary>
    private string? Identify(ContactWrite write, out KnownContact? contact)
    {
        var byId = write.Id is { } id ? FindById(id) : null;
        var byExternalId = write.ExternalId is { } externalId ? Find("select number, shard, id from contacts where workspace = ?1 and external_id = ?2", externalId) : null;
        var byEmail = write.Email is { } email ? Find("select number, shard, id from contacts where workspace = ?1 and email_key = ?2", ContactStore.EmailKey(email)) : null;
        contact = byId ?? byExternalId ?? byEmail;
        givesExternalId = write.ExternalId is not null && byExternalId is null;

        if (contact is not { } found)
        {
            return IdentifyByPhone(write, out contact);
        }

        if ((byExternalId is { } other && other.Number != found.Number) || (byEmail is { } third && third.Number != found.Number))
        {
            var names = new List<string>();
            AddName(names, "id", byId);
            AddName(names, "external id", byExternalId);
            AddName(names, "e-mail address", byEmail);
            return "the identities are different contacts: " + string.Join(", ", names);
        }

        if (write.Id is not null && byId is null)
        {
            return $"the {(byExternalId is null ? "e-mail address" : "external id")} is that of contact {found.Id}, and a contact's id never changes";
        }

        return byId is null && byExternalId is null && write.ExternalId is not null && HasExternalId(found)
            ? $"the e-mail address is that of contact {found.Id}, which has another external id"
            : null;
    }

    private string? IdentifyByPhone(ContactWrite write, out KnownContact? contact)
    {
        contact = null;
        if (write is { Id: null, ExternalId: null, Email: null })
        {
            if (write.PhoneNumber is null)
            {
                return "a contact needs an id, an external id, an e-mail address or a phone number";
            }

            using var byPhone = tx.Prepare("select number, shard, id from contacts where workspace = ?1 and phone_number = ?2 limit 2").Set(1, workspace.Number).Set(2, write.PhoneNumber);
            contact = byPhone.Step() ? Read(byPhone) : null;
            if (contact is not null && byPhone.Step())
            {
                contact = null;
                return "several contacts have this phone number";
            }
        }

        return contact is null && write.MustExist ? "no such contact" : null;
    }

    private KnownContact Insert(ContactWrite write)
    {
        var id = write.Id ?? NewId();
        var shard = ShardStore.Of(id, workspace.ShardCount);
        using var insert = tx.Prepare(
            """
            insert into contacts (workspace, shard, id, external_id, email, email_key, phone_number, name, created_at, updated_at, last_seen_at, custom_data, non_verified_custom_data, lists, sequences)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """)
            .Set(1, workspace.Number).Set(2, shard).Set(3, id.ToString()).Set(4, write.ExternalId)
            .Set(5, write.Email).Set(6, write.Email is { } email ? ContactStore.EmailKey(email) : null)
            .Set(7, write.PhoneNumber).Set(8, write.Name).Set(9, (write.CreatedAt ?? now).Ticks).Set(10, (write.UpdatedAt ?? now).Ticks).Set(11, write.LastSeenAt)
            .SetText(12, StoredJson.Merge(JsonData.EmptyObject, write.CustomData ?? JsonData.EmptyObject))
            .SetText(13, StoredJson.Merge(JsonData.EmptyObject, write.NonVerifiedCustomData ?? JsonData.EmptyObject))
            .Set(14, Belonging(BelongingNames.Lists, write.Lists)).Set(15, Belonging(BelongingNames.Sequences, write.Sequences));
        _ = insert.Run();
        var contact = new KnownContact(insert.LastNumber, shard, id);
        if (write.ExternalId is { } user)
        {
            tx.Users.Forget(workspace.Number, user);
        }

        if (write.CustomData is { } data)
        {
            Remember(contact, JsonData.EmptyObject, data, Earlier(write.ChangedAt ?? write.UpdatedAt ?? now, now));
        }

        return contact;
    }

    private void Update(KnownContact contact, ContactWrite write)
    {
        using var read = tx.Prepare("select custom_data, non_verified_custom_data, updated_at, lists from contacts where number = ?1").Set(1, contact.Number);
        _ = read.Step();
        var customData = StoredJson.Read(read.Bytes(0));
        var nonVerified = StoredJson.Read(read.Bytes(1));
        var lastUpdate = read.InstantAt(2);
        var ownLists = write.Lists is null ? [] : StoredJson.ReadTexts(read.Bytes(3)).Where(ListStore.IsReserved).ToList();

        // ?1 is the contact; each field is emptied, replaced or kept.
        using var update = tx.Prepare(
            """
            update contacts set
              external_id = case when ?2 & 1 then null else coalesce(?3, external_id) end,
              email = case when ?2 & 2 then null else coalesce(?4, email) end,
              email_key = case when ?2 & 2 then null else coalesce(?5, email_key) end,
              phone_number = case when ?2 & 4 then null else coalesce(?6, phone_number) end,
              name = case when ?2 & 8 then null else coalesce(?7, name) end,
              last_seen_at = case when ?2 & 16 then null else coalesce(?8, last_seen_at) end,
              created_at = coalesce(?9, created_at), updated_at = ?10, custom_data = ?11, non_verified_custom_data = ?12,
              lists = coalesce(?13, lists), sequences = coalesce(?14, sequences),
              lists_changed = case when coalesce(?13, lists) = lists then lists_changed else ?15 end
            where number = ?1
            """)
            .Set(1, contact.Number).Set(2, (long)write.Cleared).Set(3, write.ExternalId)
            .Set(4, write.Email).Set(5, write.Email is { } email ? ContactStore.EmailKey(email) : null)
            .Set(6, write.PhoneNumber).Set(7, write.Name).Set(8, write.LastSeenAt).Set(9, write.CreatedAt).Set(10, (write.UpdatedAt ?? now).Ticks)
            .SetText(11, write.CustomData is { } data ? StoredJson.Merge(customData, data) : StoredJson.Text(customData))
            .SetText(12, write.NonVerifiedCustomData is { } unverified ? StoredJson.Merge(nonVerified, unverified) : StoredJson.Text(nonVerified))
            .Set(13, write.Lists is { } lists ? Belonging(BelongingNames.Lists, lists, ownLists) : null)
            .Set(14, write.Sequences is { } sequences ? Belonging(BelongingNames.Sequences, sequences) : null)
            .Set(15, write.Lists is null ? 0 : tx.Revise(workspace.Number));
        _ = update.Run();
        if (write.Cleared.HasFlag(ContactFields.ExternalId) || givesExternalId)
        {
            tx.Users.Clear();
        }

        if (write.CustomData is { } changes)
        {
            var at = write.ChangedAt ?? write.UpdatedAt ?? now;
            Remember(contact, customData, changes, Earlier(at < lastUpdate ? lastUpdate : at, now));
        }
    }

    /// <summary>False if a message with the id was taken before.</summary>
    private bool TakeMessageId(IngestItem item) => string.IsNullOrEmpty(item.MessageId) || tx.Recent.TakeMessageId(workspace.Number, item.MessageId);

    private KnownContact? FindUser(string user)
    {
        if (tx.Users.Find(workspace.Number, user) is { } known)
        {
            return known;
        }

        var found = Find("select number, shard, id from contacts where workspace = ?1 and external_id = ?2", user)
            ?? (user.Length == 36 && Guid.TryParseExact(user, "D", out var id) ? FindById(new(id)) : null);
        if (found is { } contact)
        {
            tx.Users.Add(workspace.Number, user, contact);
        }

        return found;
    }

    private KnownContact? FindById(ContactId id) => Find("select number, shard, id from contacts where workspace = ?1 and id = ?2", id.ToString());

    private KnownContact? Find(string sql, string key)
    {
        using var find = tx.Prepare(sql).Set(1, workspace.Number).Set(2, key);
        return find.Step() ? Read(find) : null;
    }

    private bool HasExternalId(KnownContact contact)
    {
        using var find = tx.Prepare("select 1 from contacts where number = ?1 and external_id is not null").Set(1, contact.Number);
        return find.Step();
    }

    private bool HasExternalId(KnownContact contact, string externalId)
    {
        using var find = tx.Prepare("select 1 from contacts where number = ?1 and external_id = ?2").Set(1, contact.Number).Set(2, externalId);
        return find.Step();
    }

    private static Instant Earlier(Instant left, Instant right) => left < right ? left : right;

    private static KnownContact Read(Statement row) => new(row.Integer(0), (int)row.Integer(1), new(Guid.Parse(row.Text(2)!, CultureInfo.InvariantCulture)));

    private static void AddName(List<string> names, string identity, KnownContact? contact)
    {
        if (contact is { } known)
        {
            names.Add($"{identity} → {known.Id}");
        }
    }

    /// <summary>Ids that count up with time keep the index of ids compact.</summary>
    private ContactId NewId() => new(now.Ticks >= DateTime.UnixEpoch.Ticks ? Guid.CreateVersion7(now.ToDateTimeOffset()) : Guid.NewGuid());
}
