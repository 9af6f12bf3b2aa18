using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;

namespace SegmentEngine.Tests.Rules;

public sealed class LogicTests
{
    private const string Yes = """{"type":"all_contacts"}""";
    private const string No = """{"type":"no_contacts"}""";
    private const string Maybe = """{"type":"segment","segment_id":"building","op":"in"}""";

    [Theory]
    [InlineData(Yes, Yes, Truth.True, Truth.True)]
    [InlineData(Yes, No, Truth.False, Truth.True)]
    [InlineData(Yes, Maybe, Truth.Unknown, Truth.True)]
    [InlineData(No, No, Truth.False, Truth.False)]
    [InlineData(No, Maybe, Truth.False, Truth.Unknown)]
    [InlineData(Maybe, Maybe, Truth.Unknown, Truth.Unknown)]
    public void R1_and_and_or_are_Kleenes_in_either_order(string left, string right, Truth and, Truth or)
    {
        foreach (var (first, second) in new[] { (left, right), (right, left) })
        {
            Ask($$"""{"and":[{{first}},{{second}}]}""").Is(and, "-");
            Ask($$"""{"or":[{{first}},{{second}}]}""").Is(or, "-");
        }
    }

    [Theory]
    [InlineData(Yes, Truth.False)]
    [InlineData(No, Truth.True)]
    [InlineData(Maybe, Truth.Unknown)]
    public void R1_not_turns_TRUE_and_FALSE_round_and_leaves_UNKNOWN(string of, Truth not)
    {
        Ask($$"""{"not":{{of}}}""").Is(not, "-");
        Ask($$$"""{"not":{"type":"group","node":{"not":{"not":{{{of}}} } } } }""").Is(not, "-");
    }

    [Theory]
    [InlineData("""{"and":[]}""", "$.and")]
    [InlineData("""{"or":[]}""", "$.or")]
    [InlineData("""{"and":[{"type":"all_contacts"},{"or":[]}]}""", "$.and[1].or")]
    [InlineData("""{"type":"trait","trait":"t","op":"in","values":[]}""", "$.values")]
    [InlineData("""{"type":"trait","trait":"t","op":"not_in","values":[]}""", "$.values")]
    [InlineData("""{"type":"contact_id_in","contact_ids":[]}""", "$.contact_ids")]
    [InlineData("""{"type":"contacts_email_domain_name_in","domain_name_in":[]}""", "$.domain_name_in")]
    [InlineData("""{"type":"event","event_in":[]}""", "$.event_in")]
    public void R9_what_is_empty_is_refused(string rule, string path) => Ask(rule).Refused(path, "empty");

    [Fact]
    public void R9_everyone_and_nobody_are_said_by_name()
    {
        Ask(Yes).True("-");
        Ask(No).False("-");
    }

    [Theory]
    [InlineData("""{"type":"astrology"}""", "$.type", "unknown_type")]
    [InlineData("""{"type":"trait","trait":"t","op":"sounds_like","value":"x"}""", "$.op", "unknown_operator")]
    [InlineData("""{"type":"trait","trait":"t","op":"eq","value":"x","colour":1}""", "$.colour", "unknown_field")]
    [InlineData("""{"type":"trait","trait":"t","op":"matches","value":"("}""", "$.value", "bad_pattern")]
    [InlineData("""{"and":[{"type":"all_contacts"}],"or":[{"type":"all_contacts"}]}""", "$", "wrong_shape")]
    [InlineData("""{"not":[{"type":"all_contacts"}]}""", "$.not", "wrong_type")]
    [InlineData("""{"and":[{"type":"all_contacts"}],"label":"x"}""", "$.label", "unknown_field")]
    [InlineData("""{"type":"property","property":"p","op":"is_set"}""", "$.type", "misplaced")]
    [InlineData("""{"type":"event","event":"e","where":{"type":"trait","trait":"t","op":"is_set"}}""", "$.where.type", "misplaced")]
    public void R10_what_is_not_understood_is_refused(string rule, string path, string code) => Ask(rule).Refused(path, code);

    [Fact]
    public void A51_an_operand_on_is_set_is_ignored() =>
        new Question("""{"type":"trait","trait":"t","op":"is_set","value":5}""").True("7").False("-");

