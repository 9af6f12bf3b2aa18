using SegmentEngine.Rules;
using SegmentEngine.Tests;

namespace SegmentEngine.Scripting.Tests;

/// <summary>What is wrong is said with its line and column, and with what to write instead.</summary>
public sealed class DiagnosticTests
{
    private static readonly RuleContext context = new(Some.Schema("""{"traits":{"plan":"string","seats":"number","born":"date"},"events":{"order":{"value":"number"}}}"""), TimeZoneInfo.Utc, static _ => null);

    [Theory]
    // Not within the tokens of a rule.
    [InlineData("plan = \"pro\"", "1:6 syntax", "did you mean `==`?")]
    [InlineData("plan === \"pro\"", "1:6 syntax", "did you mean `==`?")]
    [InlineData("plan <> \"pro\"", "1:6 syntax", "did you mean `!=`?")]
    [InlineData("plan == 'pro'", "1:9 syntax", "double quotes")]
    [InlineData("plan == “pro”", "1:9 syntax", "double quotes")]
    [InlineData("a == 1 & b == 2", "1:8 syntax", "did you mean `&&`?")]
    [InlineData("AllContacts();", "1:14 syntax", "no `;`")]
    [InlineData("if (a == 1) { }", "1:1 syntax", "Trait(\"if\")")]
    [InlineData("class == \"a\"", "1:1 syntax", "did you mean `Trait(\"class\")`?")]
    [InlineData("x => x", "1:3 syntax", "no functions")]
    [InlineData("plan == $\"{secret}\"", "1:9 syntax", "constant")]
    [InlineData("#if DEBUG\nAllContacts()\n#endif", "1:1 syntax", "directives")]
    [InlineData("a ? b : c", "1:3 syntax", "`?`")]
    [InlineData("seats == 1_000", "1:10 syntax", "did you mean `1000`?")]
    [InlineData("seats == 0x10", "1:10 syntax", "no number")]
    [InlineData("seats == 5m", "1:10 syntax", "did you mean `5`?")]
    [InlineData("seats == .5", "1:10 syntax", "did you mean `0.5`?")]
    [InlineData("seats == 007", "1:10 syntax", "did you mean `7`?")]
    [InlineData("plan == \"pro", "1:9 syntax", "never closed")]
    [InlineData("plan == @\"pro", "1:9 syntax", "never closed")]
    [InlineData("plan == \"\"\"pro\"\"", "1:9 syntax", "never closed")]
    [InlineData("plan == \"\"\"pro\"\"\"\"", "1:9 syntax", "ends with as many")]
    [InlineData("plan == \"pro\"u8", "1:9 syntax", "stick to it")]
    [InlineData("/* plan", "1:1 syntax", "never closed")]
    [InlineData("plan\u202E == 1", "1:5 syntax", "U+202E")]
    [InlineData("a\0 == 1", "1:2 syntax", "U+0000")]
    [InlineData("tags[0] == 1", "1:5 syntax", "path")]
    [InlineData("(a == 1", "1:1 syntax", "`(` is never closed")]
    [InlineData("a == 1)", "1:7 syntax", "closes nothing")]
    [InlineData("Event([\"a\")", "1:11 syntax", "closes nothing")]
    [InlineData("a < b", "1:5 wrong_operand", "a value")]
    // Not C#.
    [InlineData("", "1:1 empty", "no rule")]
    [InlineData("  // nothing\n", "1:1 empty", "no rule")]
    [InlineData("a == 1 &&", "1:8 syntax", "something more is expected")]
    [InlineData("a == 1\n  and b == 2", "2:3 syntax", "did you mean `&&`?")]
    [InlineData("a == 1 or b == 2", "1:8 syntax", "did you mean `||`?")]
    [InlineData("not a == 1", "1:1 syntax", "did you mean `!`?")]
    [InlineData("a == 1 b == 2", "1:8 syntax", "`b` does not belong here after `1`")]
    [InlineData("Sample(1 \"s\")", "1:10 syntax", "`,` is missing")]
    [InlineData("plan == \"\\q\"", "1:10 syntax", "escape")]
    // Not a rule.
    [InlineData("plan", "1:1 wrong_shape", "alone is no condition")]
    [InlineData("true", "1:1 wrong_shape", "did you mean `AllContacts()`?")]
    [InlineData("5", "1:1 wrong_shape", "a value alone")]
    [InlineData("5 <= seats", "1:1 wrong_shape", "did you mean `seats >= 5`?")]
    [InlineData("1 < seats.Size() && seats <= 5", "1:5 wrong_operand", "a value")]
    [InlineData("seats == other", "1:10 wrong_operand", "did you mean `\"other\"`?")]
    [InlineData("seats > 1 == true", "1:11 wrong_shape", "one comparison at a time")]
    [InlineData("seats + 1 > 2", "1:7 syntax", "`+`")]
    [InlineData("plan is pro", "1:9 wrong_operand", "did you mean `\"pro\"`?")]
    [InlineData("plan is not \"a\" or \"b\"", "1:9 wrong_shape", "did you mean `is not (… or …)`?")]
    [InlineData("plan is null", "1:9 wrong_operand", "did you mean `.IsNotSet()`?")]
    [InlineData("plan is not null", "1:13 wrong_operand", "did you mean `.IsSet()`?")]
    [InlineData("seats is >= 5", "1:10 wrong_operand", "greater or less")]
    [InlineData("seats is (1, 2)", "1:10 wrong_operand", "no value")]
    [InlineData("plan.contains(\"x\")", "1:6 unknown_operator", "did you mean `Contains`?")]
    [InlineData("plan.Contain(\"x\")", "1:6 unknown_operator", "did you mean `Contains`?")]
    [InlineData("plan.Equals(\"pro\")", "1:6 unknown_operator", "did you mean `==`?")]
    [InlineData("plan.Contains()", "1:6 wrong_operand", "Contains(\"…\")")]
    [InlineData("plan.IsSet(1)", "1:6 wrong_operand", "IsSet()")]
    [InlineData("plan.IsSet() == true", "1:14 wrong_shape", "by itself")]
    [InlineData("plan.IsSet().IsSet()", "1:14 wrong_shape", "nothing more")]
    [InlineData("plan.Count() > 3", "1:6 unknown_operator", "did you mean `Event(\"plan\")`?")]
    [InlineData("inSegment(\"x\")", "1:1 unknown_function", "did you mean `InSegment`?")]
    [InlineData("Environment.Exit(1)", "1:13 unknown_operator", "no operator")]
    [InlineData("System.IO.File.Delete(\"x\")", "1:16 unknown_operator", "no operator")]
    [InlineData("InSegment(trial)", "1:11 wrong_operand", "did you mean `\"trial\"`?")]
    [InlineData("InSegment(\"a\", \"b\")", "1:1 wrong_operand", "InSegment(\"id\")")]
    [InlineData("InSegment(id: \"a\")", "1:11 wrong_operand", "nothing is named")]
    [InlineData("InSegment(\"a\") == false", "1:1 wrong_shape", "not compared")]
    [InlineData("Group(AllContacts()).Count() > 1", "1:1 wrong_shape", "not compared")]
    [InlineData("(a == 1 && b == 2).With(label: \"x\")", "1:20 misplaced", "Group(…)")]
    [InlineData("(a == 1).With(casesensitive: true)", "1:15 unknown_option", "did you mean `caseSensitive`?")]
    [InlineData("(a == 1).With(\"match\")", "1:15 unknown_option", "named")]
    [InlineData("(a == 1).With(label: \"a\", label: \"b\")", "1:27 duplicate_field", "more than once")]
    [InlineData("born.InLast(30)", "1:13 wrong_operand", "did you mean `30.Days()`?")]
    [InlineData("born.InLast(-3.Days())", "1:13 wrong_operand", "a length of time")]
    [InlineData("born.InLast(3.Dais())", "1:15 unknown_word", "did you mean `Days`?")]
    [InlineData("born.InLast(3.Days(calender: true))", "1:20 unknown_option", "did you mean `calendar`?")]
    [InlineData("plan.HasBeen(\"pro\")", "1:6 wrong_shape", "for how long")]
    [InlineData("Event(\"a\") > 3", "1:12 wrong_shape", "did you mean `.Count()`?")]
    [InlineData("Event(\"a\").Sum(\"x\")", "1:12 wrong_shape", "compare it")]
    [InlineData("Event(\"a\").Count().Last(3.Days())", "1:12 wrong_shape", "no place here")]
    [InlineData("Event(\"a\").Las(3.Days())", "1:12 unknown_operator", "did you mean `Last`?")]
    [InlineData("Event(\"a\").Last(3.Days()).Last(4.Days())", "1:27 duplicate_field", "more than once")]
    [InlineData("Event(\"a\").Last(3.Days()).Frequency(atLeast: 1, outOf: 2, period: 1.Weeks())", "1:12 wrong_shape", "no place here")]
    [InlineData("LastEvent(\"a\")", "1:1 wrong_shape", ".Is(condition)")]
    [InlineData("Sequence(Event(\"a\"), b)", "1:22 wrong_operand", "a step is")]
    [InlineData("Json(\"1\")", "1:1 wrong_shape", "is a value")]
    [InlineData("a == Json(\"{\")", "1:11 malformed_json", "no JSON")]
    [InlineData("a == (b, c)", "1:6 wrong_operand", "not `(b, c)`")]
    [InlineData("a == \"\\uD800\"", "1:6 wrong_type", "surrogate")]
    [InlineData("a == 1 && Tree(b == 1)", "1:11 misplaced", "around a whole rule")]
    [InlineData("Tree(a == 1, b == 1)", "1:1 wrong_operand", "Tree(condition)")]
    [InlineData("Tree(a == 1).With(label: \"x\")", "1:1 misplaced", "around a whole rule")]
    [InlineData("(a) b", "1:1 syntax", "not part of the rule language")]
    [InlineData("AllContacts<int>()", "1:13 syntax", "Trait(\"int\")")]
    public void What_is_no_rule_is_said(string text, string at, string contains) => Said(RuleText.Read(text).Diagnostics, at, contains);

