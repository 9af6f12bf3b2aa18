using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using Microsoft.Data.Sqlite;
using RulesEngine.Models;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>
/// Everybody's membership in a thousand segments, by us and by what one would take instead, each on one core and on the same contacts and rules. No time is written down
/// before the counts agree.
/// </summary>
internal sealed class ManySegmentsTable
{
    private const int PredicateContacts = 5_000;
    private const int SqliteSegments = 20;
    private const int SqliteCheckedContacts = 50_000;
    private const int DuckSeparate = 200;
    private const int RulesEngineContacts = 100;

    private static readonly int[] duckBatches = [25, 100, 1000];

    private readonly ManySegments many = new();
    private readonly ShardEvaluator evaluator;
    private readonly List<Formula> formulas = [.. ManySegments.Rules().Select(static rule => rule.Rule.Formula)];
    private readonly List<(string Who, string What, double Seconds, double Scale)> rows = [];
    private PlanResult result = null!;

    private ManySegmentsTable() => evaluator = new(many.Plan, many.Columns);

    public static void Write()
    {
        Results.UseOneCore();
        var table = new ManySegmentsTable();
        table.Sets();
        table.Predicates();
        table.DuckDb();
        table.Sqlite();
        table.MicrosoftRules().GetAwaiter().GetResult();
        table.Print();
    }

    private void Sets()
    {
        Add("sets of the whole shard", "all", Results.Time(9, () => result = evaluator.Run(ManySegments.Now, static _ => null), warmUps: 6), 1);
    }

    private void Predicates()
    {
        var one = evaluator.At(ManySegments.Now, static _ => null);
        var truths = new Truth[formulas.Count];
        var counts = new int[formulas.Count];
        var seconds = Results.Time(3, Ask, warmUps: 1);
        Add("our predicates, one contact after another", $"{PredicateContacts:#,0} contacts", seconds, (double)ManySegments.Contacts / PredicateContacts);
        Agree("the predicates", counts, PredicateContacts);

        void Ask()
        {
            counts.AsSpan().Clear();
            for (var seat = 0; seat < PredicateContacts; seat++)
            {
                one.Ask(new(seat), truths);
                for (var i = 0; i < truths.Length; i++)
                {
                    counts[i] += truths[i] == Truth.True ? 1 : 0;
                }
            }
        }
    }

    private void DuckDb()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Run($"SET threads = 1; CREATE TABLE contacts ({string.Join(", ", ContactRow.Columns.Select(static column => $"{column.Name} {(column.Type == "text" ? "VARCHAR" : column.Type)}"))})");
        using (var appender = connection.CreateAppender("contacts"))
        {
            foreach (var (_, contact) in ManySegments.Everyone().Take(ManySegments.Contacts))
            {
                var row = appender.CreateRow();
                foreach (var value in ContactRow.Of(contact).Values())
                {
                    _ = value switch
                    {
                        string text => row.AppendValue(text),
                        long number => row.AppendValue(number),
                        int number => row.AppendValue(number),
                        double number => row.AppendValue(number),
                        bool flag => row.AppendValue(flag),
                        _ => row.AppendNullValue(),
                    };
                }

                row.EndRow();
            }
        }

        List<string> conditions = [.. formulas.Select(static formula => RuleTexts.Sql(formula, "contains"))];
        foreach (var batch in duckBatches)
        {
            var counts = new List<int>();
            var seconds = Results.Time(1, () =>
            {
                foreach (var some in conditions.Chunk(batch))
                {
                    counts.AddRange(Counts($"SELECT {string.Join(", ", some.Select(static condition => $"count(*) FILTER (WHERE {condition})"))} FROM contacts"));
                }
            });
            Add($"DuckDB, `count(*) FILTER` of {batch:#,0} segments in one scan", "all", seconds, 1);
            Agree("DuckDB", counts, ManySegments.Contacts);
        }

