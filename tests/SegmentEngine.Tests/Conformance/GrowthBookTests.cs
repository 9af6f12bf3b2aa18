using System.Text.Json;
using SegmentEngine.Exchange;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Conformance;

/// <summary>GrowthBook's own cases for its conditions.</summary>
public sealed class GrowthBookTests
{
    private static readonly Lazy<Dictionary<string, JsonElement>> all = new(static () =>
        Suite.Named(Suite.Read("growthbook/cases.json").GetProperty("evalCondition").EnumerateArray().Select(static row => (row[0].GetString()!, row))).ToDictionary(static pair => pair.Name, static pair => pair.Case));

    public static TheoryData<string> Names => Suite.Names(all.Value.Select(static pair => (pair.Key, pair.Value)));

    [SuiteTheory, MemberData(nameof(Names))]
    public void Every_case_agrees_or_is_listed(string name)
    {
        var row = all.Value[name];
        var reading = GrowthBookConditions.Read(row[1], row.GetArrayLength() > 4 ? row[4] : default);
        var answer = Suite.Answer(reading, Suite.Contact(row[2]));
        Suite.GrowthBook.Judge(name, canBeSaid: !reading.Diagnostics.Any(static found => found.Code == "unsupported"), agrees: (answer == Truth.True) == row[3].GetBoolean(),
            () => $"{row[1]} of {row[2]} is {row[3]} there; here {RuleJson.Print(reading.Condition!)} is {answer}. {string.Join("; ", reading.Diagnostics)}");
    }

    [SuiteFact]
    public void The_lists_are_of_its_cases() => Suite.GrowthBook.IsListed(all.Value.Keys, cases: 248, notSayable: 26, deviating: 10);
}
