using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;
using Xunit.Abstractions;

namespace SegmentEngine.Server.Tests.Trials;

/// <summary>The disk fails, and others hold the database's lock.</summary>
public sealed class FaultTests(ITestOutputHelper output) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("segment-faults-").FullName;

    private string File => Path.Combine(folder, "faulty.db");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [StraceFact]
    public Task On_a_full_disk_writes_are_refused_reads_go_on_and_all_is_well_when_there_is_room_again() => Fail("ENOSPC", 507, 503);

    [StraceFact]
    public Task Where_the_disk_cannot_be_written_writes_are_refused_reads_go_on_and_all_is_well_when_it_can() => Fail("EIO", 503);

    private async Task Fail(string error, params int[] refusals)
    {
        var (workspace, key) = await NewWorkspace();
        var acknowledged = new List<string>();
        var statuses = new SortedDictionary<int, int>();
        using (var server = ServerProcess.Start(File, key))
        {
            await server.Ready();
            var pros = await server.Client.CreateSegment(new() { Name = "pros", Definition = Some.Json(Some.ProRule) });
            var published = await server.Client.PublishSegment(pros.Id);
            _ = await Patience.Ask(() => server.Client.GetSegment(pros.Id, atLeast: published.Revision));
            for (var round = 0; round < 3; round++)
            {
                await Save(server.Client, $"before {round}");
                await using (await Strace.FailWrites(server.Id, error, File, File + "-wal"))
                {
                    for (var i = 0; i < 10; i++)
                    {
                        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.SaveContact(new() { ExternalId = $"refused {round} {i}" }));
                        Assert.Contains(refused.Status, refusals);
                        statuses[refused.Status] = statuses.GetValueOrDefault(refused.Status) + 1;
                        Assert.True((await server.Client.Check(pros.Id, $"external_id:before {round}")).IsMember);
                        Assert.Equal("pro", (await server.Client.GetContact($"external_id:before {round}")).CustomData!.Value.GetProperty("plan").GetString());
                    }
                }

                await Save(server.Client, $"after {round}");
            }

            async Task Save(SegmentEngineClient client, string user)
            {
                var saved = await Patience.Ask(() => client.SaveContact(new() { ExternalId = user, CustomData = Some.Json("""{"plan":"pro"}""") }));
                acknowledged.Add(user);
                Assert.True((await Patience.Ask(() => client.Check(pros.Id, $"external_id:{user}", atLeast: saved.Revision))).IsMember);
            }
        }

        using var database = SegmentDatabase.Open(File, Now);
        Assert.True(database.IsIntact(out var complaints), string.Join('\n', complaints));
        Assert.All(acknowledged, user => Assert.NotNull(database.Contacts.FindByExternalId(workspace, user)));
        output.WriteLine($"{error}: refused with {string.Join(", ", statuses.Select(static each => $"{each.Key} {each.Value} times"))}, three times over");
    }

    /// <summary>Of what is refused nobody may say that it is in, and of what is acknowledged nobody that it is not.</summary>
    [Fact]
    public async Task Sixteen_writers_long_readers_and_a_held_lock_lose_nothing_and_break_nothing()
    {
        var server = new TestServer();
        await server.InitializeAsync();
        try
        {
            var everyone = await server.Publish("everyone", Some.EveryoneRule);
            var first = await server.Client.SaveContact(new() { ExternalId = "first" });
            _ = await Patience.Ask(() => server.Client.GetSegment(everyone.Id, atLeast: first.Revision));
            var (acknowledged, refused, reads) = (new ConcurrentBag<string>(), new ConcurrentBag<int>(), new ConcurrentBag<double>());
            using var end = new CancellationTokenSource();
            var writers = Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; !end.IsCancellationRequested; i++)
                {
                    try
                    {
                        var user = $"{writer}/{i}";
                        _ = await server.Client.SaveContact(new() { ExternalId = user });
                        acknowledged.Add(user);
                    }
                    catch (SegmentEngineException failed)
                    {
                        refused.Add(failed.Status);
                    }
                }
            })).ToList();
            var reader = Task.Run(async () =>
            {
                while (!end.IsCancellationRequested)
                {
                    var started = Stopwatch.GetTimestamp();
                    Assert.True((await server.Client.Check(everyone.Id, first.Id.ToString())).IsMember);
                    reads.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                    await Task.Delay(2);
                }
            });
            using (var longReader = Open(server.File))
            {
                Run(longReader, "begin");
                Run(longReader, "select count(*) from contacts");
                await Task.Delay(1_000);
                using var holder = Open(server.File);
                Run(holder, "begin immediate");

                // Well beyond the five seconds that the writer waits, which take longer where the machine is busy.
                await Task.Delay(12_000);
                Run(holder, "rollback");
                await Task.Delay(1_000);
            }

            await end.CancelAsync();
            await Task.WhenAll([.. writers, reader]);
            Assert.All(refused, static status => Assert.Equal(503, status));
            Assert.NotEmpty(refused);
            Assert.All(acknowledged, user => Assert.NotNull(server.Database.Contacts.FindByExternalId(server.Workspace, user)));
            var last = await server.Client.SaveContact(new() { ExternalId = "last" });
            Assert.Equal(server.Database.Contacts.Count(server.Workspace), (await Patience.Ask(() => server.Client.GetSegment(everyone.Id, atLeast: last.Revision))).MemberCount);
            var sorted = reads.Order().ToList();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{acknowledged.Count} writes acknowledged, {refused.Count} refused with 503 while the lock was held; {sorted.Count} checks, p50 {sorted[sorted.Count / 2]:0.0} ms, p99 {sorted[sorted.Count * 99 / 100]:0.0} ms"));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private async Task<(WorkspaceId Workspace, string Key)> NewWorkspace()
    {
        using var database = SegmentDatabase.Open(File, Now);
        var workspace = (await database.Workspaces.Create("faulty", "UTC", Now)).Id;
        return (workspace, (await database.Keys.Create(workspace, "test", [.. Scopes.All], Now)).Text);
    }

    private static Instant Now => Instant.From(DateTimeOffset.UtcNow);

    private static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteScalar();
    }
}