        var separate = new List<int>();
        List<int> asked = [.. Enumerable.Range(0, DuckSeparate).Select(static i => i * (ManySegments.Segments / DuckSeparate) + (i % 4))];
        var each = Results.Time(1, () => separate.AddRange(asked.SelectMany(i => Counts($"SELECT count(*) FROM contacts WHERE {conditions[i]}"))));
        Add("DuckDB, a query a segment", $"{DuckSeparate} segments", each, (double)ManySegments.Segments / DuckSeparate);
        Agree("DuckDB", separate, ManySegments.Contacts, asked);

        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            _ = command.ExecuteNonQuery();
        }

        List<int> Counts(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            return reader.Read() ? [.. Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToInt32(reader.GetValue(i), CultureInfo.InvariantCulture))] : [];
        }
    }

    private void Sqlite()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Run($"create table contacts (id integer primary key, {string.Join(", ", ContactRow.Columns.Select(static column => $"{column.Name} {column.Type}"))})");
        using (var transaction = connection.BeginTransaction())
        {
            using var insert = connection.CreateCommand();
            insert.CommandText = $"insert into contacts values ($id, {string.Join(", ", ContactRow.Columns.Select(static column => $"${column.Name}"))})";
            var id = insert.Parameters.AddWithValue("$id", 0);
            List<SqliteParameter> values = [.. ContactRow.Columns.Select(column => insert.Parameters.AddWithValue($"${column.Name}", DBNull.Value))];
            foreach (var (seat, contact) in ManySegments.Everyone().Take(ManySegments.Contacts))
            {
                id.Value = seat.Value;
                foreach (var (parameter, value) in values.Zip(ContactRow.Of(contact).Values()))
                {
                    parameter.Value = value ?? DBNull.Value;
                }

                _ = insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        List<string> conditions = [.. formulas.Select(static formula => RuleTexts.Sql(formula, "instr"))];
        Agree("SQLite", [.. conditions.Select(condition => Count($"id < {SqliteCheckedContacts} and {condition}"))], SqliteCheckedContacts);
        List<int> asked = [.. Enumerable.Range(0, SqliteSegments).Select(static i => i * (ManySegments.Segments / SqliteSegments) + (i % 4))];
        var counts = new List<int>();
        var seconds = Results.Time(1, () => counts.AddRange(asked.Select(i => Count(conditions[i]))));
        Add("SQLite, a query a segment", $"{SqliteSegments} segments", seconds, (double)ManySegments.Segments / SqliteSegments);
        Agree("SQLite", counts, ManySegments.Contacts, asked);
        foreach (var (name, _) in ContactRow.Columns)
        {
            Run($"create index by_{name} on contacts ({name})");
        }

        Run("analyze");
        counts.Clear();
        seconds = Results.Time(1, () => counts.AddRange(asked.Select(i => Count(conditions[i]))));
        Add("SQLite, a query a segment, an index on every trait", $"{SqliteSegments} segments", seconds, (double)ManySegments.Segments / SqliteSegments);
        Agree("SQLite", counts, ManySegments.Contacts, asked);

        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            _ = command.ExecuteNonQuery();
        }

        int Count(string condition)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"select count(*) from contacts where {condition}";
            return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        }
    }

    private async Task MicrosoftRules()
    {
        var workflow = new Workflow { WorkflowName = "segments", Rules = [.. formulas.Select(static (formula, i) => new Rule { RuleName = $"{i}", Expression = RuleTexts.Expression(formula) })] };
        var engine = new RulesEngine.RulesEngine([workflow]);
        List<ContactRow> people = [.. ManySegments.Everyone().Take(RulesEngineContacts).Select(static each => ContactRow.Of(each.Contact))];
        var counts = new int[formulas.Count];

        // The first contact compiles the rules.
        _ = await engine.ExecuteAllRulesAsync(workflow.WorkflowName, new RuleParameter("c", people[0]));
        var seconds = Results.Time(1, () =>
        {
            foreach (var contact in people)
            {
                foreach (var answer in engine.ExecuteAllRulesAsync(workflow.WorkflowName, new RuleParameter("c", contact)).AsTask().GetAwaiter().GetResult())
                {
                    counts[int.Parse(answer.Rule.RuleName, CultureInfo.InvariantCulture)] += answer.IsSuccess ? 1 : 0;
                }
            }
        });
        Add("Microsoft RulesEngine", $"{RulesEngineContacts} contacts", seconds, (double)ManySegments.Contacts / RulesEngineContacts);
        Agree("RulesEngine", counts, RulesEngineContacts);
    }

    private void Add(string who, string what, double seconds, double scale)
    {
        rows.Add((who, what, seconds, scale));
        Console.WriteLine($"{who}, {what}: {seconds:0.00} s");
    }

    /// <summary>Stops where another engine counts otherwise among the first contacts.</summary>
    private void Agree(string who, IReadOnlyList<int> counts, int first, List<int>? asked = null)
    {
        asked ??= [.. Enumerable.Range(0, formulas.Count)];
        foreach (var (count, i) in counts.Zip(asked))
        {
            var members = result.Rules[i].Members;
            var ours = first == ManySegments.Contacts ? members.Count : members.TakeWhile(contact => contact.Value < first).Count();
            if (count != ours)
            {
                throw new InvalidOperationException($"segment {i} has {ours} members among the first {first} contacts, {who} counts {count}: {RuleTexts.Sql(formulas[i], "contains")}");
            }
        }

        if (counts.Count != asked.Count)
        {
            throw new InvalidOperationException($"{who} counted {counts.Count} of {asked.Count} segments");
        }
    }

    private void Print()
    {
        var text = new StringBuilder();
        var own = rows[0].Seconds;
        var sets = result.Rules.Sum(static rule => rule.Members.Bytes);
        text.Append(CultureInfo.InvariantCulture, $"""
            # A thousand segments over a million contacts

            `dotnet run -c Release --project benchmarks/SegmentEngine.Benchmarks -- many-segments`

            {ManySegments.Segments:#,0} segments of four conditions each, {many.Plan.Conditions:#,0} different conditions, {ManySegments.Contacts:#,0} contacts with {ContactRow.Columns.Count} traits, one value in ten missing; each on one core, all data in memory:
            {many.Columns.Bytes / 1_000_000} MB of columns and {sets / 1_000_000} MB of sets here, a table with a typed column for each trait there (DuckDB with one thread). Ours is the whole recomputation: every segment's
            members as a set, counted, and when it next changes; the others only count. Where only some segments or contacts were asked, the time for all is scaled up.
            Counts were compared and are the same: DuckDB's of every segment; SQLite's of every segment among the first {SqliteCheckedContacts:#,0} contacts, and of those timed among all; the others' of every segment among the contacts asked.

            | | asked | seconds taken | seconds for all | times ours |
            |---|---|---:|---:|---:|

            """);
        foreach (var (who, what, seconds, scale) in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {who} | {what} | {Results.Seconds(seconds)} | {Results.Seconds(seconds * scale)} | {Results.Seconds(Math.Round(seconds * scale / own, 1))} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"""

            Ours: the median of nine runs after six. DuckDB {Version<DuckDBConnection>()}, SQLite {new SqliteConnection().ServerVersion}, RulesEngine {Version<RulesEngine.RulesEngine>()}.

            {Results.Machine}

            """);
        Results.Write("many-segments.md", text.ToString());
    }

    private static string Version<T>() => typeof(T).Assembly.GetName().Version!.ToString(3);
}
