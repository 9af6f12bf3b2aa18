using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using RuleText = SegmentEngine.Scripting.RuleText;

namespace SegmentEngine.Tests.Samples;

/// <summary>Every file of <c>rules-samples/</c>, by every way of running a rule.</summary>
public sealed class SampleTests
{
    public static TheoryData<string> All => [.. Sample.Names];

    public static TheoryData<string> Taken => [.. Sample.Names.Where(static name => !Sample.IsRefused(name))];

    [Theory, MemberData(nameof(All))]
    public void The_checker_finds_exactly_what_the_sample_says(string name)
    {
        var sample = Sample.Read(name);
        var check = RuleChecker.Check(sample.Definition, sample.Context);
        Assert.Equal(sample.Diagnostics, check.Diagnostics.Select(static each => $"{each.Path} {each.Code} {RuleWords(each.Severity)}"));
        Assert.Equal(Sample.IsRefused(name), check.Rule is null);
    }

    [Theory, MemberData(nameof(All))]
    public void The_checker_finds_in_the_text_exactly_what_the_sample_says(string name)
    {
        var sample = Sample.Read(name);
        var check = RuleText.Check(sample.Text, sample.Context);
        Assert.Equal(sample.TextDiagnostics, check.Diagnostics.Select(static each => $"{each.Line}:{each.Column} {each.Diagnostic.Code} {RuleWords(each.Diagnostic.Severity)}"));
        Assert.Equal(Sample.IsRefused(name), check.Rule is null);
    }

    [Theory, MemberData(nameof(Taken))]
    public void The_text_is_read_as_the_tree_and_the_tree_is_printed_as_the_text(string name)
    {
        var tree = RuleJson.Read(Sample.DefinitionOf(name)).Condition!;
        Assert.Equal(Sample.TextOf(name), RuleText.Print(tree));
        Assert.Equal(RuleJson.Print(tree), RuleJson.Print(RuleText.Read(Sample.TextOf(name)).Rule.Condition!));
    }

    [Theory, MemberData(nameof(Taken))]
    public void Printing_a_rule_and_reading_it_back_changes_nothing(string name)
    {
        var definition = Sample.DefinitionOf(name);
        var printed = RuleJson.Print(RuleJson.Read(definition).Condition!);
        Assert.True(JsonElement.DeepEquals(definition, JsonElement.Parse(printed)), printed);
        Assert.Equal(printed, RuleJson.Print(RuleJson.Read(printed).Condition!));
    }

    [Theory, MemberData(nameof(Taken))]
    public void The_interpreter_finds_the_members(string name)
    {
        var sample = Sample.Read(name);
        Assert.Equal(sample.Members, Shuffled(sample).Where(contact => Interpreted(sample, name, contact)).Select(static contact => contact.ExternalId!).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Taken))]
    public void Whole_shard_evaluation_finds_the_members(string name) => Evaluated(name, static evaluator => (now, members, only) => evaluator.Run(now, members, only));

    [Theory, MemberData(nameof(Taken))]
    public void The_predicates_find_the_members(string name) => Evaluated(name, static evaluator => (now, members, _) => evaluator.RunOneByOne(now, members));

    [Fact]
    public void All_samples_together_make_one_schema()
    {
        var merged = new JsonObject();
        foreach (var name in Sample.Names.Where(static name => !Sample.IsRefused(name)))
        {
            Sample.Merge(merged, Sample.OwnSchemaOf(name), name);
        }

        Assert.True(TraitSchema.TryParse(JsonElement.Parse(merged.ToJsonString()), out var schema, out _));
        Assert.NotEmpty(schema.Traits);
    }

    private static void Evaluated(string name, Func<ShardEvaluator, Func<Instant, Func<SegmentId, ContactSet?>, IEnumerable<SegmentId>?, PlanResult>> run)
    {
        var sample = Sample.Read(name);
        var contacts = Shuffled(sample);
        var plan = RulePlan.Of(InOrder(name).Distinct().Select(each => (Sample.Find(each)!.Value, Checked(sample, each))));
        var columns = new ShardColumns();
        columns.Extend(
            plan,
            contacts.Select(static (contact, seat) => (new ContactIndex(seat), contact)),
            contacts.SelectMany((contact, seat) => sample.Events[contact.ExternalId!].Select(happened => (new ContactIndex(seat), happened))));
        var result = run(new(plan, columns))(sample.Now, static _ => null, null);
        Assert.Equal(sample.Members, result[Sample.Find(name)!.Value].Members.Select(seat => contacts[seat.Value].ExternalId!).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> InOrder(string name) => Sample.ReferencesOf(name).SelectMany(InOrder).Append(name);

    private static bool Interpreted(Sample sample, string name, Contact contact) =>
        Interpreter.Evaluate(Checked(sample, name), contact, [.. sample.Events[contact.ExternalId!]], sample.Now, id => Interpreted(sample, Sample.NameOf(id), contact)) == Truth.True;

    /// <summary>The rule of a sample, or of one it is built on, over this sample's contacts.</summary>
    private static CheckedRule Checked(Sample sample, string name)
    {
        var check = RuleChecker.Check(Sample.DefinitionOf(name), sample.Context);
        Assert.True(check.Rule is not null, string.Join(Environment.NewLine, check.Diagnostics));
        return check.Rule;
    }

    /// <summary>No answer may hang on the order of the contacts.</summary>
    private static Contact[] Shuffled(Sample sample)
    {
        var seed = Environment.TickCount;
        Console.WriteLine($"{sample.Name}: contacts shuffled with seed {seed}");
        var contacts = sample.Contacts.ToArray();
        new Random(seed).Shuffle(contacts);
        return contacts;
    }

    private static string RuleWords(DiagnosticSeverity severity) => severity == DiagnosticSeverity.Error ? "error" : "warning";
}
