using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Microsoft.Data.Sqlite;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>
/// Two hundred conditions over twenty million events of a million contacts, two shards side by side, against the same questions in SQL on SQLite by two connections side by side.
/// Times are per contact; SQLite is asked about a twentieth of the contacts, each question by the index that was the fastest for it. Both name the same contacts, or nothing is measured.
/// </summary>
[Config(typeof(OneProcess))]
[MemoryDiagnoser]
public class EventConditionsBenchmarks
{
    private const int Contacts = ManyEvents.Shards * ManyEvents.ContactsPerShard;
    private const int Asked = Contacts / 20;

    private static readonly string[] cellNames = ["$contact", "$name", "$at", "$number", "$text", "$id"];
    private static readonly string[] indexes = ["events_by_contact", "events_by_time", "events_by_id"];

    /// <summary>All cases run in one process and share one filling of the columns and of the database.</summary>
    private static readonly Lazy<ManyEvents> many = new(Filled);
    private static readonly Lazy<Database> database = new(static () => new(many.Value));

    private ShardEvaluator[] evaluators = [];
    private string[] queries = [];

    [Params("all", nameof(ConditionKind.Count), nameof(ConditionKind.Aggregate), nameof(ConditionKind.FirstOrLast), nameof(ConditionKind.Sequence), nameof(ConditionKind.Habit))]
    public string Conditions { get; set; } = "all";

    [GlobalSetup(Target = nameof(Sqlite))]
    public void ChooseQueries() => queries = [.. Chosen().Select(static condition => database.Value.Queries[condition.Segment])];

