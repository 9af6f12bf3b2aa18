namespace SegmentEngine.Storage.Tests;

public sealed class SqliteSegmentStoreTests : SegmentStoreTests<SqliteTestDatabase>;

public abstract class SegmentStoreTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task A_name_is_unique_in_its_workspace_without_regard_to_case()
    {
        var vip = (await Store.Segments.Create(Workspace, "VIP é", "d", "{}", Some.Now)).Value;
        _ = await Assert.ThrowsAsync<StoreConflictException>(() => Store.Segments.Create(Workspace, "vip E\u0301", null, null, Some.Now));
        _ = await Store.Segments.Create(Stranger, "VIP é", null, null, Some.Now);
        var trial = (await Store.Segments.Create(Workspace, "Trial", null, null, Some.Now)).Value;
        _ = await Assert.ThrowsAsync<StoreConflictException>(() => Store.Segments.Edit(Workspace, trial.Id, segment => segment with { Name = "Vip É" }, Some.Now));
        Assert.Equal(vip.Id, Store.Segments.FindByName(Workspace, "vip É")!.Id);
        Assert.Equal("VIP É", (await Store.Segments.Edit(Workspace, vip.Id, segment => segment with { Name = "VIP É" }, Some.Now))!.Value.Value.Name);
    }

    [Fact]
    public async Task Publishing_adds_a_revision_and_leaves_the_earlier_ones_as_they_are()
    {
        const string Odd = "{ \"type\" : \"all_contacts\" , \"n\":1.0e0 }";
        var id = (await Store.Segments.Create(Workspace, "s", null, "draft", Some.Now)).Value.Id;
        Assert.Equal(1, (await Store.Segments.Publish(Workspace, id, Odd, "ana", "first", Some.Now))!.Value.Value.Number);
        _ = await Store.Segments.Edit(Workspace, id, segment => segment with { Draft = "next" }, Some.Now);
        Assert.Equal(2, (await Store.Segments.Publish(Workspace, id, "{}", null, null, Some.Now.Plus(Some.Minute)))!.Value.Value.Number);

        var segment = Store.Segments.Find(Workspace, id)!;
        Assert.Equal((SegmentStatus.Published, 2, (int?)null, (string?)null), (segment.Status, segment.PublishedRevision, segment.ComputedRevision, segment.Draft));
        var revisions = Store.Segments.Revisions(Workspace, id);
        Assert.Equal([(1, Odd, "ana", "first", Some.Now), (2, "{}", null, null, Some.Now.Plus(Some.Minute))], revisions.Select(revision => (revision.Number, revision.Definition, revision.Author, revision.Note, revision.PublishedAt)));
        Assert.Equal(Odd, Store.Segments.Revision(Workspace, id, 1)!.Definition);
        Assert.Equal("{}", Assert.Single(Store.Segments.Published(Workspace)).Revision.Definition);
    }

    [Fact]
    public async Task Pages_are_ordered_by_name_then_id()
    {
        foreach (var name in new[] { "b", "C", "a", "d" })
        {
            _ = await Store.Segments.Create(Workspace, name, null, null, Some.Now);
        }

        var page = Store.Segments.Page(Workspace, skip: 1, limit: 2);
        Assert.Equal(["a", "b"], page.Segments.Select(segment => segment.Name));
        Assert.Equal(4, page.Total);
        Assert.Empty(Store.Segments.Page(Workspace, skip: 4, limit: 2).Segments);
        Assert.Equal(0, Store.Segments.Page(Stranger, skip: 0, limit: 2).Total);
    }

    [Fact]
    public async Task Another_workspace_finds_changes_and_deletes_nothing()
    {
        var id = (await Published("s")).Id;
        Assert.Null(Store.Segments.Find(Stranger, id));
        Assert.Empty(Store.Segments.Revisions(Stranger, id));
        Assert.Null(await Store.Segments.Edit(Stranger, id, segment => segment with { Name = "x" }, Some.Now));
        Assert.Null(await Store.Segments.Publish(Stranger, id, "{}", null, null, Some.Now));
        Assert.Null(await Store.Segments.Archive(Stranger, id, Some.Now));
        Assert.Null(await Store.Segments.Delete(Stranger, id));
        Assert.Null((await Store.Segments.DeleteUnused(Stranger, id)).Revision);
        Assert.False(Store.Segments.WhereUsed(Stranger, id).Any);
        Assert.Equal(1, Store.Segments.Find(Workspace, id)!.PublishedRevision);
    }

    [Fact]
    public async Task What_began_to_use_a_segment_just_before_keeps_it_from_being_deleted()
    {
        var segment = await Published("s");
        var creating = Store.Actions.Create(Workspace, new() { Id = Guid.NewGuid(), Name = "refund", RestrictedToSegments = [segment.Id] }, Some.Now);
        var (revision, uses) = await Store.Segments.DeleteUnused(Workspace, segment.Id);
        var action = (await creating).Value;
        Assert.Null(revision);
        Assert.Equal(action.Id, Assert.Single(uses.Actions).Id);
        Assert.Equal([segment.Id], Store.Actions.Find(Workspace, action.Id)!.RestrictedToSegments);

        _ = await Store.Actions.Delete(Workspace, action.Id);
        (revision, uses) = await Store.Segments.DeleteUnused(Workspace, segment.Id);
        Assert.Equal((Store.Workspaces.Revision(Workspace), false), (revision, uses.Any));
        Assert.Null(Store.Segments.Find(Workspace, segment.Id));
        Assert.Null((await Store.Segments.DeleteUnused(Workspace, segment.Id)).Revision);
    }

    [Fact]
    public async Task Where_used_names_segments_actions_and_instructions()
    {
        var used = await Published("used");
        Assert.False(Store.Segments.WhereUsed(Workspace, used.Id).Any);
        var byRule = await Published("by rule", $$"""{"type":"segment","segment_id":"{{used.Id.ToString()!.ToUpperInvariant()}}"}""");
        var byDraft = (await Store.Segments.Create(Workspace, "by draft", null, $$"""{"and":[{"segment_id":"{{used.Id}}" """, Some.Now)).Value;
        _ = await Published("no");
        var action = (await Store.Actions.Create(Workspace, new() { Id = Guid.NewGuid(), Name = "refund", RestrictedToSegments = [used.Id] }, Some.Now)).Value;
        var instruction = (await Store.Instructions.Create(Workspace, new() { Id = Guid.NewGuid(), Title = "t", Content = "c", RestrictedToSegments = [used.Id] }, Some.Now)).Value;

        var uses = Store.Segments.WhereUsed(Workspace, used.Id);
        Assert.Equal([byDraft.Id, byRule.Id], uses.Segments.Select(segment => segment.Id));
        Assert.Equal(action.Id, Assert.Single(uses.Actions).Id);
        Assert.Equal(instruction.Id, Assert.Single(uses.Instructions).Id);
    }
}
