namespace SegmentEngine.Storage.Tests;

public sealed class SqliteEventStoreTests : EventStoreTests<SqliteTestDatabase>;

public abstract class EventStoreTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task A_stream_has_the_names_asked_for_in_the_order_of_arrival_and_only_what_is_new()
    {
        var contacts = await Contacts([.. Enumerable.Range(0, 40).Select(static i => $"u{i}")]); // so many that none of the two shards is without
        string[] names = ["a", "b", "c"];
        _ = await Ingest([.. Enumerable.Range(0, 300).Select(i => new EventWrite { User = $"u{i % 40}", Name = names[i % 3], At = Some.Now.Plus(TimeSpan.FromSeconds(-i)) })]);
        foreach (var shard in new[] { 0, 1 })
        {
            var expected = contacts.Where(contact => contact.Shard == shard).SelectMany(contact => Store.Events.OfContact(Workspace, contact.Number, ["a", "c"])).OrderBy(stored => stored.Number).ToList();
            var streamed = Store.Events.Stream(Workspace, shard, ["a", "c", "never"]).ToList();
            Assert.Equal(expected.Select(stored => (stored.Number, stored.Contact, stored.Name, stored.At)), streamed.Select(stored => (stored.Number, stored.Contact, stored.Name, stored.At)));
            Assert.Equal(
                expected.Where(stored => stored.Name == "c" || stored.Number > expected[4].Number).Select(stored => stored.Number),
                Store.Events.Stream(Workspace, shard, new Dictionary<string, long> { ["a"] = expected[4].Number, ["c"] = 0, ["never"] = 0 }).Select(stored => stored.Number));
            Assert.Empty(Store.Events.Stream(Stranger, shard, names));
        }

        Assert.Equal(names, Store.Events.Names(Workspace));
        Assert.Empty(Store.Events.Names(Stranger));
        Assert.Empty(Store.Events.OfContact(Stranger, contacts[0].Number));
    }

    [Fact]
    public async Task A_stream_left_half_way_blocks_nothing()
    {
        var contact = (await Contacts("u1"))[0];
        _ = await Ingest([.. Enumerable.Range(0, 10).Select(i => new EventWrite { User = "u1", Name = "a", At = Some.Now })]);
        Assert.Equal(1, Store.Events.Stream(Workspace, contact.Shard, ["a"]).First().Contact);
        _ = await Ingest(new EventWrite { User = "u1", Name = "a", At = Some.Now });
        Assert.Equal(11, Store.Events.Stream(Workspace, contact.Shard, ["a"]).Count());
    }

    [Fact]
    public async Task Names_are_compared_in_normal_form()
    {
        var contact = (await Contacts("u1"))[0];
        _ = await Ingest(new EventWrite { User = "u1", Name = "cafe\u0301", At = Some.Now });
        Assert.Equal("caf\u00e9", Assert.Single(Store.Events.Stream(Workspace, contact.Shard, ["caf\u00e9"])).Name);
    }
}
