using System.Text;
using SegmentEngine.Exchange;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;

namespace SegmentEngine.Tests.Exchange;

/// <summary>Whatever a file holds, every reader ends in a rule or in diagnostics.</summary>
public sealed class BadInputTests
{
    private const int Mutations = 2_000;

    private static readonly Dictionary<string, (Func<string, RuleReading> Read, string[] Good)> readers = new()
    {
        ["growthbook"] = (static json => GrowthBookConditions.Read(json),
        [
            """{"$and":[{"a":{"$gt":1,"$lt":5}},{"$or":[{"b.c":{"$regex":"^x"}},{"d":{"$in":[1,"a",null]}}]},{"$not":{"e":{"$elemMatch":{"$eq":"f"}}}},{"g":{"$size":{"$gt":2}},"h":{"$vgte":"1.2.3"},"i":{"$exists":true},"j":{"$type":"null"}}]}""",
        ]),
        ["launchdarkly"] = (static json => LaunchDarklySegments.Read(json, static key => key),
        [
            """{"included":["a"],"excluded":["b"],"includedContexts":[{"contextKind":"org","values":["o"]}],"rules":[{"clauses":[{"contextKind":"user","attribute":"/a/b~1c","op":"in","values":["x",1,true],"negate":true},{"op":"segmentMatch","values":["s"]},{"attribute":"at","op":"before","values":["2024-05-01T00:00:00Z"]}],"weight":100000}]}""",
        ]),
        ["jsonlogic"] = (JsonLogicRules.Read,
        [
            """{"and":[{"or":[{"===":[{"var":"a"},null]},{"<=":[1,{"var":"a"},5]}]},{"!":{"in":[{"var":"b"},["x","y"]]}},{"some":[{"var":"c"},{">":[{"var":""},1]}]},{"missing":["d"]},{"segment_engine":[{"type":"event","event":"e"}]}]}""",
        ]),
        ["react-querybuilder"] = (ReactQueryBuilder.Read,
        [
            """{"combinator":"or","not":true,"rules":[{"field":"a","operator":"between","value":[1,5]},{"field":"b","operator":"=","value":"x","meta":{"segment_engine":{"type":"trait","missing":"match"}}},{"field":"c","operator":"holds","value":{"type":"event","event":"e"}},{"rules":[{"field":"d","operator":"in","value":"a,b"},"and",{"field":"e","operator":"in_last","value":{"amount":1,"unit":"day"}}]}]}""",
        ]),
    };

    public static TheoryData<string> Formats => [.. readers.Keys];

    [Theory, MemberData(nameof(Formats))]
    public void Text_that_is_no_rule_is_a_diagnostic(string format)
    {
        var nested = new string('[', 100_000);
        foreach (var bad in new[] { "", "   ", "nul", "{", "{\"a\":}", "[1,2", "\"half", nested, nested + new string(']', 100_000), string.Concat(Enumerable.Repeat("{\"and\":[", 100_000)), new string(' ', 1 << 20) + "{}", $"\"{new string('x', 1 << 20)}\"", "{\"a\":1,\"a\":2}", "{\"\\ud800\":1}", "{\"a\":\"\\ud800\"}", "\"\\udc00\"" })
        {
            var reading = readers[format].Read(bad);
            Assert.True(reading.HasErrors, bad.Length > 50 ? bad[..50] : bad);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void JSON_of_another_shape_is_a_rule_or_a_diagnostic(string format)
    {
        foreach (var other in new[] { "null", "7", "\"text\"", "[]", "[{}]", "{\"x\":{\"y\":[1,{\"z\":null}]}}", "{\"rules\":7}", "{\"rules\":[[]]}", "{\"$and\":7}", "{\"and\":7}", "{\"rules\":[{\"clauses\":[null]}]}", string.Concat(Enumerable.Repeat("{\"$not\":", 150)) + "{}" + new string('}', 150) })
        {
            EndsWell(readers[format].Read(other));
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void Mutations_of_a_good_rule_end_as_a_rule_or_as_diagnostics(string format) => Dice.Throw(Mutations, dice =>
    {
        var (read, good) = readers[format];
        var text = new StringBuilder(dice.Pick(good));
        for (var i = dice.From(1, 4); i > 0 && text.Length > 0; i--)
        {
            var at = dice.Below(text.Length);
            switch (dice.Below(4))
            {
                case 0:
                    text.Remove(at, Math.Min(dice.From(1, 8), text.Length - at));
                    break;
                case 1:
                    text.Insert(at, dice.Pick("{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1e999", "\\", "\\ud800", "é", "$", "~", "."));
                    break;
                case 2:
                    text[at] = (char)dice.From(32, 126);
                    break;
                default:
                    text.Insert(at, text.ToString(at, Math.Min(dice.From(1, 30), text.Length - at)));
                    break;
            }
        }

        EndsWell(read(text.ToString()));
    });

    [Theory, MemberData(nameof(Formats))]
    public void The_good_rules_are_good(string format) => Assert.All(readers[format].Good, rule => Assert.Empty(readers[format].Read(rule).Diagnostics.Where(static found => found.Severity == DiagnosticSeverity.Error)));

    /// <summary>What was read prints, and nothing is parked in silence.</summary>
    private static void EndsWell(RuleReading reading)
    {
        Assert.True(reading.Condition is not null || reading.HasErrors);
        if (reading.Condition is { } condition)
        {
            Assert.True(reading.HasErrors || !RuleJson.Print(condition).Contains("\"unsupported\"", StringComparison.Ordinal));
            Assert.True(reading.HasErrors || RuleJson.Read(RuleJson.Print(condition)) is { HasErrors: false });
        }
    }
}
