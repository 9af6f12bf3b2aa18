using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Microsoft.Data.Sqlite;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Benchmarks.Storage;

/// <summary>
/// A million membership rows into SQLite, durable: the store's commit, with the change log and in transactions small enough for other writes to come in between, against the plainest loop of prepared inserts
/// into a table with one key and nothing else, in one transaction.
/// </summary>
[SimpleJob(RunStrategy.Monitoring, iterationCount: 5, warmupCount: 1, invocationCount: 1)]
public class MembershipWrites
{
    private const int Segments = 4;
    private const int ContactsPerSegment = 250_000;
    private const int Shards = 2;
    private const int ContactsPerWrite = 5_000;

    private static readonly Instant now = new(new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc).Ticks);

    private string folder = "";
    private SegmentDatabase database = null!;
    private SqliteConnection plain = null!;
    private WorkspaceId workspace;
    private long[][] contacts = [];
    private List<StoredSegment> segments = [];
    private List<ShardLease> leases = [];

    [GlobalSetup]
    public async Task Fill()
    {
        folder = Directory.CreateTempSubdirectory("segment-writes-").FullName;
        database = SegmentDatabase.Open(Path.Combine(folder, "memberships.db"), now);
        workspace = (await database.Workspaces.Create("bench", "UTC", now, Shards)).Id;
        for (var first = 0; first < ContactsPerSegment; first += ContactsPerWrite)
        {
            var batch = Enumerable.Range(first, ContactsPerWrite).Select(static i => new ContactWrite { ExternalId = $"c{i}" }).ToList<IngestItem>();
            _ = await database.Ingest.Write(workspace, batch, now, createContacts: true);
        }

        contacts = [.. Enumerable.Range(0, Shards).Select(shard => database.Contacts.Stream(workspace, shard).Select(static contact => contact.Number).ToArray())];
        plain = new($"Data Source={Path.Combine(folder, "plain.db")}");
        plain.Open();
        Run("pragma journal_mode = wal; pragma synchronous = full; create table rows (segment integer, contact integer, since integer, revision integer, primary key (segment, contact)) without rowid");
    }

    [IterationSetup]
    public void NewSegments()
    {
        Run("delete from rows");
        segments = [.. Enumerable.Range(0, Segments).Select(_ => database.Segments.Create(workspace, Guid.NewGuid().ToString(), null, null, now).GetAwaiter().GetResult().Value)];
        segments.ForEach(segment => _ = database.Segments.Publish(workspace, segment.Id, "{\"type\":\"all_contacts\"}", null, null, now).GetAwaiter().GetResult());
        leases = [.. Enumerable.Range(0, Shards).Select(shard => database.Shards.TakeLease(workspace, shard, "bench", now, TimeSpan.FromHours(1)).GetAwaiter().GetResult()!)];
    }

    [IterationCleanup]
    public void DropSegments() => segments.ForEach(segment => _ = database.Segments.Delete(workspace, segment.Id).GetAwaiter().GetResult());

    [Benchmark(Baseline = true, OperationsPerInvoke = Segments * ContactsPerSegment)]
    public void PlainInserts_OneKey()
    {
        using var transaction = plain.BeginTransaction();
        using var insert = plain.CreateCommand();
        insert.CommandText = "insert into rows values ($segment, $contact, $since, 1)";
        var segment = insert.Parameters.Add("$segment", SqliteType.Integer);
        var contact = insert.Parameters.Add("$contact", SqliteType.Integer);
        insert.Parameters.AddWithValue("$since", now.Ticks);
        insert.Prepare();
        for (var i = 0; i < Segments; i++)
        {
            segment.Value = i;
            foreach (var number in contacts.SelectMany(static shard => shard))
            {
                contact.Value = number;
                _ = insert.ExecuteNonQuery();
            }
        }

        transaction.Commit();
    }

    [Benchmark(OperationsPerInvoke = Segments * ContactsPerSegment)]
    public Task<MembershipCommitted> Commit_WithHistory() => database.Memberships.Commit(new()
    {
        Workspace = workspace,
        Leases = leases,
        At = now,
        Revision = 1,
        Deltas = [.. segments.SelectMany(segment => contacts.Select((numbers, shard) => new SegmentDelta(segment.Number, shard, numbers, [], MembershipCause.Rule)))],
    });

    [GlobalCleanup]
    public void Close()
    {
        plain.Dispose();
        database.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private void Run(string sql)
    {
        using var command = plain.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }
}