    [GlobalSetup(Target = nameof(Columns))]
    public void ChoosePlan()
    {
        var plan = ManyEvents.PlanOf(Chosen());
        evaluators = [.. many.Value.Columns.Select(columns => new ShardEvaluator(plan, columns))];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Asked)]
    public long Sqlite() => SideBySide(side => queries.Where((_, i) => i % ManyEvents.Shards == side).Sum(query => (long)Database.Contacts(database.Value.Connections[side], query).Count));

    [Benchmark(OperationsPerInvoke = Contacts)]
    public long Columns() => SideBySide(side => evaluators[side].Run(ManyEvents.Now, static _ => null).Rules.Sum(static rule => (long)rule.Members.Count));

    private static long SideBySide(Func<int, long> work)
    {
        var results = new long[ManyEvents.Shards];
        Thread[] threads = [.. Enumerable.Range(0, results.Length).Select(side => new Thread(() => results[side] = work(side)))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        return results.Sum();
    }

    private sealed class OneProcess : ManualConfig
    {
        public OneProcess() =>
            AddJob(Job.Default.WithToolchain(new InProcessNoEmitToolchain(TimeSpan.FromHours(1), logOutput: true)).WithStrategy(RunStrategy.Monitoring).WithWarmupCount(1).WithIterationCount(5));
    }

    private IEnumerable<EventCondition> Chosen() => many.Value.Conditions.Where(condition => Conditions == "all" || condition.Kind.ToString() == Conditions);

    private static ManyEvents Filled()
    {
        var clock = Stopwatch.StartNew();
        var filled = new ManyEvents();
        var (events, bytes) = (ManyEvents.Shards * ManyEvents.EventsPerShard, filled.Columns.Sum(static columns => columns.Bytes));
        Console.WriteLine($"// {events} events in {clock.Elapsed.TotalSeconds:F0} s, {bytes / 1_000_000} MB of columns, {(double)bytes / events:F1} bytes an event, {filled.Plan.Conditions} conditions");
        Append(filled.Plan);
        Ask(filled);
        return filled;
    }

    /// <summary>What further events cost once there are many.</summary>
    private static void Append(RulePlan plan)
    {
        const int held = 2_000_000, added = 200_000;
        var (columns, contact) = (new ShardColumns(), new Contacts.Contact());
        columns.Extend(plan, Enumerable.Range(0, ManyEvents.ContactsPerShard).Select(seat => (new ContactIndex(seat), contact)), ManyEvents.EventsOf(shard: 1).Take(held).Select(static happened => (new ContactIndex(happened.Seat), happened.Event)));
        var events = ManyEvents.NewEvents(added, seed: 0).Select(static happened => (new ContactIndex(happened.Seat), happened.Event)).ToArray();
        var clock = Stopwatch.StartNew();
        foreach (var (seat, happened) in events)
        {
            columns.Add(seat, happened);
        }

        Console.WriteLine($"// {clock.Elapsed.TotalMicroseconds / added:F1} µs an event that comes in after {held}");
    }

    /// <summary>What one contact's answers cost.</summary>
    private static void Ask(ManyEvents many)
    {
        var contacts = new ShardEvaluator(many.Plan, many.Columns[0]).At(ManyEvents.Now, static _ => null);
        var truths = new Truth[many.Plan.Segments.Length];
        var clock = new Stopwatch();
        for (var i = 0; i < 3; i++)
        {
            clock.Restart();
            for (var seat = 0; seat < Asked; seat++)
            {
                contacts.Ask(new(seat), truths);
            }
        }

        Console.WriteLine($"// {clock.Elapsed.TotalMicroseconds / Asked:F1} µs for all conditions of one contact");
    }

    /// <summary>A database of the first shard's first contacts.</summary>
    private sealed class Database
    {
        public Database(ManyEvents many)
        {
            var file = Path.Combine(Directory.CreateTempSubdirectory("segment-events-").FullName, "events.db");
            Connections = [.. Enumerable.Range(0, ManyEvents.Shards).Select(_ => Open(file))];
            Fill(Connections[0]);
            Queries = many.Conditions.ToDictionary(static condition => condition.Segment, Fastest);
            Compare(many);
        }

        public SqliteConnection[] Connections { get; }

        public Dictionary<SegmentId, string> Queries { get; }

        public static List<int> Contacts(SqliteConnection connection, string query)
        {
            using var command = connection.CreateCommand();
            command.CommandText = query;
            using var reader = command.ExecuteReader();
            var contacts = new List<int>();
            while (reader.Read())
            {
                contacts.Add(reader.GetInt32(0));
            }

            return contacts;
        }

        private static SqliteConnection Open(string file)
        {
            var connection = new SqliteConnection($"Data Source={file}");
            connection.Open();
            Run(connection, "pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -1000000; pragma temp_store = memory");
            return connection;
        }

        private static void Fill(SqliteConnection connection)
        {
            Run(connection, "create table contacts (contact integer primary key); create table events (contact integer, name integer, at integer, number integer, text text, id text)");
            using (var transaction = connection.BeginTransaction())
            {
                Run(connection, $"with recursive c(n) as (select 0 union all select n + 1 from c where n < {Asked - 1}) insert into contacts select n from c");
                using var insert = connection.CreateCommand();
                insert.CommandText = "insert into events values ($contact, $name, $at, $number, $text, $id)";
                SqliteParameter[] cells = [.. cellNames.Select(name => insert.Parameters.Add(new(name, null)))];
                foreach (var happened in ManyEvents.EventsOf(shard: 0).Where(static happened => happened.Seat < Asked))
                {
                    (cells[0].Value, cells[1].Value, cells[2].Value) = (happened.Seat, happened.Kind, happened.At.Ticks);
                    (cells[3].Value, cells[4].Value, cells[5].Value) = ((object?)happened.Properties.Hundredths ?? DBNull.Value, happened.Properties.Text, (object?)happened.Properties.Id ?? DBNull.Value);
                    _ = insert.ExecuteNonQuery();
                }

                transaction.Commit();
            }

            Run(connection, "create index events_by_contact on events (name, contact, at, number, text, id); create index events_by_time on events (name, at, contact, number, text, id); create index events_by_id on events (name, contact, id, at, number, text); analyze");
        }

        /// <summary>The query by the index that answers it first.</summary>
        private string Fastest(EventCondition condition)
        {
            var (fastest, best) = ("", TimeSpan.MaxValue);
            foreach (var index in indexes)
            {
                var query = condition.Sql.Replace("INDEX", $"indexed by {index}", StringComparison.Ordinal);
                var clock = Stopwatch.StartNew();
                _ = Contacts(Connections[0], query);
                (fastest, best) = clock.Elapsed < best ? (query, clock.Elapsed) : (fastest, best);
            }

            return fastest;
        }

        private void Compare(ManyEvents many)
        {
            var result = new ShardEvaluator(many.Plan, many.Columns[0]).Run(ManyEvents.Now, static _ => null);
            var members = 0L;
            foreach (var condition in many.Conditions)
            {
                var ours = result[condition.Segment].Members.Select(static contact => contact.Value).TakeWhile(static seat => seat < Asked).ToList();
                var theirs = Contacts(Connections[0], Queries[condition.Segment]);
                theirs.Sort();
                members += ours.Count;
                if (!ours.SequenceEqual(theirs))
                {
                    throw new InvalidOperationException($"{ours.Count} contacts by columns, {theirs.Count} by SQLite: {condition.Rule} or {condition.Sql}");
                }
            }

            Console.WriteLine($"// the same {members} contacts by both, of {Asked} asked about");
        }

        private static void Run(SqliteConnection connection, string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            _ = command.ExecuteNonQuery();
        }
    }
}
