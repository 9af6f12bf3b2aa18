using System.Diagnostics;
using System.Globalization;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;
using Xunit.Abstractions;

namespace SegmentEngine.Server.Tests.Trials;

/// <summary>The server is killed at random moments, again and again on one file, while contacts, events and publishes pour in.</summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>SEGMENT_KILLS sets another number.</summary>
    private static readonly int rounds = int.Parse(Environment.GetEnvironmentVariable("SEGMENT_KILLS") ?? "50", CultureInfo.InvariantCulture);

    /// <summary>SEGMENT_SYNCS has every number up to its own tried.</summary>
    private static readonly int[] syncs = int.TryParse(Environment.GetEnvironmentVariable("SEGMENT_SYNCS"), out var most) ? [.. Enumerable.Range(1, most)] : [1, 2, 3, 5, 8, 13, 21, 34, 55];

    private readonly string folder = Directory.CreateTempSubdirectory("segment-kill-").FullName;

    private string File => Path.Combine(folder, "killed.db");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Asked_to_stop_it_answers_whom_it_has_heard_and_loses_nothing()
    {
        var (workspace, key) = await NewWorkspace();
        var ledger = new Ledger(Environment.TickCount);
        using (var server = ServerProcess.Start(File, key))
        {
            await server.Ready();
            await ledger.Begin(server.Client);
            var writers = ledger.Write(server, round: 0);
            await ledger.Acknowledged(60);

            // It waits two seconds for a revision that never comes, and is heard to the end.
            var asking = Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.Resolve(new(), atLeast: long.MaxValue));
            await Task.Delay(300);
            Assert.Equal(0, await server.Stop());
            Assert.Equal(409, (await asking).Status);
            await writers;
            Assert.False(server.Complained, server.Said);
        }

        Assert.False(System.IO.File.Exists(File + "-wal"), "the log was not taken into the file");
        var held = ReadCopy(workspace);
        ledger.IsKeptBy(held);
        RowsAreRight(held);
        using var again = ServerProcess.Start(File, key);
        await again.Ready();
        await AllAnswersAreRight(again.Client, held);
    }

    [Fact]
    public async Task Kills_at_random_moments_lose_nothing_that_was_acknowledged_and_leave_every_segment_right()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var started = Stopwatch.StartNew();
        var (workspace, key) = await NewWorkspace();
        var ledger = new Ledger(seed);
        var held = ReadCopy(workspace);
        var (atWork, atStart) = (0, 0);
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                using var server = ServerProcess.Start(File, key);
                if (round % 8 == 7)
                {
                    // Killed while it starts and loads.
                    await Task.Delay(random.Next(100, 900));
                    await server.Kill();
                    atStart++;
                }
                else
                {
                    await server.Ready();
                    await (round == 0 ? ledger.Begin(server.Client) : AllAnswersAreRight(server.Client, held));
                    var writers = ledger.Write(server, round);
                    await Task.WhenAny(ledger.Acknowledged(random.Next(1, 60)), Task.Delay(TimeSpan.FromSeconds(20)), writers);
                    await Task.Delay(random.Next(0, 20));
                    await server.Kill();
                    await writers;
                }

                Assert.False(server.Complained, server.Said);
                held = ReadCopy(workspace);
                atWork += held.Waiting.Count > 0 || held.Segments.Any(segment => !held.IsComputed(segment.Segment.Id)) ? 1 : 0;
                ledger.IsKeptBy(held);
                RowsAreRight(held);
            }

            using var last = ServerProcess.Start(File, key);
            await last.Ready();
            await AllAnswersAreRight(last.Client, held);
        }
        finally
        {
            output.WriteLine($"seed {seed}: {rounds} kills in {started.Elapsed.TotalSeconds:0} s, {atWork} of them with work in hand, {atStart} while starting; {ledger}");
        }

        Assert.True(atWork > 0, "no kill met a recompute");
    }

    [StraceFact]
    public async Task A_kill_at_the_Kth_time_that_something_is_put_on_disk_loses_nothing_either()
    {
        var seed = Environment.TickCount;
        var started = Stopwatch.StartNew();
        var (workspace, key) = await NewWorkspace();
        var ledger = new Ledger(seed);
        using (var server = ServerProcess.Start(File, key))
        {
            await server.Ready();
            await ledger.Begin(server.Client);
            await server.Kill();
        }

        var died = 0;
        foreach (var k in syncs)
        {
            using (var server = ServerProcess.Start(File, key, Strace.KillsAtSync(k)))
            {
                if (await server.IsReadyBeforeItEnds())
                {
                    var writers = ledger.Write(server, k);
                    await Task.WhenAny(server.Ended(), Task.Delay(TimeSpan.FromSeconds(30)));
                    died += server.HasEnded ? 1 : 0;
                    await server.Kill();
                    await writers;
                }
                else
                {
                    died++;
                }
            }

            var held = ReadCopy(workspace);
            ledger.IsKeptBy(held);
            RowsAreRight(held);
        }

        var left = ReadCopy(workspace);
        using (var last = ServerProcess.Start(File, key))
        {
            await last.Ready();
            await AllAnswersAreRight(last.Client, left);
        }

        output.WriteLine($"seed {seed}: killed at {died} of {syncs.Length} syncs, up to the {syncs[^1]}th, in {started.Elapsed.TotalSeconds:0} s; {ledger}");
        Assert.Equal(syncs.Length, died);
    }

    private async Task<(WorkspaceId Workspace, string Key)> NewWorkspace()
    {
        using var database = SegmentDatabase.Open(File, Now);
        var workspace = (await database.Workspaces.Create("killed", "UTC", Now)).Id;
        return (workspace, (await database.Keys.Create(workspace, "test", [.. Scopes.All], Now)).Text);
    }

    /// <summary>Looks at a copy, so that the server finds its file as it was left.</summary>
    private HeldWorkspace ReadCopy(WorkspaceId workspace)
    {
        var copy = Directory.CreateDirectory(Path.Combine(folder, "copy"));
        try
        {
            foreach (var file in new[] { File, File + "-wal" }.Where(System.IO.File.Exists))
            {
                System.IO.File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
            }

            using var database = SegmentDatabase.Open(Path.Combine(copy.FullName, Path.GetFileName(File)), Now);
            Assert.True(database.IsIntact(out var complaints), string.Join('\n', complaints));
            return HeldWorkspace.Read(database, workspace);
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    /// <summary>Members and checks are those of the interpreter over what the file held.</summary>
    private static async Task AllAnswersAreRight(SegmentEngineClient client, HeldWorkspace held)
    {
        var members = held.Members(Now);
        foreach (var (segment, expected) in members)
        {
            var (found, cursor) = (new List<Guid>(), (string?)null);
            do
            {
                var page = await Patience.Ask(() => client.ListMembers(segment.Value, cursor, limit: 1_000, atLeast: held.Revision));
                Assert.Equal((expected.Count, false), (page.Total, page.Stale));
                found.AddRange(page.Items.Select(static member => member.ContactId));
                cursor = page.Next;
            }
            while (cursor is not null);

            Assert.Equal(held.Contacts.Where(contact => expected.Contains(contact.Number)).Select(static contact => contact.Contact.Id!.Value.Value).Order(), found.Order());
        }

        foreach (var checks in held.Contacts.SelectMany(contact => members.Select(segment => (Contact: contact, Segment: segment))).Chunk(1_000))
        {
            var answer = await client.CheckMany(new() { Checks = [.. checks.Select(static check => new CheckItem(check.Segment.Key.ToString(), check.Contact.Contact.Id!.Value.ToString()))] });
            Assert.Equal(checks.Select(static check => check.Segment.Value.Contains(check.Contact.Number)), answer.Results.Select(static result => result.Check!.IsMember));
        }
    }

    /// <summary>At whatever moment it was killed: a contact without a mark has the rows it should have in every segment that is said to be computed.</summary>
    private static void RowsAreRight(HeldWorkspace held)
    {
        var members = held.Members(Now);
        foreach (var (segment, _) in held.Segments.Where(each => held.IsComputed(each.Segment.Id)))
        {
            Assert.Equal(
                held.Contacts.Select(static contact => contact.Number).Where(contact => !held.Waiting.Contains(contact) && members[segment.Id].Contains(contact)),
                held.Contacts.Select(static contact => contact.Number).Where(contact => !held.Waiting.Contains(contact) && held.Rows.Contains((segment.Number, contact))));
        }
    }

    private static Instant Now => Instant.From(DateTimeOffset.UtcNow);
}
