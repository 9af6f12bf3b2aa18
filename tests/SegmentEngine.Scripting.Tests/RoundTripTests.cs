using System.Text.Json;
using SegmentEngine.Rules;
using SegmentEngine.Tests.Evaluation;
using SegmentEngine.Tests.Tidy;

namespace SegmentEngine.Scripting.Tests;

/// <summary>A rule printed as text and read back is the same rule, and a text read and printed twice is the same text.</summary>
public sealed class RoundTripTests
{
    private static readonly string[] oddities =
    [
        """{"type":"trait","trait":"a","op":"eq","value":null}""",
        """{"type":"trait","trait":"a","op":"eq","value":{"b":[1.50,"x\"\"\"\"y",null],"c":"\n\u2028"}}""",
        """{"type":"trait","trait":"a","op":"eq","value":[]}""",
        """{"type":"trait","trait":"a","op":"eq","value":1E+400}""",
        """{"type":"trait","trait":"a","op":"neq","value":-0}""",
        """{"type":"trait","trait":"a","op":"lt","value":-1.50e-7}""",
        """{"type":"trait","trait":"a","op":"gte","value":123456789012345678901234567890.10}""",
        """{"type":"trait","trait":"a","op":"in","values":["x"]}""",
        """{"type":"trait","trait":"a","op":"not_in","values":[true]}""",
        """{"type":"trait","trait":"a","op":"not_in","values":["x",-1,false,null]}""",
        """{"type":"trait","trait":"a","op":"in","values":["x",{"y":1}]}""",
        """{"type":"trait","trait":"a","op":"in","values":[null]}""",
        """{"type":"trait","trait":"a","op":"between","values":["2024-05-01","b"]}""",
        """{"type":"trait","trait":"a","op":"between","values":[1,"b"]}""",
        """{"type":"trait","trait":"a","op":"not_between","values":["a","b"]}""",
        """{"type":"date","trait":"a","op":"between","values":["2024-05-01","2024-06-01T00:00:00Z"]}""",
        """{"type":"date","trait":"a","op":"between","values":[1714521600000,"2024-06-01"]}""",
        """{"type":"date","trait":"a","op":"before","value":1714521600000}""",
        """{"type":"trait","trait":"a","op":"is_set","value":1,"values":[{},"x"]}""",
        """{"type":"trait","trait":"a","op":"is_empty","values":[]}""",
        """{"type":"trait","trait":"a","op":"size","value":{"op":"gte","n":2.0}}""",
        """{"type":"trait","trait":"a","op":"size","value":{"n":2,"op":"gte"}}""",
        """{"type":"trait","trait":"a","op":"size","value":{"op":"contains","n":2}}""",
        """{"type":"trait","trait":"a","op":"size","value":3}""",
        """{"type":"trait","trait":"odd name","op":"is_set"}""",
        """{"type":"trait","trait":"a\\.b","op":"is_set"}""",
        """{"type":"trait","trait":".","op":"is_set"}""",
        """{"type":"trait","trait":"a..b","op":"is_set"}""",
        """{"type":"trait","trait":"class","op":"is_set"}""",
        """{"type":"trait","trait":"from.where.in","op":"is_set"}""",
        """{"type":"trait","trait":"and","op":"in","values":["or","not"]}""",
        """{"type":"trait","trait":"is","op":"eq","value":true}""",
        """{"type":"trait","trait":"Event","op":"eq","value":"With"}""",
        """{"type":"trait","trait":"größe.한","op":"eq","value":"𐐨"}""",
        """{"type":"trait","trait":"𐐨","op":"eq","value":"\u202e\ufeff\u0000\u001b\u0007\u00a0\u0085\t"}""",
        """{"type":"trait","trait":"e\u0301\u200d","op":"eq","value":"\u0301"}""",
        """{"type":"trait","trait":"a","op":"matches","value":"^\\d+\"$","case_sensitive":true,"accent_sensitive":false,"missing":"no_match","label":"// not /* a comment"}""",
        """{"type":"trait","trait":"a","value_type":"list<string>","quantifier":"all","source":"any","op":"in","values":["x","y"],"missing":"match"}""",
        """{"type":"date","trait":"a","op":"in_last","amount":2,"unit":"month","calendar":true,"zone":"Europe/Paris","value_type":"date","quantifier":"none","source":"verified"}""",
        """{"type":"date","trait":"a","op":"in_next","amount":2,"unit":"day","calendar":false}""",
        """{"type":"trait_age","trait":"a","value":null,"for":{"op":"lt","amount":1,"unit":"minute"},"source":"any"}""",
        """{"type":"event","event":"a"}""",
        """{"type":"event","event_in":["a"]}""",
        """{"type":"event","event_in":["a","b"],"label":"x"}""",
        """{"type":"event","event":"a","count":{"op":"eq","n":0},"distinct_by":"p.q","window":{"from":"2024-01-01T00:00:00Z","to":1714521600000}}""",
        """{"type":"event","event":"a","distinct_by":"p"}""",
        """{"type":"event_first","event_in":["a"],"per":"x","window":{"last":{"amount":1,"unit":"week","calendar":true}}}""",
        """{"type":"event_last","event":"a","is":{"or":[{"type":"property","property":"odd name","op":"on","value":"2024-05-01"}]},"missing":"match"}""",
        """{"type":"event_last","event":"a","is":{"type":"property","property":"p","op":"between","values":["2024-05-01","2024-05-02"]},"missing":"match"}""",
        """{"type":"event_last","event":"a","is":{"type":"property","property":"p","op":"between","values":["2024-05-01",2]}}""",
        """{"type":"event_aggregate","event_in":["a","b"],"property":"p","fn":"count_distinct","op":"neq","value":1.0e+300,"missing":"unknown"}""",
        """{"type":"event_sequence","steps":[{"event":"a"},{"event":"b","where":{"and":[{"type":"property","property":"p","op":"lt","value":{"step":0,"property":"odd name"}},{"type":"property","property":"q","op":"after","value":{"step":0,"property":"q"}}]},"within":{"amount":3,"unit":"hour"}}],"window":{"to":"2024-01-01T00:00:00Z"}}""",
        """{"type":"trait","trait":"a","op":"eq","value":{"property":"q","step":0}}""",
        """{"type":"trait","trait":"a","op":"eq","value":{"step":-0,"property":"q"}}""",
        """{"type":"event_frequency","event":"a","period":{"amount":1,"unit":"week"},"at_least":0,"out_of":4}""",
        """{"type":"event_lifecycle","event_in":["a"],"where":{"type":"property","property":"p","op":"is_set"},"state":"returned","active":{"amount":1,"unit":"day"},"quiet":{"amount":2,"unit":"week"},"label":"back"}""",
        """{"type":"sample","percent":12.50,"salt":"s1"}""",
        """{"type":"unsupported","origin":"o","raw":{"reduce":[{"var":"tags"},null,"x",1.50]}}""",
        """{"type":"unsupported","origin":"o","raw":null}""",
        """{"type":"contacts_created_at_between","after":null,"before":1714521600000,"missing":"match"}""",
        """{"type":"group","node":{"type":"group","node":{"or":[{"type":"all_contacts"}]}},"label":"nested","missing":"match"}""",
        """{"and":[{"and":[{"type":"all_contacts"},{"type":"no_contacts"}]},{"or":[{"not":{"not":{"type":"all_contacts"}}},{"and":[{"type":"all_contacts"},{"type":"trait","trait":"a","op":"eq","value":1}]},{"or":[{"type":"all_contacts"},{"type":"all_contacts"}]}]},{"not":{"and":[{"type":"all_contacts"},{"type":"all_contacts"}]}}]}""",
        """{"not":{"type":"trait","trait":"a","op":"in","values":["x","y"]}}""",
        """{"not":{"type":"segment","segment_id":"x","op":"not_in","label":"n"}}""",
    ];

