using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <param name="Cursor">Where the next page begins.</param>
public sealed record MembershipChange(HistoryCursor Cursor, SegmentId Segment, ContactId Contact, bool Entered, Instant At, MembershipCause Cause, long Revision);

/// <summary>A place in the change log: the entry, and the contact within it.</summary>
public readonly record struct HistoryCursor(long Number, long Contact)
{
    public static readonly HistoryCursor Newest = new(long.MaxValue, long.MaxValue);
}

/// <param name="Day">In the zone that was asked for.</param>
/// <param name="Entered">How many contacts.</param>
/// <param name="Left">How many contacts.</param>
public readonly record struct MovementOfDay(DateOnly Day, long Entered, long Left);

/// <summary>Who entered and left, newest first. Contacts that were deleted do not appear.</summary>
public sealed class MembershipHistory
{
    private static readonly string OfSegmentSql = Entries(rows: "changes.segment_no = ?1", blocks: "blocks.segment_no = ?1");
    private static readonly string OfContactSql = Entries(rows: "changes.contact_no = ?1", blocks: "blocks.block = ?3");

    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal MembershipHistory(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    /// <summary>Forgets what came before an instant, in steps between which others write. What that is, is found without keeping the writer. Answers with how many entries that were.</summary>
    public async Task<long> Forget(WorkspaceId workspace, Instant before, CancellationToken cancel = default)
    {
        var forgotten = 0L;
        foreach (var table in (string[])["membership_changes", "membership_change_blocks"])
        {
            foreach (var step in Before(workspace, table, before).Chunk(StorageLimits.ForgottenMax))
            {
                forgotten += await writer.Run(
                    tx =>
                    {
                        using var forget = tx.Prepare($"delete from {table} where number in (select value from numbers(?1))").SetBlob(1, NumberTable.Blob(step));
                        return forget.Run();
                    },
                    cancel).ConfigureAwait(false);
            }
        }

        return forgotten;
    }

    private List<long> Before(WorkspaceId workspace, string table, Instant before)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var rows = session.Prepare($"select {table}.number from {table} join segments on segments.number = segment_no where workspace = ?1 and at < ?2 order by {table}.number").Set(1, number).Set(2, before.Ticks);
            var found = new List<long>();
            while (rows.Step())
            {
                found.Add(rows.Integer(0));
            }

            return found;
        });
    }

    public IReadOnlyList<MembershipChange> OfSegment(WorkspaceId workspace, SegmentId segment, HistoryCursor before, int limit)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            using var find = session.Prepare("select number from segments where workspace = ?1 and id = ?2").Set(1, number).Set(2, segment.ToString());
            if (!find.Step())
            {
                return [];
            }

            using var entries = session.Prepare(OfSegmentSql).Set(1, find.Integer(0)).Set(2, before.Number);
            var page = new List<MembershipChange>();
            while (page.Count < limit && entries.Step())
            {
                foreach (var contact in Contacts(entries).Where(contact => contact < (entries.Integer(0) == before.Number ? before.Contact : long.MaxValue)).OrderDescending())
                {
                    if (page.Count < limit && ContactId(session, contact) is { } id)
                    {
                        page.Add(Change(entries, segment, contact, id));
                    }
                }
            }

            return page;
        });
    }

    /// <summary>How many entered and left on each day on which somebody did, contacts that were deleted since included; newest first, and of so many entries at most.</summary>
    /// <param name="workspace">The tenant.</param>
    /// <param name="segment">Empty where there is none of this id.</param>
    /// <param name="from">Nothing before it counts.</param>
    /// <param name="zone">Whose days.</param>
    /// <param name="entriesMax">One entry may stand for many contacts.</param>
    public (IReadOnlyList<MovementOfDay> Days, bool IsComplete) PerDay(WorkspaceId workspace, SegmentId segment, Instant from, TimeZoneInfo zone, int entriesMax)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            var days = new List<MovementOfDay>();
            using var find = session.Prepare("select number from segments where workspace = ?1 and id = ?2").Set(1, number).Set(2, segment.ToString());
            if (!find.Step())
            {
                return (days, true);
            }

            using var entries = session.Prepare(OfSegmentSql).Set(1, find.Integer(0)).Set(2, long.MaxValue);
            for (var left = entriesMax; entries.Step() && entries.InstantAt(5) is var at && at >= from; left--)
            {
                if (left == 0)
                {
                    return (days, false);
                }

                var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at.ToDateTimeOffset(), zone).Date);
                if (days.Count == 0 || days[^1].Day != day)
                {
                    days.Add(new(day, 0, 0));
                }

                var contacts = entries.IsNull(2) ? ChangeBlock.Unpack(entries.Integer(3), entries.Bytes(8)).Count : 1;
                days[^1] = entries.Integer(4) == 1 ? days[^1] with { Entered = days[^1].Entered + contacts } : days[^1] with { Left = days[^1].Left + contacts };
            }

            return (days, true);
        });
    }

    public IReadOnlyList<MembershipChange> OfContact(WorkspaceId workspace, ContactId contact, HistoryCursor before, int limit)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            using var find = session.Prepare("select number from contacts where workspace = ?1 and id = ?2").Set(1, number).Set(2, contact.ToString());
            if (!find.Step())
            {
                return [];
            }

            var contactNumber = find.Integer(0);
            using var entries = session.Prepare(OfContactSql).Set(1, contactNumber).Set(2, before.Number).Set(3, ChangeBlock.Of(contactNumber));
            var page = new List<MembershipChange>();
            while (page.Count < limit && entries.Step())
            {
                var wanted = entries.Integer(0) < before.Number || contactNumber < before.Contact;
                if (wanted && Contacts(entries).Contains(contactNumber) && SegmentOf(session, number, entries.Integer(1)) is { } segment)
                {
                    page.Add(Change(entries, segment, contactNumber, contact));
                }
            }

            return page;
        });
    }

    private static string Entries(string rows, string blocks) => $"""
        select changes.number, changes.segment_no, changes.contact_no, 0 as block, changes.entered, changes.at, changes.cause, changes.revision, null as contacts
        from membership_changes as changes where {rows} and changes.number <= ?2
        union all
        select blocks.number, blocks.segment_no, null, blocks.block, blocks.entered, blocks.at, blocks.cause, blocks.revision, blocks.contacts
        from membership_change_blocks as blocks where {blocks} and blocks.number <= ?2
        order by 1 desc
        """;

    private static List<long> Contacts(Statement entry) => entry.IsNull(2) ? ChangeBlock.Unpack(entry.Integer(3), entry.Bytes(8)) : [entry.Integer(2)];

    private static MembershipChange Change(Statement entry, SegmentId segment, long contact, ContactId id) => new(
        new(entry.Integer(0), contact), segment, id, entry.Integer(4) == 1, entry.InstantAt(5), Enum.Parse<MembershipCause>(entry.Text(6)!, ignoreCase: true), entry.Integer(7));

    private static ContactId? ContactId(SqlSession session, long contact)
    {
        using var find = session.Prepare("select id from contacts where number = ?1").Set(1, contact);
        return find.Step() ? new(Guid.Parse(find.Text(0)!)) : null;
    }

    private static SegmentId? SegmentOf(SqlSession session, long workspace, long segment)
    {
        using var find = session.Prepare("select id from segments where number = ?2 and workspace = ?1").Set(1, workspace).Set(2, segment);
        return find.Step() ? new(Guid.Parse(find.Text(0)!)) : null;
    }
}
