namespace SegmentEngine.Storage;

/// <summary>A contact whose memberships may be out of date. The mark is the revision of its last change and is forgotten only if it is unchanged when the result is committed.</summary>
public readonly record struct DirtyContact(long Contact, long Mark);

/// <param name="Contacts">Those that wait longest first; a contact among them may be deleted.</param>
/// <param name="Revision">The workspace's revision up to which a commit that handles this batch reflects the shard's data.</param>
/// <param name="More">More are waiting.</param>
public sealed record DirtyBatch(IReadOnlyList<DirtyContact> Contacts, long Revision, bool More);

/// <summary>The marks that contact and event writes leave, in their own transaction, for whoever keeps memberships.</summary>
public sealed class DirtyContacts
{
    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal DirtyContacts(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    /// <summary>Up to <paramref name="max"/> marks of a shard. They stay until a membership commit handles them, so contacts must be read after this, not before.</summary>
    public DirtyBatch Take(WorkspaceId workspace, int shard, int max)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session => Take(session, number, shard, max));
    }

    internal static DirtyBatch Take(SqlSession session, long workspace, int shard, int max)
    {
        using var revision = session.Prepare("select revision from workspaces where number = ?1").Set(1, workspace);
        _ = revision.Step();
        var contacts = new List<DirtyContact>();
        long? waiting = null;
        using var marks = session.Prepare("select contact_no, mark, first_mark from dirty_contacts where workspace = ?1 and shard = ?2 order by first_mark, contact_no limit ?3")
            .Set(1, workspace).Set(2, shard).Set(3, max + 1L);
        while (marks.Step())
        {
            if (contacts.Count == max)
            {
                waiting = marks.Integer(2);
                break;
            }

            contacts.Add(new(marks.Integer(0), marks.Integer(1)));
        }

        return new(contacts, waiting - 1 ?? revision.Integer(0), waiting is not null);
    }

    /// <summary>How many contacts wait in a shard, and since which revision the first does.</summary>
    public (long Count, long? OldestMark) Waiting(WorkspaceId workspace, int shard)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var statement = session.Prepare("select count(*), min(first_mark) from dirty_contacts where workspace = ?1 and shard = ?2").Set(1, number).Set(2, shard);
            _ = statement.Step();
            return (statement.Integer(0), statement.IntegerOrNull(1));
        });
    }

    /// <summary>Marks every contact of a workspace, after a change that any of them may feel. Answers with the revision.</summary>
    public Task<long> MarkAll(WorkspaceId workspace, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                var revision = tx.Revise(number);
                using var mark = tx.Prepare(
                    """
                    insert into dirty_contacts (workspace, shard, contact_no, first_mark, mark) select workspace, shard, number, ?2, ?2 from contacts where workspace = ?1
                    on conflict do update set mark = excluded.mark
                    """).Set(1, number).Set(2, revision);
                _ = mark.Run();
                return revision;
            },
            cancel);
    }

    internal static void Mark(WriteTransaction tx, long workspace, int shard, long contact, long revision) => Mark(tx, workspace, shard, [contact], revision);

    /// <summary>Marks some contacts of a shard, in ascending order, so that they go into the tree page by page.</summary>
    internal static void Mark(WriteTransaction tx, long workspace, int shard, ReadOnlySpan<long> contacts, long revision)
    {
        using var mark = tx.Prepare(
            """
            insert into dirty_contacts (workspace, shard, contact_no, first_mark, mark) select ?1, ?2, value, ?4, ?4 from numbers(?3) where true
            on conflict do update set mark = excluded.mark
            """)
            .Set(1, workspace).Set(2, shard).SetBlob(3, NumberTable.Blob(contacts)).Set(4, revision);
        _ = mark.Run();
    }

    /// <summary>Forgets the marks that are unchanged. A changed one waits on, from the revision after the handled ones.</summary>
    internal static void Forget(WriteTransaction tx, long workspace, int shard, IReadOnlyList<DirtyContact> handled)
    {
        if (handled.Count == 0)
        {
            return;
        }

        // INVARIANT: they were taken at one moment, whose revision none of their marks is beyond; a mark made since is beyond it. So a mark up to the greatest of them is unchanged.
        var greatest = handled.Max(static contact => contact.Mark);
        var contacts = ContactNumbers.Ascending([handled.Select(static contact => contact.Contact).ToArray()]);
        using var forget = tx.Prepare("delete from dirty_contacts where workspace = ?1 and shard = ?2 and contact_no in (select value from numbers(?3)) and mark <= ?4")
            .Set(1, workspace).Set(2, shard).SetBlob(3, NumberTable.Blob(contacts)).Set(4, greatest);
        if (forget.Run() < contacts.Length)
        {
            using var wait = tx.Prepare("update dirty_contacts set first_mark = ?4 + 1 where workspace = ?1 and shard = ?2 and contact_no in (select value from numbers(?3)) and first_mark <= ?4")
                .Set(1, workspace).Set(2, shard).SetBlob(3, NumberTable.Blob(contacts)).Set(4, greatest);
            _ = wait.Run();
        }
    }
}
