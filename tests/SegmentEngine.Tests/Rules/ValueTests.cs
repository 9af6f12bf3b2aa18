using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

public sealed class ValueTests
{
    [Fact]
    public void R4_values_of_different_types_are_neither_equal_nor_different()
    {
        Question.Trait("eq", "5").True("5", "5.0").False("6").Unknown("\"5\"", "true", "{}");
        Question.Trait("neq", "5").False("5").True("6").Unknown("\"5\"", "true", "{}");
        Question.Trait("eq", "true").True("true").False("false").Unknown("1", "\"true\"");
        Question.Trait("eq", "\"5\"").True("\"5\"").Unknown("5");
        Question.Trait("lt", "5").True("4").Unknown("\"4\"");
    }

    [Theory]
    [InlineData("number", "eq", "\"5\"")]
    [InlineData("string", "eq", "5")]
    [InlineData("boolean", "eq", "\"true\"")]
    [InlineData("version", "gt", "1.2")]
    [InlineData("version", "eq", "\"latest\"")]
    [InlineData("list<number>", "eq", "\"5\"")]
    public void H9_a_value_of_the_wrong_type_against_a_declaration_is_refused(string type, string op, string operand) =>
        Question.Trait(op, operand, type).Refused("$.value", "wrong_type");

    [Theory]
    [InlineData("string", "lt", "5")]
    [InlineData("number", "contains", "\"5\"")]
    [InlineData("boolean", "gt", "true")]
    [InlineData("version", "in", "[\"1\"]")]
    [InlineData("date", "eq", "\"2024-01-01\"")]
    [InlineData("datetime", "lt", "5")]
    public void R4_an_operator_of_another_type_is_refused(string type, string op, string operand) => Question.Trait(op, operand, type).Refused("$.op", "wrong_operator");

    [Fact]
    public void R4_H6_value_type_says_how_an_undeclared_trait_is_read()
    {
        Question.Trait("gt", "4", more: ""","value_type":"number" """).True("5", "\"5\"", "\" 5 \"").False("3").Unknown("\"x\"");
        Question.Trait("gt", "\"1.2\"", more: ""","value_type":"version" """).True("\"1.10\"").Unknown("1.3");
        Question.Trait("eq", "\"5\"", more: ""","value_type":"string" """).True("5", "\"5\"");
        Question.Trait("is_set", more: ""","value_type":"number" """).True("\"5\"").False("\"x\"");
        Question.Trait("eq", "5", "number", ""","value_type":"number" """).Refused("$.value_type", "already_declared");
        new Question("""{"type":"trait","trait":"email","op":"eq","value":"x","value_type":"string"}""").Refused("$.value_type", "already_declared");
    }

    [Fact]
    public void R4_an_object_is_set_and_UNKNOWN_to_every_other_operator()
    {
        Question.Trait("eq", "5").Unknown("{}", """{"a":5}""");
        Question.Trait("contains", "\"a\"").Unknown("""{"a":5}""");
        Question.Trait("size", """{"op":"gte","n":0}""").Unknown("{}");
        Question.Trait("neq", "5", more: ""","quantifier":"none" """).Unknown("{}");
        Question.Trait("is_set").True("{}");
    }

    [Fact]
    public void R5_numbers_compare_as_decimals_where_both_fit()
    {
        Question.Trait("eq", "0.3", "number").True("0.3", "0.30", "\"0.3\"", "3e-1").False("0.30000000000000004");
        Question.Trait("gt", "9007199254740992", "number").True("9007199254740993");
        Question.Trait("eq", "9007199254740992", "number").False("9007199254740993");
        Question.Trait("eq", "123456789012345678901234567890", "number").True("123456789012345678901234567890", "123456789012345678901234567891");
        Question.Trait("in", "[1,123456789012345678901234567890]", "number").True("1.0", "123456789012345678901234567891").False("2");
        Question.Trait("lt", "1e300", "number").True("1", "-1e300").False("1e300", "1e301");
    }

    [Fact]
    public void A05_A07_text_converts_to_a_declared_number_or_boolean()
    {
        Question.Trait("eq", "7", "number").True("\" 7 \"", "\"+7\"", "\"7.\"", "\"70e-1\"").Unknown("\"\"", "\"7,0\"", "\"seven\"", "true");
        Question.Trait("eq", "true", "boolean").True("\" TRUE \"", "true").False("\"false\"").Unknown("1", "\"1\"", "\"yes\"");
        Question.Trait("in", "[true]", "boolean").True("true").False("false");
        Question.Trait("in", "[true,false]", "boolean").True("true", "false").Unknown("-");
        Question.Trait("neq", "true", "boolean").False("true").True("false").Unknown("-");
    }

    [Fact]
    public void A06_a_number_or_boolean_of_a_declared_string_is_its_text() =>
        Question.Trait("in", """["10115","1.50","true"]""", "string").True("10115", "1.50", "true", "\"10115\"").False("1.5", "10116").Unknown("[10115]");

