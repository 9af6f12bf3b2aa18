namespace SegmentEngine.Server.Dashboard.Builder;

/// <summary>Rules to start from. Their events are the workspace's most frequent ones, as far as it has some, and are there to be changed.</summary>
public static class RuleTemplates
{
    public static IReadOnlyList<(string Name, string Definition)> For(RuleFacts facts)
    {
        var first = Name(facts, 0, "order");
        var second = Name(facts, 1, "login");
        return
        [
            ("Repeat", $$"""{"and":[{"type":"event","event":{{first}},"count":{"op":"gte","n":3},"window":{"last":{"amount":90,"unit":"day"} } }]}"""),
            ("Lapsed", $$"""{"and":[{"type":"event","event":{{first}},"count":{"op":"gte","n":3},"window":{"last":{"amount":90,"unit":"day"} } },{"type":"event","event":{{first}},"count":{"op":"eq","n":0},"window":{"last":{"amount":30,"unit":"day"} } }]}"""),
            ("Quiet", $$"""{"and":[{"type":"date","trait":"created_at","op":"in_last","amount":60,"unit":"day"},{"type":"event","event":{{second}},"count":{"op":"eq","n":0},"window":{"last":{"amount":14,"unit":"day"} } }]}"""),
            ("New", """{"and":[{"type":"date","trait":"created_at","op":"in_last","amount":7,"unit":"day"}]}"""),
            ("Habit", $$"""{"and":[{"type":"event_frequency","event":{{second}},"period":{"amount":1,"unit":"week"},"at_least":3,"out_of":4}]}"""),
            ("Sample", $$"""{"and":[{"type":"sample","percent":10,"salt":"{{Guid.NewGuid():N}}"}]}"""),
        ];
    }

    private static string Name(RuleFacts facts, int at, string otherwise) => System.Text.Json.JsonSerializer.Serialize(facts.Events.Count > 0 ? facts.Events[Math.Min(at, facts.Events.Count - 1)].Value : otherwise);
}
