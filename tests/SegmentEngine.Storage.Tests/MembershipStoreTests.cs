using SegmentEngine.Contacts;

namespace SegmentEngine.Storage.Tests;

public sealed class SqliteMembershipStoreTests : MembershipStoreTests<SqliteTestDatabase>;

public abstract class MembershipStoreTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task Entering_and_leaving_is_stored_paged_and_remembered()
    {
        var contacts = await Contacts("u1", "u2", "u3");
        var segment = await Published("s");
        _ = await Commit(Some.Now, segment, entered: contacts);
        _ = await Commit(Some.Now.Plus(Some.Minute), segment, entered: [contacts[0]], left: [contacts[1]]);

        Assert.Equal([(contacts[0].Number, Some.Now), (contacts[2].Number, Some.Now)], Store.Memberships.Stream(Workspace).Select(row => (row.Contact, row.Since)));
        Assert.Equal(["u1"], Store.Memberships.Members(Workspace, segment.Id, after: 0, limit: 1).Select(member => member.ExternalId));
        Assert.Equal(["u3"], Store.Memberships.Members(Workspace, segment.Id, after: contacts[0].Number, limit: 9).Select(member => member.ExternalId));
        Assert.Equal(2, Store.Memberships.Count(Workspace, segment.Id));
        Assert.Equal([false, true], Store.Memberships.History.OfContact(Workspace, contacts[1].Contact.Id!.Value, HistoryCursor.Newest, 9).Select(change => change.Entered));

        Assert.Empty(Store.Memberships.Stream(Stranger));
        Assert.Empty(Store.Memberships.BySegment(Stranger));
        Assert.Empty(Store.Memberships.Members(Stranger, segment.Id, 0, 9));
        Assert.Equal(0, Store.Memberships.Count(Stranger, segment.Id));
        Assert.Empty(Store.Memberships.History.OfSegment(Stranger, segment.Id, HistoryCursor.Newest, 9));
        var (days, isComplete) = Store.Memberships.History.PerDay(Workspace, segment.Id, Some.Now.Plus(TimeSpan.FromDays(-1)), TimeZoneInfo.Utc, 9);
        Assert.True(isComplete);
        Assert.Equal(
            Store.Memberships.History.OfSegment(Workspace, segment.Id, HistoryCursor.Newest, 9).GroupBy(static change => DateOnly.FromDateTime(change.At.ToDateTimeOffset().Date)).Select(static day => new MovementOfDay(day.Key, day.Count(static change => change.Entered), day.Count(static change => !change.Entered))),
            days);
        Assert.False(Store.Memberships.History.PerDay(Workspace, segment.Id, Some.Now.Plus(TimeSpan.FromDays(-1)), TimeZoneInfo.Utc, 1).IsComplete);
        Assert.Empty(Store.Memberships.History.PerDay(Stranger, segment.Id, default, TimeZoneInfo.Utc, 9).Days);
        Assert.Empty(Store.Memberships.History.OfContact(Stranger, contacts[1].Contact.Id!.Value, HistoryCursor.Newest, 9));
    }

    [Fact]
    public async Task Members_come_a_segment_at_a_time()
    {
        var contacts = await Contacts("u1", "u2", "u3");
        var (first, empty, last) = (await Published("first"), await Published("empty"), await Published("last"));
        _ = await Commit(Some.Now, last, entered: contacts);
        _ = await Commit(Some.Now, first, entered: [contacts[2], contacts[0]]);
        Assert.Equal(
            [(first.Number, $"{contacts[0].Number} {contacts[2].Number}"), (last.Number, string.Join(' ', contacts.Select(static contact => contact.Number)))],
            Store.Memberships.BySegment(Workspace).Select(static of => (of.Segment, string.Join(' ', of.Contacts))));
        Assert.DoesNotContain(empty.Number, Store.Memberships.BySegment(Workspace).Select(static of => of.Segment));
        Assert.Equal(
            contacts.Select(static contact => (contact.Number, contact.Contact.Id!.Value)).Order(),
            Enumerable.Range(0, 2).SelectMany(shard => Store.Contacts.StreamIds(Workspace, shard)).Order());
    }

    [Fact]
    public async Task A_commit_counts_generations_and_the_reflected_revision()
    {
        var contacts = await Contacts("u1");
        var segment = await Published("s");
        Assert.Equal([1, 1], (await Commit(Some.Now, segment, entered: contacts)).Generations);
        Assert.Equal([2, 2], (await Commit(Some.Now, segment, left: contacts)).Generations);
        Assert.All(Store.Shards.All(Workspace), shard => Assert.Equal((2, 7, Some.Now), (shard.Generation, shard.Revision, shard.EvaluatedAt)));
        Assert.All(Store.Shards.All(Stranger), shard => Assert.Equal(0, shard.Generation));
    }

    [Fact]
    public async Task A_stale_lease_writes_nothing()
    {
        var contacts = await Contacts("u1");
        var segment = await Published("s");
        var old = await Leases("one");
        Assert.Null(await Store.Shards.TakeLease(Workspace, 0, "two", Some.Now, Some.Minute));
        var taken = await Store.Shards.TakeLease(Workspace, 0, "two", Some.Now.Plus(Some.Minute), Some.Minute);
        Assert.False(await Store.Shards.Renew(old[0], Some.Now, Some.Minute));

        // The lease of shard 1 still holds; that of shard 0 does not, and the whole is undone.
        var commit = new MembershipCommit { Workspace = Workspace, Leases = [old[1], old[0]], At = Some.Now, Revision = 1, Deltas = Deltas(segment, contacts, []), Computed = [new(segment.Number, 1)] };
        Assert.Equal(0, (await Assert.ThrowsAsync<StaleLeaseException>(() => Store.Memberships.Commit(commit))).Shard);
        Assert.Empty(Store.Memberships.Stream(Workspace));
        Assert.All(Store.Shards.All(Workspace), shard => Assert.Equal(0, shard.Generation));
        Assert.Null(Store.Segments.Find(Workspace, segment.Id)!.ComputedRevision);

        Assert.True(await Store.Shards.Renew(taken!, Some.Now, Some.Minute));
        _ = await Store.Memberships.Commit(commit with { Leases = [taken!, old[1]] });
        Assert.True(await Store.Shards.Release(taken!));
        _ = await Assert.ThrowsAsync<StaleLeaseException>(() => Store.Memberships.Commit(commit with { Leases = [taken!] }));
    }

    [Fact]
    public async Task The_computed_revision_is_taken_only_while_it_is_the_published_one()
    {
        var segment = await Published("s");
        _ = await Store.Segments.Publish(Workspace, segment.Id, "{}", null, null, Some.Now);
        var leases = await Leases("one");
        var commit = new MembershipCommit { Workspace = Workspace, Leases = leases, At = Some.Now, Revision = 1, Computed = [new(segment.Number, 1)] };
        _ = await Store.Memberships.Commit(commit);
        Assert.Null(Store.Segments.Find(Workspace, segment.Id)!.ComputedRevision);
        _ = await Store.Memberships.Commit(commit with { Computed = [new(segment.Number, 2)] });
        var found = Store.Segments.Find(Workspace, segment.Id)!;
        Assert.Equal((2, Some.Now), (found.ComputedRevision, found.EvaluatedAt));
    }

    [Fact]
    public async Task Deltas_of_a_segment_that_is_gone_archived_or_anothers_are_passed_over()
    {
        var contacts = await Contacts("u1");
        var (deleted, archived) = (await Published("deleted"), await Published("archived"));
        var theirs = (await Store.Segments.Create(Stranger, "theirs", null, null, Some.Now)).Value;
        _ = await Store.Segments.Publish(Stranger, theirs.Id, "{}", null, null, Some.Now);
        _ = await Commit(Some.Now, deleted, entered: contacts);
        _ = await Commit(Some.Now, archived, entered: contacts);
        _ = await Store.Segments.Delete(Workspace, deleted.Id);
        _ = await Store.Segments.Archive(Workspace, archived.Id, Some.Now);
        Assert.Empty(Store.Memberships.Stream(Workspace));
        foreach (var segment in new[] { deleted, archived, Store.Segments.Find(Stranger, theirs.Id)! })
        {
            _ = await Commit(Some.Now, segment, entered: contacts);
        }

        Assert.Empty(Store.Memberships.Stream(Workspace));
        Assert.Empty(Store.Memberships.Stream(Stranger));
    }

    [Fact]
    public async Task A_contact_deleted_during_a_run_is_gone_once_its_mark_is_handled()
    {
        var contacts = await Contacts("u1", "u2");
        var segment = await Published("s");
        _ = await Store.Contacts.Delete(Workspace, contacts[0].Contact.Id!.Value);
        _ = await Commit(Some.Now, segment, entered: contacts);
        Assert.Equal(["u2"], Store.Memberships.Members(Workspace, segment.Id, 0, 9).Select(member => member.ExternalId));
        var batch = Store.Dirty.Take(Workspace, contacts[0].Shard, 9);
        _ = await Store.Memberships.Commit(new() { Workspace = Workspace, Leases = await Leases("one"), At = Some.Now, Revision = batch.Revision, Handled = [new(contacts[0].Shard, batch.Contacts)] });
        Assert.Equal([contacts[1].Number], Store.Memberships.Stream(Workspace).Select(row => row.Contact));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(StorageLimits.SingleRowsMax + 1)]
    [InlineData(StorageLimits.ChangeRowsMax)]
    [InlineData(StorageLimits.ChangeRowsMax + 1)]
    [InlineData(StorageLimits.CommitRowsMax + 1)]
    [InlineData(120_000)]
    public async Task However_many_enter_and_leave_rows_and_history_are_complete(int count)
    {
        _ = await Contacts("u0");
        var segment = await Published("s");
        var (before, other) = (await Published("before"), (await Contacts("v"))[0]);
        _ = await Commit(Some.Now, before, entered: [other]);
        var lease = await Leases("one");

        // Numbers without contacts would do for rows, but history names contacts.
        for (var start = 1; start < count; start += 20_000)
        {
            _ = await Ingest([.. Enumerable.Range(start, Math.Min(20_000, count - start)).Select(i => new ContactWrite { ExternalId = $"u{i}" })]);
        }

        var numbers = Enumerable.Range(0, 2).SelectMany(shard => Store.Contacts.Stream(Workspace, shard)).Where(contact => contact.Number != other.Number).ToLookup(contact => contact.Shard, contact => contact.Number);
        _ = await Store.Memberships.Commit(new()
        {
            Workspace = Workspace, Leases = lease, At = Some.Now, Revision = 7,
            Deltas = [.. numbers.Select(shard => new SegmentDelta(segment.Number, shard.Key, [.. shard.Reverse()], [], MembershipCause.Rule))],
        });
        Assert.Equal(count, Store.Memberships.Count(Workspace, segment.Id));
        Assert.Equal(count + 1, Store.Memberships.Stream(Workspace).Count());
        var cursor = HistoryCursor.Newest;
        var seen = new HashSet<ContactId>();
        for (IReadOnlyList<MembershipChange> page; (page = Store.Memberships.History.OfSegment(Workspace, segment.Id, cursor, 30_000)).Count > 0; cursor = page[^1].Cursor)
        {
            Assert.All(page, change => Assert.True(change.Entered && change.Cause == MembershipCause.Rule && seen.Add(change.Contact)));
        }

        Assert.Equal(count, seen.Count);
        var last = Store.Contacts.FindByExternalId(Workspace, $"u{count - 1}")!;
        Assert.Single(Store.Memberships.History.OfContact(Workspace, last.Contact.Id!.Value, HistoryCursor.Newest, 9));

        _ = await Store.Memberships.Commit(new()
        {
            Workspace = Workspace, Leases = lease, At = Some.Now, Revision = 7,
            Deltas = [.. numbers.Select(shard => new SegmentDelta(segment.Number, shard.Key, [], [.. shard], MembershipCause.Data))],
        });
        Assert.Equal([other.Number], Store.Memberships.Stream(Workspace).Select(row => row.Contact));
        Assert.Equal([false, true], Store.Memberships.History.OfContact(Workspace, last.Contact.Id.Value, HistoryCursor.Newest, 9).Select(change => change.Entered));
        Assert.True(Store.IsIntact(out _));
    }

    [Fact]
    public async Task Between_the_steps_of_a_large_commit_other_writes_have_their_turn_and_the_segment_counts_as_not_computed()
    {
        var segment = await Published("s");
        var commit = Store.Memberships.Commit(await Large(segment));
        var between = Store.Segments.Edit(Workspace, segment.Id, static before => before with { Description = "between" }, Some.Now);
        _ = await between;
        var found = Store.Segments.Find(Workspace, segment.Id)!;
        Assert.Equal(("between", StoredSegment.RowsInWriting), (found.Description, found.ComputedRevision));
        _ = await commit;
        Assert.Equal((1, 120_000), (Store.Segments.Find(Workspace, segment.Id)!.ComputedRevision, Store.Memberships.Count(Workspace, segment.Id)));
        Assert.All(Store.Shards.All(Workspace), shard => Assert.Equal(1, shard.Generation));
    }

    /// <summary>Or half of its rows would be kept as its members.</summary>
    [Fact]
    public async Task A_segment_is_not_paused_between_the_steps_of_its_commit()
    {
        var segment = await Published("s");
        var commit = Store.Memberships.Commit(await Large(segment));
        Assert.Equal(SegmentStatus.Published, (await Store.Segments.Pause(Workspace, segment.Id, Some.Now))!.Value.Value.Status);
        _ = await commit;
        Assert.Equal((1, 120_000), (Store.Segments.Find(Workspace, segment.Id)!.ComputedRevision, Store.Memberships.Count(Workspace, segment.Id)));
        Assert.Equal(SegmentStatus.Paused, (await Store.Segments.Pause(Workspace, segment.Id, Some.Now))!.Value.Value.Status);
    }

    [Fact]
    public async Task A_segment_emptied_between_the_steps_of_a_commit_gets_no_rows_of_it()
    {
        var segment = await Published("s");
        var commit = Store.Memberships.Commit(await Large(segment));
        _ = await Store.Segments.Archive(Workspace, segment.Id, Some.Now);
        _ = await Store.Segments.Publish(Workspace, segment.Id, """{"type":"all_contacts"}""", null, null, Some.Now);
        _ = await commit;
        Assert.Equal(0, Store.Memberships.Count(Workspace, segment.Id));
        Assert.Null(Store.Segments.Find(Workspace, segment.Id)!.ComputedRevision);
    }

    /// <summary>Or whoever computes that one would count from none, and the rows of this one would stay.</summary>
    [Fact]
    public async Task Rows_of_a_revision_that_another_has_replaced_meanwhile_are_known_to_be_there()
    {
        var contacts = await Contacts("u1");
        var segment = await Published("s");
        _ = await Store.Segments.Publish(Workspace, segment.Id, "{}", null, null, Some.Now);
        _ = await Store.Memberships.Commit(new() { Workspace = Workspace, Leases = await Leases("one"), At = Some.Now, Revision = 1, Deltas = Deltas(segment, contacts, []), Computed = [new(segment.Number, 1)] });
        Assert.Equal((1, StoredSegment.RowsInWriting), (Store.Memberships.Count(Workspace, segment.Id), Store.Segments.Find(Workspace, segment.Id)!.ComputedRevision));
    }

    [Fact]
    public async Task What_was_worked_out_before_a_segment_was_emptied_is_not_written_after()
    {
        var contacts = await Contacts("u1");
        var segment = await Published("s");
        var (delta, large) = (Deltas(segment, contacts, []), await Large(segment));
        _ = await Store.Segments.Archive(Workspace, segment.Id, Some.Now);
        _ = await Store.Segments.Publish(Workspace, segment.Id, "{}", null, null, Some.Now);
        var commit = new MembershipCommit { Workspace = Workspace, Leases = large.Leases, At = Some.Now, Revision = 1, Deltas = delta, Computed = [new(segment.Number, 2)] };
        _ = await Store.Memberships.Commit(commit);
        _ = await Store.Memberships.Commit(large);
        Assert.Empty(Store.Memberships.Stream(Workspace));
        var emptied = Store.Segments.Find(Workspace, segment.Id)!;
        Assert.Equal((1, (int?)null), (emptied.Emptied, emptied.ComputedRevision));
        _ = await Store.Memberships.Commit(commit with { Deltas = [.. delta.Select(static each => each with { Emptied = 1 })], Computed = [new(segment.Number, 2, Emptied: 1)] });
        Assert.Equal((1, 2), (Store.Memberships.Count(Workspace, segment.Id), Store.Segments.Find(Workspace, segment.Id)!.ComputedRevision));
    }

    [Fact]
    public async Task A_lease_lost_between_the_steps_of_a_commit_ends_it_there()
    {
        var segment = await Published("s");
        var large = await Large(segment);
        var commit = Store.Memberships.Commit(large);
        _ = await Store.Shards.TakeLease(Workspace, 1, "two", Some.Now.Plus(Some.Minute), Some.Minute);
        Assert.Equal(1, (await Assert.ThrowsAsync<StaleLeaseException>(() => commit)).Shard);
        Assert.Equal((StoredSegment.RowsInWriting, StorageLimits.CommitRowsMax), (Store.Segments.Find(Workspace, segment.Id)!.ComputedRevision, Store.Memberships.Count(Workspace, segment.Id)));
        Assert.All(Store.Shards.All(Workspace), shard => Assert.Equal(0, shard.Generation));

        // Entering once more changes nothing, and is what brings it to its end.
        _ = await Store.Memberships.Commit(large with { Leases = [large.Leases[0], (await Store.Shards.TakeLease(Workspace, 1, "two", Some.Now, Some.Minute))!] });
        Assert.Equal((1, 120_000), (Store.Segments.Find(Workspace, segment.Id)!.ComputedRevision, Store.Memberships.Count(Workspace, segment.Id)));
    }

    [Fact]
    public async Task A_commit_that_replaces_many_members_by_others_is_the_same_in_steps()
    {
        var segment = await Published("s");
        var leases = await Leases("one");
        MembershipCommit Of(IEnumerable<long> entered, IEnumerable<long> left) => new()
        {
            Workspace = Workspace, Leases = leases, At = Some.Now, Revision = 1,
            Deltas = [.. Enumerable.Range(0, 2).Select(shard => new SegmentDelta(segment.Number, shard, [.. entered.Where(number => number % 2 == shard)], [.. left.Where(number => number % 2 == shard)], MembershipCause.Rule))],
        };
        var thirds = Enumerable.Range(1, 100_000).Select(static i => (long)i).ToLookup(static number => number % 3);
        _ = await Store.Memberships.Commit(Of(thirds[0].Concat(thirds[1]), []));
        _ = await Store.Memberships.Commit(Of(thirds[2], thirds[1]));
        Assert.Equal(thirds[0].Concat(thirds[2]).Order(), Store.Memberships.Stream(Workspace).Select(static row => row.Contact));
    }

    /// <summary>All numbers up to 120,000 enter, whether there are contacts of them or not.</summary>
    private async Task<MembershipCommit> Large(StoredSegment segment) => new()
    {
        Workspace = Workspace, Leases = await Leases("one"), At = Some.Now, Revision = 1, Computed = [new(segment.Number, 1)],
        Deltas = [.. Enumerable.Range(0, 2).Select(shard => new SegmentDelta(segment.Number, shard, [.. Enumerable.Range(1, 120_000).Where(number => number % 2 == shard).Select(static number => (long)number)], [], MembershipCause.Rule))],
    };

    private async Task<ShardLease[]> Leases(string owner) =>
        [(await Store.Shards.TakeLease(Workspace, 0, owner, Some.Now, Some.Minute))!, (await Store.Shards.TakeLease(Workspace, 1, owner, Some.Now, Some.Minute))!];

    private async Task<MembershipCommitted> Commit(Instant at, StoredSegment segment, IReadOnlyList<StoredContact>? entered = null, IReadOnlyList<StoredContact>? left = null) =>
        await Store.Memberships.Commit(new() { Workspace = Workspace, Leases = await Leases("one"), At = at, Revision = 7, Deltas = Deltas(segment, entered ?? [], left ?? []) });

    private static List<SegmentDelta> Deltas(StoredSegment segment, IReadOnlyList<StoredContact> entered, IReadOnlyList<StoredContact> left) =>
        [.. Enumerable.Range(0, 2).Select(shard => new SegmentDelta(segment.Number, shard, Numbers(entered, shard), Numbers(left, shard), MembershipCause.Data))];

    private static List<long> Numbers(IEnumerable<StoredContact> contacts, int shard) => [.. contacts.Where(contact => contact.Shard == shard).Select(contact => contact.Number)];
}
