namespace SegmentEngine.Storage;

public enum ListMode
{
    /// <summary>Those named are put on the list; who is on it already stays.</summary>
    Append,

    /// <summary>Those named are on the list afterwards, and nobody else.</summary>
    Replace,

    /// <summary>Those named are taken off the list.</summary>
    Remove,
}

/// <summary>Which of a segment's own lists: both go before its rule, and exclude before include.</summary>
public enum SegmentListKind
{
    Include,
    Exclude,
}

/// <param name="Added">Contacts that were not on the list before.</param>
/// <param name="Removed">Contacts that were.</param>
/// <param name="Revision">The workspace's revision after it.</param>
public readonly record struct ListWritten(long Added, long Removed, long Revision);

/// <param name="Id">What rules call it.</param>
/// <param name="Contacts">How many are on it.</param>
public sealed record ContactList(string Id, long Contacts);

/// <summary>
/// Static lists: who is on which is in each contact's own row, so that it is evaluated, explained, exported and deleted with the contact. The lists that keep contacts in or out of a segment whatever its rule says
/// are such lists under names that nobody else can give.
/// </summary>
public sealed class ListStore
{
    private const string Reserved = "segment:";

    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal ListStore(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    /// <summary>The list of a segment.</summary>
    public static string Of(SegmentId segment, SegmentListKind kind) => $"{Reserved}{segment}:{(kind == SegmentListKind.Include ? "include" : "exclude")}";

    /// <summary>Whether it is a name that only <see cref="Of"/> gives.</summary>
    public static bool IsReserved(string list) => list.StartsWith(Reserved, StringComparison.Ordinal);

    /// <summary>All lists that anybody was ever put on, by id, without those of segments.</summary>
    public IReadOnlyList<ContactList> All(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            var lists = new SortedDictionary<string, long>(StringComparer.Ordinal);
            using (var known = session.Prepare("select name from belonging_names where workspace = ?1 and kind = ?2").Set(1, number).Set(2, BelongingNames.Lists))
            {
                while (known.Step())
                {
                    lists[known.Text(0)!] = 0;
                }
            }

            using var counts = session.Prepare("select value, count(*) from contacts, json_each(contacts.lists) where workspace = ?1 and lists <> '[]' group by value").Set(1, number);
            while (counts.Step())
            {
                if (lists.ContainsKey(counts.Text(0)!))
                {
                    lists[counts.Text(0)!] = counts.Integer(1);
                }
            }

            return lists.Select(static list => new ContactList(list.Key, list.Value)).ToList();
        });
    }

    /// <summary>The numbers of the contacts on a list, ascending.</summary>
    public IReadOnlyList<long> Members(WorkspaceId workspace, string list)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session => Members(session.Prepare, number, list));
    }

    /// <summary>Puts contacts on a list or takes them off. A list that nobody was on is made. In steps, between which others write; cut off in between, those on it are some of those before and some of those named.</summary>
    /// <param name="workspace">Whose.</param>
    /// <param name="list">Which.</param>
    /// <param name="contacts">By their numbers; those that are gone are passed over.</param>
    /// <param name="mode">What becomes of them.</param>
    /// <param name="cancel">Ends it between two steps.</param>
    public async Task<ListWritten> Write(WorkspaceId workspace, string list, IReadOnlyCollection<long> contacts, ListMode mode, CancellationToken cancel = default)
    {
        var written = await Take(workspace, list, mode == ListMode.Remove ? [] : contacts, cancel).ConfigureAwait(false);
        if (mode == ListMode.Append)
        {
            return written;
        }

        var off = mode == ListMode.Remove ? contacts : [.. Members(workspace, list).Except(contacts)];
        foreach (var step in off.Order().Chunk(StorageLimits.ListStepMax))
        {
            var (removed, revision) = await writer.Run(tx => Change(tx, workspaces.Key(workspace).Number, TakeOff, list, step), cancel).ConfigureAwait(false);
            written = written with { Removed = written.Removed + removed, Revision = revision };
        }

        return written;
    }

    /// <summary>Puts contacts on a segment's own list or takes them off, from when on the engine asks that list before the rule. Null where there is no such segment.</summary>
    public async Task<ListWritten?> Write(WorkspaceId workspace, SegmentId segment, SegmentListKind kind, IReadOnlyCollection<long> contacts, ListMode mode, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        var isThere = await writer.Run(
            tx =>
            {
                using var listed = tx.Prepare("update segments set has_lists = 1 where workspace = ?1 and id = ?2").Set(1, number).Set(2, segment.ToString());
                return listed.Run() > 0;
            },
            cancel).ConfigureAwait(false);
        return isThere ? await Write(workspace, Of(segment, kind), contacts, mode, cancel).ConfigureAwait(false) : null;
    }

    /// <summary>Takes everybody off a list and forgets it. Answers with the revision; null where there is no such list.</summary>
    public async Task<long?> Delete(WorkspaceId workspace, string list, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        if (!All(workspace).Any(known => known.Id == list))
        {
            return null;
        }

        _ = await Write(workspace, list, [], ListMode.Replace, cancel).ConfigureAwait(false);
        return await writer.Run(
            tx =>
            {
                // Whoever was put on it meanwhile keeps it.
                if (Members(tx.Prepare, number, list).Count == 0)
                {
                    using var forget = tx.Prepare("delete from belonging_names where workspace = ?1 and kind = ?2 and name = ?3").Set(1, number).Set(2, BelongingNames.Lists).Set(3, list);
                    _ = forget.Run();
                }

                return tx.Revise(number);
            },
            cancel).ConfigureAwait(false);
    }

    /// <summary>Takes everybody off the lists of a segment that is removed, lest another under its id has them.</summary>
    internal static void Forget(WriteTransaction tx, long workspace, SegmentId segment)
    {
        foreach (var kind in Enum.GetValues<SegmentListKind>())
        {
            _ = Change(tx, workspace, TakeOff, Of(segment, kind), [.. Members(tx.Prepare, workspace, Of(segment, kind))]);
        }
    }

    private const string PutOn = "case when exists (select 1 from json_each(contacts.lists) where value = ?2) then null else json_insert(lists, '$[#]', ?2) end";

    private const string TakeOff = "case when exists (select 1 from json_each(contacts.lists) where value = ?2) then (select json_group_array(value) from json_each(contacts.lists) where value <> ?2) end";

    private static List<long> Members(Func<string, Statement> prepare, long workspace, string list)
    {
        var members = new List<long>();
        using var rows = prepare("select number from contacts where workspace = ?1 and lists <> '[]' and exists (select 1 from json_each(contacts.lists) where value = ?2) order by number").Set(1, workspace).Set(2, list);
        while (rows.Step())
        {
            members.Add(rows.Integer(0));
        }

        return members;
    }

    private async Task<ListWritten> Take(WorkspaceId workspace, string list, IReadOnlyCollection<long> contacts, CancellationToken cancel)
    {
        var number = workspaces.Key(workspace).Number;
        var written = await writer.Run(
            tx =>
            {
                if (!IsReserved(list))
                {
                    using var note = tx.Prepare("insert or ignore into belonging_names (workspace, kind, name) values (?1, ?2, ?3)").Set(1, number).Set(2, BelongingNames.Lists).Set(3, list);
                    _ = note.Run();
                }

                return new ListWritten(0, 0, tx.Revise(number));
            },
            cancel).ConfigureAwait(false);
        foreach (var step in contacts.Order().Chunk(StorageLimits.ListStepMax))
        {
            var (added, revision) = await writer.Run(tx => Change(tx, number, PutOn, list, step), cancel).ConfigureAwait(false);
            written = written with { Added = written.Added + added, Revision = revision };
        }

        return written;
    }

    /// <summary>Whose own list it is; null where it is nobody's.</summary>
    private static string? SegmentOf(string list) => IsReserved(list) ? list.Split(':')[1] : null;

    /// <summary>Changes the rows for which an expression is not null; none, where the list is that of a segment that is gone.</summary>
    private static (long Changed, long Revision) Change(WriteTransaction tx, long workspace, string expression, string list, long[] contacts)
    {
        var revision = tx.Revise(workspace);
        var changed = new List<(long Contact, int Shard)>();
        using (var rows = tx.Prepare(
            $"""
            update contacts set lists = {expression}, lists_changed = ?4 where number in (select value from numbers(?3)) and workspace = ?1 and {expression} is not null
              and (?5 is null or exists (select 1 from segments where segments.workspace = ?1 and segments.id = ?5)) returning number, shard
            """)
            .Set(1, workspace).Set(2, list).SetBlob(3, NumberTable.Blob(contacts)).Set(4, revision).Set(5, SegmentOf(list)))
        {
            while (rows.Step())
            {
                changed.Add((rows.Integer(0), (int)rows.Integer(1)));
            }
        }

        foreach (var shard in changed.GroupBy(static each => each.Shard, static each => each.Contact))
        {
            DirtyContacts.Mark(tx, workspace, shard.Key, [.. shard.Order()], revision);
        }

        return (changed.Count, revision);
    }
}
