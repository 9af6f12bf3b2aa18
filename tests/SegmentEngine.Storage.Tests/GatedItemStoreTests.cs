namespace SegmentEngine.Storage.Tests;

public sealed class SqliteGatedItemStoreTests : GatedItemStoreTests<SqliteTestDatabase>;

public abstract class GatedItemStoreTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task An_item_is_found_as_it_was_made()
    {
        var segment = await Published("vip");
        var created = (await Store.Actions.Create(
            Workspace, new() { Id = Guid.NewGuid(), Name = "refund", Description = "gives money back", Payload = """{"a":1}""", RestrictedToSegments = [segment.Id, segment.Id], RestrictedToChannels = ["web"] }, Some.Now)).Value;
        var found = Store.Actions.Find(Workspace, created.Id)!;
        Assert.Equal(("refund", "gives money back", """{"a":1}""", true, Some.Now), (found.Name, found.Description, found.Payload, found.IsRestricted, found.CreatedAt));
        Assert.Equal([segment.Id], found.RestrictedToSegments);
        Assert.Equal(["web"], found.RestrictedToChannels);
        Assert.Equal(created.Id, Assert.Single(Store.Actions.List(Workspace)).Id);
    }

    [Fact]
    public async Task An_item_whose_segments_are_deleted_stays_restricted_until_it_is_opened()
    {
        var segment = await Published("vip");
        var id = (await Store.Instructions.Create(Workspace, new() { Id = Guid.NewGuid(), Title = "t", Content = "c", RestrictedToSegments = [segment.Id] }, Some.Now)).Value.Id;
        _ = await Store.Segments.Delete(Workspace, segment.Id);
        Assert.Equal((true, 0), State());
        _ = await Store.Instructions.Update(Workspace, id, item => item with { Title = "t2" }, restrictTo: null, Some.Now);
        Assert.Equal((true, 0), State());
        _ = await Store.Instructions.Update(Workspace, id, item => item, restrictTo: [], Some.Now);
        Assert.Equal((false, 0), State());

        (bool, int) State() => Store.Instructions.Find(Workspace, id) is { } item ? (item.IsRestricted, item.RestrictedToSegments.Count) : default;
    }

    [Fact]
    public async Task A_segment_the_workspace_does_not_have_is_refused_and_nothing_is_stored()
    {
        var theirs = (await Store.Segments.Create(Stranger, "s", null, null, Some.Now)).Value.Id;
        _ = await Assert.ThrowsAsync<NotInWorkspaceException>(() => Store.Actions.Create(Workspace, new() { Id = Guid.NewGuid(), Name = "a", RestrictedToSegments = [theirs] }, Some.Now));
        Assert.Empty(Store.Actions.List(Workspace));
        var open = (await Store.Actions.Create(Workspace, new() { Id = Guid.NewGuid(), Name = "a" }, Some.Now)).Value;
        _ = await Assert.ThrowsAsync<NotInWorkspaceException>(() => Store.Actions.Update(Workspace, open.Id, item => item with { Name = "b" }, [theirs], Some.Now));
        Assert.Equal(("a", false), (Store.Actions.Find(Workspace, open.Id)!.Name, Store.Actions.Find(Workspace, open.Id)!.IsRestricted));
        _ = await Assert.ThrowsAsync<StoreConflictException>(() => Store.Actions.Create(Workspace, open, Some.Now));
    }

    [Fact]
    public async Task Another_workspace_finds_changes_and_deletes_nothing()
    {
        var id = (await Store.Actions.Create(Workspace, new() { Id = Guid.NewGuid(), Name = "a" }, Some.Now)).Value.Id;
        Assert.Null(Store.Actions.Find(Stranger, id));
        Assert.Empty(Store.Actions.List(Stranger));
        Assert.Null(await Store.Actions.Update(Stranger, id, item => item with { Name = "b" }, null, Some.Now));
        Assert.Null(await Store.Actions.Delete(Stranger, id));
        Assert.NotNull(await Store.Actions.Delete(Workspace, id));
        Assert.Null(Store.Actions.Find(Workspace, id));
    }
}
