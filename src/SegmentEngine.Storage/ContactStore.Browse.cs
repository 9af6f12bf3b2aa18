namespace SegmentEngine.Storage;

/// <summary>What a contact is known by and an index holds in order.</summary>
public enum IndexedName
{
    Id,
    ExternalId,

    /// <summary>Without regard to case.</summary>
    Email,
    PhoneNumber,
}

/// <summary>What is read of all contacts, one after the other.</summary>
public enum ReadColumn
{
    CustomData,
    Name,
    PhoneNumber,
}

/// <param name="number">The contact's.</param>
/// <param name="value">UTF-8, to be read before the next one comes.</param>
public delegate void ColumnValue(long number, ReadOnlySpan<byte> value);

/// <summary>The names of a contact as they are stored.</summary>
public readonly record struct StoredNames(long Number, string? ExternalId, string? PhoneNumber, string? Name);

/// <summary>For people who look at contacts. Each call does a bounded piece of work, so that no read holds an old state of the file for long.</summary>
public sealed partial class ContactStore
{
    /// <summary>A sample is taken in so many stretches, so that it holds old contacts and new ones.</summary>
    private const int Stretches = 200;

    private const string AfterAnyLetter = "\U0010FFFF";

    /// <summary>A page of contacts against the order they were made, before the contact with a number.</summary>
    public IReadOnlyList<StoredContact> PageBack(WorkspaceId workspace, long before, int limit)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var statement = session.Prepare($"select {Columns} from contacts where workspace = ?1 and number < ?2 order by number desc limit ?3").Set(1, number).Set(2, before).Set(3, limit);
            return All(statement);
        });
    }

    /// <summary>All contacts where there are no more than a number of them; else about so many from evenly spread places in the order they were made.</summary>
    public IReadOnlyList<StoredContact> Sample(WorkspaceId workspace, int max)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            using var beyond = session.Prepare("select 1 from contacts where workspace = ?1 limit 1 offset ?2").Set(1, number).Set(2, max);
            if (!beyond.Step())
            {
                using var all = session.Prepare($"select {Columns} from contacts where workspace = ?1 order by number").Set(1, number);
                return All(all);
            }

            using var ends = session.Prepare("select (select min(number) from contacts where workspace = ?1), (select max(number) from contacts where workspace = ?1)").Set(1, number);
            _ = ends.Step();
            var (first, last) = (ends.Integer(0), ends.Integer(1));
            var sample = new List<StoredContact>(max);
            for (var i = 0; i < Stretches; i++)
            {
                var start = first + ((last - first) * i / Stretches);
                using var statement = session.Prepare($"select {Columns} from contacts where workspace = ?1 and number >= ?2 order by number limit ?3")
                    .Set(1, number).Set(2, sample is [.., var newest] && newest.Number >= start ? newest.Number + 1 : start).Set(3, max / Stretches);
                sample.AddRange(All(statement));
            }

            return sample;
        });
    }

    /// <summary>Reads one column of up to <paramref name="limit"/> contacts after a number, empty ones left out; answers with the last one's number, null where there is none further.</summary>
    public long? Read(WorkspaceId workspace, ReadColumn column, long after, int limit, ColumnValue take)
    {
        var number = workspaces.Key(workspace).Number;
        var sql = column switch
        {
            ReadColumn.CustomData => "select number, custom_data from contacts where workspace = ?1 and number > ?2 order by number limit ?3",
            ReadColumn.Name => "select number, name from contacts where workspace = ?1 and number > ?2 order by number limit ?3",
            ReadColumn.PhoneNumber => "select number, phone_number from contacts where workspace = ?1 and number > ?2 order by number limit ?3",
            _ => throw new ArgumentOutOfRangeException(nameof(column), column, "no such column"),
        };
        return readers.Read(session =>
        {
            using var rows = session.Prepare(sql).Set(1, number).Set(2, after).Set(3, limit);
            long? last = null;
            while (rows.Step())
            {
                last = rows.Integer(0);
                if (!rows.IsNull(1))
                {
                    take(last.Value, rows.Bytes(1));
                }
            }

            return last;
        });
    }

    /// <summary>Contacts with a name that begins with a text, in the order of that name. External ids and phone numbers are compared letter by letter.</summary>
    public IReadOnlyList<StoredContact> BeginningWith(WorkspaceId workspace, IndexedName name, string text, int limit)
    {
        var number = workspaces.Key(workspace).Number;
        var column = name switch
        {
            IndexedName.Id => "id",
            IndexedName.ExternalId => "external_id",
            IndexedName.Email => "email_key",
            IndexedName.PhoneNumber => "phone_number",
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such name"),
        };
        var from = name switch
        {
            IndexedName.Email => EmailKey(text),
            IndexedName.Id => text.ToLowerInvariant(),
            _ => text,
        };
        return readers.Read(session =>
        {
            using var statement = session.Prepare($"select {Columns} from contacts where workspace = ?1 and {column} >= ?2 and {column} < ?3 order by {column} limit ?4")
                .Set(1, number).Set(2, from).Set(3, from + AfterAnyLetter).Set(4, limit);
            return All(statement);
        });
    }

    /// <summary>The names of up to <paramref name="limit"/> contacts before a number, newest first, for what no index holds.</summary>
    public IReadOnlyList<StoredNames> Names(WorkspaceId workspace, long before, int limit)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var rows = session.Prepare("select number, external_id, phone_number, name from contacts where workspace = ?1 and number < ?2 order by number desc limit ?3").Set(1, number).Set(2, before).Set(3, limit);
            var names = new List<StoredNames>();
            while (rows.Step())
            {
                names.Add(new(rows.Integer(0), rows.Text(1), rows.Text(2), rows.Text(3)));
            }

            return names;
        });
    }

    private static List<StoredContact> All(Statement rows)
    {
        var contacts = new List<StoredContact>();
        while (rows.Step())
        {
            contacts.Add(Read(rows));
        }

        return contacts;
    }
}