    [Fact]
    public void A08_A09_A10_A11_what_does_not_convert_is_missing()
    {
        Question.Date("before", "\"value\":\"2024-01-01\"", "date").Unknown("\"2023-01-01T00:00:00Z\"", "\"2023-1-1\"", "20230101").True("\"2023-01-01\"");
        Question.Date("before", "\"value\":\"2024-01-01\"").Unknown("\"2023-01-01\"", "\"0\"", "0.5").True("0", "\"2023-01-01T00:00:00Z\"");
        Question.Trait("gte", "\"1\"", "version").Unknown("2", "1.10").True("\"2\"");
        Question.Trait("eq", "\"a\"", "list<string>").Unknown("\"a\"", "\"a,b\"").True("[\"a\"]");
        Question.Trait("eq", "\"a\"", "string").Unknown("[\"a\"]");
    }

    [Fact]
    public void A13_undeclared_values_are_what_their_JSON_is()
    {
        Question.Trait("eq", "1").True("[1,\"a\"]").Unknown("[\"a\",true]", "[{}]", "[[1]]").Unknown("[2,\"a\"]").False("[2]");
        Question.Date("before", "\"value\":\"2024-01-01\"", type: "").Unknown("\"2020-01-01\"", "\"2020-01-01T00:00:00Z\"", "0");
        Question.Date("before", "\"value\":\"2024-01-01\"", type: "", ""","value_type":"date" """).True("\"2020-01-01\"");
        Question.Date("before", "\"value\":\"2024-01-01\"", type: "", ""","value_type":"datetime" """).True("0");
        Question.Trait("is_set").False("1e999");
        Question.Date("before", "\"value\":\"2024-01-01\"", type: "").Warned("$", "never_true");
    }

    [Fact]
    public void A15_in_with_values_of_several_types_is_the_or_of_the_comparisons()
    {
        Question.Trait("in", "[1,\"a\",true]").True("1", "\"A\"", "true").Unknown("2", "\"b\"", "false", "{}");
        Question.Trait("in", "[1,2]").True("1").False("3").Unknown("\"a\"");
        Question.Trait("not_in", "[1,\"a\"]").False("1").Unknown("2", "\"b\"");
        Question.Trait("in", "[1,\"a\"]").Warned("$.values", "mixed_values");
        Question.Trait("in", "[1,\"a\"]", "number").Refused("$.values[1]", "wrong_type");
        Question.Trait("in", "[true,false]").True("true", "false").Unknown("1");
    }

    [Fact]
    public void A19f_between_holds_both_ends_and_reversed_nothing()
    {
        Question.Trait("between", "[1,3]", "number").True("1", "2", "3", "3.0").False("0.999", "3.001");
        Question.Trait("not_between", "[1,3]", "number").False("1", "2", "3").True("0.999", "3.001").Unknown("-");
        Question.Trait("between", "[3,1]", "number").False("1", "2", "3");
        Question.Trait("not_between", "[3,1]", "number").True("2");
        Question.Trait("between", "[3,1]", "number").Warned("$.values", "never_true");
        Question.Trait("between", "[1,3]").Unknown("\"2\"", "true");
    }

    [Fact]
    public void R12_versions_go_by_precedence()
    {
        Question.Trait("gt", "\"1.9\"", "version").True("\"1.10\"", "\"v2\"").False("\"1.9.0\"", "\"1.9-rc\"").Unknown("\"V2\"", "\"01.2.3\"");
        Question.Trait("eq", "\"1.2.0\"", "version").True("\"1.2\"", "\"v1.2.0+build\"").False("\"1.2.1\"");
        Question.Trait("neq", "\"1.2.0\"", "version").False("\"1.2\"").True("\"1.2-beta\"").Unknown("\"latest\"");
        Question.Trait("lte", "\"2-rc\"", "version").True("\"2.0.0-rc\"", "\"2-beta\"").False("\"2\"");
        Question.Trait("lt", "\"2\"", "list<version>").True("[\"3\",\"1\"]").False("[\"3\"]").Unknown("[\"3\",\"x\"]");
    }

    [Fact]
    public void R17_leaves_read_verified_data_unless_they_say_otherwise()
    {
        Contact Both(string verified, string other) => new() { CustomData = Some.Json(verified), NonVerifiedCustomData = Some.Json(other) };
        const string any = ""","source":"any" """;
        Question.Trait("eq", "1", "number").Is(Truth.Unknown, Both("{}", """{"t":1}"""));
        Question.Trait("eq", "1", "number", any).Is(Truth.True, Both("{}", """{"t":1}""")).Is(Truth.False, Both("""{"t":2}""", """{"t":1}"""));
        Question.Trait("eq", "1", "number", any).Is(Truth.True, Both("""{"t":"x"}""", """{"t":1}""")).Is(Truth.True, Both("""{"t":null}""", """{"t":1}"""));
        Question.Trait("eq", "1", "number", ""","source":"verified" """).Is(Truth.Unknown, Both("{}", """{"t":1}"""));
        Question.Date("before", "\"value\":\"2024-01-01\"", "date", any).Is(Truth.True, Both("""{"t":"2023"}""", """{"t":"2023-01-01"}"""));
        Question.Trait("is_set", more: any).Is(Truth.True, Both("{}", """{"t":1}"""));
        Assert.True(Some.Rule(Question.Trait("is_set", more: any).Rule, Question.Trait("is_set").Context).Reads.Unverified);
    }

