namespace SegmentEngine.Tests.Rules;

public sealed class ListTests
{
    private static string Quantifier(string quantifier) => $$""","quantifier":"{{quantifier}}" """;

    [Theory]
    [InlineData("list<string>")]
    [InlineData("")]
    public void R8_quantifiers_say_which_elements_must_hold(string type)
    {
        Question.Trait("eq", "\"a\"", type).True("[\"a\"]", "[\"b\",\"a\"]").False("[\"b\"]", "[]");
        Question.Trait("eq", "\"a\"", type, Quantifier("any")).True("[\"b\",\"a\"]").False("[]");
        Question.Trait("eq", "\"a\"", type, Quantifier("all")).True("[\"a\",\"A\"]").False("[\"a\",\"b\"]").Unknown("[]");
        Question.Trait("eq", "\"a\"", type, Quantifier("none")).True("[\"b\"]", "[]").False("[\"b\",\"a\"]");
        Question.Trait("eq", "\"a\"", type, Quantifier("none")).Unknown("-");
    }

    [Fact]
    public void R8_H5_a_negative_operator_is_the_negation_of_its_twin_quantifier_included()
    {
        Question.Trait("not_in", "[\"a\"]", "list<string>").True("[\"b\"]", "[]").False("[\"a\",\"b\"]");
        Question.Trait("neq", "\"a\"", "list<string>", Quantifier("all")).True("[\"a\",\"b\"]").False("[\"a\"]").Unknown("[]");
        Question.Trait("neq", "\"a\"", "list<string>", Quantifier("none")).True("[\"a\"]").False("[\"b\"]", "[]");
        Question.Trait("not_contains", "\"x\"", "list<string>").False("[\"ax\",\"b\"]").True("[\"b\"]");
        Question.Trait("not_between", "[1,3]", "list<number>").False("[2,9]").True("[9]", "[]").Unknown("-");
    }

    [Fact]
    public void R8_A12_an_element_that_is_null_or_does_not_convert_is_UNKNOWN()
    {
        Question.Trait("eq", "1", "list<number>").True("[null,1]", "[\"x\",\"1\"]").Unknown("[null]", "[2,\"x\"]");
        Question.Trait("eq", "1", "list<number>", Quantifier("all")).False("[2,null]").Unknown("[1,null]");
        Question.Trait("neq", "1", "list<number>").False("[null,1]").Unknown("[null]", "[2,null]");
    }

    [Fact]
    public void A19i_none_with_an_unusable_element()
    {
        Question.Trait("eq", "1", "list<number>", Quantifier("none")).False("[null,1]").Unknown("[null,2]").True("[2]");
        Question.Trait("eq", "1", "list<number>", Quantifier("all") + ""","missing":"match" """).Unknown("[]").True("-");
        Question.Trait("eq", "1", "list<number>", Quantifier("all") + ""","missing":"no_match" """).Unknown("[]").False("-");
    }

    [Fact]
    public void A13_elements_of_an_undeclared_list_go_each_by_its_own_kind()
    {
        Question.Trait("eq", "1").True("[\"1\",1]").Unknown("[\"1\"]", "[2,\"1\"]", "[[1]]");
        Question.Trait("in", "[1,\"a\"]").True("[2,\"A\"]").Unknown("[2]", "[{}]");
        Question.Trait("contains", "\"a\"", "", Quantifier("all")).Unknown("[\"ab\",1]").False("[\"b\",1]").True("[\"ab\"]");
    }

    [Fact]
    public void A14_asked_of_an_undeclared_scalar_a_quantifier_takes_it_for_a_list_of_one()
    {
        Question.Trait("eq", "1", "", Quantifier("all")).True("1").False("2").Unknown("\"1\"");
        Question.Trait("eq", "1", "", Quantifier("none")).False("1").True("2").Unknown("\"1\"", "{}");
        Question.Trait("eq", "1", "number", Quantifier("none")).Refused("$.quantifier", "not_a_list");
    }

    [Theory]
    [InlineData("list<number>")]
    [InlineData("")]
    public void A19h_size_compares_the_length(string type)
    {
        Question.Trait("size", """{"op":"gte","n":2}""", type).True("[1,2]", "[1,null]", "[null,\"x\",3]").False("[1]", "[]").Unknown("-");
        Question.Trait("size", """{"op":"eq","n":0}""", type).True("[]").False("[null]");
        Question.Trait("size", """{"op":"neq","n":1}""", type).True("[]").False("[1]");
        Question.Trait("size", """{"op":"lt","n":2.0}""", type).True("[1]").False("[1,2]");
        Question.Trait("size", """{"op":"lte","n":1}""", type, ""","missing":"match" """).True("[1]", "-").False("[1,2]");
        Question.Trait("size", """{"op":"gt","n":1}""", type).True("[1,2]").False("[1]");
    }

    [Fact]
    public void A19h_size_asks_nothing_of_what_is_no_list()
    {
        Question.Trait("size", """{"op":"gte","n":0}""").Unknown("1", "\"abc\"", "{}", "-");
        Question.Trait("size", """{"op":"gte","n":0}""", "string").Refused("$.op", "not_a_list");
        Question.Trait("size", """{"op":"in","n":0}""").Refused("$.value.op", "unknown_operator");
        Question.Trait("size", """{"op":"eq","n":-1}""").Refused("$.value.n", "wrong_type");
        Question.Trait("size", "2").Refused("$.value", "wrong_type");
    }

    [Fact]
    public void A19j_a_date_over_a_list_takes_a_quantifier()
    {
        const string before = "\"value\":\"2024-01-01\"";
        Question.Date("before", before, "list<date>").True("[\"2025-01-01\",\"2023-01-01\"]").False("[\"2024-01-01\"]", "[]").Unknown("[\"x\"]", "-");
        Question.Date("before", before, "list<date>", Quantifier("all")).False("[\"2025-01-01\",\"2023-01-01\"]").True("[\"2023-01-01\"]").Unknown("[]");
        Question.Date("not_in_last", "\"amount\":1,\"unit\":\"day\"", "list<datetime>", Quantifier("none")).True("[\"2024-05-15T00:00:00Z\"]").False("[]");
    }

    [Fact]
    public void Quantifiers_have_no_say_in_the_is_operators() => Question.Trait("is_set", type: "list<number>", more: Quantifier("none")).True("[1]", "[]").False("-");
}
