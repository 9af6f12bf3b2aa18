using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>The tenants of a file.</summary>
public sealed class WorkspaceStore
{
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;
    private readonly ConcurrentDictionary<WorkspaceId, WorkspaceKey> keys = [];

    internal WorkspaceStore(ReaderPool readers, WriteQueue writer) => (this.readers, this.writer) = (readers, writer);

    public async Task<Workspace> Create(string name, string timeZone, Instant now, int shardCount = 2, WorkspaceId? id = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shardCount, 1);
        var workspace = new Workspace { Id = id ?? new(Guid.NewGuid()), Name = name, TimeZone = timeZone, ShardCount = shardCount, CreatedAt = now };
        return await writer.Run(
            tx =>
            {
                if (tx.Management.Workspaces.Any(other => other.Id == workspace.Id))
                {
                    throw new StoreConflictException($"workspace {workspace.Id} exists already");
                }

                _ = tx.Management.Add(workspace);
                _ = tx.Management.SaveChanges();
                tx.Management.ChangeTracker.Clear();
                for (var shard = 0; shard < shardCount; shard++)
                {
                    using var insert = tx.Prepare("insert into shards (workspace, shard) values (?1, ?2)").Set(1, workspace.Number).Set(2, shard);
                    _ = insert.Run();
                }

                return workspace;
            },
            cancel).ConfigureAwait(false);
    }

    public IReadOnlyList<Workspace> All() => readers.Read(session => session.Management.Workspaces.OrderBy(workspace => workspace.Number).ToList());

    public Workspace? Find(WorkspaceId id) => readers.Read(session => session.Management.Workspaces.FirstOrDefault(workspace => workspace.Id == id));

    /// <summary>The revision of the last committed write group.</summary>
    public long Revision(WorkspaceId id)
    {
        var workspace = Key(id).Number;
        return readers.Read(session =>
        {
            using var statement = session.Prepare("select revision from workspaces where number = ?1").Set(1, workspace);
            return statement.Step() ? statement.Integer(0) : 0;
        });
    }

    /// <summary>Replaces name and time zone; answers with the revision.</summary>
    public Task<long> Rename(WorkspaceId id, string name, string timeZone, CancellationToken cancel = default) =>
        Change(id, (workspaces, number) => workspaces.Where(workspace => workspace.Number == number)
            .ExecuteUpdate(set => set.SetProperty(workspace => workspace.Name, name).SetProperty(workspace => workspace.TimeZone, timeZone)), cancel);

    /// <summary>Replaces the trait schema; answers with the revision. Whoever reads traits by the old one must load again.</summary>
    public Task<long> SetTraitSchema(WorkspaceId id, string schema, CancellationToken cancel = default) =>
        Change(id, (workspaces, number) => workspaces.Where(workspace => workspace.Number == number)
            .ExecuteUpdate(set => set.SetProperty(workspace => workspace.TraitSchema, schema)), cancel);

    /// <summary>For how many days history is kept from now on; answers with the revision.</summary>
    public Task<long> KeepHistory(WorkspaceId id, int days, CancellationToken cancel = default) =>
        Change(id, (workspaces, number) => workspaces.Where(workspace => workspace.Number == number)
            .ExecuteUpdate(set => set.SetProperty(workspace => workspace.HistoryDays, days)), cancel);

    /// <summary>The short number rows carry, and what never changes of a workspace.</summary>
    internal WorkspaceKey Key(WorkspaceId id)
    {
        if (!keys.TryGetValue(id, out var key))
        {
            var found = Find(id) ?? throw new NotInWorkspaceException($"no workspace {id}");
            keys[id] = key = new(found.Number, found.ShardCount);
        }

        return key;
    }

    private Task<long> Change(WorkspaceId id, Func<DbSet<Workspace>, long, int> change, CancellationToken cancel)
    {
        var workspace = Key(id).Number;
        return writer.Run(
            tx =>
            {
                _ = change(tx.Management.Workspaces, workspace);
                return tx.Revise(workspace);
            },
            cancel);
    }
}

internal readonly record struct WorkspaceKey(long Number, int ShardCount);
