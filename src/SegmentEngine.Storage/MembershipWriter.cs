namespace SegmentEngine.Storage;

/// <summary>Writes one commit of memberships, in as many transactions as it takes to keep nobody waiting long.</summary>
internal sealed class MembershipWriter
{
    private readonly long workspace;
    private readonly MembershipCommit commit;
    private readonly List<MembershipPiece> pieces;

    private MembershipWriter(long workspace, MembershipCommit commit)
    {
        (this.workspace, this.commit) = (workspace, commit);
        pieces = MembershipPiece.Of(commit.Deltas);
    }

    public static async Task<MembershipCommitted> Write(WriteQueue queue, long workspace, MembershipCommit commit, CancellationToken cancel)
    {
        var writer = new MembershipWriter(workspace, commit);
        for (var i = 0; i < writer.pieces.Count - 1; i++)
        {
            var step = i;
            _ = await queue.Run(tx => writer.Step(tx, step), cancel).ConfigureAwait(false);
        }

        return await queue.Run(writer.Last, cancel).ConfigureAwait(false);
    }

    private bool Step(WriteTransaction tx, int step)
    {
        foreach (var lease in commit.Leases)
        {
            using var held = tx.Prepare("select 1 from shards where workspace = ?1 and shard = ?2 and lease_epoch = ?3 and lease_owner is not null").Set(1, workspace).Set(2, lease.Shard).Set(3, lease.Epoch);
            if (!held.Step())
            {
                throw Stale(tx, lease);
            }
        }

        if (step == 0)
        {
            Begin(tx);
        }

        Write(tx, pieces[step]);
        return true;
    }

    private MembershipCommitted Last(WriteTransaction tx)
    {
        var generations = commit.Leases.Select(lease => Advance(tx, lease)).ToList();
        pieces.TakeLast(1).ToList().ForEach(piece => Write(tx, piece));
        foreach (var handled in commit.Handled)
        {
            RemoveDeleted(tx, handled.Contacts);
            DirtyContacts.Forget(tx, workspace, handled.Shard, handled.Contacts);
        }

        foreach (var (segment, revision, emptied) in commit.Computed)
        {
            using var computed = tx.Prepare("update segments set computed_revision = ?3, evaluated_at = ?4 where workspace = ?1 and number = ?2 and published_revision = ?3 and status = 'published' and emptied = ?5")
                .Set(1, workspace).Set(2, segment).Set(3, revision).Set(4, commit.At.Ticks).Set(5, emptied);
            _ = computed.Run();
        }

        return new(generations);
    }

    /// <summary>From here until the last step the rows of segments that are computed anew are neither what they were nor what they will be.</summary>
    private void Begin(WriteTransaction tx)
    {
        var changed = pieces.SelectMany(static piece => piece.Changes).Select(static change => change.Segment).ToHashSet();
        foreach (var (segment, _, emptied) in commit.Computed.Where(computed => changed.Contains(computed.Segment)))
        {
            using var open = tx.Prepare("update segments set computed_revision = ?4 where workspace = ?1 and number = ?2 and status = 'published' and emptied = ?3")
                .Set(1, workspace).Set(2, segment).Set(3, emptied).Set(4, StoredSegment.RowsInWriting);
            _ = open.Run();
        }
    }

    /// <summary>Whether it is published, and has had no rows taken away since the change was worked out.</summary>
    private bool Takes(WriteTransaction tx, RowChange change)
    {
        using var find = tx.Prepare("select 1 from segments where number = ?2 and workspace = ?1 and status = 'published' and emptied = ?3").Set(1, workspace).Set(2, change.Segment).Set(3, change.Emptied);
        return find.Step();
    }

    /// <summary>Rows of a rule that is no longer the published one when they are written are rows all the same: whoever computes the next must not think there are none.</summary>
    private void HasRows(WriteTransaction tx, long segment)
    {
        using var rows = tx.Prepare("update segments set computed_revision = ?3 where workspace = ?1 and number = ?2 and computed_revision is null").Set(1, workspace).Set(2, segment).Set(3, StoredSegment.RowsInWriting);
        _ = rows.Run();
    }

    private long Advance(WriteTransaction tx, ShardLease lease)
    {
        using var advance = tx.Prepare(
            """
            update shards set generation = generation + 1, revision = max(revision, ?4), evaluated_at = ?5
            where workspace = ?1 and shard = ?2 and lease_epoch = ?3 and lease_owner is not null returning generation
            """).Set(1, workspace).Set(2, lease.Shard).Set(3, lease.Epoch).Set(4, commit.Revision).Set(5, commit.At.Ticks);
        return lease.Workspace == commit.Workspace && advance.Step() ? advance.Integer(0) : throw Stale(tx, lease);
    }

    private StaleLeaseException Stale(WriteTransaction tx, ShardLease lease)
    {
        using var current = tx.Prepare("select lease_epoch from shards where workspace = ?1 and shard = ?2").Set(1, workspace).Set(2, lease.Shard);
        return new(lease.Shard, lease.Epoch, current.Step() ? current.Integer(0) : 0);
    }

    private void Write(WriteTransaction tx, MembershipPiece piece)
    {
        var log = new MembershipChangeLog(tx, commit.At, commit.Revision);
        foreach (var change in piece.Changes.Where(change => Takes(tx, change)))
        {
            HasRows(tx, change.Segment);
            Remove(tx, change.Segment, change.Left.Span);
            Add(tx, change.Segment, change.Entered.Span);
            log.Add(change.Segment, change.Cause, change.Entered.Span, change.Left.Span);
        }
    }

    private void Add(WriteTransaction tx, long segment, ReadOnlySpan<long> entered)
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
        _ = insertMany.SetBlob(4, NumberTable.Blob(entered)).Run();
    }

    private static void Remove(WriteTransaction tx, long segment, ReadOnlySpan<long> left)
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
        _ = deleteMany.SetBlob(2, NumberTable.Blob(left)).Run();
    }

    /// <summary>A contact deleted while a recompute ran may have entered again; its mark is handled after the deletion, and here it goes for good.</summary>
    private void RemoveDeleted(WriteTransaction tx, IReadOnlyList<DirtyContact> handled)
    {
        var deleted = new List<long>();
        using (var gone = tx.Prepare("select value from numbers(?1) where not exists (select 1 from contacts where number = value)")
            .SetBlob(1, NumberTable.Blob(handled.Select(static contact => contact.Contact).ToArray())))
        {
            while (gone.Step())
            {
                deleted.Add(gone.Integer(0));
            }
        }

        deleted.ForEach(contact => Forget(tx, workspace, contact));
    }

    /// <summary>Removes what is known of a contact's memberships, of now and of before.</summary>
    public static void Forget(WriteTransaction tx, long workspace, long contact)
    {
        using var rows = tx.Prepare("delete from memberships where segment_no in (select number from segments where workspace = ?1) and contact_no = ?2").Set(1, workspace).Set(2, contact);
        _ = rows.Run();
        using var changes = tx.Prepare("delete from membership_changes where contact_no = ?1").Set(1, contact);
        _ = changes.Run();
        using var untold = tx.Prepare("delete from outbox where contact_no = ?1").Set(1, contact);
        _ = untold.Run();
    }
}