    [Fact]
    public void A53_a_group_may_stand_inside_where() =>
        new Question("""{"type":"event","event":"e","where":{"type":"group","node":{"type":"property","property":"p","op":"eq","value":1}}}""")
            .Is(Truth.True, Some.Contact(), Some.Event("e", "2024-05-01T00:00:00Z", """{"p":1}"""))
            .Is(Truth.False, Some.Contact(), Some.Event("e", "2024-05-01T00:00:00Z", """{"p":2}"""));

    [Fact]
    public void R13_a_segment_is_TRUE_or_FALSE_once_it_is_ready()
    {
        Member("in", true).Is(Truth.True, "-");
        Member("in", false).Is(Truth.False, "-");
        Member("not_in", true).Is(Truth.False, "-");
        Member("not_in", false).Is(Truth.True, "-");
    }

    [Theory]
    [InlineData("in")]
    [InlineData("not_in")]
    public void R13_a_segment_that_is_building_is_UNKNOWN(string op) => Member(op, null).Is(Truth.Unknown, "-");

    [Theory]
    [InlineData("in")]
    [InlineData("not_in")]
    public void A41_a_segment_nobody_knows_is_UNKNOWN_where_that_is_allowed(string op) =>
        new Question($$"""{"type":"segment","segment_id":"nowhere","op":"{{op}}"}""").Unknown("-");

    [Fact]
    public void R13_a_segment_nobody_knows_is_refused_elsewhere()
    {
        var check = RuleChecker.Check("""{"type":"segment","segment_id":"nowhere","op":"in"}""", new(TraitSchema.Empty, TimeZoneInfo.Utc, static _ => null));
        Assert.Null(check.Rule);
        Assert.Equal(("$.segment_id", "unknown_segment"), (Assert.Single(check.Diagnostics).Path, check.Diagnostics[0].Code));
    }

    [Fact]
    public void H11_A40_who_is_UNKNOWN_to_a_segments_rule_is_no_member_of_it()
    {
        var (first, second, third) = (new SegmentId(Guid.NewGuid()), new SegmentId(Guid.NewGuid()), new SegmentId(Guid.NewGuid()));
        var context = new RuleContext(TraitSchema.Empty, TimeZoneInfo.Utc, name => new SegmentId(Guid.Parse(name)));
        CheckedRule Built(string rule) => Some.Rule(rule, context);
        var answers = Engines.AllAgree(new(
            Some.At("2024-05-15T12:00:00Z"),
            [
                (first, Built("""{"type":"trait","trait":"t","op":"eq","value":1}""")),
                (second, Built($$"""{"type":"segment","segment_id":"{{first}}","op":"in"}""")),
                (third, Built($$"""{"type":"segment","segment_id":"{{first}}","op":"not_in"}""")),
            ],
            [new(Some.Contact("""{"t":1}""")), new(Some.Contact("""{"t":2}""")), new(Some.Contact())],
            System.Collections.Immutable.ImmutableDictionary<SegmentId, System.Collections.Immutable.ImmutableArray<bool>>.Empty));
        Assert.Equal([Truth.True, Truth.False, Truth.Unknown], answers[0]);
        Assert.Equal([Truth.True, Truth.False, Truth.False], answers[1]);
        Assert.Equal([Truth.False, Truth.True, Truth.True], answers[2]);
    }

    [Fact]
    public void A39_ids_compare_without_regard_to_case()
    {
        var id = Guid.Parse("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
        new Question("""{"type":"contact_id_in","contact_ids":["11111111-1111-4111-8111-111111111111","AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE"]}""")
            .Is(Truth.True, new Contact { Id = new(id) })
            .Is(Truth.False, new Contact { Id = new(Guid.Parse("22222222-2222-4222-8222-222222222222")) })
            .Is(Truth.False, new Contact { ExternalId = id.ToString() });
        new Question("""{"type":"contact_id_in","contact_ids":["x"]}""").Refused("$.contact_ids[0]", "wrong_type");
        new Question("""{"type":"contact_id_in","contact_ids":[" 11111111-1111-4111-8111-111111111111"]}""").Refused("$.contact_ids[0]", "wrong_type");
    }

    private static Question Ask(string rule) => new(rule) { Segments = { ["building"] = null } };

    private static Question Member(string op, bool? member) => new($$"""{"type":"segment","segment_id":"vip","op":"{{op}}"}""") { Segments = { ["vip"] = member } };
}
