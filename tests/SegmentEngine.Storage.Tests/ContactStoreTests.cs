namespace SegmentEngine.Storage.Tests;

public sealed class SqliteContactStoreTests : ContactStoreTests<SqliteTestDatabase>;

public abstract class ContactStoreTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task Pages_and_shards_hold_every_contact_once()
    {
        var contacts = await Contacts([.. Enumerable.Range(0, 100).Select(i => $"u{i}")]);
        var paged = new List<long>();
        for (IReadOnlyList<StoredContact> page; (page = Store.Contacts.Page(Workspace, paged.LastOrDefault(), 33)).Count > 0;)
        {
            paged.AddRange(page.Select(contact => contact.Number));
        }

        Assert.Equal(contacts.Select(contact => contact.Number), paged);
        var shards = Enumerable.Range(0, 2).Select(shard => Store.Contacts.Stream(Workspace, shard).ToList()).ToList();
        Assert.Equal(paged, shards.SelectMany(shard => shard).Select(contact => contact.Number).Order());
        Assert.All(shards, shard => Assert.InRange(shard.Count, 25, 75));
        Assert.All(shards[1], contact => Assert.Equal(1, ShardStore.Of(contact.Contact.Id!.Value, 2)));
        Assert.Empty(Store.Contacts.Page(Stranger, 0, 10));
        Assert.Empty(Store.Contacts.ByNumbers(Stranger, paged));
        Assert.Equal([paged[3], paged[7]], Store.Contacts.ByNumbers(Workspace, [paged[7], 999_999, paged[3]]).Select(contact => contact.Number));
    }

    [Fact]
    public async Task A_contact_is_found_by_each_of_its_names_in_its_own_workspace()
    {
        _ = await Ingest(new ContactWrite { ExternalId = "u1", Email = "One@Example.com" }, new ContactWrite { ExternalId = "u2" });
        var contact = Store.Contacts.FindByExternalId(Workspace, "u1")!;
        var id = contact.Contact.Id!.Value;
        Assert.Equal(contact.Number, Store.Contacts.Find(Workspace, id)!.Number);
        Assert.Equal(contact.Number, Store.Contacts.FindByEmail(Workspace, "one@EXAMPLE.com")!.Number);
        Assert.Equal(id, Store.Contacts.IdOfExternalId(Workspace, "u1"));
        Assert.Equal(id, Store.Contacts.IdOfEmail(Workspace, "one@EXAMPLE.com"));
        Assert.Null(Store.Contacts.IdOfExternalId(Workspace, "u3"));
        Assert.Null(Store.Contacts.IdOfExternalId(Stranger, "u1"));
        Assert.Null(Store.Contacts.IdOfEmail(Stranger, "one@example.com"));
    }

    [Fact]
    public async Task A_page_can_be_bounded_in_time()
    {
        _ = await Ingest(new ContactWrite { ExternalId = "old", CreatedAt = Some.Now.Plus(-Some.Minute) }, new ContactWrite { ExternalId = "new" });
        Assert.Equal(["new"], Store.Contacts.Page(Workspace, 0, 10, new(CreatedAfter: Some.Now.Plus(-Some.Minute))).Select(stored => stored.Contact.ExternalId));
        Assert.Equal(["old"], Store.Contacts.Page(Workspace, 0, 10, new(CreatedBefore: Some.Now)).Select(stored => stored.Contact.ExternalId));
    }

    [Fact]
    public async Task A_deleted_contact_leaves_only_a_mark_and_its_number_never_returns()
    {
        var contact = (await Contacts("u1"))[0];
        _ = await Ingest(new EventWrite { User = "u1", Name = "order", At = Some.Now, MessageId = "m1" });
        Assert.Null(await Store.Contacts.Delete(Stranger, contact.Contact.Id!.Value));
        var revision = await Store.Contacts.Delete(Workspace, contact.Contact.Id.Value);
        Assert.Null(Store.Contacts.Find(Workspace, contact.Contact.Id.Value));
        Assert.Empty(Store.Events.OfContact(Workspace, contact.Number));
        Assert.Equal([new DirtyContact(contact.Number, revision!.Value)], Store.Dirty.Take(Workspace, contact.Shard, 10).Contacts);
        Reopen();
        Assert.True((await Contacts("u2"))[0].Number > contact.Number);
        Assert.Equal(IngestOutcome.Duplicate, (await Store.Ingest.Write(Workspace, [new EventWrite { User = "u1", Name = "order", At = Some.Now, MessageId = "m1" }], Some.Now, createContacts: true)).Results[0].Outcome);
        Assert.Null(Store.Contacts.FindByExternalId(Workspace, "u1"));
    }

    [Fact]
    public void The_shard_of_a_contact_never_changes()
    {
        var id = new ContactId(Guid.Parse("11111111-1111-4111-8111-111111111111"));
        Assert.Equal([0, 0, 0, 0, 2, 0, 6], Enumerable.Range(1, 7).Select(count => ShardStore.Of(id, count)));
        var counts = Enumerable.Range(0, 8_000).CountBy(i => ShardStore.Of(new(Guid.CreateVersion7(Some.Now.Plus(TimeSpan.FromMilliseconds(i)).ToDateTimeOffset())), 8)).Select(shard => shard.Value);
        Assert.All(counts, count => Assert.InRange(count, 850, 1_150));
    }
}
