using System.Text.Json;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

/// <summary>How leaves are written: what is read is printed again, what does not fit is refused with its place.</summary>
public sealed class LeafShapeTests
{
    [Theory]
    [InlineData("""{"type":"trait_age","trait":"plan","value":"pro","for":{"op":"gte","amount":30,"unit":"day"}}""")]
    [InlineData("""{"type":"trait_age","trait":"plan","value_type":"version","quantifier":"all","source":"any","value":"1.0","for":{"op":"lt","amount":90,"unit":"minute"},"missing":"no_match","label":"x"}""")]
    [InlineData("""{"type":"event_sequence","steps":[{"event":"cart"}]}""")]
    [InlineData("""{"type":"event_sequence","steps":[{"event":"cart","where":{"type":"property","property":"a","op":"is_set"}},{"event":"order","where":{"type":"property","property":"a","op":"eq","value":{"step":0,"property":"a"}},"within":{"amount":2,"unit":"hour"}}],"window":{"last":{"amount":30,"unit":"day"}}}""")]
    [InlineData("""{"type":"event_sequence","steps":[{"event":"trial"},{"event":"order","where":{"type":"property","property":"at","op":"after","value":{"step":0,"property":"ends"}}}],"window":{"from":"2024-01-01T00:00:00Z"}}""")]
    [InlineData("""{"type":"event_frequency","event":"login","period":{"amount":1,"unit":"week"},"at_least":3,"out_of":4}""")]
    [InlineData("""{"type":"event_frequency","event_in":["login","open"],"where":{"type":"property","property":"a","op":"is_set"},"period":{"amount":12,"unit":"hour"},"at_least":0,"out_of":1}""")]
    [InlineData("""{"type":"event_lifecycle","event":"order","state":"new","active":{"amount":30,"unit":"day"},"quiet":{"amount":90,"unit":"day"}}""")]
    [InlineData("""{"type":"event_lifecycle","event_in":["order"],"where":{"type":"property","property":"a","op":"is_set"},"state":"returned","active":{"amount":1,"unit":"minute"},"quiet":{"amount":1,"unit":"week"}}""")]
    [InlineData("""{"type":"contacts_affected_by_sequence","sequence_id":"onboarding"}""")]
    [InlineData("""{"type":"list","list_id":"press","op":"in"}""")]
    [InlineData("""{"type":"list","list_id":"press","op":"not_in","label":"no journalists"}""")]
    [InlineData("""{"type":"sample","percent":12.5,"salt":"s1"}""")]
    [InlineData("""{"type":"sample","percent":100,"salt":"s1"}""")]
    [InlineData("""{"type":"unsupported","origin":"jsonlogic","raw":{"reduce":[{"var":"tags"},null,"x",1.50]}}""")]
    [InlineData("""{"type":"unsupported","origin":"jsonlogic","raw":null}""")]
    public void What_is_read_is_printed_again(string rule)
    {
        var reading = RuleJson.Read(rule);
        Assert.Empty(reading.Diagnostics);
        var printed = RuleJson.Print(reading.Condition!);
        Assert.True(JsonElement.DeepEquals(Some.Json(rule), Some.Json(printed)), printed);
        Assert.Equal(printed, RuleJson.Print(RuleJson.Read(printed).Condition!));
    }

