using System.Globalization;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <param name="Number">The contact's short name in this file; it is never given to another.</param>
public sealed record StoredContact(long Number, int Shard, Contact Contact)
{
    /// <summary>The workspace's revision after which it was last put on a list or taken off; 0 where it never was since it was made.</summary>
    internal long ListsChanged { get; init; }

    /// <summary>Whether it was put on a list or taken off since a revision.</summary>
    public bool IsListedSince(long revision) => ListsChanged > revision;
}

/// <param name="Revision">The workspace's revision that both are read at.</param>
/// <param name="Contact">The contact.</param>
/// <param name="Events">In the order of arrival.</param>
public sealed record ContactMoment(long Revision, StoredContact Contact, IReadOnlyList<StoredEvent> Events);

/// <summary>Bounds on a contact's times; each may be left open.</summary>
public sealed record ContactFilter(Instant? CreatedAfter = null, Instant? CreatedBefore = null, Instant? UpdatedAfter = null, Instant? UpdatedBefore = null);

/// <summary>Contacts as they are stored. They are written by <see cref="IngestStore"/>.</summary>
public sealed partial class ContactStore
{
    private const string Columns = "number, shard, id, external_id, email, phone_number, name, created_at, updated_at, last_seen_at, custom_data, non_verified_custom_data, lists, sequences, lists_changed";

    private static readonly Contact nobody = new();

    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;
    private readonly LogTruncation log;

    internal ContactStore(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer, LogTruncation log) => (this.workspaces, this.readers, this.writer, this.log) = (workspaces, readers, writer, log);

    public StoredContact? Find(WorkspaceId workspace, ContactId id) => One($"select {Columns} from contacts where workspace = ?1 and id = ?2", workspace, id.ToString());

    public StoredContact? FindByExternalId(WorkspaceId workspace, string externalId) => One($"select {Columns} from contacts where workspace = ?1 and external_id = ?2", workspace, externalId);

    /// <summary>By e-mail address, without regard to case; an address belongs to one contact at most.</summary>
    public StoredContact? FindByEmail(WorkspaceId workspace, string email) => One($"select {Columns} from contacts where workspace = ?1 and email_key = ?2", workspace, EmailKey(email));

    /// <summary>The id alone, at a fifth of the time.</summary>
    public ContactId? IdOfExternalId(WorkspaceId workspace, string externalId) => Id("select id from contacts where workspace = ?1 and external_id = ?2", workspace, externalId);

    /// <summary>As <see cref="FindByEmail"/>, the id alone.</summary>
    public ContactId? IdOfEmail(WorkspaceId workspace, string email) => Id("select id from contacts where workspace = ?1 and email_key = ?2", workspace, EmailKey(email));

