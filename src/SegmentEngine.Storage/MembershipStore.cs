using Dapper;
using SegmentEngine.Contacts;
using SegmentEngine.Storage.Schema;

namespace SegmentEngine.Storage;

/// <summary>A membership row, by numbers.</summary>
public readonly record struct StoredMembership(long Segment, long Contact, Instant Since, long Revision);

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
        History = new(workspaces, readers);
    }

    public MembershipHistory History { get; }

    /// <summary>
    /// Writes what a recompute found: rows in and out, the change log, marks forgotten where unchanged, generations up. A segment that was deleted or archived meanwhile is passed over, and so is a computed
    /// revision that is no longer the published one. The workspace's revision does not move: nothing that came in has changed.
    /// </summary>
    /// <exception cref="StaleLeaseException">A lease went to another; nothing was written.</exception>
    public Task<MembershipCommitted> Commit(MembershipCommit commit, CancellationToken cancel = default)
    {
        var workspace = workspaces.Key(commit.Workspace).Number;
        return writer.Run(
            tx =>
            {
                var generations = commit.Leases.Select(lease => Advance(tx, workspace, lease, commit)).ToList();
                Write(tx, commit, commit.Deltas.Where(delta => IsPublished(tx, workspace, delta.Segment)).ToList());

                foreach (var handled in commit.Handled)
                {
                    RemoveDeleted(tx, handled.Contacts);
                    DirtyContacts.Forget(tx, workspace, handled.Shard, handled.Contacts);
                }

                foreach (var (segment, revision) in commit.Computed)
                {
                    using var computed = tx.Prepare("update segments set computed_revision = ?3, evaluated_at = ?4 where workspace = ?1 and number = ?2 and published_revision = ?3 and status = 'published'")
                        .Set(1, workspace).Set(2, segment).Set(3, revision).Set(4, commit.At.Ticks);
                    _ = computed.Run();
                }

                return new MembershipCommitted(generations);
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

    /// <summary>Since when some contacts are members of a segment, all by number; those that are not are left out.</summary>
    public IReadOnlyDictionary<long, Instant> Since(long segment, IReadOnlyCollection<long> contacts) => readers.Read(session =>
    {
        var since = new Dictionary<long, Instant>(contacts.Count);
        foreach (var contact in contacts)
        {
            using var row = session.Prepare("select since from memberships where segment_no = ?1 and contact_no = ?2").Set(1, segment).Set(2, contact);
            if (row.Step())
            {
                since[contact] = row.InstantAt(0);
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

    private static long Advance(WriteTransaction tx, long workspace, ShardLease lease, MembershipCommit commit)
    {
        using var advance = tx.Prepare(
            """
            update shards set generation = generation + 1, revision = max(revision, ?4), evaluated_at = ?5
            where workspace = ?1 and shard = ?2 and lease_epoch = ?3 and lease_owner is not null returning generation
            """).Set(1, workspace).Set(2, lease.Shard).Set(3, lease.Epoch).Set(4, commit.Revision).Set(5, commit.At.Ticks);
        if (lease.Workspace == commit.Workspace && advance.Step())
        {
            return advance.Integer(0);
        }

        using var current = tx.Prepare("select lease_epoch from shards where workspace = ?1 and shard = ?2").Set(1, workspace).Set(2, lease.Shard);
        throw new StaleLeaseException(lease.Shard, lease.Epoch, current.Step() ? current.Integer(0) : 0);
    }

    private static void Write(WriteTransaction tx, MembershipCommit commit, List<SegmentDelta> deltas)
    {
        var bulk = IsBulk(tx, deltas.Sum(delta => (long)delta.Entered.Count));
        if (bulk)
        {
            tx.Session.Execute(HotTables.DropMembershipsByContact);
        }

        // A segment at a time over all its shards, ascending, so that rows go into the tree page by page.
        var log = new MembershipChangeLog(tx, commit.At, commit.Revision);
        foreach (var of in deltas.GroupBy(static delta => (delta.Segment, delta.Cause)))
        {
            var left = ContactNumbers.Ascending(of.Select(static delta => delta.Left));
            var entered = ContactNumbers.Ascending(of.Select(static delta => delta.Entered));
            Remove(tx, of.Key.Segment, left);
            Add(tx, of.Key.Segment, entered, commit);
            log.Add(of.Key.Segment, of.Key.Cause, entered, left);
        }

        if (bulk)
        {
            tx.Session.Execute(HotTables.MembershipsByContact);
        }
    }

    /// <summary>Whether so many rows enter that the index by contact is cheaper to write anew.</summary>
    private static bool IsBulk(WriteTransaction tx, long entered)
    {
        using var stored = tx.Prepare("select count(*) from (select 1 from memberships limit ?1)").Set(1, entered + 1);
        return entered >= StorageLimits.BulkRowsMin && stored.Step() && stored.Integer(0) <= entered;
    }

    private static bool IsPublished(WriteTransaction tx, long workspace, long segment)
    {
        using var find = tx.Prepare("select 1 from segments where number = ?2 and workspace = ?1 and status = 'published'").Set(1, workspace).Set(2, segment);
        return find.Step();
    }

    private static void Add(WriteTransaction tx, long segment, long[] entered, MembershipCommit commit)
    {
        if (entered.Length <= StorageLimits.SingleRowsMax)
        {
            using var insert = tx.Prepare("insert or ignore into memberships (segment_no, contact_no, since, revision) values (?1, ?4, ?2, ?3)")
                .Set(1, segment).Set(2, commit.At.Ticks).Set(3, commit.Revision);
            foreach (var contact in entered)
            {
                _ = insert.Set(4, contact).Run();
            }

            return;
        }

        using var insertMany = tx.Prepare("insert or ignore into memberships (segment_no, contact_no, since, revision) select ?1, value, ?2, ?3 from numbers(?4)")
            .Set(1, segment).Set(2, commit.At.Ticks).Set(3, commit.Revision);
        foreach (var numbers in entered.Chunk(StorageLimits.NumbersPerBlob))
        {
            _ = insertMany.SetBlob(4, NumberTable.Blob(numbers)).Run();
        }
    }

    private static void Remove(WriteTransaction tx, long segment, long[] left)
    {
        if (left.Length <= StorageLimits.SingleRowsMax)
        {
            using var delete = tx.Prepare("delete from memberships where segment_no = ?1 and contact_no = ?2").Set(1, segment);
            foreach (var contact in left)
            {
                _ = delete.Set(2, contact).Run();
            }

            return;
        }

        using var deleteMany = tx.Prepare("delete from memberships where segment_no = ?1 and contact_no in (select value from numbers(?2))").Set(1, segment);
        foreach (var numbers in left.Chunk(StorageLimits.NumbersPerBlob))
        {
            _ = deleteMany.SetBlob(2, NumberTable.Blob(numbers)).Run();
        }
    }

    /// <summary>A contact deleted while a recompute ran may have entered again; its mark is handled after the deletion, and here it goes for good.</summary>
    private static void RemoveDeleted(WriteTransaction tx, IReadOnlyList<DirtyContact> handled)
    {
        var deleted = new List<long>();
        using var gone = tx.Prepare("select value from numbers(?1) where not exists (select 1 from contacts where number = value)")
            .SetBlob(1, NumberTable.Blob(handled.Select(static contact => contact.Contact).ToArray()));
        while (gone.Step())
        {
            deleted.Add(gone.Integer(0));
        }

        using var delete = tx.Prepare("delete from memberships where contact_no = ?1");
        using var forget = tx.Prepare("delete from membership_changes where contact_no = ?1");
        foreach (var contact in deleted)
        {
            _ = delete.Set(1, contact).Run();
            _ = forget.Set(1, contact).Run();
        }
    }

    private sealed record MemberRow(long Number, string Id, string? External_Id, long Since);
}
