using System.Diagnostics;
using System.Text;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;
using SegmentEngine.Tests.Tidy;
using Xunit.Abstractions;

namespace SegmentEngine.Scripting.Tests;

/// <summary>Whatever a text holds, it ends as a rule or as diagnostics, soon, and never in an exception.</summary>
public sealed class BadInputTests(ITestOutputHelper output)
{
    private const int Many = 100_000;
    private const int Texts = 10_000;
    private const int EachWorld = 50;
    private const int AllocatedMax = 64 << 20;

    /// <summary>Far more than any text takes; it only keeps a test that hangs from hanging.</summary>
    private static readonly TimeSpan guard = TimeSpan.FromSeconds(20);

    private static readonly RuleContext context = new(TraitSchema.Empty, TimeZoneInfo.Utc, static _ => null, AllowUnknownSegments: true);

    private static readonly string[] bits =
    [
        "(", ")", "[", "]", ",", ".", "!", "&&", "||", "==", "<", ">=", "=", "=>", "?", "??", ":", ";", "{", "}", "-", "\"", "\"\"\"", "@\"", "$\"", "'", "\\", "//", "/*", "*/", "#if", "\n", "\r\n", " ", "\0", "\u2028", "\uFEFF",
        "is", "not", "or", "and", "null", "true", "new", "typeof", "from x in y select z", "await", "x =>", "1", "1.5", "1e999", "0x1", "1_0", "30.Days()", "plan", "seats", "Event(\"order\")", ".Count()", ".Where(", ".With(missing: \"match\")",
        "Sequence(", "Step(0, \"id\")", "Json(\"{}\")", "Group(", "All(", "Trait(\"\")", "InSegment(\"a\")", "Sample(1e400, \"s\")", "\uD83D\uDE00", "é", "<int>", "::", "..", "u8", "with { }", "switch { _ => 1 }", "stackalloc int[1]",
    ];

    public static TheoryData<string> Shapes =>
    [
        "brackets", "brackets never closed", "lists", "calls", "groups", "nots", "minuses", "words not", "patterns not", "ands", "ors in a pattern", "dots", "chained calls", "withs", "comparisons", "less thans", "generics", "tuples", "indexers",
        "conditionals", "lambdas", "interpolations", "raw quotes", "verbatim quotes", "comments", "lines", "a long name", "a long number", "a long text", "nested Json", "arguments", "steps", "nulls", "spaces", "is", "casts",
    ];