    [Fact]
    public void A19k_a_dot_nests()
    {
        new Question("""{"type":"trait","trait":"a.b","op":"eq","value":1}""").Is(Truth.True, Some.Contact("""{"a":{"b":1}}""")).Is(Truth.Unknown, Some.Contact("""{"a.b":1}"""));
        new Question("""{"type":"trait","trait":"a\\.b","op":"eq","value":1}""").Is(Truth.True, Some.Contact("""{"a.b":1}"""));
        new Question("""{"type":"trait","trait":"custom_data.a.b","op":"eq","value":1}""").Is(Truth.True, Some.Contact("""{"a":{"b":1}}""")).Is(Truth.Unknown, Some.Contact("""{"a":[{"b":1}]}"""));
    }

    [Fact]
    public void Built_in_traits_are_traits()
    {
        new Question("""{"type":"trait","trait":"email","op":"ends_with","value":"@acme.com"}""").Is(Truth.True, new Contact { Email = "a@ACME.com" }).Unknown("-");
        new Question("""{"type":"trait","trait":"id","op":"eq","value":"11111111-1111-4111-8111-111111111111"}""").Is(Truth.True, new Contact { Id = new(Guid.Parse("11111111-1111-4111-8111-111111111111")) });
        new Question("""{"type":"trait","trait":"name","op":"eq","value":"Jos\u00e9"}""").Is(Truth.True, new Contact { Name = "Jose\u0301" });
        new Question("""{"type":"date","trait":"last_seen_at","op":"in_last","amount":1,"unit":"day"}""").Is(Truth.True, new Contact { LastSeenAt = Some.At("2024-05-15T00:00:00Z") }).Unknown("-");
        new Question("""{"type":"date","trait":"updated_at","op":"is_set"}""").Refused("$.op", "unknown_operator");
    }

    [Fact]
    public void A38_creation_time_is_from_after_to_before()
    {
        Contact Created(string at) => new() { CreatedAt = Some.At(at) };
        new Question("""{"type":"contacts_created_at_between","after":"2024-01-01T00:00:00Z","before":"2024-02-01T00:00:00Z"}""")
            .Is(Truth.True, Created("2024-01-01T00:00:00Z"))
            .Is(Truth.True, Created("2024-01-31T23:59:59.9999999Z"))
            .Is(Truth.False, Created("2024-02-01T00:00:00Z"))
            .Is(Truth.False, Created("2023-12-31T23:59:59.9999999Z"))
            .Unknown("-");
        new Question("""{"type":"contacts_created_at_between","after":null,"before":1706745600000}""").Is(Truth.True, Created("0001-01-01T00:00:00Z")).Is(Truth.False, Created("2024-02-01T00:00:00Z"));
        new Question("""{"type":"contacts_created_at_between","after":1706745600000,"before":null}""").Is(Truth.True, Created("2999-01-01T00:00:00Z"));
        new Question("""{"type":"contacts_created_at_between","after":null,"before":null}""").Is(Truth.True, Created("2024-02-01T00:00:00Z")).Unknown("-");
        new Question("""{"type":"contacts_created_at_between","after":"2024-01-01","before":null}""").Refused("$.after", "wrong_type");
    }

    [Fact]
    public void A38b_the_domain_is_what_follows_the_last_at()
    {
        Contact Mail(string email) => new() { Email = email };
        new Question("""{"type":"contacts_email_domain_name_in","domain_name_in":["acme.com","B\u00fccher.example"]}""")
            .Is(Truth.True, Mail("a@acme.com"))
            .Is(Truth.True, Mail("\"a@b\"@ACME.com"))
            .Is(Truth.True, Mail("a@xn--bcher-kva.example"))
            .Is(Truth.True, Mail("a@bücher.example"))
            .Is(Truth.True, Mail("a@BÜCHER.example"))
            .Is(Truth.False, Mail("a@mail.acme.com"))
            .Is(Truth.False, Mail("a@acme.com.evil.org"))
            .Is(Truth.Unknown, Mail("acme.com"))
            .Is(Truth.Unknown, Mail("a@"))
            .Is(Truth.Unknown, Mail("a@acme..com"))
            .Unknown("-");
    }
}