    public static TheoryData<string> Oddities => [.. oddities];

    public static TheoryData<string> Samples => [.. Tree.Files("rules-samples", "*.json").Select(Tree.Short)];

    [Theory, MemberData(nameof(Oddities))]
    public void Whatever_a_rule_may_say_survives(string rule)
    {
        Survives(rule);
        Survives($$"""{"or":[{"and":[{{rule}}]}]}""");
        Survives($$"""{"or":[{"and":[{{rule}},{{rule}}]},{"and":[{{rule}}]}]}""");
    }

    [Theory, MemberData(nameof(Samples))]
    public void Every_sample_that_can_be_read_survives(string file)
    {
        var definition = RuleJson.DefinitionIn(JsonElement.Parse(File.ReadAllText(Path.Combine(Tree.Root, file)))).GetRawText();
        if (RuleJson.Read(definition).HasErrors)
        {
            Assert.Contains("refused/", file, StringComparison.Ordinal);
            return;
        }

        Survives(definition);
    }

    [Fact]
    public void Random_rules_survive() => Dice.Throw(600, static dice =>
    {
        var world = new RandomWorld(dice, clock: dice.Chance(20));
        for (var i = 0; i < 10; i++)
        {
            Survives(world.Definition(dice.From(1, 4)));
        }
    });

