using SegmentEngine.Contacts;

namespace SegmentEngine.Tests.Contacts;

public sealed class TraitSchemaTests
{
    [Theory]
    [InlineData("\" 7 \"", "7")]
    [InlineData("7", "7")]
    [InlineData("7.50", "7.50")]
    [InlineData("\"+5\"", "5")]
    [InlineData("\"\"", null)]
    [InlineData("\"1,000\"", null)]
    [InlineData("true", null)]
    [InlineData("\"true\"", null)]
    [InlineData("[7]", null)]
    [InlineData("{}", null)]
    [InlineData("null", null)]
    [InlineData("1e999", null)]
    public void A05_what_becomes_a_number(string json, string? number) => Assert.Equal(number, (Convert(json, "number") as TraitValue.Number)?.Value.ToString());

    [Theory]
    [InlineData("\"a\"", "a")]
    [InlineData("\"\"", "")]
    [InlineData("\" a \"", " a ")]
    [InlineData("10115", "10115")]
    [InlineData("1.50", "1.50")]
    [InlineData("1E2", "1E2")]
    [InlineData("true", "true")]
    [InlineData("null", null)]
    [InlineData("[\"a\"]", null)]
    [InlineData("{\"a\":1}", null)]
    [InlineData("\"\\ud800\"", null)]
    [InlineData("\"e\\u0301\"", "é")]
    public void A06_what_becomes_a_text(string json, string? text) => Assert.Equal(text, (Convert(json, "string") as TraitValue.Text)?.Value);

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\" TRUE \"", true)]
    [InlineData("\"False\"", false)]
    [InlineData("1", null)]
    [InlineData("0", null)]
    [InlineData("\"1\"", null)]
    [InlineData("\"yes\"", null)]
    [InlineData("\"\"", null)]
    public void A07_what_becomes_a_boolean(string json, bool? flag) => Assert.Equal(flag, (Convert(json, "boolean") as TraitValue.Flag)?.Value);

    [Theory]
    [InlineData("\"2024-02-29\"", true)]
    [InlineData("\"0001-01-01\"", true)]
    [InlineData("\"9999-12-31\"", true)]
    [InlineData("\"2023-02-29\"", false)]
    [InlineData("\"0000-01-01\"", false)]
    [InlineData("\"2024-2-9\"", false)]
    [InlineData("\" 2024-02-09\"", false)]
    [InlineData("\"2024-02-09 \"", false)]
    [InlineData("\"2024-02-09T00:00:00Z\"", false)]
    [InlineData("20240209", false)]
    [InlineData("0", false)]
    [InlineData("\"\"", false)]
    public void A08_what_becomes_a_day(string json, bool converts) => Assert.Equal(converts, Convert(json, "date") is TraitValue.Day);

    [Theory]
    [InlineData("\"2024-02-29T00:00:00Z\"", true)]
    [InlineData("1714564800000", true)]
    [InlineData("1714564800000.0", true)]
    [InlineData("1.7145648e12", true)]
    [InlineData("1714564800000.5", false)]
    [InlineData("\"1714564800000\"", false)]
    [InlineData("\"2024-02-29\"", false)]
    [InlineData("1e300", false)]
    [InlineData("true", false)]
    public void A09_what_becomes_an_instant(string json, bool converts) => Assert.Equal(converts, Convert(json, "datetime") is TraitValue.Moment);

    [Theory]
    [InlineData("\"1.10\"", true)]
    [InlineData("\"v2\"", true)]
    [InlineData("2", false)]
    [InlineData("1.10", false)]
    [InlineData("\" 1\"", false)]
    public void A10_what_becomes_a_version(string json, bool converts) => Assert.Equal(converts, Convert(json, "version") is TraitValue.Version);

    [Fact]
    public void A11_a_scalar_is_no_list_and_a_list_no_scalar()
    {
        Assert.Null(Convert("\"a\"", "list<string>"));
        Assert.Null(Convert("\"a,b\"", "list<string>"));
        Assert.Null(Convert("{}", "list<string>"));
        Assert.Null(Convert("[\"a\"]", "string"));
        Assert.NotNull(Convert("[]", "list<string>"));
    }

    [Fact]
    public void A12_an_element_that_does_not_convert_keeps_its_place()
    {
        var list = Assert.IsType<TraitValue.List>(Convert("""[1, "2", "x", null, [3]]""", "list<number>"));
        Assert.Equal(5, list.Elements.Length);
        Assert.Equal([true, true, false, false, false], list.Elements.Select(static element => element is not null));
    }

    [Fact]
    public void A13_what_is_not_declared_is_what_its_JSON_is()
    {
        Assert.IsType<TraitValue.Composite>(Convert("{}", null));
        Assert.IsType<TraitValue.Text>(Convert("\"2024-01-01\"", null));
        Assert.IsType<TraitValue.Number>(Convert("1e300", null));
        Assert.IsType<TraitValue.Flag>(Convert("false", null));
        Assert.Null(Convert("1e999", null));
        Assert.Null(Convert("null", null));
        var mixed = Assert.IsType<TraitValue.List>(Convert("""[1, "a", true, null, [1], {}]""", null));
        Assert.IsType<TraitValue.Number>(mixed.Elements[0]);
        Assert.IsType<TraitValue.Text>(mixed.Elements[1]);
        Assert.IsType<TraitValue.Flag>(mixed.Elements[2]);
        Assert.Null(mixed.Elements[3]);
        Assert.IsType<TraitValue.Composite>(mixed.Elements[4]);
        Assert.IsType<TraitValue.Composite>(mixed.Elements[5]);
    }

    [Fact]
    public void A19l_unverified_data_is_read_only_where_the_verified_value_is_not_usable()
    {
        var contact = new Contact { CustomData = Some.Json("""{"a":"x","b":null,"c":"text"}"""), NonVerifiedCustomData = Some.Json("""{"a":"y","b":"y","c":5,"d":"y"}""") };
        Assert.Equal("x", Text(contact, "a", "string", any: true));
        Assert.Equal("y", Text(contact, "b", "string", any: true));
        Assert.Null(Text(contact, "b", "string", any: false));
        Assert.Equal("y", Text(contact, "d", "string", any: true));
        Assert.IsType<TraitValue.Number>(TraitSchema.Read(contact, TraitPath.Of("c"), new(TraitKind.Number), any: true));
    }

    [Fact]
    public void A60_built_in_names_in_a_schema_are_ignored()
    {
        Assert.True(TraitSchema.TryParse(Some.Json("""{"traits":{"email":"number","created_at":"string","custom_data.plan":"version","seats":"list<number>"},"events":{"order":{"value":"number"}}}"""), out var schema, out _));
        Assert.Equal(new TraitType(TraitKind.Text), schema.TypeOf(TraitPath.Of("email")));
        Assert.Equal(new TraitType(TraitKind.DateTime), schema.TypeOf(TraitPath.CreatedAt));
        Assert.Equal(new TraitType(TraitKind.Version), schema.TypeOf(TraitPath.Of("plan")));
        Assert.Equal(new TraitType(TraitKind.Number, IsList: true), schema.TypeOf(TraitPath.Of("custom_data.seats")));
        Assert.Equal(new TraitType(TraitKind.Number), schema.TypeOf("order", TraitPath.OfProperty("value")));
        Assert.Null(schema.TypeOf("refund", TraitPath.OfProperty("value")));
    }

    [Fact]
    public void A_schema_that_is_printed_reads_back()
    {
        Assert.True(TraitSchema.TryParse(Some.Json("""{"events":{"b":{"y\\.z":"date"},"a":{}},"traits":{"plan":"version","s.t":"list<boolean>"}}"""), out var schema, out _));
        Assert.True(TraitSchema.TryParse(Some.Json(schema.ToString()), out var back, out _));
        Assert.Equal(schema.ToString(), back.ToString());
    }

    [Fact]
    public void Every_problem_of_a_schema_is_reported_with_its_path()
    {
        Assert.False(TraitSchema.TryParse(Some.Json("""{"traits":{"a":"text","b":1},"events":{"order":5,"refund":{"x":"money"}},"more":{}}"""), out _, out var problems));
        Assert.Equal(["$.events.order", "$.events.refund.x", "$.more", "$.traits.a", "$.traits.b"], problems.Select(static problem => problem.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"traits":{"a\ud800":"string"}}""")]
    [InlineData("""{"\ud800":{}}""")]
    [InlineData("""{"events":{"\udc00":{}}}""")]
    [InlineData("""{"events":{"\ufffe":{}}}""")]
    public void A_name_that_is_no_text_is_a_problem_of_the_schema(string json) => Assert.False(TraitSchema.TryParse(Some.Json(json), out _, out _));

    private static TraitValue? Convert(string json, string? type) => TraitSchema.Convert(Some.Json(json), TraitType.TryParse(type, out var declared) ? declared : null);

    private static string? Text(Contact contact, string trait, string type, bool any) =>
        (TraitSchema.Read(contact, TraitPath.Of(trait), TraitType.TryParse(type, out var declared) ? declared : null, any) as TraitValue.Text)?.Value;
}
