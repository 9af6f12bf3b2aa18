using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <param name="Number">Grows with the order of arrival.</param>
/// <param name="Contact">The contact's number.</param>
public readonly record struct StoredEvent(long Number, long Contact, string Name, Instant At, JsonElement Properties);

/// <summary>Events as they are stored. They are written by <see cref="IngestStore"/>.</summary>
public sealed partial class EventStore
{
    private const string Shard = "select number, contact_no, at, properties from events where name_no = ?1 and shard = ?2 and number > ?3 order by number";

    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;

    internal EventStore(WorkspaceStore workspaces, ReaderPool readers) => (this.workspaces, this.readers) = (workspaces, readers);

    /// <summary>A shard's events with any of the names, as of one moment, in the order of arrival.</summary>
    public IEnumerable<StoredEvent> Stream(WorkspaceId workspace, int shard, IEnumerable<string> names) =>
        Stream(workspace, shard, names.Distinct(StringComparer.Ordinal).ToDictionary(static name => name, static _ => 0L, StringComparer.Ordinal));

    /// <summary>The same, of each name only the events after a number. The numbers are read when the first event is asked for, and may be changed from then on.</summary>
    public IEnumerable<StoredEvent> Stream(WorkspaceId workspace, int shard, IReadOnlyDictionary<string, long> after)
    {
        var number = workspaces.Key(workspace).Number;
        return Rows();

        IEnumerable<StoredEvent> Rows()
        {
            var session = readers.Rent();
            session.Execute("begin");
            try
            {
                foreach (var stored in Stream(session, number, shard, after))
                {
                    yield return stored;
                }
            }
            finally
            {
                session.Execute("commit");
                readers.Return(session);
            }
        }
    }

    /// <summary>Each name's events lie in order in the index; taking the least of the heads merges them without sorting.</summary>
    internal static IEnumerable<StoredEvent> Stream(SqlSession session, long workspace, int shard, IReadOnlyDictionary<string, long> after)
    {
        var cursors = new List<Statement>();
        try
        {
            var heads = new PriorityQueue<(Statement Cursor, string Name), long>();
            foreach (var (name, last) in after)
            {
                if (NameNumber(session, workspace, name) is { } nameNumber)
                {
                    // A cursor of its own, since a shared prepared statement can stand at one row only.
                    var cursor = new Statement(session.Connection.Handle!, Shard).Set(1, nameNumber).Set(2, shard).Set(3, last);
                    cursors.Add(cursor);
                    if (cursor.Step())
                    {
                        heads.Enqueue((cursor, name), cursor.Integer(0));
                    }
                }
            }

            while (heads.TryDequeue(out var head, out var eventNumber))
            {
                var (cursor, name) = head;
                yield return new(eventNumber, cursor.Integer(1), name, cursor.InstantAt(2), StoredJson.Read(cursor.Bytes(3)));
                if (cursor.Step())
                {
                    heads.Enqueue(head, cursor.Integer(0));
                }
            }
        }
        finally
        {
            cursors.ForEach(cursor => cursor.Close());
        }
    }

    /// <summary>A contact's events in the order of arrival; of any name, or of the names given. The history of its traits is asked for by <see cref="ContactEvent.Traits"/>.</summary>
    public IReadOnlyList<StoredEvent> OfContact(WorkspaceId workspace, long contact, IReadOnlyCollection<string>? names = null)
    {
        var number = workspaces.Key(workspace).Number;
        Func<string, bool> wanted = names?.ToHashSet(StringComparer.Ordinal) is { } named ? named.Contains : static name => name != ContactEvent.Traits;
        return readers.Read(session => OfContact(session, number, contact, wanted));
    }

    internal static List<StoredEvent> OfContact(SqlSession session, long workspace, long contact, Func<string, bool> wanted)
    {
        using var statement = session.Prepare(
            """
            select events.number, events.contact_no, events.at, events.properties, event_names.name
            from (
              select number from events_by_contact where contact_no = ?2
              union all
              select number from events where number > (select event_number from settled) and contact_no = ?2
            ) as found
            cross join events on events.number = found.number
            join event_names on event_names.number = events.name_no
            where event_names.workspace = ?1 order by events.number
            """).Set(1, workspace).Set(2, contact);
        var events = new List<StoredEvent>();
        while (statement.Step())
        {
            var name = statement.Text(4)!;
            if (wanted(name))
            {
                events.Add(new(statement.Integer(0), statement.Integer(1), name, statement.InstantAt(2), StoredJson.Read(statement.Bytes(3))));
            }
        }

        return events;
    }

    /// <summary>The names of all events a workspace ever received, in ordinal order; the history of traits is not among them.</summary>
    public IReadOnlyList<string> Names(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var statement = session.Prepare("select name from event_names where workspace = ?1 and name <> ?2 order by name").Set(1, number).Set(2, ContactEvent.Traits);
            var names = new List<string>();
            while (statement.Step())
            {
                names.Add(statement.Text(0)!);
            }

            return names;
        });
    }

    private static long? NameNumber(SqlSession session, long workspace, string name)
    {
        using var statement = session.Prepare("select number from event_names where workspace = ?1 and name = ?2").Set(1, workspace).Set(2, name);
        return statement.Step() ? statement.Integer(0) : null;
    }
}
