using System.Security.Cryptography;
using System.Text;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Cases;

/// <summary>Questions to real data whose answers were worked out without this engine. A case for a leaf that is not built would be named here; there is none.</summary>
public sealed class RealCasesTests
{
    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var set in Directory.EnumerateDirectories(DataSet.Cases).Select(static folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal))
            {
                foreach (var file in DataSet.CasesOf(set))
                {
                    all.Add(set, Path.GetFileNameWithoutExtension(file));
                }
            }

            return all;
        }
    }

    [CaseTheory, MemberData(nameof(All))]
    public void The_interpreter_finds_the_members(string set, string name) => Finds(set, name, static (rule, people, now) =>
        people.Where(person => Interpreter.Evaluate(rule, person.Contact, person.Events, now, static _ => null) == Truth.True));

    [CaseTheory, MemberData(nameof(All))]
    public void The_set_engine_finds_the_members(string set, string name) => Finds(set, name, static (rule, people, now) =>
        Members(people, Evaluator(rule, people).Run(now, static _ => null)));

    [CaseTheory, MemberData(nameof(All))]
    public void The_predicates_find_the_members(string set, string name) => Finds(set, name, static (rule, people, now) =>
        Members(people, Evaluator(rule, people).RunOneByOne(now, static _ => null)));

    private static ShardEvaluator Evaluator(CheckedRule rule, Person[] people)
    {
        var plan = RulePlan.Of([(default(SegmentId), rule)]);
        var columns = new ShardColumns();
        columns.Extend(plan, people.Select(static (person, i) => (new ContactIndex(i), person.Contact)), people.SelectMany(static (person, i) => person.Events.Select(happened => (new ContactIndex(i), happened))));
        return new(plan, columns);
    }

    private static IEnumerable<Person> Members(Person[] people, PlanResult result) => result[default].Members.Select(seat => people[seat.Value]);

    private static void Finds(string set, string name, Func<CheckedRule, Person[], Instant, IEnumerable<Person>> run)
    {
        var file = Path.Combine(DataSet.Cases, set, name);
        var asked = Some.Json(File.ReadAllText($"{file}.json"));
        var zone = asked.TryGetProperty("zone", out var written) ? Some.Zone(written.GetString()!) : TimeZoneInfo.Utc;
        var data = DataSet.Of(set);
        var rule = Some.Rule(RuleJson.DefinitionIn(asked).GetRawText(), new(data.Schema, zone, static _ => null));
        var members = run(rule, data.People, Some.At(asked.GetProperty("now").GetString()!)).Select(static person => person.Contact.ExternalId!).Order(StringComparer.Ordinal).ToList();

        var mistakes = asked.GetProperty("wrong_if").EnumerateArray().Where(mistake => mistake.GetProperty("count").GetInt32() == members.Count).Select(static mistake => mistake.GetProperty("mistake").GetString());
        Assert.True(asked.GetProperty("count").GetInt32() == members.Count, $"{members.Count} members of {asked.GetProperty("count")}: {string.Join(", ", mistakes)}");
        Assert.Equal(File.ReadAllLines($"{file}.txt"), members);
        Assert.Equal(asked.GetProperty("members_sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(members.Select(static id => $"{id}\n"))))));
    }
}
