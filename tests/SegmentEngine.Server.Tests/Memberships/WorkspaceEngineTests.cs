using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Memberships;

public sealed class WorkspaceEngineTests
{
    private static readonly Instant now = Instant.From(DateTimeOffset.UtcNow);

    private string file = "";

    [Fact]
    public async Task A_segment_that_is_archived_and_published_again_between_two_turns_has_its_rows_back()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            var segment = (await database.Segments.Create(workspace, "pros", null, null, now)).Value.Id;
            _ = await database.Segments.Publish(workspace, segment, Some.ProRule, null, null, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.Equal(1, database.Memberships.Count(workspace, segment));

            _ = await database.Segments.Archive(workspace, segment, now);
            Assert.Equal(0, database.Memberships.Count(workspace, segment));
            _ = await database.Segments.Publish(workspace, segment, Some.ProRule, null, null, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.Equal(1, database.Memberships.Count(workspace, segment));
            Assert.Equal(1, view.For(workspace).Count(view.For(workspace).SegmentsById[segment]));
        });
    }

    /// <summary>Nothing else about it tells: not the number of those that are published, nor when it was changed last.</summary>
    [Fact]
    public async Task A_paused_segment_that_is_archived_while_the_clock_stands_is_gone()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            var pros = (await database.Segments.Create(workspace, "pros", null, null, now)).Value.Id;
            _ = await database.Segments.Publish(workspace, pros, Some.ProRule, null, null, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            _ = await database.Segments.Pause(workspace, pros, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.Equal(Readiness.Paused, view.For(workspace).SegmentsById[pros].Readiness);
            _ = await database.Segments.Archive(workspace, pros, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.Empty(view.For(workspace).Segments);
        });
    }

    [Fact]
    public async Task A_segment_that_is_paused_and_resumed_while_the_clock_stands_is_evaluated()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            var pros = (await database.Segments.Create(workspace, "pros", null, null, now)).Value.Id;
            _ = await database.Segments.Publish(workspace, pros, Some.ProRule, null, null, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            _ = await database.Segments.Pause(workspace, pros, now);
            _ = await database.Segments.Resume(workspace, pros, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.Equal((1, Readiness.Ready), (database.Segments.Find(workspace, pros)!.ComputedRevision, view.For(workspace).SegmentsById[pros].Readiness));
        });
    }

    [Fact]
    public async Task Seats_of_deleted_contacts_do_not_pile_up()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            engines.For(workspace).EmptySeatsMax = 3;
            var pros = (await database.Segments.Create(workspace, "pros", null, null, now)).Value.Id;
            _ = await database.Segments.Publish(workspace, pros, Some.ProRule, null, null, now);
            var most = 0;
            for (var i = 0; i < 60; i++)
            {
                _ = await database.Ingest.Write(workspace, [new ContactWrite { ExternalId = "guest", CustomData = Some.Json("""{"plan":"pro"}""") }], now, createContacts: true);
                await engines.For(workspace).CatchUp(CancellationToken.None);
                Assert.Equal(2, view.For(workspace).Count(view.For(workspace).SegmentsById[pros]));
                _ = await database.Contacts.Delete(workspace, database.Contacts.FindByExternalId(workspace, "guest")!.Contact.Id!.Value);
                await engines.For(workspace).CatchUp(CancellationToken.None);
                Assert.Equal(1, view.For(workspace).Count(view.For(workspace).SegmentsById[pros]));
                most = Math.Max(most, engines.For(workspace).EmptySeats);
            }

            Assert.InRange(most, 4, 2 * 4);
        });
    }

    [Fact]
    public async Task A_segment_made_again_under_the_same_id_between_two_turns_has_its_own_rule()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            var id = new SegmentId(Guid.NewGuid());
            async Task Make(string rule)
            {
                _ = await database.Segments.Create(workspace, "pros", null, null, now, id);
                _ = await database.Segments.Publish(workspace, id, rule, null, null, now);
            }

            await Make(Some.ProRule);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.Equal(1, view.For(workspace).Count(view.For(workspace).SegmentsById[id]));

            _ = await database.Segments.Delete(workspace, id);
            await Make("""{"type":"trait","trait":"plan","op":"eq","value":"enterprise"}""");
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.Equal(0, view.For(workspace).Count(view.For(workspace).SegmentsById[id]));
            Assert.Equal(0, database.Memberships.Count(workspace, id));
        });
    }

    [Fact]
    public async Task A_workspace_that_cannot_be_loaded_keeps_no_other_waiting()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            var lost = (await database.Workspaces.Create("lost", "UTC", now)).Id;
            _ = await database.Shards.TakeLease(lost, 0, "another process", now, TimeSpan.FromDays(1));
            var failure = await Assert.ThrowsAsync<AggregateException>(() => engines.CatchUpAll(CancellationToken.None));
            Assert.Contains($"shard 0 of workspace {lost} is written by another process", failure.InnerException!.Message, StringComparison.Ordinal);
            Assert.Equal((true, 1, 1), (view.IsLoaded, view.Failed, view.All.Count));
            Assert.Equal(1, view.For(workspace).Revision);
            _ = Assert.Throws<NotLoadedException>(() => view.For(lost));
        });
    }

    [Fact]
    public async Task What_the_last_run_left_is_not_shown_before_it_is_brought_up_to_date()
    {
        var folder = Directory.CreateTempSubdirectory("segment-engine-").FullName;
        using (var database = SegmentDatabase.Open(Path.Combine(folder, "test.db"), now))
        {
            var workspace = (await database.Workspaces.Create("test", "UTC", now)).Id;
            _ = await database.Ingest.Write(workspace, [new ContactWrite { ExternalId = "pro", CustomData = Some.Json("""{"plan":"pro"}""") }], now, createContacts: true);
            var segment = await database.Segments.Create(workspace, "pros", null, null, now);
            _ = await database.Segments.Publish(workspace, segment.Value.Id, Some.ProRule, null, null, now);

            var view = new MembershipView();
            var duringTheFirstTurn = new List<bool>();
            using var engines = new WorkspaceEngines(database, view, new NoJobs(), TimeProvider.System, new Watch(() => duringTheFirstTurn.Add(view.All.Count > 0)));
            await engines.For(workspace).CatchUp(CancellationToken.None);

            Assert.NotEmpty(duringTheFirstTurn);
            Assert.DoesNotContain(true, duringTheFirstTurn);
            Assert.Equal(1, view.For(workspace).Count(view.For(workspace).Segments.Single()));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Until_the_columns_are_loaded_answers_come_from_the_tables_and_say_how_old_they_are()
    {
        await WithEngine(async (database, workspace, engines, first) =>
        {
            var pros = (await database.Segments.Create(workspace, "pros", null, null, now)).Value.Id;
            _ = await database.Segments.Publish(workspace, pros, Some.ProRule, null, null, now);
            var others = (await database.Segments.Create(workspace, "others", null, null, now)).Value.Id;
            _ = await database.Segments.Publish(workspace, others, $$"""{"not":{{Some.ProRule}}}""", null, null, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            var pro = database.Contacts.FindByExternalId(workspace, "pro")!.Contact.Id!.Value;
            Assert.True(first.For(workspace).TryFindSeat(pro, out _));

            var view = new MembershipView();
            using var restarted = new WorkspaceEngines(database, view, new NoJobs(), TimeProvider.System, NullLogger<WorkspaceEngine>.Instance);
            restarted.ShowStored();
            var stored = view.For(workspace);
            Assert.True(stored.TryFindSeat(pro, out var seat));
            Assert.True(stored.IsMember(stored.SegmentsById[pros], seat));
            Assert.False(stored.IsMember(stored.SegmentsById[others], seat));
            Assert.Equal([pros], stored.SegmentsOf(seat).Select(static segment => segment.Id));
            Assert.Equal((1, 0), (stored.Count(stored.SegmentsById[pros]), stored.Count(stored.SegmentsById[others])));
            Assert.False(stored.TryFindSeat(new(Guid.NewGuid()), out var _));
            Assert.NotNull(stored.EvaluatedAt);
            Assert.Equal(TimeSpan.FromHours(1), stored.Behind(stored.EvaluatedAt.Value.Plus(TimeSpan.FromHours(1))));

            // A write after the moment is in the next snapshot, which a reader may wait for, and not in this one.
            var written = await database.Ingest.Write(workspace, [new ContactWrite { ExternalId = "pro", CustomData = Some.Json("""{"plan":"free"}""") }], now, createContacts: true);
            var newer = view.AtLeast(workspace, written.Revision, TimeSpan.FromMinutes(1), CancellationToken.None).AsTask();
            Assert.True(stored.IsMember(stored.SegmentsById[pros], seat));
            await restarted.For(workspace).CatchUp(CancellationToken.None);
            var loaded = await newer;
            Assert.True(loaded.TryFindSeat(pro, out seat));
            Assert.Equal([others], loaded.SegmentsOf(seat).Select(static segment => segment.Id));
            _ = Assert.Throws<NotLoadedException>(() => stored.TryFindSeat(pro, out _));
        });
    }

    [Fact]
    public async Task A_workspace_that_was_never_evaluated_is_not_shown_from_the_tables()
    {
        await WithEngine((database, workspace, engines, view) =>
        {
            Assert.Equal(1, database.Contacts.Count(workspace));
            engines.ShowStored();
            _ = Assert.Throws<NotLoadedException>(() => view.For(workspace));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task What_a_segment_leaves_behind_is_nobodys()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            async Task<SegmentId> Make(string name, string rule)
            {
                var id = (await database.Segments.Create(workspace, name, null, null, now)).Value.Id;
                _ = await database.Segments.Publish(workspace, id, rule, null, null, now);
                return id;
            }

            async Task<IEnumerable<SegmentId>> OfThePro()
            {
                await engines.For(workspace).CatchUp(CancellationToken.None);
                var snapshot = view.For(workspace);
                Assert.True(snapshot.TryFindSeat(database.Contacts.FindByExternalId(workspace, "pro")!.Contact.Id!.Value, out var seat));
                return snapshot.SegmentsOf(seat).Select(static segment => segment.Id);
            }

            const string nobody = """{"type":"trait","trait":"plan","op":"eq","value":"enterprise"}""";
            var first = await Make("a", Some.ProRule);
            Assert.Equal([first], await OfThePro());
            _ = await database.Segments.Delete(workspace, first);
            _ = await Make("b", nobody);
            Assert.Empty(await OfThePro());
            _ = await Make("c", nobody);
            var last = await Make("d", Some.ProRule);
            Assert.Equal([last], await OfThePro());
        });
    }

    [Fact]
    public async Task A_commit_that_breaks_off_between_its_steps_leaves_nothing_behind_that_the_next_does_not_put_right()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            const int contacts = 6_000;
            _ = await database.Ingest.Write(workspace, [.. Enumerable.Range(0, contacts).Select(static i => new ContactWrite { ExternalId = $"c{i}", CustomData = Some.Json($$"""{"n":{{i}}}""") })], now, createContacts: true);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            var segments = new List<SegmentId>();
            for (var i = 0; i < 10; i++)
            {
                segments.Add((await database.Segments.Create(workspace, $"s{i}", null, null, now)).Value.Id);
                _ = await database.Segments.Publish(workspace, segments[i], """{"type":"trait","trait":"n","op":"gte","value":0}""", null, null, now);
            }

            Run("create trigger full before insert on memberships when (select count(*) from segments where exists (select 1 from memberships where segment_no = segments.number)) = 10 begin select raise(abort, 'no more'); end");
            _ = await Assert.ThrowsAnyAsync<SqliteException>(() => engines.For(workspace).CatchUp(CancellationToken.None));
            Assert.Contains(database.Memberships.Stream(workspace), row => row.Revision > 0);
            Run("drop trigger full");

            foreach (var segment in segments)
            {
                _ = await database.Segments.Publish(workspace, segment, """{"type":"trait","trait":"n","op":"lt","value":100}""", null, null, now);
            }

            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.All(segments, segment => Assert.Equal((100, 100), (database.Memberships.Count(workspace, segment), view.For(workspace).Count(view.For(workspace).SegmentsById[segment]))));
        });
    }

    /// <summary>More contacts wait than one batch takes, and the columns know of all of them already.</summary>
    [Fact]
    public async Task After_a_commit_that_failed_every_waiting_contact_is_evaluated_not_only_the_first_batch()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            const int contacts = 21_000;
            async Task Save(string plan)
            {
                for (var first = 0; first < contacts; first += 3_000)
                {
                    _ = await database.Ingest.Write(workspace, [.. Enumerable.Range(first, 3_000).Select(i => new ContactWrite { ExternalId = $"c{i}", CustomData = Some.Json($$"""{"plan":"{{plan}}"}""") })], now, createContacts: true);
                }
            }

            await Save("free");
            var pros = (await database.Segments.Create(workspace, "pros", null, null, now)).Value.Id;
            _ = await database.Segments.Publish(workspace, pros, Some.ProRule, null, null, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);

            await Save("pro");
            Run("create trigger full before insert on memberships begin select raise(abort, 'no more'); end");
            _ = await Assert.ThrowsAnyAsync<SqliteException>(() => engines.For(workspace).CatchUp(CancellationToken.None));
            Run("drop trigger full");
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.Equal((contacts + 1, contacts + 1), (database.Memberships.Count(workspace, pros), view.For(workspace).Count(view.For(workspace).SegmentsById[pros])));
        });
    }

    /// <summary>The marks of the contacts on the list are taken in the turn that does not know of the list yet.</summary>
    [Fact]
    public async Task A_segment_that_is_given_lists_in_the_middle_of_a_turn_has_them_after_the_next()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            const int contacts = 21_000;
            var nobody = (await database.Segments.Create(workspace, "nobody", null, null, now)).Value.Id;
            _ = await database.Segments.Publish(workspace, nobody, """{"type":"trait","trait":"plan","op":"eq","value":"none"}""", null, null, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            for (var first = 0; first < contacts; first += 3_000)
            {
                _ = await database.Ingest.Write(workspace, [.. Enumerable.Range(first, 3_000).Select(static i => new ContactWrite { ExternalId = $"c{i}" })], now, createContacts: true);
            }

            var included = database.Contacts.FindByExternalId(workspace, "pro")!;
            var isGiven = false;
            engines.For(workspace).Trap = plan =>
            {
                if (!isGiven)
                {
                    isGiven = true;
                    Assert.NotNull(plan);
                    _ = database.Lists.Write(workspace, nobody, SegmentListKind.Include, [included.Number], ListMode.Append).GetAwaiter().GetResult();
                }
            };
            await engines.For(workspace).CatchUp(CancellationToken.None);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Assert.True(isGiven);
            Assert.Equal((1, 1), (database.Memberships.Count(workspace, nobody), view.For(workspace).Count(view.For(workspace).SegmentsById[nobody])));
        });
    }

    [Fact]
    public async Task Of_a_segment_whose_rows_are_half_written_the_tables_name_nobody()
    {
        await WithEngine(async (database, workspace, engines, first) =>
        {
            Assert.Empty(first.All);
            var pros = (await database.Segments.Create(workspace, "pros", null, null, now)).Value.Id;
            _ = await database.Segments.Publish(workspace, pros, Some.ProRule, null, null, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            Run($"update segments set computed_revision = {StoredSegment.RowsInWriting}");

            var view = new MembershipView();
            using var restarted = new WorkspaceEngines(database, view, new NoJobs(), TimeProvider.System, NullLogger<WorkspaceEngine>.Instance);
            restarted.ShowStored();
            var stored = view.For(workspace);
            Assert.True(stored.TryFindSeat(database.Contacts.FindByExternalId(workspace, "pro")!.Contact.Id!.Value, out var seat));
            Assert.Equal((Readiness.Building, false, 0, 0), (stored.SegmentsById[pros].Readiness, stored.IsMember(stored.SegmentsById[pros], seat), stored.Count(stored.SegmentsById[pros]), stored.SegmentsOf(seat).Count));
            await restarted.For(workspace).CatchUp(CancellationToken.None);
            restarted.ShowStored();
            Assert.Equal((1, Readiness.Ready), (view.For(workspace).Count(view.For(workspace).SegmentsById[pros]), view.For(workspace).SegmentsById[pros].Readiness));
        });
    }

    [Fact]
    public async Task A_rule_that_throws_is_put_aside_after_three_tries_keeps_its_members_and_hurts_no_other()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            async Task<SegmentId> Make(string name, string rule)
            {
                var id = (await database.Segments.Create(workspace, name, null, null, now)).Value.Id;
                _ = await database.Segments.Publish(workspace, id, rule, null, null, now);
                return id;
            }

            var pros = await Make("pros", Some.ProRule);
            var readers = await Make("readers", Some.RuleOn(pros.Value));
            await engines.For(workspace).CatchUp(CancellationToken.None);
            var sound = await Make("sound", Some.ProRule);
            engines.For(workspace).Trap = plan => _ = plan.Segments.Contains(pros) ? throw new InvalidOperationException("poison") : 0;
            _ = await database.Ingest.Write(workspace, [new ContactWrite { ExternalId = "second", CustomData = Some.Json("""{"plan":"pro"}""") }], now, createContacts: true);
            for (var tries = 0; tries < 2; tries++)
            {
                _ = await Assert.ThrowsAsync<InvalidOperationException>(() => engines.For(workspace).CatchUp(CancellationToken.None));
            }

            await engines.For(workspace).CatchUp(CancellationToken.None);
            var snapshot = view.For(workspace);
            SegmentState Of(SegmentId segment) => snapshot.SegmentsById[segment];
            Assert.Equal((Readiness.Failed, 1), (Of(pros).Readiness, snapshot.Count(Of(pros))));
            Assert.Contains("poison", Of(pros).FailureReason, StringComparison.Ordinal);
            Assert.Equal((Readiness.Ready, 2), (Of(sound).Readiness, snapshot.Count(Of(sound))));
            Assert.Equal((Readiness.Ready, 0), (Of(readers).Readiness, snapshot.Count(Of(readers))));

            // Another rule is another try.
            engines.For(workspace).Trap = null;
            _ = await database.Segments.Publish(workspace, pros, Some.ProRule, null, null, now);
            await engines.For(workspace).CatchUp(CancellationToken.None);
            snapshot = view.For(workspace);
            Assert.Equal((Readiness.Ready, 2, 2), (Of(pros).Readiness, snapshot.Count(Of(pros)), snapshot.Count(Of(readers))));
        });
    }

    [Fact]
    public async Task A_rule_that_does_not_end_is_put_aside_after_three_tries_and_hurts_no_other()
    {
        var clock = new StruckClock();
        await WithEngine(
            async (database, workspace, engines, view) =>
            {
                async Task<SegmentId> Make(string name)
                {
                    var id = (await database.Segments.Create(workspace, name, null, null, now)).Value.Id;
                    _ = await database.Segments.Publish(workspace, id, Some.ProRule, null, null, now);
                    return id;
                }

                var (endless, sound) = (await Make("endless"), await Make("sound"));
                engines.For(workspace).Trap = plan =>
                {
                    if (plan.Segments.Contains(endless))
                    {
                        clock.Strike();
                    }
                };
                for (var tries = 0; tries < 2; tries++)
                {
                    _ = await Assert.ThrowsAsync<TimeoutException>(() => engines.For(workspace).CatchUp(CancellationToken.None));
                }

                await engines.For(workspace).CatchUp(CancellationToken.None);
                var snapshot = view.For(workspace);
                Assert.EndsWith("it was not evaluated within 60 s", snapshot.SegmentsById[endless].FailureReason, StringComparison.Ordinal);
                Assert.Equal((Readiness.Building, 0), (snapshot.SegmentsById[endless].Readiness, snapshot.Count(snapshot.SegmentsById[endless])));
                Assert.Equal((Readiness.Ready, 1), (snapshot.SegmentsById[sound].Readiness, snapshot.Count(snapshot.SegmentsById[sound])));
            },
            clock);
    }

    [Fact]
    public async Task Rules_that_take_long_together_and_not_by_themselves_are_given_longer()
    {
        var clock = new StruckClock();
        await WithEngine(
            async (database, workspace, engines, view) =>
            {
                var slow = 3;
                SegmentId[] both = [(await database.Segments.Create(workspace, "one", null, null, now)).Value.Id, (await database.Segments.Create(workspace, "other", null, null, now)).Value.Id];
                foreach (var segment in both)
                {
                    _ = await database.Segments.Publish(workspace, segment, Some.ProRule, null, null, now);
                }

                engines.For(workspace).Trap = plan =>
                {
                    if (plan.Segments.Length == both.Length && slow-- > 0)
                    {
                        clock.Strike();
                    }
                };
                for (var tries = 0; tries < 2; tries++)
                {
                    _ = await Assert.ThrowsAsync<TimeoutException>(() => engines.For(workspace).CatchUp(CancellationToken.None));
                }

                await engines.For(workspace).CatchUp(CancellationToken.None);
                Assert.All(both, segment => Assert.Equal(Readiness.Ready, view.For(workspace).SegmentsById[segment].Readiness));
            },
            clock);
    }

    [Fact]
    public async Task A_segment_that_nobody_was_in_leaves_its_bit_to_others()
    {
        await WithEngine(async (database, workspace, engines, view) =>
        {
            for (var i = 0; i < 5; i++)
            {
                var nobody = (await database.Segments.Create(workspace, $"nobody {i}", null, null, now)).Value.Id;
                _ = await database.Segments.Publish(workspace, nobody, """{"type":"trait","trait":"plan","op":"eq","value":"none"}""", null, null, now);
                await engines.For(workspace).CatchUp(CancellationToken.None);
                Assert.Equal(0, view.For(workspace).SegmentsById[nobody].Slot);
                _ = await database.Segments.Archive(workspace, nobody, now);
                await engines.For(workspace).CatchUp(CancellationToken.None);
            }
        });
    }

    private void Run(string sql)
    {
        using var raw = new SqliteConnection($"Data Source={file};Pooling=False");
        raw.Open();
        using var command = raw.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    /// <summary>A workspace with one contact, a pro.</summary>
    private async Task WithEngine(Func<SegmentDatabase, WorkspaceId, WorkspaceEngines, MembershipView, Task> trial, TimeProvider? clock = null)
    {
        var folder = Directory.CreateTempSubdirectory("segment-engine-").FullName;
        file = Path.Combine(folder, "test.db");
        using (var database = SegmentDatabase.Open(file, now))
        {
            var workspace = (await database.Workspaces.Create("test", "UTC", now)).Id;
            _ = await database.Ingest.Write(workspace, [new ContactWrite { ExternalId = "pro", CustomData = Some.Json("""{"plan":"pro"}""") }], now, createContacts: true);
            var view = new MembershipView();
            using var engines = new WorkspaceEngines(database, view, new NoJobs(), clock ?? TimeProvider.System, NullLogger<WorkspaceEngine>.Instance);
            await trial(database, workspace, engines, view);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_snapshot_is_behind_once_time_has_changed_an_answer()
    {
        var backlog = new Backlog();
        var snapshot = new EngineSnapshot([], backlog, now) { Revision = 1, Shown = ShownSegments.None };
        Assert.Equal(TimeSpan.Zero, snapshot.Behind(now.Plus(TimeSpan.FromMinutes(-1))));
        Assert.Equal(TimeSpan.FromMinutes(5), snapshot.Behind(now.Plus(TimeSpan.FromMinutes(5))));
        backlog.Add(now.Plus(TimeSpan.FromMinutes(-1)));
        Assert.Equal(TimeSpan.FromMinutes(6), snapshot.Behind(now.Plus(TimeSpan.FromMinutes(5))));
    }

    private sealed class Watch(Action look) : ILogger<WorkspaceEngine>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => look();
    }
}
