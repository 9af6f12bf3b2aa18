using SegmentEngine.Contacts;

namespace SegmentEngine.Storage.Tests;

public sealed class SqliteShardMomentTests : ShardMomentTests<SqliteTestDatabase>;

public abstract class ShardMomentTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task Nothing_that_is_written_later_is_seen_however_it_is_asked_for()
    {
        var contact = (await Contacts("u1"))[0];
        _ = await Ingest(new EventWrite { User = "u1", Name = "order", At = Some.Now });
        using (var moment = Store.ShardNow(Workspace, contact.Shard))
        {
            _ = await Ingest(new ContactWrite { ExternalId = "u1", Name = "later" }, new EventWrite { User = "u1", Name = "order", At = Some.Now });
            Assert.Equal([new DirtyContact(contact.Number, 2)], moment.Dirty(10).Contacts);
            Assert.Equal(2, moment.Dirty(10).Revision);
            Assert.Null(Assert.Single(moment.Contacts(ContactParts.BuiltIn)).Parts.Name);
            Assert.Null(Assert.Single(moment.Contacts([contact.Number])).Contact.Name);
            Assert.Single(moment.Events(new Dictionary<string, long> { ["order"] = 0 }));
        }

        using var next = Store.ShardNow(Workspace, contact.Shard);
        Assert.Equal(3, next.Dirty(10).Revision);
        Assert.Equal("later", Assert.Single(next.Contacts(ContactParts.BuiltIn)).Parts.Name);
        Assert.Equal(2, next.Events(new Dictionary<string, long> { ["order"] = 0 }).Count());
    }
}
