using System.Text.Json;
using SegmentEngine.Exchange;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Conformance;

/// <summary>JsonLogic's own cases. Most compute values and are listed; what asks about data agrees, and so do constants that are true or false.</summary>
public sealed class JsonLogicTests
{
    private static readonly Lazy<Dictionary<string, JsonElement>> all = new(static () => Suite.Named(
            Suite.Read("jsonlogic/suites/compatible.json").EnumerateArray().Where(static row => row.ValueKind == JsonValueKind.Object).Select(static row => (row.GetProperty("description").GetString()!, row)))
        .ToDictionary(static pair => pair.Name, static pair => pair.Case));

    public static TheoryData<string> Names => Suite.Names(all.Value.Select(static pair => (pair.Key, pair.Value)));

    [SuiteTheory, MemberData(nameof(Names))]
    public void Every_case_agrees_or_is_listed(string name)
    {
        var row = all.Value[name];
        var reading = Read(row);
        var expected = row.GetProperty("result");
        var answer = reading.HasErrors ? Truth.Unknown : Suite.Answer(reading, Suite.Contact(DataOf(row)));
        Suite.JsonLogic.Judge(name, canBeSaid: !reading.HasErrors, agrees: expected.ValueKind is JsonValueKind.True or JsonValueKind.False && (answer == Truth.True) == expected.GetBoolean(),
            () => $"{row} here {RuleJson.Print(reading.Condition!)} is {answer}. {string.Join("; ", reading.Diagnostics)}");
    }

    [SuiteTheory, MemberData(nameof(Names))]
    public void What_can_be_said_is_written_and_read_back(string name)
    {
        var reading = Read(all.Value[name]);
        if (!reading.HasErrors)
        {
            var written = JsonLogicRules.Write(reading.Condition!);
            Assert.Empty(written.Diagnostics);
            Assert.Equal(RuleJson.Print(reading.Condition!), RuleJson.Print(JsonLogicRules.Read(written.Json).Condition!));
        }
    }

    [SuiteFact]
    public void Fourteen_ask_about_data()
    {
        var asking = all.Value.Values.Where(static row => Read(row) is { HasErrors: false, Condition: { } condition } && RuleJson.Print(condition).Contains("\"trait\"", StringComparison.Ordinal));
        Assert.Equal(14, asking.Count());
    }

    [SuiteFact]
    public void The_lists_are_of_its_cases() => Suite.JsonLogic.IsListed(all.Value.Keys, cases: 278, notSayable: 278 - 14 - 22, deviating: 0);

    private static RuleReading Read(JsonElement row) => JsonLogicRules.Read(row.GetProperty("rule"));

    private static JsonElement DataOf(JsonElement row) => row.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object ? data : Some.Json("{}");
}