    [Theory]
    // What a rule means is decided in one place for all forms; only the place is the text's.
    [InlineData("plan == \"a\"\n&& seats >= \"many\"", "2:13 wrong_type", "expected a number")]
    [InlineData("born.InLast(1.Months())", "1:15 wrong_unit", "has no fixed length")]
    [InlineData("born.Before(\"soon\")", "1:13 wrong_type", "neither a day")]
    [InlineData("plan.Matches(\"(\")", "1:14 bad_pattern", null)]
    [InlineData("!\n  InSegment(\"nope\")", "2:13 unknown_segment", "nope")]
    [InlineData("plan.HasBeen(\"pro\") > 3.Days()", "1:21 unknown_operator", "gte or lt")]
    [InlineData("Event(\"order\").Where(InSegment(\"x\")).Count() > 3", "1:22 misplaced", "about an event")]
    [InlineData("Event(\"order\").Count() >= 1.5", "1:27 wrong_type", "a whole number")]
    [InlineData("(plan == \"a\").With(missing: \"matches\")", "1:29 unknown_word", "did you mean `match`?")]
    [InlineData("AllContacts().With(caseSensitive: true)", "1:35 unknown_field", "case_sensitive")]
    [InlineData("Sample(101, \"s\")", "1:8 wrong_type", "from 0 to 100")]
    [InlineData("Unsupported(\"jsonlogic\", null)", "1:1 unsupported", null)]
    public void What_a_rule_may_not_mean_is_said_at_its_place(string text, string at, string? contains) => Said(RuleText.Check(text, context).Diagnostics, at, contains);