    [Theory, MemberData(nameof(Shapes))]
    public void A_text_without_end_is_refused(string shape)
    {
        var text = shape switch
        {
            "brackets" => Times("(", "AllContacts()", ")"),
            "brackets never closed" => Times("(", "", ""),
            "lists" => $"Event({Times("[", "\"a\"", "]")})",
            "calls" => Times("f(", "", ")"),
            "groups" => Times("Group(", "AllContacts()", ")", 20_000),
            "nots" => Times("!", "AllContacts()", ""),
            "minuses" => $"a == {Times("- ", "1", "")}",
            "words not" => Times("not ", "a", "", 60_000),
            "patterns not" => $"a is {Times("not ", "1", "", 60_000)}",
            "ands" => Times("a && ", "a", "", 50_000),
            "ors in a pattern" => $"a is {Times("1 or ", "1", "", 50_000)}",
            "dots" => Times("a.", "a == 1", ""),
            "chained calls" => $"a{Times(".B()", "", "", 50_000)}",
            "withs" => $"AllContacts(){Times(".With()", "", "", 30_000)}",
            "comparisons" => Times("a == ", "1", "", 50_000),
            "less thans" => Times("a<", "1", ""),
            "generics" => Times("a<Step(", "1", "", 30_000),
            "tuples" => Times("(a, ", "a", ")", 50_000),
            "indexers" => Times("a[", "0", "]", 60_000),
            "conditionals" => Times("a ? [", "0", "] : b", 20_000),
            "lambdas" => Times("x => ", "1", "", 50_000),
            "interpolations" => Times("$\"{", "1", "}\"", 50_000),
            "raw quotes" => $"a == {Times("\"", "", "")}",
            "verbatim quotes" => $"a == @{Times("\"", "", "", 20_000)}",
            "comments" => Times("/*", "", "", Many),
            "lines" => Times("//\n", "", "", 80_000),
            "a long name" => Times("a", " == 1", ""),
            "a long number" => $"a == {Times("9", "", "")}",
            "a long text" => $"a == \"{Times("x", "", "")}\"",
            "nested Json" => $"a == Json(\"{Times("[", "", "]")}\")",
            "arguments" => $"a.In({Times("1,", "1", "")})",
            "steps" => $"Sequence({Times("Event(\"a\"),", "Event(\"a\")", "", 20_000)})",
            "nulls" => Times("\0", "", ""),
            "spaces" => Times(" ", "", ""),
            "is" => Times("a is ", "1", "", 50_000),
            "casts" => Times("(a)", "a", "", 80_000),
            _ => throw new InvalidOperationException(shape),
        };
        Ends(text, mayBeTaken: shape is "a long number" or "a long text" or "verbatim quotes");
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("!(", ")")]
    [InlineData("Group(", ")")]
    [InlineData("All(AllContacts(), ", ")")]
    [InlineData("Event(\"a\").Where(", ")")]
    [InlineData("(AllContacts() && ", ")")]
    [InlineData("plan is not (", ")")]
    [InlineData("(plan == \"a\" || Event(\"b\").Count() > 3 && (seats.Between(1, 2) || ", "))")]
    public void What_is_nested_as_deep_as_it_may_be_ends_on_a_small_stack(string before, string after)
    {
        var text = Times(before, "AllContacts()", after, (TextLimits.NestingMax / after.Length) - 1);
        var ended = false;
        var thread = new Thread(
            () =>
            {
                var reading = RuleText.Read(text);
                ended = reading.Rule.HasErrors || RuleText.Print(reading.Rule.Condition!).Length > 0;
            },
            maxStackSize: 512 * 1024);
        thread.Start();
        Assert.True(thread.Join(guard) && ended);
    }

    [Fact]
    public void A_megabyte_is_refused_before_it_is_read()
    {
        var diagnostic = Assert.Single(RuleText.Read(new string(' ', 1 << 20)).Diagnostics);
        Assert.Equal("too_large", diagnostic.Diagnostic.Code);
        Assert.Equal("too_large", Assert.Single(RuleText.Read($"plan == \"{new string('é', 150_000)}\"").Diagnostics).Diagnostic.Code);
    }

    /// <summary>A bound on memory and a guard against hanging, as for rules as trees; how long the slowest took is printed.</summary>
    [Fact]
    public void Ten_thousand_mutated_and_made_up_texts_are_checked_or_refused()
    {
        output.WriteLine($"SEGMENT_SEED={Dice.FirstSeed}");
        var samples = Tree.Files("rules-samples", "*.json").Select(static file => RuleJson.Read(RuleJson.DefinitionIn(System.Text.Json.JsonElement.Parse(File.ReadAllText(file)))))
            .Where(static rule => !rule.HasErrors).Select(static rule => RuleText.Print(rule.Condition!)).ToArray();
        var (taken, slowest, largest) = (0, TimeSpan.Zero, 0L);
        Dice.Throw(Texts / EachWorld, dice =>
        {
            var world = new RandomWorld(dice);
            for (var i = 0; i < EachWorld; i++)
            {
                var text = dice.Chance(25) ? Nonsense(dice) : dice.Chance(30) ? dice.Pick(samples) : RuleText.Print(RuleJson.Read(world.Definition(dice.From(1, 4))).Condition!);
                for (var times = dice.From(0, 4); times > 0; times--)
                {
                    text = Mutated(text, dice);
                }

                var (started, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
                var check = RuleText.Check(text, world.Context);
                var (took, bytes) = (Stopwatch.GetElapsedTime(started), GC.GetAllocatedBytesForCurrentThread() - before);
                (slowest, largest) = (took > slowest ? took : slowest, Math.Max(bytes, largest));
                Assert.True(took < guard && bytes < AllocatedMax, $"{took.TotalMilliseconds} ms, {bytes} bytes: {text}");
                Assert.Equal(check.Rule is null, check.Diagnostics.Any(static each => each.Diagnostic.Severity == DiagnosticSeverity.Error));
                taken += Ends(text, mayBeTaken: true) ? 1 : 0;
            }
        });
        output.WriteLine($"{Texts} texts, {taken} of them taken; the slowest took {slowest.TotalMilliseconds:0.0} ms, the largest {largest >> 10} KiB");
        Assert.InRange(taken, Texts / 20, Texts * 19 / 20);
    }

    public static TheoryData<string, string, string, string> Dense => new()
    {
        { "a.In(", "1", ",", ")" },
        { "a.In(", "\"value\"", ", ", ")" },
        { "a is ", "\"value\"", " or ", "" },
        { "", "a", ".", " == 1" },
    };

    [Theory, MemberData(nameof(Dense))]
    public void As_many_tokens_as_there_may_be_take_little_memory(string start, string item, string separator, string end)
    {
        // As many conditions as a rule may have, each as long as all of them can be.
        string Of(int items) => string.Join(" && ", Enumerable.Repeat(start + string.Join(separator, Enumerable.Repeat(item, items)) + end, Limits.LeavesMax));
        var text = Of(Enumerable.Range(1, 100).Last(items => Tokens.Of(Of(items)).List.Count <= TextLimits.TokensMax));
        Assert.InRange(Tokens.Of(text).List.Count, TextLimits.TokensMax * 9 / 10, TextLimits.TokensMax);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var check = RuleText.Check(text, context);
        Assert.NotNull(check.Rule);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedMax);

        var best = Enumerable.Range(0, 10).Min(round =>
        {
            var started = Stopwatch.GetTimestamp();
            _ = RuleText.Check(text, context);
            return Stopwatch.GetElapsedTime(started);
        });
        output.WriteLine($"{text.Length} characters, {Tokens.Of(text).List.Count} tokens: {best.TotalMilliseconds:0.0} ms");
    }

    [Fact]
    public void One_token_too_many_is_refused_where_it_stands()
    {
        static string List(int values) => $"a.In({string.Join(',', Enumerable.Repeat("1", values))})";
        static string Of(int last) => string.Join(" && ", Enumerable.Repeat(List(Limits.ValuesMax - 10), 10).Append(List(last)));
        var fits = Enumerable.Range(1, Limits.ValuesMax).Last(static last => Tokens.Of(Of(last)).List.Count <= TextLimits.TokensMax);
        Assert.NotNull(RuleText.Check(Of(fits), context).Rule);
        var tooLong = Of(fits + 1);
        var refused = Assert.Single(RuleText.Read(tooLong).Diagnostics);
        Assert.Equal(("too_large", Tokens.Of(tooLong).List[TextLimits.TokensMax].Start), (refused.Diagnostic.Code, refused.Start));
    }

    private static string Nonsense(Dice dice) => string.Concat(Enumerable.Range(0, dice.From(1, 40)).Select(_ => dice.Pick(bits) + (dice.Chance(40) ? " " : "")));

    private static string Times(string before, string middle, string after, int times = Many) =>
        new StringBuilder().Insert(0, before, times).Append(middle).Append(new StringBuilder().Insert(0, after, after.Length == 0 ? 0 : times)).ToString();

    private static string Mutated(string text, Dice dice)
    {
        var at = dice.Below(text.Length + 1);
        var length = Math.Min(dice.From(1, 6), text.Length - at);
        return dice.Below(6) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, dice.Pick(bits)),
            2 => text.Remove(at, length).Insert(at, dice.Pick(bits)),
            3 => text[..at],
            4 => text.Insert(at, text.Substring(at, length)),
            _ => length == 0 ? text : text.Remove(at, 1).Insert(at, ((char)dice.Below(0x10000)).ToString()),
        };
    }

    /// <summary>Whether the text was taken. What was taken is the same rule when it is printed and read.</summary>
    private static bool Ends(string text, bool mayBeTaken)
    {
        var run = Task.Run(() =>
        {
            var reading = RuleText.Read(text);
            Assert.Equal(reading.Diagnostics.Length, RuleText.Check(text, context).Diagnostics.Take(reading.Diagnostics.Length).Intersect(reading.Diagnostics).Count());
            foreach (var caret in new[] { 0, text.Length / 2, text.Length })
            {
                _ = RuleCompletion.At(text, caret, TraitSchema.Empty);
            }

            return reading;
        });
        Assert.True(run.Wait(guard), $"no end after {guard}: {text[..Math.Min(200, text.Length)]}");
        var reading = run.Result;
        Assert.All(reading.Diagnostics, each => Assert.True(each is { Line: > 0, Column: > 0, Diagnostic.Message.Length: > 0 } && each.Start <= text.Length, each.ToString()));
        if (reading.Rule.HasErrors)
        {
            return false;
        }

        Assert.True(mayBeTaken, text[..Math.Min(200, text.Length)]);
        RoundTripTests.Survives(RuleJson.Print(reading.Rule.Condition!));
        return true;
    }
}
