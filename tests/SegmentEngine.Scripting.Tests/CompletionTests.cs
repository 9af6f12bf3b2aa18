using SegmentEngine.Contacts;
using SegmentEngine.Tests;

namespace SegmentEngine.Scripting.Tests;

/// <summary>What an editor may offer; <c>^</c> is the caret.</summary>
public sealed class CompletionTests
{
    private static readonly TraitSchema schema = Some.Schema("""
        {"traits":{"plan":"string","seats":"number","vip":"boolean","born":"date","app":"version","tags":"list<string>","company.size":"number","odd name":"string","custom_data.email":"string"},
         "events":{"order":{"value":"number","kind":"string"},"ticket_created":{"topic":"string","odd-one":"boolean"}}}
        """);

    [Theory]
    // Where a condition begins.
    [InlineData("^", "plan seats Trait(\"odd name\") custom_data.email email InSegment(\"id\") Event(\"name\") AllContacts()", "== && .Count() topic")]
    [InlineData("Tr^", "Tree(condition) Trait(\"odd name\")", "plan")]
    [InlineData("Tree(^", "plan AllContacts()", "Tree(condition)")]
    [InlineData("pl^", "plan", "seats AllContacts()")]
    [InlineData("PL^", "plan", "seats")]
    [InlineData("plan == \"a\" && ^", "plan InSegment(\"id\")", "&&")]
    [InlineData("!in^", "InSegment(\"id\")", "plan")]
    [InlineData("(a == 1 || Group(^", "plan Event(\"name\")", "topic")]
    [InlineData("in^ && a == 1", "InSegment(\"id\")", "plan")]
    [InlineData("// ^", "", "plan")]
    [InlineData("/* ^", "", "plan")]
    // After a name.
    [InlineData("plan ^", "== != is", "< && ||")]
    [InlineData("seats ^", "== < >=", "&&")]
    [InlineData("vip ^", "== is", "<")]
    [InlineData("app ^", "== <", "is")]
    [InlineData("born ^", "", "==")]
    [InlineData("unknown ^", "== is <", "&&")]
    [InlineData("plan.^", "Contains(\"…\") IsSet() In(…) HasBeen(\"pro\")", "Between(1, InLast(14.Days()) Size()")]
    [InlineData("plan.Con^", "Contains(\"…\")", "IsSet() NotContains(\"…\")")]
    [InlineData("seats.^", "Between(1, IsSet()", "Contains(\"…\")")]
    [InlineData("born.^", "InLast(14.Days()) Before(\"2024-05-01\")", "Contains(\"…\") HasBeen(\"pro\")")]
    [InlineData("last_seen_at.^", "InLast(14.Days())", "Contains(\"…\")")]
    [InlineData("tags.^", "Contains(\"…\") Size()", "Between(1,")]
    [InlineData("Trait(\"odd name\").^", "Contains(\"…\")", "Between(1,")]
    [InlineData("company.^", "size Contains(\"…\")", "plan")]
    [InlineData("company.size.^", "Between(1,", "Contains(\"…\")")]
    // Values.
    [InlineData("vip == ^", "true false", "plan")]
    [InlineData("plan == ^", "", "true plan")]
    [InlineData("vip is true or ^", "false", "plan")]
    [InlineData("plan is ^", "not", "plan")]
    [InlineData("plan is \"a\" ^", "or && ||", "==")]
    [InlineData("born.InLast(^", "30.Days()", "plan")]
    [InlineData("born.InLast(30.^", "Days() Hours() Years()", "Contains(\"…\")")]
    [InlineData("born.InLast(30.Months(^", "calendar: zone:", "plan")]
    [InlineData("plan.HasBeen(\"pro\") >= ^", "30.Days()", "plan")]
    // After a condition.
    [InlineData("plan == \"a\" ^", "&& ||", "== plan")]
    [InlineData("plan.IsSet() ^", "&& ||", "==")]
    [InlineData("plan.IsSet().^", "With(missing:", "IsSet()")]
    [InlineData("(plan == \"a\").^", "With(missing:", "IsSet()")]
    [InlineData("plan.IsSet().With(^", "missing: label:", "plan")]
    [InlineData("plan.IsSet().With(missing: \"^", "match no_match unknown", "plan")]
    [InlineData("plan.IsSet().With(missing: ^", "\"match\"", "plan")]
    [InlineData("plan.IsSet().With(caseSensitive: ^", "true false", "plan")]
    [InlineData("plan.IsSet().With(type: \"li^", "list<string>", "string")]
    // Events.
    [InlineData("Event(^", "\"order\" \"login\"", "plan")]
    [InlineData("Event(\"^", "order ticket_created login", "plan \"order\"")]
    [InlineData("Event(\"or^\").Count() > 3", "order", "login")]
    [InlineData("Event(\"a\", \"^", "order", "plan")]
    [InlineData("Event([\"^", "order", "plan")]
    [InlineData("Event(\"order\").^", "Where(condition) Count() Sum(\"property\") Last(30.Days()) With(missing:", "Is(condition) Within(3.Days())")]
    [InlineData("Event(\"order\").Last(30.Days()).^", "Count()", "Last(30.Days())")]
    [InlineData("Event(\"order\").Count() ^", "== >=", "is &&")]
    [InlineData("Event(\"order\").Count() >= 3 ^", "&&", ">=")]
    [InlineData("LastEvent(\"order\").^", "Is(condition) InLast(30.Days())", "Count()")]
    [InlineData("Event(\"order\").Where(^", "value kind", "plan topic Event(\"name\")")]
    [InlineData("Event(\"ticket_created\").Where(topic == \"x\" && ^", "topic Property(\"odd-one\")", "value plan")]
    [InlineData("LastEvent(\"order\", \"ticket_created\").Is(^", "value topic", "plan")]
    [InlineData("Event(\"order\").Where(value ^", "<", "&&")]
    [InlineData("Event(\"order\").Where(value.^", "Between(1,", "Contains(\"…\") HasBeen(\"pro\")")]
    [InlineData("Event(\"order\").Sum(\"^", "value kind", "topic plan")]
    [InlineData("Event(\"order\").Where(kind == \"x\").DistinctBy(\"^", "value", "topic")]
    [InlineData("Event(\"order\").Lifecycle(^", "\"stopped\"", "plan")]
    [InlineData("Event(\"order\").Lifecycle(\"st^", "stopped", "new")]
    [InlineData("Event(\"order\").Lifecycle(\"new\", ^", "active: quiet:", "plan")]
    [InlineData("Event(\"order\").Frequency(atLeast: 3, ^", "outOf: period:", "plan")]
    [InlineData("Sequence(^", "Event(\"name\")", "plan Sequence(Event(\"a\"),")]
    [InlineData("Sequence(Event(\"order\").^", "Where(condition) Within(3.Days())", "Count()")]
    [InlineData("Sequence(Event(\"order\"), Event(\"ticket_created\").Where(topic == ^", "Step(0,", "plan")]
    [InlineData("Sequence(Event(\"order\")).^", "Last(30.Days())", "Within(3.Days())")]
    public void What_fits_is_offered(string text, string offered, string notOffered)
    {
        var caret = text.IndexOf('^', StringComparison.Ordinal);
        var items = RuleCompletion.At(text.Remove(caret, 1), caret, schema, ["login"]).Items;
        var words = items.Select(static item => item.Text.Split(' ')[0]).ToHashSet();
        var told = string.Join(' ', words);
        foreach (var word in Split(offered))
        {
            Assert.True(words.Contains(word), $"{word} is missing among: {told}");
        }

        foreach (var word in Split(notOffered))
        {
            Assert.False(words.Contains(word), $"{word} is among: {told}");
        }

        if (offered.Length == 0)
        {
            Assert.Empty(items);
        }

        Assert.All(items, static item => Assert.True(item.Says.Length > 0 && !item.Says.Contains('\n', StringComparison.Ordinal), item.Text));

        // Two offers have a blank in their first word.
        static IEnumerable<string> Split(string words) => words.Replace("Trait(\"odd name\")", "Trait(\"odd", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void The_word_under_the_caret_is_replaced()
    {
        const string text = "plan.Contains(\"x\") && sea";
        var inside = RuleCompletion.At(text, 8, schema);
        Assert.Equal((5, 8), (inside.Start, inside.Length));
        Assert.Equal("Contains(\"…\")", Assert.Single(inside.Items).Text);
        var atEnd = RuleCompletion.At(text, text.Length, schema);
        Assert.Equal((22, 3), (atEnd.Start, atEnd.Length));
        Assert.Equal(("seats", CompletionKind.Trait, "a trait: number"), (atEnd.Items[0].Text, atEnd.Items[0].Kind, atEnd.Items[0].Says));
    }

    [Fact]
    public void A_caret_anywhere_gets_an_answer()
    {
        const string text = "(plan is \"a\" or \"b\").With(label: \"x\") && Event([\"order\"]).Where(value.Between(1, 5)).Last(30.Days(calendar: true)).Count() >= 3 // done";
        for (var caret = -1; caret <= text.Length + 1; caret++)
        {
            var found = RuleCompletion.At(text, caret, schema);
            Assert.InRange(found.Start + found.Length, 0, text.Length);
            var head = RuleCompletion.At(text[..Math.Clamp(caret, 0, text.Length)], caret, schema);
            Assert.Equal(found.Items.AsEnumerable(), head.Items);
        }
    }
}