    [Theory]
    [InlineData("""{"type":"trait_age","trait":"plan","value":"pro"}""", "$.for", "missing_field")]
    [InlineData("""{"type":"trait_age","trait":"plan","for":{"op":"gte","amount":30,"unit":"day"}}""", "$.value", "missing_field")]
    [InlineData("""{"type":"trait_age","trait":"plan","value":"pro","for":30}""", "$.for", "wrong_type")]
    [InlineData("""{"type":"trait_age","trait":"plan","value":"pro","for":{"op":"gt","amount":30,"unit":"day"}}""", "$.for.op", "unknown_operator")]
    [InlineData("""{"type":"trait_age","trait":"plan","value":"pro","for":{"op":"gte","amount":1,"unit":"month"}}""", "$.for.unit", "wrong_unit")]
    [InlineData("""{"type":"trait_age","trait":"plan","value":"pro","for":{"op":"gte","amount":1,"unit":"day","calendar":true}}""", "$.for.calendar", "unknown_field")]
    [InlineData("""{"type":"event_sequence"}""", "$.steps", "missing_field")]
    [InlineData("""{"type":"event_sequence","steps":[]}""", "$.steps", "empty")]
    [InlineData("""{"type":"event_sequence","steps":["cart"]}""", "$.steps[0]", "wrong_type")]
    [InlineData("""{"type":"event_sequence","steps":[{"event_in":["cart"]}]}""", "$.steps[0].event", "missing_field")]
    [InlineData("""{"type":"event_sequence","steps":[{"event":"cart"},{"event":"order","within":{"amount":0,"unit":"day"}}]}""", "$.steps[1].within.amount", "wrong_type")]
    [InlineData("""{"type":"event_sequence","steps":[{"event":"cart"},{"event":"order","where":{"type":"all_contacts"}}]}""", "$.steps[1].where.type", "misplaced")]
    [InlineData("""{"type":"event_frequency","event":"login","period":{"amount":1,"unit":"week"},"at_least":-1,"out_of":4}""", "$.at_least", "wrong_type")]
    [InlineData("""{"type":"event_frequency","event":"login","period":{"amount":1,"unit":"week"},"at_least":1,"out_of":0}""", "$.out_of", "wrong_type")]
    [InlineData("""{"type":"event_frequency","event":"login","period":{"amount":1,"unit":"year"},"at_least":1,"out_of":4}""", "$.period.unit", "wrong_unit")]
    [InlineData("""{"type":"event_lifecycle","event":"login","state":"lapsed","active":{"amount":1,"unit":"week"},"quiet":{"amount":1,"unit":"week"}}""", "$.state", "unknown_word")]
    [InlineData("""{"type":"event_lifecycle","event":"login","state":"new","active":{"amount":1,"unit":"week"}}""", "$.quiet", "missing_field")]
    [InlineData("""{"type":"contacts_affected_by_sequence"}""", "$.sequence_id", "missing_field")]
    [InlineData("""{"type":"list","list_id":"press","op":"eq"}""", "$.op", "unknown_operator")]
    [InlineData("""{"type":"list","op":"in"}""", "$.list_id", "missing_field")]
    [InlineData("""{"type":"sample","percent":100.5,"salt":"s"}""", "$.percent", "wrong_type")]
    [InlineData("""{"type":"sample","percent":-1,"salt":"s"}""", "$.percent", "wrong_type")]
    [InlineData("""{"type":"sample","percent":"5","salt":"s"}""", "$.percent", "wrong_type")]
    [InlineData("""{"type":"sample","percent":5,"salt":""}""", "$.salt", "empty")]
    [InlineData("""{"type":"unsupported","origin":"jsonlogic"}""", "$.raw", "missing_field")]
    public void What_does_not_fit_is_refused(string rule, string path, string code) =>
        Assert.Contains(RuleJson.Read(rule).Diagnostics, diagnostic => (diagnostic.Path, diagnostic.Code) == (path, code));

    [Fact]
    public void A32_within_on_the_first_step_is_refused() =>
        What_does_not_fit_is_refused("""{"type":"event_sequence","steps":[{"event":"cart","within":{"amount":1,"unit":"day"}}]}""", "$.steps[0].within", "misplaced");

    [Fact]
    public void A_sequence_has_20_steps()
    {
        static string Steps(int count) => $$"""{"type":"event_sequence","steps":[{{string.Join(',', Enumerable.Repeat("""{"event":"e"}""", count))}}]}""";
        Assert.Empty(RuleJson.Read(Steps(20)).Diagnostics);
        What_does_not_fit_is_refused(Steps(21), "$.steps", "too_many_steps");
    }

    [Fact]
    public void What_an_importer_parked_is_read_and_printed_and_not_published() =>
        new Question("""{"and":[{"type":"all_contacts"},{"type":"unsupported","origin":"jsonlogic","raw":{}}]}""").Refused("$.and[1]", "unsupported");
}
