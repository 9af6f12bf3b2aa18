using Microsoft.EntityFrameworkCore;
using SegmentEngine.Contacts;
using SegmentEngine.Storage.Schema;

namespace SegmentEngine.Storage;

/// <summary>Actions, instructions or directories of these, with the segments they are restricted to.</summary>
public sealed class GatedItemStore<TItem>
    where TItem : GatedItem
{
    private static readonly ItemKind kind = typeof(TItem) == typeof(StoredAction) ? ItemKind.Action : typeof(TItem) == typeof(StoredDirectory) ? ItemKind.Directory : ItemKind.Instruction;

    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal GatedItemStore(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    /// <summary>All of a workspace's items, oldest first, on one snapshot.</summary>
    public IReadOnlyList<TItem> List(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            var restrictions = Restrictions(session.Management, number, item: null).ToLookup(row => row.Item, row => row.Segment);
            return session.Management.Set<TItem>().Where(item => item.Workspace == number).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).ToList()
                .ConvertAll(item => item with { RestrictedToSegments = [.. restrictions[item.Id]] });
        });
    }

    public TItem? Find(WorkspaceId workspace, Guid id)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session => Load(session.Management, number, id));
    }

    /// <summary>Stores a new item, restricted to exactly the segments its <see cref="GatedItem.RestrictedToSegments"/> names; none means everyone, or nobody where it is restricted.</summary>
    /// <exception cref="NotInWorkspaceException">A segment or directory that the workspace does not have.</exception>
    /// <exception cref="StoreConflictException">The workspace has an item with this id.</exception>
    public Task<Written<TItem>> Create(WorkspaceId workspace, TItem item, Instant now, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                if (tx.Management.Set<TItem>().Any(other => other.Workspace == number && other.Id == item.Id))
                {
                    throw new StoreConflictException($"{item.Id} exists already");
                }

                var segments = item.RestrictedToSegments.Distinct().ToList();
                var created = item with { Workspace = number, IsRestricted = item.IsRestricted || segments.Count > 0, RestrictedToSegments = segments, CreatedAt = now, UpdatedAt = now };
                CheckDirectory(tx, number, created);
                _ = tx.Management.Add(created);
                _ = tx.Management.SaveChanges();
                tx.Management.ChangeTracker.Clear();
                Restrict(tx, number, created);
                return new Written<TItem>(created, tx.Revise(number));
            },
            cancel);
    }

    /// <summary>
    /// Changes an item in one go with what others write, so that whom it is for after depends on what is stored and not on what the caller has read. Null when there is no such item.
    /// </summary>
    /// <exception cref="NotInWorkspaceException">A segment or directory that the workspace does not have.</exception>
    public Task<Written<TItem>?> Update(
        WorkspaceId workspace, Guid id, Func<TItem, TItem> change, RestrictionChange restriction, Instant now, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                if (Load(tx.Management, number, id) is not { } before)
                {
                    return (Written<TItem>?)null;
                }

                var after = restriction.Apply(change(before) with
                {
                    Workspace = number,
                    Id = id,
                    CreatedAt = before.CreatedAt,
                    UpdatedAt = now,
                    IsRestricted = before.IsRestricted,
                    RestrictedToSegments = before.RestrictedToSegments,
                });
                CheckDirectory(tx, number, after);
                _ = tx.Management.Update(after);
                _ = tx.Management.SaveChanges();
                tx.Management.ChangeTracker.Clear();
                Restrict(tx, number, after);
                return new Written<TItem>(after, tx.Revise(number));
            },
            cancel);
    }

    /// <summary>Answers with the revision; null when there is no such item.</summary>
    /// <exception cref="StoreConflictException">A directory with instructions in it.</exception>
    public Task<long?> Delete(WorkspaceId workspace, Guid id, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                if (kind == ItemKind.Directory && tx.Management.Instructions.Count(instruction => instruction.Workspace == number && instruction.DirectoryId == id) is var inIt and > 0)
                {
                    throw new StoreConflictException($"the directory has {inIt} instruction{(inIt == 1 ? "" : "s")} in it, which its restriction keeps from whom they are not for; move or delete them first");
                }

                if (tx.Management.Set<TItem>().Where(item => item.Workspace == number && item.Id == id).ExecuteDelete() == 0)
                {
                    return (long?)null;
                }

                _ = tx.Management.Restrictions.Where(row => row.Workspace == number && row.Kind == kind && row.Item == id).ExecuteDelete();
                return tx.Revise(number);
            },
            cancel);
    }

    private static TItem? Load(SegmentDbContext management, long workspace, Guid id) =>
        management.Set<TItem>().FirstOrDefault(item => item.Workspace == workspace && item.Id == id) is { } found
            ? found with { RestrictedToSegments = [.. Restrictions(management, workspace, id).Select(row => row.Segment)] }
            : null;

    private static List<(Guid Item, SegmentId Segment)> Restrictions(SegmentDbContext management, long workspace, Guid? item) =>
        management.Restrictions.Where(row => row.Workspace == workspace && row.Kind == kind && (item == null || row.Item == item))
            .Join(management.Segments, row => row.Segment, segment => segment.Number, (row, segment) => new { row.Item, segment.Id, segment.Number })
            .OrderBy(row => row.Number)
            .AsEnumerable()
            .Select(row => (row.Item, row.Id))
            .ToList();

    private static void CheckDirectory(WriteTransaction tx, long workspace, TItem item)
    {
        if (item is StoredInstruction { DirectoryId: { } directory } && !tx.Management.Directories.Any(other => other.Workspace == workspace && other.Id == directory))
        {
            throw new NotInWorkspaceException($"no directory {directory}") { What = MissingThing.Directory };
        }
    }

    private static void Restrict(WriteTransaction tx, long workspace, TItem item)
    {
        _ = tx.Management.Restrictions.Where(row => row.Workspace == workspace && row.Kind == kind && row.Item == item.Id).ExecuteDelete();
        foreach (var id in item.RestrictedToSegments)
        {
            var segment = tx.Management.Segments.Where(segment => segment.Workspace == workspace && segment.Id == id).Select(segment => (long?)segment.Number).FirstOrDefault()
                ?? throw new NotInWorkspaceException($"no segment {id}");
            _ = tx.Management.Add(new RestrictionRow { Workspace = workspace, Kind = kind, Item = item.Id, Segment = segment });
        }

        _ = tx.Management.SaveChanges();
        tx.Management.ChangeTracker.Clear();
    }
}
