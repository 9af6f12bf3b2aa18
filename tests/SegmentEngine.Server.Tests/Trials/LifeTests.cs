using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;
using Xunit.Abstractions;

namespace SegmentEngine.Server.Tests.Trials;

/// <summary>
/// Whole lives of a workspace, one step after the other, chosen by a seed: contacts and events that come late, twice and out of order, deletions, edits, publishes, lists, pauses, commits that fail, turns that are cancelled
/// or taken twice at once, starts anew, and a clock that jumps both ways. After each turn every row and every answer is what the interpreter says. SEGMENT_LIVES sets how many, SEGMENT_LIFE_MINUTES after how long no other begins.
/// </summary>
public sealed class LifeTests(ITestOutputHelper output)
{
    private const int LivesInTests = 1_000;

    [Fact]
    public async Task Whatever_happens_in_a_life_every_membership_is_right_in_the_end()
    {
        var lives = int.Parse(Environment.GetEnvironmentVariable("SEGMENT_LIVES") ?? $"{LivesInTests}", CultureInfo.InvariantCulture);
        var first = int.TryParse(Environment.GetEnvironmentVariable("SEGMENT_SEED"), out var given) ? given : Random.Shared.Next(1 << 30);
        var longest = double.TryParse(Environment.GetEnvironmentVariable("SEGMENT_LIFE_MINUTES"), CultureInfo.InvariantCulture, out var minutes) ? TimeSpan.FromMinutes(minutes) : TimeSpan.MaxValue;
        var end = first;
        var folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"segment-lives-{Guid.NewGuid()}")).FullName;
        var (started, told) = (Stopwatch.StartNew(), new SortedDictionary<string, int>(StringComparer.Ordinal));
        try
        {
            var template = Path.Combine(folder, "template.db");
            WorkspaceId workspace;
            using (var database = SegmentDatabase.Open(template, Life.Begin))
            {
                workspace = (await database.Workspaces.Create("life", "Europe/Paris", Life.Begin)).Id;
            }

            for (; end < first + lives && started.Elapsed < longest; end++)
            {
                var (seed, file) = (end, Path.Combine(folder, $"{end}.db"));
                File.Copy(template, file);
                using (var life = new Life(file, workspace, seed, told))
                {
                    await life.Live();
                }

                foreach (var left in Directory.EnumerateFiles(folder, $"{seed}.db*"))
                {
                    File.Delete(left);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            output.WriteLine($"seeds {first} to {end - 1}, {end - first} lives in {started.Elapsed.TotalSeconds:0} s: {string.Join(", ", told.Select(static each => $"{each.Value:N0} {each.Key}"))}");
        }
    }

    private sealed class Life(string file, WorkspaceId workspace, int seed, SortedDictionary<string, int> told) : IDisposable
    {
        public static readonly Instant Begin = Instant.From(new DateTimeOffset(2031, 3, 29, 22, 0, 0, TimeSpan.Zero));

        private const int Users = 10;
        private const int SegmentsMax = 9;

        private static readonly string[] plans = ["free", "pro", "team"];
        private static readonly string[] eventNames = ["order", "refund", "login"];
        private static readonly string[] lists = ["press", "beta"];

        private readonly Random random = new(seed);
        private readonly SteppedClock clock = new(Begin.ToDateTimeOffset());
        private readonly List<SegmentId> segments = [];
        private readonly List<IngestItem> sent = [];
        private readonly List<string> steps = [];
        private SegmentDatabase database = SegmentDatabase.Open(file, Begin);
        private MembershipView view = new();
        private WorkspaceEngines? engines;
        private int messages;

        private Instant Now => Instant.From(clock.GetUtcNow());

        private WorkspaceEngine Engine
        {
            get
            {
                var engine = (engines ??= new(database, view, new NoJobs(), clock, NullLogger<WorkspaceEngine>.Instance)).For(workspace);
                engine.EmptySeatsMax = 1;
                return engine;
            }
        }

        public void Dispose()
        {
            engines?.Dispose();
            database.Dispose();
        }

        public async Task Live()
        {
            try
            {
                for (var i = 0; i < 2; i++)
                {
                    await Ingest();
                    await Publish();
                }

                for (var i = random.Next(15, 40); i > 0; i--)
                {
                    await Step();
                }

                await Turn();
                await TheHistoryTellsTheSame();
                Assert.True(database.IsIntact(out var complaints), string.Join('\n', complaints));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, after {string.Join(", ", steps)}: {failure.Message}", failure);
            }
        }

        private async Task Step()
        {
            var (name, step) = random.Next(20) switch
            {
                0 or 1 or 2 => ("ingests", (Func<Task>)Ingest),
                3 or 4 or 5 => ("turns", Turn),
                6 or 7 => ("publishes", Publish),
                8 => ("deletions", Delete),
                9 => ("changes of lists", List),
                10 => ("changes of a segment's lists", OwnList),
                11 => ("pauses", Pause),
                12 => ("segments gone", Remove),
                13 or 14 => ("steps of the clock", Clock),
                15 => ("starts anew", Restart),
                16 => ("failed commits", FailedCommit),
                17 => ("cancelled turns", CancelledTurn),
                18 => ("turns at once", TurnsAtOnce),
                _ => ("repetitions", Repeat),
            };
            steps.Add(name);
            told[name] = told.GetValueOrDefault(name) + 1;
            await step();
        }

        private async Task Ingest()
        {
            var items = new List<IngestItem>();
            for (var i = random.Next(1, 8); i > 0; i--)
            {
                items.Add(random.Next(2) == 0
                    ? new ContactWrite { ExternalId = User(), MessageId = $"m{messages++}", CustomData = Some.Json(string.Create(CultureInfo.InvariantCulture, $$"""{"plan":"{{plans[random.Next(3)]}}","score":{{random.Next(10)}},"seen":"{{Past():O}}" }""")) }
                    : new EventWrite { User = User(), MessageId = $"m{messages++}", Name = eventNames[random.Next(3)], At = Instant.From(Past()), Properties = Some.Json($$"""{"value":{{random.Next(10)}} }""") });
            }

            sent.AddRange(items);
            _ = await database.Ingest.Write(workspace, items, Now, createContacts: true);
        }

        /// <summary>What was sent before comes again, in another order.</summary>
        private async Task Repeat()
        {
            var before = Facts();
            _ = await database.Ingest.Write(workspace, [.. sent.OrderBy(_ => random.Next()).Take(20)], Now, createContacts: true);
            Assert.Equal(before, Facts());
        }

        private async Task Publish()
        {
            var id = segments.Count < 2 || (segments.Count < SegmentsMax && random.Next(3) > 0) ? new(Guid.NewGuid()) : segments[random.Next(segments.Count)];
            if (!segments.Contains(id))
            {
                _ = await database.Segments.Create(workspace, $"segment {id}", null, null, Now, id);
                segments.Add(id);
            }

            _ = await database.Segments.Publish(workspace, id, Rule(segments.IndexOf(id)), null, null, Now);
        }

        private async Task Remove()
        {
            // Nothing is built on any but the first two.
            if (segments.Count < 3)
            {
                return;
            }

            var id = segments[random.Next(2, segments.Count)];
            switch (random.Next(3))
            {
                case 0:
                    _ = await database.Segments.Delete(workspace, id);
                    _ = segments.Remove(id);
                    break;
                case 1:
                    _ = await database.Segments.Archive(workspace, id, Now);
                    break;
                default:
                    // Made again under its id.
                    _ = await database.Segments.Delete(workspace, id);
                    _ = await database.Segments.Create(workspace, $"segment {id} again", null, null, Now, id);
                    _ = await database.Segments.Publish(workspace, id, Rule(segments.IndexOf(id)), null, null, Now);
                    break;
            }
        }

        private async Task Pause()
        {
            var id = segments[random.Next(segments.Count)];
            _ = random.Next(3) == 0 ? await database.Segments.Pause(workspace, id, Now) : await database.Segments.Resume(workspace, id, Now);
        }

        private async Task Delete()
        {
            if (database.Contacts.FindByExternalId(workspace, User()) is { } contact)
            {
                _ = await database.Contacts.Delete(workspace, contact.Contact.Id!.Value, random.Next(4) == 0 ? Now : null);
            }
        }

        private async Task List() => _ = await database.Lists.Write(workspace, lists[random.Next(2)], SomeContacts(), (ListMode)random.Next(3));

        private async Task OwnList() => _ = await database.Lists.Write(workspace, segments[random.Next(segments.Count)], (SegmentListKind)random.Next(2), SomeContacts(), (ListMode)random.Next(3));

        private Task Clock()
        {
            var seconds = random.Next(4) switch { 0 => random.Next(1, 5), 1 => random.Next(7_200), 2 => random.Next(3 * 86_400), _ => random.Next(400 * 86_400) };
            clock.Step(TimeSpan.FromSeconds(random.Next(4) == 0 ? -seconds : seconds));
            return Task.CompletedTask;
        }

        private Task Restart()
        {
            engines?.Dispose();
            database.Dispose();
            database = SegmentDatabase.Open(file, Now);
            (engines, view) = (null, new());
            return random.Next(2) == 0 ? Turn() : Task.CompletedTask;
        }

        private async Task FailedCommit()
        {
            Run($"create trigger full before {(random.Next(2) == 0 ? "insert on memberships when new.contact_no % 2 = 1" : "delete on memberships")} begin select raise(abort, 'full'); end");
            try
            {
                await Engine.CatchUp(CancellationToken.None);
            }
            catch (SqliteException)
            {
                // As it should be, where there was something to write.
            }

            Run("drop trigger full");
        }

        private async Task CancelledTurn()
        {
            using var cancel = new CancellationTokenSource();
            if (random.Next(2) == 0)
            {
                await cancel.CancelAsync();
            }
            else
            {
                cancel.CancelAfter(TimeSpan.FromMilliseconds(random.NextDouble() * 3));
            }

            try
            {
                await Engine.CatchUp(cancel.Token);
            }
            catch (OperationCanceledException)
            {
                // As it should be, where it was not done by then.
            }
        }

        private async Task TurnsAtOnce()
        {
            await Task.WhenAll(Engine.CatchUp(CancellationToken.None), Engine.CatchUp(CancellationToken.None));
            EverythingIsRight();
        }

        private async Task Turn()
        {
            await Engine.CatchUp(CancellationToken.None);
            EverythingIsRight();
        }

        private void EverythingIsRight()
        {
            var held = HeldWorkspace.Read(database, workspace);
            Assert.Empty(held.Waiting);
            var snapshot = view.For(workspace);
            Assert.Equal(held.Revision, snapshot.Revision);
            Assert.Equal(held.Segments.Count, snapshot.Segments.Length);
            foreach (var (segment, revision) in held.Segments.Where(static each => each.Segment.Status == SegmentStatus.Published))
            {
                Assert.True(held.IsComputed(segment.Id), $"{revision.Definition} is not computed");
            }

            var members = held.Members(Now);
            foreach (var (segment, revision) in held.Segments)
            {
                var stored = held.Rows.Where(row => row.Segment == segment.Number).Select(static row => row.Contact).ToHashSet();
                if (segment.Status == SegmentStatus.Published && !members[segment.Id].SetEquals(stored))
                {
                    Assert.Fail($"{revision.Definition}{(segment.HasLists ? " with lists" : "")} at {Now}: {string.Join(' ', members[segment.Id].Order())} expected, {string.Join(' ', stored.Order())} stored, revision {revision.Number}, {string.Join("; ", held.Contacts.Where(contact => members[segment.Id].Contains(contact.Number) != stored.Contains(contact.Number)).Select(contact => $"{contact.Number} {contact.Contact.CustomData} {string.Join(' ', held.EventsOf(contact).Select(static happened => $"{happened.Name}@{happened.At}{happened.Properties}"))}"))}");
                }

                var state = snapshot.SegmentsById[segment.Id];
                Assert.Equal(stored.Count, snapshot.Count(state));
                foreach (var contact in held.Contacts)
                {
                    Assert.True(snapshot.TryFindSeat(contact.Contact.Id!.Value, out var seat));
                    Assert.Equal(stored.Contains(contact.Number), snapshot.IsMember(state, seat));
                }
            }

            Assert.Empty(held.Rows.Select(static row => row.Contact).Except(held.Contacts.Select(static contact => contact.Number)));
        }

        /// <summary>Whoever entered last and has not left is in, and nobody else.</summary>
        private Task TheHistoryTellsTheSame()
        {
            var held = HeldWorkspace.Read(database, workspace);
            foreach (var contact in held.Contacts)
            {
                var changes = database.Memberships.History.OfContact(workspace, contact.Contact.Id!.Value, HistoryCursor.Newest, 10_000);
                foreach (var (segment, _) in held.Segments)
                {
                    var own = changes.Where(change => change.Segment == segment.Id).Select(static change => change.Entered).ToList();
                    Assert.Equal(held.Rows.Contains((segment.Number, contact.Number)), own.FirstOrDefault());
                    Assert.Equal(own.Select((_, i) => own[0] == (i % 2 == 0)), own);
                }
            }

            return Task.CompletedTask;
        }

        private string Facts() => string.Join('\n', HeldWorkspace.Read(database, workspace) is var held
            ? held.Contacts.Select(contact => $"{contact.Contact.ExternalId} {contact.Contact.CustomData} {string.Join(' ', held.EventsOf(contact).Select(static happened => happened.Number))}") : []);

        private List<long> SomeContacts() => [.. database.Contacts.Page(workspace, 0, Users).Where(_ => random.Next(3) == 0).Select(static contact => contact.Number)];

        private string User() => $"user {random.Next(Users)}";

        private DateTimeOffset Past() => clock.GetUtcNow().AddSeconds(-(random.Next(2) == 0 ? random.Next(5_000) : random.Next(40 * 86_400)));

        private string Rule(int slot) => (slot < 2 ? slot : 2 + random.Next(9)) switch
        {
            0 => $$"""{"type":"trait","trait":"plan","op":"eq","value":"{{plans[random.Next(3)]}}"}""",
            1 => $$"""{"type":"trait","trait":"score","op":"gte","value":{{random.Next(10)}}}""",
            2 => $$"""{"type":"date","trait":"seen","value_type":"datetime","op":"in_last","amount":{{random.Next(1, 30)}},"unit":"day"}""",
            3 => $$$"""{"type":"event","event":"order","count":{"op":"gte","n":{{{random.Next(1, 4)}}} },"window":{"last":{"amount":{{{random.Next(1, 20)}}},"unit":"day"}} }""",
            4 => $$$"""{"type":"event_aggregate","event_in":["order","refund"],"property":"value","fn":"sum","op":"gte","value":{{{random.Next(20)}}},"window":{"last":{"amount":{{{random.Next(24, 400)}}},"unit":"hour"}} }""",
            5 => $$$"""{"and":[{"type":"segment","segment_id":"{{{segments[0]}}}","op":"in"},{"not":{"type":"event","event":"login","window":{"last":{"amount":{{{random.Next(1, 60)}}},"unit":"day"}} } }]}""",
            6 => $$"""{"or":[{"not":{"type":"segment","segment_id":"{{segments[1]}}","op":"in"} },{"type":"event_last","event":"refund","is":{"type":"property","property":"value","op":"gte","value":{{random.Next(10)}} } }]}""",
            7 => $$"""{"and":[{"type":"date","trait":"seen","value_type":"datetime","op":"more_than_ago","amount":{{random.Next(1, 20)}},"unit":"day"},{"type":"trait","trait":"plan","op":"neq","value":"free"}]}""",
            8 => """{"or":[{"type":"list","list_id":"press","op":"in"},{"type":"list","list_id":"beta","op":"not_in"}]}""",
            9 => $$"""{"type":"trait_age","trait":"plan","value":"{{plans[random.Next(3)]}}","for":{"op":"gte","amount":{{random.Next(1, 10)}},"unit":"day"} }""",
            _ => """{"type":"all_contacts"}""",
        };

        private void Run(string sql)
        {
            using var raw = new SqliteConnection($"Data Source={file};Pooling=False");
            raw.Open();
            using var command = raw.CreateCommand();
            command.CommandText = sql;
            _ = command.ExecuteNonQuery();
        }
    }
}
