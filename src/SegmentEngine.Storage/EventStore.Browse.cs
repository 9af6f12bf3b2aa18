using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>For people who look at events. Each call does a bounded piece of work, so that no read holds an old state of the file for long.</summary>
public sealed partial class EventStore
{
    /// <summary>The number of the event that came in last, of any workspace; 0 where there is none.</summary>
    public long LastNumber() => readers.Read(static session => session.Number("select max(number) from events") ?? 0);

    /// <summary>Tells of a workspace's events whose numbers are greater than one and not greater than another; the history of traits is not among them.</summary>
    public void Read(WorkspaceId workspace, long after, long upTo, Action<string, Instant> take)
    {
        var number = workspaces.Key(workspace).Number;
        _ = readers.ReadTogether(session =>
        {
            var names = new Dictionary<long, string>();
            using (var known = session.Prepare("select number, name from event_names where workspace = ?1 and name <> ?2").Set(1, number).Set(2, ContactEvent.Traits))
            {
                while (known.Step())
                {
                    names[known.Integer(0)] = known.Text(1)!;
                }
            }

            using var rows = session.Prepare("select name_no, at from events where number > ?1 and number <= ?2 order by number").Set(1, after).Set(2, upTo);
            while (rows.Step())
            {
                if (names.TryGetValue(rows.Integer(0), out var name))
                {
                    take(name, rows.InstantAt(1));
                }
            }

            return names.Count;
        });
    }

    /// <summary>The events of a name that came in last, newest first: up to so many, of up to so many bytes of properties.</summary>
    public IReadOnlyList<StoredEvent> Recent(WorkspaceId workspace, string name, int max, long bytesMax)
    {
        var key = workspaces.Key(workspace);
        return readers.ReadTogether(session =>
        {
            var events = new List<StoredEvent>();
            if (NameNumber(session, key.Number, name) is not { } nameNumber)
            {
                return events;
            }

            for (var shard = 0; shard < key.ShardCount; shard++)
            {
                var bytesLeft = bytesMax / key.ShardCount;
                using var rows = session.Prepare("select number, contact_no, at, properties from events where name_no = ?1 and shard = ?2 order by number desc limit ?3").Set(1, nameNumber).Set(2, shard).Set(3, max);
                while (bytesLeft > 0 && rows.Step())
                {
                    bytesLeft -= rows.Bytes(3).Length;
                    events.Add(new(rows.Integer(0), rows.Integer(1), name, rows.InstantAt(2), StoredJson.Read(rows.Bytes(3))));
                }
            }

            events.Sort(static (left, right) => right.Number.CompareTo(left.Number));
            return events.Count > max ? events[..max] : events;
        });
    }

    /// <summary>
    /// A contact's events newest first by their own account, before one of them; the history of traits is not among them. Of a contact with more than <paramref name="consideredMax"/> events, only those that came in
    /// last are looked at.
    /// </summary>
    public IReadOnlyList<StoredEvent> PageBack(WorkspaceId workspace, long contact, (Instant At, long Number)? before, int limit, int consideredMax)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            using var rows = session.Prepare(
                """
                select events.number, events.contact_no, events.at, events.properties, event_names.name
                from (
                  select number from (select number from events_by_contact where contact_no = ?2 order by number desc limit ?3)
                  union all
                  select number from (select number from events where number > (select event_number from settled) and contact_no = ?2 order by number desc limit ?3)
                ) as found
                cross join events on events.number = found.number
                join event_names on event_names.number = events.name_no
                where event_names.workspace = ?1 and event_names.name <> ?4 and (events.at < ?5 or (events.at = ?5 and events.number < ?6))
                order by events.at desc, events.number desc limit ?7
                """)
                .Set(1, number).Set(2, contact).Set(3, consideredMax).Set(4, ContactEvent.Traits)
                .Set(5, before?.At.Ticks ?? long.MaxValue).Set(6, before?.Number ?? long.MaxValue).Set(7, limit);
            var events = new List<StoredEvent>();
            while (rows.Step())
            {
                events.Add(new(rows.Integer(0), rows.Integer(1), rows.Text(4)!, rows.InstantAt(2), StoredJson.Read(rows.Bytes(3))));
            }

            return events;
        });
    }

    /// <summary>When the event of a name that came in last happened, by its own account; null where there is none.</summary>
    public Instant? LastOf(WorkspaceId workspace, string name)
    {
        var key = workspaces.Key(workspace);
        return readers.ReadTogether(session =>
        {
            Instant? last = null;
            if (NameNumber(session, key.Number, name) is { } nameNumber)
            {
                for (var shard = 0; shard < key.ShardCount; shard++)
                {
                    using var row = session.Prepare("select at from events where name_no = ?1 and shard = ?2 order by number desc limit 1").Set(1, nameNumber).Set(2, shard);
                    last = row.Step() && row.InstantAt(0) is var at && !(at < last) ? at : last;
                }
            }

            return last;
        });
    }
}
