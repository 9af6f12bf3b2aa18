namespace SegmentEngine.Storage.Tests;

public sealed class SqliteDirtyContactsTests : DirtyContactsTests<SqliteTestDatabase>;

public abstract class DirtyContactsTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task Every_touched_contact_is_marked_with_the_revision()
    {
        var contacts = await Contacts("u1", "u2");
        _ = await Ingest(new EventWrite { User = "u2", Name = "order", At = Some.Now });
        Assert.Equal([new(contacts[0].Number, 1), new(contacts[1].Number, 2)], Marks(10).OrderBy(mark => mark.Mark));
    }

    [Fact]
    public async Task A_contact_that_changes_during_the_run_stays_dirty()
    {
        var contact = (await Contacts("u1"))[0];
        var batch = Store.Dirty.Take(Workspace, contact.Shard, 10);
        _ = await Contacts("u1");
        await Handle(contact.Shard, batch);
        Assert.Equal([new DirtyContact(contact.Number, 2)], Store.Dirty.Take(Workspace, contact.Shard, 10).Contacts);
        Assert.Equal((1, 2), Store.Dirty.Waiting(Workspace, contact.Shard));

        await Handle(contact.Shard, Store.Dirty.Take(Workspace, contact.Shard, 10));
        Assert.Empty(Store.Dirty.Take(Workspace, contact.Shard, 10).Contacts);
    }

    [Fact]
    public async Task A_batch_says_up_to_which_revision_it_reflects()
    {
        var contacts = await Contacts([.. Enumerable.Range(0, 10).Select(i => $"u{i}")]);
        var some = contacts.Where(contact => contact.Shard == contacts[0].Shard).ToList();
        _ = await Contacts(some[1].Contact.ExternalId!);
        _ = await Ingest(new ContactWrite { Email = "last@x.com" });
        Assert.Equal(3, Store.Dirty.Take(Workspace, some[0].Shard, 100).Revision);

        // The second contact waits since the first revision although its mark is the second, so a batch that leaves it out reflects nothing.
        var first = Store.Dirty.Take(Workspace, some[0].Shard, 1);
        Assert.Equal((true, 0L), (first.More, first.Revision));
        Assert.Equal([some[0].Number], first.Contacts.Select(contact => contact.Contact));
    }

    [Fact]
    public async Task All_contacts_can_be_marked_at_once()
    {
        _ = await Contacts("u1", "u2", "u3");
        foreach (var shard in new[] { 0, 1 })
        {
            await Handle(shard, Store.Dirty.Take(Workspace, shard, 10));
        }

        Assert.Empty(Marks(10));
        Assert.Equal(2, await Store.Dirty.MarkAll(Workspace));
        Assert.Equal([2, 2, 2], Marks(10).Select(mark => mark.Mark));
    }

    private IEnumerable<DirtyContact> Marks(int max) => Enumerable.Range(0, 2).SelectMany(shard => Store.Dirty.Take(Workspace, shard, max).Contacts);

    private async Task Handle(int shard, DirtyBatch batch)
    {
        var lease = await Store.Shards.TakeLease(Workspace, shard, "test", Some.Now, Some.Minute);
        _ = await Store.Memberships.Commit(new() { Workspace = Workspace, Leases = [lease!], At = Some.Now, Revision = batch.Revision, Handled = [new(shard, batch.Contacts)] });
    }
}
