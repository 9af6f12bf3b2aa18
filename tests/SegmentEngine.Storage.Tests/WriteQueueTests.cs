namespace SegmentEngine.Storage.Tests;

/// <summary>Many writers, one transaction.</summary>
public sealed class WriteQueueTests : IDisposable
{
    private static readonly TimeSpan longest = TimeSpan.FromSeconds(30);

    private readonly SqliteTestDatabase database = new();
    private readonly SegmentDatabase store;

    public WriteQueueTests() => store = database.Open();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task A_write_that_fails_is_undone_alone()
    {
        var workspace = (await store.Workspaces.Create("w", "UTC", Some.Now)).Id;
        using var gate = new ManualResetEventSlim();
        var held = store.Writer.Run(_ => gate.Wait(TimeSpan.FromSeconds(10)));
        var writes = Enumerable.Range(0, 100).Select(i => store.Writer.Run(tx =>
        {
            using var insert = tx.Prepare("insert into event_names (workspace, name) values (1, ?1)").Set(1, $"name {i}");
            _ = insert.Run();
            return i % 10 != 3 ? tx.Revise(1) : throw new InvalidOperationException($"write {i}");
        })).ToList();
        gate.Set();
        Assert.True(await held);
        for (var i = 0; i < writes.Count; i++)
        {
            if (i % 10 == 3)
            {
                Assert.Equal($"write {i}", (await Assert.ThrowsAsync<InvalidOperationException>(() => writes[i])).Message);
            }
            else
            {
                _ = await writes[i];
            }
        }

        Assert.Equal(90, store.Events.Names(workspace).Count);
        Assert.DoesNotContain("name 13", store.Events.Names(workspace));
        var revisions = writes.Where(write => write.IsCompletedSuccessfully).Select(write => write.Result).Distinct().ToList();
        Assert.Equal(store.Workspaces.Revision(workspace), revisions.Max());
        Assert.True(revisions.Count < 90, "writes that wait together share a commit, and so a revision");
    }

    [Fact]
    public async Task The_first_of_a_group_can_fail_too_and_the_revision_it_took_is_free_again()
    {
        var workspace = (await store.Workspaces.Create("w", "UTC", Some.Now)).Id;
        using var gate = new ManualResetEventSlim();
        var failing = store.Writer.Run<long>(tx =>
        {
            _ = gate.Wait(TimeSpan.FromSeconds(10));
            _ = tx.Revise(1);
            throw new InvalidOperationException("no");
        });
        var next = store.Ingest.Write(workspace, [new ContactWrite { ExternalId = "u1" }], Some.Now, createContacts: false);
        gate.Set();
        _ = await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Equal(1, (await next).Revision);
    }

    [Fact]
    public async Task A_write_cancelled_before_its_turn_is_not_run()
    {
        using var gate = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var held = store.Writer.Run(_ => gate.Wait(TimeSpan.FromSeconds(10)));
        var cancelled = store.Writer.Run(_ => true, cancel.Token);
        await cancel.CancelAsync();
        gate.Set();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.True(await held);
    }

    [Fact]
    public async Task Closing_runs_what_waits_and_takes_no_more()
    {
        var workspace = (await store.Workspaces.Create("w", "UTC", Some.Now)).Id;
        var writes = Enumerable.Range(0, 500).Select(i => store.Ingest.Write(workspace, [new ContactWrite { ExternalId = $"u{i}" }], Some.Now, createContacts: false)).ToList();
        store.Dispose();
        _ = await Task.WhenAll(writes);
        _ = await Assert.ThrowsAsync<ObjectDisposedException>(() => store.Keys.Touch("x", Some.Now));
        var reopened = database.Open();
        Assert.Equal(500, reopened.Contacts.Count(workspace));
        Assert.True(reopened.IsIntact(out _));
    }

    [Theory]
    [InlineData("rollback", false)]
    [InlineData("rollback", true)]
    [InlineData("commit", false)]
    [InlineData("commit", true)]
    public async Task A_write_that_breaks_the_transaction_fails_and_the_writer_goes_on(string sql, bool throws)
    {
        var workspace = (await store.Workspaces.Create("w", "UTC", Some.Now)).Id;
        using var gate = new ManualResetEventSlim();
        var writes = Enumerable.Range(0, 4).Select(i => store.Writer.Run(tx =>
        {
            _ = gate.Wait(longest);
            tx.Session.Execute(sql);
            return throws ? throw new InvalidOperationException("and throws") : tx.Revise(1);
        })).ToList();
        gate.Set();
        foreach (var write in writes)
        {
            _ = await Assert.ThrowsAnyAsync<Exception>(() => write.WaitAsync(longest));
        }

        var next = await store.Ingest.Write(workspace, [new ContactWrite { ExternalId = "u1" }], Some.Now, createContacts: false).WaitAsync(longest);
        Assert.Equal(store.Workspaces.Revision(workspace), next.Revision);
        Assert.Equal(1, store.Contacts.Count(workspace));
    }

    [Fact]
    public async Task What_a_broken_transaction_held_is_acknowledged_to_nobody()
    {
        var workspace = (await store.Workspaces.Create("w", "UTC", Some.Now)).Id;
        using var gate = new ManualResetEventSlim();
        var held = store.Writer.Run(tx =>
        {
            _ = tx.Revise(1);
            return gate.Wait(TimeSpan.FromSeconds(10));
        });
        var breaks = store.Writer.Run(tx =>
        {
            tx.Session.Execute("rollback");
            return true;
        });
        gate.Set();
        _ = await Assert.ThrowsAnyAsync<Exception>(() => breaks.WaitAsync(longest));
        _ = await Assert.ThrowsAnyAsync<Exception>(() => held.WaitAsync(longest));
        Assert.Equal(0, store.Workspaces.Revision(workspace));
    }

    [Fact]
    public async Task A_connection_beyond_use_refuses_every_later_write_with_the_reason()
    {
        _ = await Assert.ThrowsAnyAsync<Exception>(() => store.Writer.Run(tx =>
        {
            tx.Session.Connection.Close();
            return true;
        }).WaitAsync(longest));
        for (var i = 0; i < 3; i++)
        {
            var refused = await Assert.ThrowsAsync<WriterBrokenException>(() => store.Workspaces.Create("w", "UTC", Some.Now).WaitAsync(longest));
            Assert.Contains("until it is opened again", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Readers_see_whole_groups_while_writers_write()
    {
        var workspace = (await store.Workspaces.Create("w", "UTC", Some.Now, shardCount: 1)).Id;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                _ = await store.Ingest.Write(workspace, [new ContactWrite { ExternalId = $"a{i}" }, new ContactWrite { ExternalId = $"b{i}" }], Some.Now, createContacts: false);
            }
        });
        while (!writing.IsCompleted)
        {
            Assert.Equal(0, store.Contacts.Stream(workspace, 0).Count() % 2);
        }

        await writing;
    }
}
