using System.Diagnostics;
using System.Text;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;
using Xunit.Abstractions;

namespace SegmentEngine.Tests.Rules;

/// <summary>Whatever is sent for a rule ends as a checked rule or as diagnostics, soon and without much memory.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Mutated = 10_000;
    private const int PatternCount = 500;
    private const int BytesMax = 64 << 20;

    /// <summary>Far above what any of them takes; a guard against hanging, not a measure.</summary>
    private static readonly TimeSpan hang = TimeSpan.FromSeconds(10);

    private static readonly string[] pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "1e999", "0.1", "\"\\ud800\"", "{\"or\":[]}", "{\"not\":", "{\"and\":[{\"type\":\"all_contacts\"}]}", "\"type\":", "\"op\":", "\"value\":", "\"values\":[",
        "\"missing\":\"match\"", "\"quantifier\":\"all\"", "\"window\":{\"last\":{\"amount\":9223372036854775807,\"unit\":\"week\"}}", "\"amount\":0", "\"calendar\":true", "\"zone\":\"Mars/Olympus\"", "\"step\":", "\u0000", "\uFEFF", " ", "é",
    ];

    /// <summary>Shapes that take backtracking matchers exponential time, and others that make large automata.</summary>
    private static readonly string[] shapes =
    [
        "({0}+)+$", "({0}*)*$", "({0}|{0})*$", "({0}|{0}{0})+$", "(.*{0}){{{1}}}$", "({0}+){{{1}}}$", "^(({0}+)+)+$", "([{0}b]*)*c", "({0}?){{{1}}}{0}{{{1}}}", "(({0}{{1,{1}}}){{1,{1}}})*$", "(.|{0})*?$", "(?:{0}+)+?x", "^({0}+.)+$",
        "(\\w+\\s?)*$", "((({0}+)?)*)+!", "({0}+)\\1", "(?={0}+)+", "(?<!{0})b", "(?>{0}+)b", "[[:alpha:]]+", "({0}", "{0}{{2,1}}", "\\p{{Nope}}", "({0}{{{1}}}){{{1}}}", "(?i)({0}|A)*$",
    ];

    private static readonly int[] counts = [2, 5, 9, 12, 20, 30, 50, 99];

    private static readonly string[] repeated = ["a", "[a-z]", "\\w", "."];

    [Fact]
    public void Ten_thousand_mutated_rules_are_checked_or_refused()
    {
        output.WriteLine($"SEGMENT_SEED={Dice.FirstSeed}");
        var (taken, slowest, largest) = (0, TimeSpan.Zero, 0L);
        Dice.Throw(Mutated / 50, dice =>
        {
            var world = new RandomWorld(dice);
            for (var i = 0; i < 50; i++)
            {
                var text = Mutate(world.Definition(dice.From(1, 4)), dice);
                var (started, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
                var check = RuleChecker.Check(text, world.Context);
                var (took, bytes) = (Stopwatch.GetElapsedTime(started), GC.GetAllocatedBytesForCurrentThread() - before);
                (slowest, largest) = (took > slowest ? took : slowest, Math.Max(bytes, largest));
                Assert.True(took < hang && bytes < BytesMax, $"{took.TotalMilliseconds} ms, {bytes} bytes: {text}");
                Assert.Equal(check.Rule is null, check.Diagnostics.Any(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
                Assert.All(check.Diagnostics, static diagnostic => Assert.True(diagnostic.Path.StartsWith('$') && diagnostic.Message.Length > 0 && diagnostic.Code.Length > 0));
                if (check.Rule is { } rule)
                {
                    taken++;
                    var person = world.Person();
                    _ = Interpreter.Evaluate(rule, person.Contact, person.Events, world.Now, static _ => null);
                }
            }
        });
        output.WriteLine($"{Mutated} rules, {taken} of them taken; the slowest took {slowest.TotalMilliseconds:0.0} ms, the largest {largest >> 10} KiB");
        Assert.InRange(taken, Mutated / 20, Mutated * 19 / 20);
    }

    [Fact]
    public void Five_hundred_catastrophic_patterns_are_matched_in_linear_time_or_refused()
    {
        var context = new RuleContext(TraitSchema.Empty, TimeZoneInfo.Utc, static _ => null);
        var (taken, slowest, worst) = (0, TimeSpan.Zero, "");
        foreach (var pattern in Patterns().Take(PatternCount))
        {
            var started = Stopwatch.GetTimestamp();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var check = RuleChecker.Check($$"""{"type":"trait","trait":"t","op":"matches","value":{{System.Text.Json.JsonSerializer.Serialize(pattern)}}}""", context);
            if (check.Rule is { } rule)
            {
                taken++;
                foreach (var text in new[] { new string('a', 4_000) + "!", string.Concat(Enumerable.Repeat("ab", 2_000)), string.Concat(Enumerable.Repeat("a ", 2_000)) + "\n" })
                {
                    _ = Interpreter.Evaluate(rule, Some.Contact($$"""{"t":{{System.Text.Json.JsonSerializer.Serialize(text)}} }"""), [], new(0), static _ => null);
                }
            }

            var took = Stopwatch.GetElapsedTime(started);
            (slowest, worst) = took > slowest ? (took, pattern) : (slowest, worst);
            Assert.True(took < hang, $"{took.TotalMilliseconds} ms: {pattern}");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < BytesMax, $"{GC.GetAllocatedBytesForCurrentThread() - before} bytes: {pattern}");
        }

        output.WriteLine($"{PatternCount} patterns, {taken} of them taken; the slowest, {worst}, took {slowest.TotalMilliseconds:0.0} ms with three texts of 4 KB");
        Assert.InRange(taken, PatternCount / 3, PatternCount - 20);
    }

    private static IEnumerable<string> Patterns() =>
        from count in counts
        from atom in repeated
        from shape in shapes
        let pattern = string.Format(System.Globalization.CultureInfo.InvariantCulture, shape, atom, count)
        where pattern.Length <= Limits.PatternLengthMax
        select pattern;

    /// <summary>A few cuts, insertions, repetitions and flips somewhere in a text.</summary>
    private static string Mutate(string text, Dice dice)
    {
        var mutated = new StringBuilder(text);
        for (var times = dice.From(0, 4); times > 0; times--)
        {
            var at = dice.From(0, mutated.Length - 1);
            switch (dice.From(0, 5))
            {
                case 0:
                    mutated.Remove(at, Math.Min(dice.From(1, 8), mutated.Length - at));
                    break;
                case 1:
                    mutated.Insert(at, dice.Pick(pieces));
                    break;
                case 2:
                    mutated.Insert(at, mutated.ToString(at, Math.Min(dice.From(1, 40), mutated.Length - at)));
                    break;
                case 3:
                    mutated[at] = (char)dice.From(0, 0x2FF);
                    break;
                case 4:
                    mutated.Insert(at, new string(dice.Pick('[', '{', '"', '9'), dice.From(1, 300)));
                    break;
                default:
                    // A word of the language in place of another.
                    mutated.Replace($"\"{dice.Pick("eq", "in", "trait", "event", "and", "values", "day", "count")}\"", $"\"{dice.Pick("neq", "between", "date", "event_first", "or", "value", "month", "window", "in_last")}\"");
                    break;
            }

            if (mutated.Length == 0)
            {
                mutated.Append("{}");
            }
        }

        return mutated.ToString();
    }
}
