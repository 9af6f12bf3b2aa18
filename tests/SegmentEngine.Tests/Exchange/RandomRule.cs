using SegmentEngine.Tests.Evaluation;

namespace SegmentEngine.Tests.Exchange;

/// <summary>Rules of every type of condition, well-formed and otherwise made up: nobody is asked them.</summary>
internal static class RandomRule
{
    private static readonly string[] rare =
    [
        """{"type":"trait_age","trait":"plan","value_type":"string","value":"pro","for":{"op":"gte","amount":30,"unit":"day"},"missing":"no_match"}""",
        """{"type":"event_sequence","steps":[{"event":"cart"},{"event":"order","where":{"type":"property","property":"a","op":"eq","value":{"step":0,"property":"a"}},"within":{"amount":2,"unit":"hour"}}],"window":{"last":{"amount":30,"unit":"day"}}}""",
        """{"type":"event_frequency","event_in":["login","open"],"period":{"amount":1,"unit":"week"},"at_least":3,"out_of":4}""",
        """{"type":"event_lifecycle","event":"order","state":"returned","active":{"amount":30,"unit":"day"},"quiet":{"amount":90,"unit":"day"},"label":"they are back"}""",
        """{"type":"contacts_affected_by_sequence","sequence_id":"onboarding"}""",
        """{"type":"list","list_id":"press","op":"not_in"}""",
        """{"type":"sample","percent":12.50,"salt":"s1"}""",
        """{"type":"unsupported","origin":"jsonlogic","raw":{"reduce":[{"var":"tags"},null,"\"x\"",1.50]}}""",
        """{"type":"all_contacts","label":"everyone","missing":"match"}""",
        """{"type":"trait","trait":"a\\.b","op":"is_set","value":{"ignored":true},"values":[1]}""",
        """{"type":"trait","trait":"segment","op":"eq","value":"<&é\u0000>"}""",
        """{"type":"trait","trait":"rules","op":"in","values":["1,2","a"],"case_sensitive":true}""",
        """{"type":"trait","trait":"seats","op":"eq","value":5,"case_sensitive":true}""",
        """{"type":"trait","trait":"tags","op":"size","value":{"op":"gte","n":2},"label":"two"}""",
        """{"type":"date","trait":"born","op":"between","values":["2024-05-01","2024-06-01T00:00:00Z"]}""",
        """{"type":"date","trait":"born","op":"in_last","amount":3,"unit":"month","calendar":true,"zone":"Europe/Paris","source":"any"}""",
        """{"type":"group","node":{"or":[{"type":"no_contacts"}]},"label":"a group","missing":"match"}""",
        """{"not":{"not":{"type":"group","node":{"type":"group","node":{"and":[{"type":"all_contacts"}]}}}}}""",
    ];

    public static string Of(Dice dice)
    {
        var world = new RandomWorld(dice);
        return Node(dice.From(1, 4));

        string Node(int depth)
        {
            if (depth > 1 && dice.Chance(60))
            {
                var parts = string.Join(',', Enumerable.Range(0, dice.From(1, 3)).Select(_ => Node(depth - 1)));
                return dice.Below(4) switch
                {
                    0 => $$"""{"and":[{{parts}}]}""",
                    1 => $$"""{"or":[{{parts}}]}""",
                    2 => $$"""{"not":{{Node(depth - 1)}}}""",
                    _ => $$"""{"type":"group","node":{{Node(depth - 1)}}}""",
                };
            }

            return dice.Chance(50) ? dice.Pick(rare) : world.Definition(dice.From(1, 3));
        }
    }
}
