using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

public sealed class MissingTests
{
    [Theory]
    [InlineData("eq", "5")]
    [InlineData("neq", "5")]
    [InlineData("lt", "5")]
    [InlineData("gte", "5")]
    [InlineData("between", "[1,9]")]
    [InlineData("not_between", "[1,9]")]
    [InlineData("in", "[5]")]
    [InlineData("not_in", "[5]")]
    public void R2_every_operator_on_what_is_missing_is_UNKNOWN(string op, string operand)
    {
        Question.Trait(op, operand).Unknown("-", "null");
        Question.Trait(op, operand, "number").Unknown("-", "null", "\"x\"", "true", "{}", "[5]");
        Question.Trait(op, operand, "number", ""","missing":"unknown" """).Unknown("-");
    }

    [Theory]
    [InlineData("contains", "\"x\"")]
    [InlineData("not_contains", "\"x\"")]
    [InlineData("starts_with", "\"x\"")]
    [InlineData("not_starts_with", "\"x\"")]
    [InlineData("ends_with", "\"x\"")]
    [InlineData("not_ends_with", "\"x\"")]
    [InlineData("matches", "\"x\"")]
    [InlineData("not_matches", "\"x\"")]
    [InlineData("in_cidr", "\"10.0.0.0/8\"")]
    [InlineData("not_in_cidr", "\"10.0.0.0/8\"")]
    [InlineData("eq", "\"x\"")]
    [InlineData("neq", "\"x\"")]
    public void R2_a_leaf_may_say_what_missing_counts_as(string op, string operand)
    {
        Question.Trait(op, operand, "string").Unknown("-");
        Question.Trait(op, operand, "string", ""","missing":"match" """).True("-", "null");
        Question.Trait(op, operand, "string", ""","missing":"no_match" """).False("-", "null");
        new Question($$$"""{"not":{{{Question.Trait(op, operand, "string", ""","missing":"match" """).Rule}}}}""").False("-");
    }

    [Fact]
    public void R2_the_is_operators_are_always_TRUE_or_FALSE()
    {
        Question.Trait("is_set").False("-", "null").True("\"\"", "0", "false", "[]", "{}");
        Question.Trait("is_not_set").True("-", "null").False("\"\"", "0", "false", "[]", "{}");
        Question.Trait("is_empty").True("-", "null", "\"\"", "[]").False("\" \"", "{}", "0", "false", "[null]");
        Question.Trait("is_not_empty").False("-", "null", "\"\"", "[]").True("\" \"", "{}", "0", "false", "[null]");
    }

    [Fact]
    public void R3_empty_text_is_a_value()
    {
        Question.Trait("eq", "\"\"", "string").True("\"\"").False("\"x\"").Unknown("-");
        Question.Trait("neq", "\"x\"", "string").True("\"\"");
    }

    [Fact]
    public void A01_missing_has_no_say_where_a_value_is_there()
    {
        const string match = ""","missing":"match" """;
        Question.Trait("eq", "5", more: match).Unknown("\"x\"", "true", "{}");
        Question.Trait("eq", "5", "list<number>", ""","missing":"match","quantifier":"all" """).Unknown("[]", "[null]", "[\"x\"]").True("-");
        Question.Trait("matches", "\"x\"", "string", match).Unknown($"\"{new string('x', 4_097)}\"");
    }

    [Fact]
    public void A02_missing_has_no_effect_on_the_is_operators()
    {
        Question.Trait("is_set", more: ""","missing":"match" """).False("-");
        Question.Trait("is_not_set", more: ""","missing":"no_match" """).True("-");
        Question.Trait("is_empty", more: ""","missing":"no_match" """).True("-");
        Question.Trait("is_not_empty", more: ""","missing":"match","quantifier":"none" """).False("-");
    }

    [Fact]
    public void A03_what_does_not_convert_is_not_set_and_is_empty()
    {
        Question.Trait("is_set", type: "number").False("\"x\"", "[1]", "{}").True("1", "\"1\"");
        Question.Trait("is_empty", type: "number").True("\"x\"").False("1");
        Question.Trait("is_set", type: "date").False("\"2024-02-30\"").True("\"2024-02-29\"");
        Question.Trait("is_set", type: "version").False("\"latest\"").True("\"1\"");
    }

    [Theory]
    [InlineData("version", "gte", "\"1\"", "\"latest\"")]
    [InlineData("number", "gte", "1", "\"many\"")]
    public void H7_what_does_not_parse_is_missing_and_missing_applies(string type, string op, string operand, string value)
    {
        Question.Trait("is_set", type: type).False(value);
        Question.Trait(op, operand, type).Unknown(value);
        Question.Trait(op, operand, type, ""","missing":"match" """).True(value);
        Question.Trait(op, operand, type, ""","missing":"no_match" """).False(value);
    }

    [Fact]
    public void H7_a_date_that_does_not_parse_is_missing_and_missing_applies() =>
        Question.Date("before", "\"value\":\"2024-05-01\"", "date", ""","missing":"match" """).True("\"2024-02-30\"", "\"soon\"");

    [Theory]
    [InlineData("\" \"")]
    [InlineData("{}")]
    [InlineData("0")]
    [InlineData("false")]
    [InlineData("[\"\"]")]
    public void A04_blanks_objects_zero_and_false_are_not_empty(string value)
    {
        Question.Trait("is_empty").False(value).True("-", "null", "\"\"", "[]");
        Question.Trait("is_not_empty").True(value).False("-", "null", "\"\"", "[]");
    }

    [Fact]
    public void H8_missing_acts_on_creation_time_and_on_the_domain()
    {
        const string created = """{"type":"contacts_created_at_between","after":null,"before":null""";
        new Question(created + "}").Unknown("-");
        new Question(created + ""","missing":"match"}""").True("-");
        const string domain = """{"type":"contacts_email_domain_name_in","domain_name_in":["acme.com"]""";
        new Question(domain + "}").Unknown("-");
        new Question(domain + ""","missing":"match"}""").True("-").Is(Truth.True, new Contact { Email = "nobody" });
        new Question(domain + ""","missing":"no_match"}""").False("-");
    }
}