    [Fact]
    public void Half_a_surrogate_pair_is_no_text()
    {
        Said(RuleText.Read($"plan == \"a{(char)0xD800}\"").Diagnostics, "1:11 wrong_type", "surrogate");
        Said(RuleText.Read($"plan{(char)0xDC00} == 1").Diagnostics, "1:5 syntax", "U+DC00");
    }

    [Fact]
    public void As_many_values_as_a_condition_may_have_are_read_and_a_few_more_are_counted()
    {
        static string Values(int count, string separator) => string.Join(separator, Enumerable.Range(0, count));
        Assert.Empty(RuleText.Read($"a.In({Values(1_000, ", ")}) && a is {Values(1_000, " or ")}").Diagnostics);
        Said(RuleText.Read($"a.In({Values(1_001, ", ")})").Diagnostics, "1:3 too_many_values", "has 1001 values");
        Said(RuleText.Read($"a is {Values(1_001, " or ")}").Diagnostics, "1:6 too_many_values", "has 1001 values");
        Said(RuleText.Read($"a.In({Values(1_002, ",")})").Diagnostics, "1:3900 too_many_values", "more than 1000");
        Said(RuleText.Read($"a is {string.Join(" or ", Enumerable.Repeat(1, 1_002))}").Diagnostics, "1:5008 too_many_values", "more than 1000");
    }

    [Fact]
    public void Everything_is_said_at_once_and_nothing_twice()
    {
        const string text = """
            plan.Contain("x")            // unknown operator
            && seats.IsSett()            // unknown operator
            && born.InLast(1.Years())    // a unit without a length
            && (seats == "many" || Any(InSegment("nope")))
            """;
        var check = RuleText.Check(text, context);
        Assert.Null(check.Rule);
        Assert.Equal(["1:6", "2:10", "3:18", "4:14", "4:38"], check.Diagnostics.Select(static each => $"{each.Line}:{each.Column}"));
        Assert.Equal("$.or[0].and[3].or[1].or[0].segment_id", check.Diagnostics[^1].Diagnostic.Path);
        Assert.Equal("$.or[0].and[0]", check.Diagnostics[0].Diagnostic.Path);
    }

    [Fact]
    public void A_rule_that_fits_is_taken()
    {
        var check = RuleText.Check("""plan is "pro" or "team" && Event("order").Sum("value") > 100""", context);
        Assert.Empty(check.Diagnostics);
        Assert.NotNull(check.Rule);
    }

    [Fact]
    public void A_warning_has_its_place_too()
    {
        var check = RuleText.Check("""undeclared.In("a", 1)""", context);
        Assert.NotNull(check.Rule);
        var warning = Assert.Single(check.Diagnostics);
        Assert.Equal((DiagnosticSeverity.Warning, 1, 12), (warning.Diagnostic.Severity, warning.Line, warning.Column));
    }

    private static void Said(IReadOnlyCollection<TextDiagnostic> diagnostics, string at, string? contains)
    {
        var told = string.Join('\n', diagnostics);
        Assert.True(diagnostics.Any(each => $"{each.Line}:{each.Column} {each.Diagnostic.Code}" == at && each.Diagnostic.Severity == DiagnosticSeverity.Error && (contains is null || each.ToString().Contains(contains, StringComparison.Ordinal))), told);
        Assert.Single(diagnostics);
    }
}