    /// <summary>The number of each contact that is named, in order; null where there is none.</summary>
    public IReadOnlyList<long?> Numbers(WorkspaceId workspace, IEnumerable<ContactKey> keys)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session => keys.Select(key => Number(session, number, key)).ToList());
    }

    /// <summary>A contact with its events of some names, in the order of arrival, and the workspace's revision, all as of one moment; null where there is no such contact.</summary>
    public ContactMoment? Moment(WorkspaceId workspace, ContactId id, IReadOnlySet<string> events)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            using var owner = session.Prepare("select revision from workspaces where number = ?1").Set(1, number);
            var revision = owner.Step() ? owner.Integer(0) : 0;
            using var row = session.Prepare($"select {Columns} from contacts where workspace = ?1 and id = ?2").Set(1, number).Set(2, id.ToString());
            return row.Step() && Read(row) is var contact ? new ContactMoment(revision, contact, EventStore.OfContact(session, number, contact.Number, events.Contains)) : null;
        });
    }

    /// <summary>Those of the contacts that exist, in the order of their numbers.</summary>
    public IReadOnlyList<StoredContact> ByNumbers(WorkspaceId workspace, IEnumerable<long> numbers)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session => ByNumbers(session, number, numbers));
    }

    internal static List<StoredContact> ByNumbers(SqlSession session, long workspace, IEnumerable<long> numbers)
    {
        var found = new List<StoredContact>();
        foreach (var contact in numbers.Order())
        {
            using var statement = session.Prepare($"select {Columns} from contacts where number = ?2 and workspace = ?1").Set(1, workspace).Set(2, contact);
            if (statement.Step())
            {
                found.Add(Read(statement));
            }
        }

        return found;
    }

    /// <summary>A page of contacts in the order they were made, after the contact with a number.</summary>
    public IReadOnlyList<StoredContact> Page(WorkspaceId workspace, long after, int limit, ContactFilter? filter = null)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var statement = session.Prepare(
                $"""
                select {Columns} from contacts where workspace = ?1 and number > ?2
                and (?4 is null or created_at > ?4) and (?5 is null or created_at < ?5) and (?6 is null or updated_at > ?6) and (?7 is null or updated_at < ?7)
                order by number limit ?3
                """)
                .Set(1, number).Set(2, after).Set(3, limit)
                .Set(4, filter?.CreatedAfter).Set(5, filter?.CreatedBefore).Set(6, filter?.UpdatedAfter).Set(7, filter?.UpdatedBefore);
            var page = new List<StoredContact>();
            while (statement.Step())
            {
                page.Add(Read(statement));
            }

            return page;
        });
    }

    /// <summary>All contacts of a shard as of one moment, in the order they were made.</summary>
    public IEnumerable<StoredContact> Stream(WorkspaceId workspace, int shard)
    {
        var number = workspaces.Key(workspace).Number;
        return Rows();

        IEnumerable<StoredContact> Rows()
        {
            var session = readers.Rent();
            try
            {
                foreach (var contact in Stream(session, number, shard))
                {
                    yield return contact;
                }
            }
            finally
            {
                readers.Return(session);
            }
        }
    }

    internal static IEnumerable<StoredContact> Stream(SqlSession session, long workspace, int shard)
    {
        using var statement = session.Prepare($"select {Columns} from contacts where workspace = ?1 and shard = ?2 order by number").Set(1, workspace).Set(2, shard);
        while (statement.Step())
        {
            yield return Read(statement);
        }
    }

    /// <summary>All contacts of a shard by their numbers, with some parts of what is known of them and no other: of a long row with few wanted parts, that takes half the time.</summary>
    internal static IEnumerable<(long Number, Contact Parts)> Stream(SqlSession session, long workspace, int shard, ContactParts parts)
    {
        string Wanted(ContactParts part, string columns) => parts.HasFlag(part) ? columns : string.Join(", ", columns.Split(',').Select(static _ => "null"));
        using var rows = session.Prepare(
            $"""
            select number, {Wanted(ContactParts.BuiltIn, "id, external_id, email, phone_number, name, created_at, updated_at, last_seen_at")},
              {Wanted(ContactParts.CustomData, "custom_data")}, {Wanted(ContactParts.NonVerifiedCustomData, "non_verified_custom_data")}, {Wanted(ContactParts.Belongings, "lists, sequences")}
            from contacts where workspace = ?1 and shard = ?2 order by number
            """)
            .Set(1, workspace).Set(2, shard);
        while (rows.Step())
        {
            var contact = parts.HasFlag(ContactParts.BuiltIn)
                ? new Contact
                {
                    Id = new(Guid.Parse(rows.Bytes(1))), ExternalId = rows.Text(2), Email = rows.Text(3), PhoneNumber = rows.Text(4), Name = rows.Text(5),
                    CreatedAt = rows.InstantAt(6), UpdatedAt = rows.InstantAt(7), LastSeenAt = rows.InstantOrNull(8),
                }
                : nobody;
            yield return (rows.Integer(0), contact with
            {
                CustomData = parts.HasFlag(ContactParts.CustomData) ? StoredJson.Read(rows.Bytes(9)) : JsonData.EmptyObject,
                NonVerifiedCustomData = parts.HasFlag(ContactParts.NonVerifiedCustomData) ? StoredJson.Read(rows.Bytes(10)) : JsonData.EmptyObject,
                Lists = parts.HasFlag(ContactParts.Belongings) ? StoredJson.ReadTexts(rows.Bytes(11)) : [],
                Sequences = parts.HasFlag(ContactParts.Belongings) ? StoredJson.ReadTexts(rows.Bytes(12)) : [],
            });
        }
    }

    /// <summary>The numbers and ids of all contacts of a shard as of one moment, in the order they were made.</summary>
    public IEnumerable<(long Number, ContactId Id)> StreamIds(WorkspaceId workspace, int shard)
    {
        var number = workspaces.Key(workspace).Number;
        return Rows();

        IEnumerable<(long, ContactId)> Rows()
        {
            var session = readers.Rent();
            try
            {
                using var rows = session.Prepare("select number, id from contacts where workspace = ?1 and shard = ?2 order by number").Set(1, number).Set(2, shard);
                while (rows.Step())
                {
                    yield return (rows.Integer(0), new(Guid.Parse(rows.Bytes(1))));
                }
            }
            finally
            {
                readers.Return(session);
            }
        }
    }

    /// <summary>The ids of all lists, or of all sequences, that any contact of the workspace was ever said to be on.</summary>
    public IReadOnlySet<string> KnownLists(WorkspaceId workspace) => Belongings(workspace, BelongingNames.Lists);

    /// <inheritdoc cref="KnownLists"/>
    public IReadOnlySet<string> KnownSequences(WorkspaceId workspace) => Belongings(workspace, BelongingNames.Sequences);

    public long Count(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var statement = session.Prepare("select count(*) from contacts where workspace = ?1").Set(1, number);
            _ = statement.Step();
            return statement.Integer(0);
        });
    }

    /// <summary>
    /// Removes a contact with its events, memberships and history from the file, and soon from its log, and leaves a mark so that whoever keeps memberships forgets it too. The message ids stay, so that a message
    /// sent again does not bring it back. Answers with the revision; null when there is no such contact.
    /// </summary>
    /// <param name="workspace">Whose.</param>
    /// <param name="id">Which.</param>
    /// <param name="suppressAt">When it was asked that the contact never comes back under any of its names; null where it may.</param>
    /// <param name="cancel">Helps until its turn comes.</param>
    public async Task<long?> Delete(WorkspaceId workspace, ContactId id, Instant? suppressAt = null, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        var revision = await writer.Run(tx => Delete(tx, number, id, suppressAt), cancel).ConfigureAwait(false);
        if (revision is not null)
        {
            log.Want();
        }

        return revision;
    }

    private static long? Delete(WriteTransaction tx, long workspace, ContactId id, Instant? suppressAt)
    {
        long contact;
        int shard;
        List<ContactKey> names = [new ContactKey.Id(id)];
        using (var find = tx.Prepare("select number, shard, external_id, email from contacts where workspace = ?1 and id = ?2").Set(1, workspace).Set(2, id.ToString()))
        {
            if (!find.Step())
            {
                return null;
            }

            (contact, shard) = (find.Integer(0), (int)find.Integer(1));
            names.AddRange(find.Text(2) is { } externalId ? [new ContactKey.ExternalId(externalId)] : []);
            names.AddRange(find.Text(3) is { } email ? [new ContactKey.Email(email)] : []);
        }

        if (suppressAt is { } at)
        {
            Suppression.Add(tx, workspace, names, at);
        }

        string[] deletes =
        [
            "delete from events where number in (select number from events_by_contact where contact_no = ?1)",
            "delete from events where number > (select event_number from settled) and contact_no = ?1",
            "delete from events_by_contact where contact_no = ?1",
            "delete from contacts where number = ?1",
        ];
        foreach (var sql in deletes)
        {
            using var delete = tx.Prepare(sql).Set(1, contact);
            _ = delete.Run();
        }

        MembershipWriter.Forget(tx, workspace, contact);
        tx.Users.Clear();
        var revision = tx.Revise(workspace);
        DirtyContacts.Mark(tx, workspace, shard, contact, revision);
        return revision;
    }

    internal static string EmailKey(string email) => email.ToUpperInvariant();

    private HashSet<string> Belongings(WorkspaceId workspace, string kind)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var statement = session.Prepare("select name from belonging_names where workspace = ?1 and kind = ?2").Set(1, number).Set(2, kind);
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (statement.Step())
            {
                names.Add(statement.Text(0)!);
            }

            return names;
        });
    }

    private static long? Number(SqlSession session, long workspace, ContactKey key)
    {
        var (column, value) = key switch
        {
            ContactKey.Id id => ("id", id.Value.ToString()),
            ContactKey.ExternalId id => ("external_id", id.Value),
            ContactKey.Email email => ("email_key", EmailKey(email.Value)),
            _ => throw new ArgumentException($"{key.GetType().Name} names no contact", nameof(key)),
        };
        using var row = session.Prepare($"select number from contacts where workspace = ?1 and {column} = ?2").Set(1, workspace).Set(2, value);
        return row.Step() ? row.Integer(0) : null;
    }

    private ContactId? Id(string sql, WorkspaceId workspace, string key)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var row = session.Prepare(sql).Set(1, number).Set(2, key);
            return row.Step() ? new ContactId(Guid.Parse(row.Text(0)!)) : (ContactId?)null;
        });
    }

    private StoredContact? One(string sql, WorkspaceId workspace, string key)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var statement = session.Prepare(sql).Set(1, number).Set(2, key);
            return statement.Step() ? Read(statement) : null;
        });
    }

    private static StoredContact Read(Statement row) => new(row.Integer(0), (int)row.Integer(1), new()
    {
        Id = new(Guid.Parse(row.Text(2)!, CultureInfo.InvariantCulture)),
        ExternalId = row.Text(3),
        Email = row.Text(4),
        PhoneNumber = row.Text(5),
        Name = row.Text(6),
        CreatedAt = row.InstantAt(7),
        UpdatedAt = row.InstantAt(8),
        LastSeenAt = row.InstantOrNull(9),
        CustomData = StoredJson.Read(row.Bytes(10)),
        NonVerifiedCustomData = StoredJson.Read(row.Bytes(11)),
        Lists = StoredJson.ReadTexts(row.Bytes(12)),
        Sequences = StoredJson.ReadTexts(row.Bytes(13)),
    })
    {
        ListsChanged = row.Integer(14),
    };
}

/// <summary>What <c>belonging_names</c> tells apart.</summary>
internal static class BelongingNames
{
    public const string Lists = "list";
    public const string Sequences = "sequence";
}
