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
        var (id, segment) = await Restricted();
        _ = await Store.Segments.Delete(Workspace, segment);
        Assert.Equal((true, 0), State(id));
        _ = await Store.Instructions.Update(Workspace, id, item => item with { Title = "t2", IsRestricted = false }, RestrictionChange.None, Some.Now);
        Assert.Equal((true, 0), State(id));
        Assert.Equal((true, 0), await After(id, new(Segments: [])));
        Assert.Equal((true, 0), await After(id, new(IsRestricted: true, Segments: [])));
        Assert.Equal((false, 0), await After(id, new(IsRestricted: false)));
    }

    [Fact]
    public async Task An_empty_list_opens_what_names_a_segment()
    {
        var (id, _) = await Restricted();
        Assert.Equal((false, 0), await After(id, new(Segments: [])));
        Assert.Equal((false, 0), await After(id, new(Segments: [])));
    }

    [Fact]
    public async Task An_empty_list_opens_nothing_when_the_last_segment_went_just_before()
    {
        var (id, segment) = await Restricted();
        var deleting = Store.Segments.Delete(Workspace, segment);
        Assert.Equal((true, 0), await After(id, new(Segments: [])));
        _ = await deleting;
    }

    [Fact]
    public async Task The_flag_alone_opens_an_item_and_shuts_it_and_keeps_the_segments_it_has()
    {
        var (id, segment) = await Restricted();
        Assert.Equal((true, 1), await After(id, new(IsRestricted: true)));
        Assert.Equal((true, 0), await After(id, new(IsRestricted: true, Segments: [])));
        Assert.Equal((true, 1), await After(id, new(Segments: [segment])));
        Assert.Equal((false, 0), await After(id, new(IsRestricted: false, Segments: [])));
        Assert.Equal((true, 0), await After(id, new(IsRestricted: true)));
        _ = await Assert.ThrowsAsync<ArgumentException>(() => After(id, new(IsRestricted: false, Segments: [segment])));
        Assert.Equal((true, 0), State(id));

        var shut = await Store.Actions.Create(Workspace, new() { Id = Guid.NewGuid(), Name = "a", IsRestricted = true }, Some.Now);
        Assert.True(Store.Actions.Find(Workspace, shut.Value.Id)!.IsRestricted);
    }

    [Fact]
    public async Task An_action_and_an_instruction_may_have_the_same_id()
    {
        var (id, segment) = await Restricted();
        _ = await Store.Actions.Create(Workspace, new() { Id = id, Name = "a" }, Some.Now);
        Assert.Empty(Store.Actions.Find(Workspace, id)!.RestrictedToSegments);
        Assert.Empty(Store.Actions.List(Workspace)[0].RestrictedToSegments);
        Assert.Empty(Store.Segments.WhereUsed(Workspace, segment).Actions);

        _ = await Store.Actions.Update(Workspace, id, item => item, new(Segments: [segment]), Some.Now);
        _ = await Store.Actions.Delete(Workspace, id);
        Assert.Equal((true, 1), State(id));
    }

    [Fact]
    public async Task A_segment_the_workspace_does_not_have_is_refused_and_nothing_is_stored()
    {
        var theirs = (await Store.Segments.Create(Stranger, "s", null, null, Some.Now)).Value.Id;
        _ = await Assert.ThrowsAsync<NotInWorkspaceException>(() => Store.Actions.Create(Workspace, new() { Id = Guid.NewGuid(), Name = "a", RestrictedToSegments = [theirs] }, Some.Now));
        Assert.Empty(Store.Actions.List(Workspace));
        var open = (await Store.Actions.Create(Workspace, new() { Id = Guid.NewGuid(), Name = "a" }, Some.Now)).Value;
        _ = await Assert.ThrowsAsync<NotInWorkspaceException>(() => Store.Actions.Update(Workspace, open.Id, item => item with { Name = "b" }, new(Segments: [theirs]), Some.Now));
        Assert.Equal(("a", false), (Store.Actions.Find(Workspace, open.Id)!.Name, Store.Actions.Find(Workspace, open.Id)!.IsRestricted));
        _ = await Assert.ThrowsAsync<StoreConflictException>(() => Store.Actions.Create(Workspace, open, Some.Now));
    }

    [Fact]
    public async Task Another_workspace_finds_changes_and_deletes_nothing()
    {
        var id = (await Store.Actions.Create(Workspace, new() { Id = Guid.NewGuid(), Name = "a" }, Some.Now)).Value.Id;
        Assert.Null(Store.Actions.Find(Stranger, id));
        Assert.Empty(Store.Actions.List(Stranger));
        Assert.Null(await Store.Actions.Update(Stranger, id, item => item with { Name = "b" }, RestrictionChange.None, Some.Now));
        Assert.Null(await Store.Actions.Delete(Stranger, id));
        Assert.NotNull(await Store.Actions.Delete(Workspace, id));
        Assert.Null(Store.Actions.Find(Workspace, id));
    }

    private async Task<(Guid Item, SegmentId Segment)> Restricted()
    {
        var segment = await Published("vip");
        var item = await Store.Instructions.Create(Workspace, new() { Id = Guid.NewGuid(), Title = "t", Content = "c", RestrictedToSegments = [segment.Id] }, Some.Now);
        return (item.Value.Id, segment.Id);
    }

    private async Task<(bool, int)> After(Guid id, RestrictionChange restriction)
    {
        var written = (await Store.Instructions.Update(Workspace, id, item => item, restriction, Some.Now))!.Value.Value;
        Assert.Equal(State(id), (written.IsRestricted, written.RestrictedToSegments.Count));
        return State(id);
    }

    private (bool, int) State(Guid id) => Store.Instructions.Find(Workspace, id) is { } item ? (item.IsRestricted, item.RestrictedToSegments.Count) : default;
}
