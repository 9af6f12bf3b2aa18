using SegmentEngine.Storage.Schema;

namespace SegmentEngine.Storage;

/// <summary>What a write sees of the transaction it shares with the other writes of its group.</summary>
internal sealed class WriteTransaction(SqlSession session)
{
    private readonly Dictionary<long, long> revisions = [];
    private readonly List<long> revisedByThisWrite = [];
    private readonly Dictionary<(long Workspace, string Name), long> eventNames = [];
    private readonly RecentEvents recent = new(session);
    private long eventNumber = session.Number("select max(event_number, coalesce((select max(number) from events), 0)) from settled") ?? 0;
    private long changeNumber = session.Number("select max(number) from (select max(number) as number from membership_changes union all select max(number) from membership_change_blocks)") ?? 0;

    public SqlSession Session => session;

    /// <summary>Users that were found of late.</summary>
    public KnownUsers Users { get; } = new();

    public SegmentDbContext Management => session.Management;

    public RecentEvents Recent => recent;

    public Statement Prepare(string sql) => session.Prepare(sql);

    /// <summary>The workspace's revision that this group makes; the first write of the group to ask counts it up.</summary>
    public long Revise(long workspace)
    {
        if (revisions.TryGetValue(workspace, out var revision))
        {
            return revision;
        }

        using var statement = Prepare("update workspaces set revision = revision + 1 where number = ?1 returning revision").Set(1, workspace);
        _ = statement.Step();
        revision = statement.Integer(0);
        revisions[workspace] = revision;
        revisedByThisWrite.Add(workspace);
        return revision;
    }

    /// <summary>Numbers of events only grow, in the order of arrival. A write that fails leaves a gap.</summary>
    public long NextEventNumber() => ++eventNumber;

    /// <summary>One row of numbers for both forms of the change log.</summary>
    public long NextChangeNumber() => ++changeNumber;

    public long EventName(long workspace, string name)
    {
        if (eventNames.TryGetValue((workspace, name), out var number))
        {
            return number;
        }

        using var find = Prepare("select number from event_names where workspace = ?1 and name = ?2").Set(1, workspace).Set(2, name);
        if (find.Step())
        {
            number = find.Integer(0);
        }
        else
        {
            using var add = Prepare("insert into event_names (workspace, name) values (?1, ?2) returning number").Set(1, workspace).Set(2, name);
            _ = add.Step();
            number = add.Integer(0);
        }

        eventNames[(workspace, name)] = number;
        return number;
    }

    public void BeginGroup() => revisions.Clear();

    public void BeginWrite() => revisedByThisWrite.Clear();

    /// <summary>Forgets what a write that was undone had learnt.</summary>
    public void Forget()
    {
        foreach (var workspace in revisedByThisWrite)
        {
            _ = revisions.Remove(workspace);
        }

        eventNames.Clear();
        Users.Clear();
        recent.Reload();
        Management.ChangeTracker.Clear();
    }
}
