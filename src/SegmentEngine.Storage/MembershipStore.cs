using Dapper;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>A membership row, by numbers.</summary>
public readonly record struct StoredMembership(long Segment, long Contact, Instant Since, long Revision);

/// <param name="Revision">The workspace's revision.</param>
/// <param name="Generations">The commits of all its shards.</param>
public readonly record struct WrittenLast(long Revision, long Generations);

/// <summary>A member by its outer names; <see cref="Number"/> is the cursor to the next page.</summary>
public sealed record Member(long Number, ContactId Contact, string? ExternalId, Instant Since);

/// <summary>The stored memberships: what a restart begins from, and what any SQL tool may read. Written by commits alone.</summary>
public sealed class MembershipStore
{
    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal MembershipStore(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer)
    {
        (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);
        History = new(workspaces, readers, writer);
    }

    public MembershipHistory History { get; }

    /// <summary>
    /// Writes what a recompute found: rows in and out, the change log, marks forgotten where unchanged, generations up. A segment that was deleted or archived meanwhile is passed over, and so is a computed
    /// revision that is no longer the published one. The workspace's revision does not move: nothing that came in has changed.
    /// Up to <see cref="StorageLimits.CommitRowsMax"/> rows are one transaction. More are several, so that other writes come in between; marks, generations and computed revisions are in the last of them, and until
    /// then the computed revision of a segment whose rule is new is 0. When one of several fails, those before it stand: whoever knew the rows must read them again.
    /// </summary>
    /// <exception cref="StaleLeaseException">A lease went to another.</exception>
    public Task<MembershipCommitted> Commit(MembershipCommit commit, CancellationToken cancel = default) => MembershipWriter.Write(writer, workspaces.Key(commit.Workspace).Number, commit, cancel);

    /// <summary>What was written last in a workspace, by whoever: another as soon as anything that rows depend on, or a row, is written.</summary>
    public WrittenLast WrittenLast(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session => WrittenLast(session, number));
    }

    /// <summary>Makes rows of one contact what they should be, and marks it, so that it is evaluated again. Nothing where anything was written since it was looked at; nothing for a segment that is not published.</summary>
    public Task<bool> Mend(WorkspaceId workspace, StoredContact contact, IReadOnlyList<(long Segment, bool IsMember)> rows, WrittenLast seen, Instant now, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                if (WrittenLast(tx.Session, number) != seen)
                {
                    return false;
                }

                var revision = tx.Revise(number);
                foreach (var (segment, isMember) in rows)
                {
                    using var row = isMember
                        ? tx.Prepare("insert or ignore into memberships (segment_no, contact_no, since, revision) select number, ?3, ?4, ?5 from segments where workspace = ?1 and number = ?2 and status = 'published'").Set(4, now.Ticks).Set(5, revision)
                        : tx.Prepare("delete from memberships where segment_no = (select number from segments where workspace = ?1 and number = ?2) and contact_no = ?3");
                    _ = row.Set(1, number).Set(2, segment).Set(3, contact.Number).Run();
                }

                DirtyContacts.Mark(tx, number, contact.Shard, contact.Number, revision);
                return true;
            },
            cancel);
    }

    /// <summary>All memberships of a workspace as of one moment, ordered by segment, then contact.</summary>
    public IEnumerable<StoredMembership> Stream(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return Rows();

        IEnumerable<StoredMembership> Rows()
        {
            var session = readers.Rent();
            try
            {
                using var rows = session.Prepare(
                    """
                    select segment_no, contact_no, since, memberships.revision from segments cross join memberships on memberships.segment_no = segments.number
                    where segments.workspace = ?1 order by segments.number, contact_no
                    """).Set(1, number);
                while (rows.Step())
                {
                    yield return new(rows.Integer(0), rows.Integer(1), rows.InstantAt(2), rows.Integer(3));
                }
            }
            finally
            {
                readers.Return(session);
            }
        }
    }

    /// <summary>The numbers of all members as of one moment, a segment at a time, in ascending order of both.</summary>
    public IEnumerable<(long Segment, IReadOnlyList<long> Contacts)> BySegment(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return Segments();

        IEnumerable<(long, IReadOnlyList<long>)> Segments()
        {
            var session = readers.Rent();
            try
            {
                using var rows = session.Prepare(
                    "select segment_no, contact_no from segments cross join memberships on memberships.segment_no = segments.number where segments.workspace = ?1 order by segments.number, contact_no")
                    .Set(1, number);
                var (segment, contacts) = (0L, new List<long>());
                while (rows.Step())
                {
                    if (rows.Integer(0) != segment && contacts.Count > 0)
                    {
                        yield return (segment, contacts);
                        contacts = [];
                    }

                    segment = rows.Integer(0);
                    contacts.Add(rows.Integer(1));
                }

                if (contacts.Count > 0)
                {
                    yield return (segment, contacts);
                }
            }
            finally
            {
                readers.Return(session);
            }
        }
    }

    /// <summary>A page of a segment's members in the order of their numbers, after the contact with a number.</summary>
    public IReadOnlyList<Member> Members(WorkspaceId workspace, SegmentId segment, long after, int limit)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session => session.Connection.Query<MemberRow>(
            """
            select contacts.number, contacts.id, contacts.external_id, memberships.since from segments
            cross join memberships on memberships.segment_no = segments.number
            join contacts on contacts.number = memberships.contact_no
            where segments.workspace = @number and segments.id = @id and memberships.contact_no > @after order by memberships.contact_no limit @limit
            """,
            new { number, id = segment.ToString(), after, limit }))
            .Select(row => new Member(row.Number, new(Guid.Parse(row.Id)), row.External_Id, new(row.Since)))
            .ToList();
    }

    /// <summary>Since when a contact is a member of a segment, both by number; null where it is none.</summary>
    public Instant? Since(long segment, long contact) => readers.Read<Instant?>(session => Since(session, segment, contact));

    /// <summary>Since when some contacts are members of a segment, all by number; those that are not are left out.</summary>
    public IReadOnlyDictionary<long, Instant> Since(long segment, IReadOnlyCollection<long> contacts) => readers.Read(session =>
    {
        var since = new Dictionary<long, Instant>(contacts.Count);
        foreach (var contact in contacts)
        {
            if (Since(session, segment, contact) is { } at)
            {
                since[contact] = at;
            }
        }

        return since;
    });

    /// <summary>How many members a segment has, counted in the rows.</summary>
    public long Count(WorkspaceId workspace, SegmentId segment)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session => session.Connection.ExecuteScalar<long>(
            "select count(*) from memberships where segment_no = (select number from segments where workspace = @number and id = @id)", new { number, id = segment.ToString() }));
    }

    private static Instant? Since(SqlSession session, long segment, long contact)
    {
        using var row = session.Prepare("select since from memberships where segment_no = ?1 and contact_no = ?2").Set(1, segment).Set(2, contact);
        return row.Step() ? row.InstantAt(0) : null;
    }

    private static WrittenLast WrittenLast(SqlSession session, long workspace)
    {
        using var last = session.Prepare("select revision, (select sum(generation) from shards where workspace = ?1) from workspaces where number = ?1").Set(1, workspace);
        return last.Step() ? new(last.Integer(0), last.Integer(1)) : default;
    }

    private sealed record MemberRow(long Number, string Id, string? External_Id, long Since);
}