    [Fact]
    public void A_long_list_of_values_survives_within_the_limits()
    {
        var values = string.Join(',', Enumerable.Range(0, 1_000).Select(static i => $"\"value {i}\""));
        Survives($$"""{"type":"trait","trait":"a","op":"in","values":[{{values}}]}""");
        Survives($$"""{"type":"contacts_email_domain_name_in","domain_name_in":[{{values}}]}""");
    }

    [Fact]
    public void Groups_in_groups_survive_as_deep_as_JSON_goes()
    {
        const int deep = Limits.JsonNestingMax - 1;
        var leaves = string.Join(',', Enumerable.Repeat("""{"type":"trait","trait":"a","op":"eq","value":"a text that is not short"}""", 200));
        Survives(string.Concat(Enumerable.Repeat("""{"type":"group","node":""", deep)) + """{"type":"all_contacts"}""" + new string('}', deep));
        Survives(string.Concat(Enumerable.Repeat("""{"type":"group","node":""", deep - 2)) + $$"""{"and":[{{leaves}}]}""" + new string('}', deep - 2));
    }

    [Fact]
    public void Only_a_rule_of_another_shape_than_the_API_s_is_called_a_tree()
    {
        Assert.Equal("AllContacts()", Text("""{"or":[{"and":[{"type":"all_contacts"}]}]}"""));
        Assert.Equal("AllContacts() || NoContacts() && AllContacts()", Text("""{"or":[{"and":[{"type":"all_contacts"}]},{"and":[{"type":"no_contacts"},{"type":"all_contacts"}]}]}"""));
        Assert.Equal("All(AllContacts() || NoContacts())", Text("""{"or":[{"and":[{"or":[{"type":"all_contacts"},{"type":"no_contacts"}]}]}]}"""));
        Assert.Equal("Tree(AllContacts())", Text("""{"type":"all_contacts"}"""));
        Assert.Equal("Tree(AllContacts() && NoContacts())", Text("""{"and":[{"type":"all_contacts"},{"type":"no_contacts"}]}"""));
        Assert.Equal("Tree(Any(AllContacts()))", Text("""{"or":[{"type":"all_contacts"}]}"""));

        static string Text(string json) => RuleText.Print(RuleJson.Read(json).Condition!);
    }

    internal static void Survives(string json)
    {
        var rule = RuleJson.Read(json);
        Assert.Empty(rule.Diagnostics);
        var printed = RuleJson.Print(rule.Condition!);
        var text = RuleText.Print(rule.Condition!);
        var reading = RuleText.Read(text);
        Assert.True(reading.Diagnostics.IsEmpty, $"{json}\n{text}\n{string.Join('\n', reading.Diagnostics)}");
        Assert.True(printed == RuleJson.Print(reading.Rule.Condition!), $"{printed}\n{text}\n{RuleJson.Print(reading.Rule.Condition!)}");
        Assert.Equal(text, RuleText.Print(reading.Rule.Condition!));
    }
}
