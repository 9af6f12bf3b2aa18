namespace SegmentEngine.Storage.Tests;

public sealed class SqliteWorkspaceStoreTests : WorkspaceStoreTests<SqliteTestDatabase>;

public abstract class WorkspaceStoreTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public void A_workspace_is_found_as_it_was_made()
    {
        var found = Store.Workspaces.Find(Workspace)!;
        Assert.Equal(("ours", "Europe/Paris", 2, 0L, "{}", Some.Now), (found.Name, found.TimeZone, found.ShardCount, found.Revision, found.TraitSchema, found.CreatedAt));
        Assert.Equal([Workspace, Stranger], Store.Workspaces.All().Select(workspace => workspace.Id));
    }

    [Fact]
    public async Task Every_write_counts_the_revision_of_its_workspace_alone()
    {
        Assert.Equal(1, await Store.Workspaces.SetTraitSchema(Workspace, """{"traits":{"plan":"string"}}"""));
        Assert.Equal(2, await Store.Workspaces.Rename(Workspace, "renamed", "UTC"));
        Assert.Equal(2, Store.Workspaces.Revision(Workspace));
        Assert.Equal(0, Store.Workspaces.Revision(Stranger));
        Assert.Equal("""{"traits":{"plan":"string"}}""", Store.Workspaces.Find(Workspace)!.TraitSchema);
    }

    [Fact]
    public async Task An_unknown_workspace_and_a_second_one_of_the_same_id_are_refused()
    {
        _ = Assert.Throws<NotInWorkspaceException>(() => Store.Contacts.Count(new(Guid.NewGuid())));
        _ = await Assert.ThrowsAsync<StoreConflictException>(() => Store.Workspaces.Create("again", "UTC", Some.Now, id: Workspace));
    }
}
