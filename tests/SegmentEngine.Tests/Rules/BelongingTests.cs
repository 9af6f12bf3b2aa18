using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Rules;

/// <summary>Static lists, sequences and samples.</summary>
public sealed class BelongingTests
{
    private static readonly Contact listed = new() { Lists = ["press", "vip"], Sequences = ["onboarding"] };

    private static Question OnList(string id, string op = "in", string more = "") => new($$"""{"type":"list","list_id":"{{id}}","op":"{{op}}"{{more}}}""") { Lists = ["press", "vip", "staff"] };

    private static Question Affected(string id) => new($$"""{"type":"contacts_affected_by_sequence","sequence_id":"{{id}}"}""") { Sequences = ["onboarding", "winback"] };

    private static Question Sample(string percent, string salt = "s1") => new($$"""{"type":"sample","percent":{{percent}},"salt":"{{salt}}"}""");

    [Fact]
    public void On_a_list_or_not()
    {
        OnList("press").Is(Truth.True, listed).Is(Truth.False, new Contact());
        OnList("press", "not_in").Is(Truth.False, listed).Is(Truth.True, new Contact());
        OnList("staff").Is(Truth.False, listed);
    }

    [Fact]
    public void A19b_ids_are_exact() => OnList("PRESS").Is(Truth.Unknown, listed);

    [Fact]
    public void H8_missing_has_no_effect() => OnList("press", more: ""","missing":"match" """).Is(Truth.False, new Contact());

    [Fact]
    public void A41_an_unknown_list_or_sequence_is_UNKNOWN_with_not_in_too()
    {
        OnList("nowhere").Is(Truth.Unknown, listed);
        OnList("nowhere", "not_in").Is(Truth.Unknown, listed);
        Affected("nowhere").Is(Truth.Unknown, listed);
    }

    [Fact]
    public void Where_unknown_names_are_not_allowed_they_are_refused()
    {
        var strict = OnList("press").Context with { AllowUnknownSegments = false };
        Assert.NotNull(RuleChecker.Check(OnList("press").Rule, strict).Rule);
        var refused = RuleChecker.Check($$"""{"and":[{{OnList("nowhere").Rule}},{{Affected("nowhere").Rule}}]}""", strict);
        Assert.Equal([("$.and[0].list_id", "unknown_list"), ("$.and[1].sequence_id", "unknown_sequence")], refused.Diagnostics.Select(static each => (each.Path, each.Code)));
    }

    [Fact]
    public void Enrolled_in_a_sequence_or_not() => Affected("onboarding").Is(Truth.True, listed).Is(Truth.False, new Contact { Lists = ["onboarding"] });

    [Fact]
    public void A_rule_says_which_lists_and_sequences_it_names()
    {
        var asked = OnList("press") with { Sequences = ["onboarding"] };
        var reads = Some.Rule($$"""{"or":[{{asked.Rule}},{"not":{{Affected("onboarding").Rule}}}]}""", asked.Context).Reads;
        Assert.Equal(["press"], reads.Lists);
        Assert.Equal(["onboarding"], reads.Sequences);
        Assert.Empty(reads.Traits);
        Assert.False(reads.Clock);
    }

    [Fact]
    public void A42_the_bucket_of_the_vector_is_67_150616()
    {
        var contact = new Contact { Id = new(Guid.Parse("11111111-1111-4111-8111-111111111111")), ExternalId = "x" };
        Sample("67.150616").Is(Truth.False, contact);
        Sample("67.150617").Is(Truth.True, contact);
        Sample("67.1506160000000000000000001").Is(Truth.True, contact);
        Sample("67.150617", "s2").Is(Truth.True, contact with { Id = null, ExternalId = "11111111-1111-4111-8111-111111111111" });
    }

    [Fact]
    public void A42_without_an_id_the_external_one_is_drawn_and_without_either_nobody()
    {
        Sample("67.150617").Is(Truth.True, new Contact { ExternalId = "11111111-1111-4111-8111-111111111111" });
        Sample("67.150616").Is(Truth.False, new Contact { ExternalId = "11111111-1111-4111-8111-111111111111" });
        Sample("100").Is(Truth.Unknown, new Contact());
    }

    [Fact]
    public void R15_the_ends_are_nobody_and_everybody()
    {
        foreach (var i in Enumerable.Range(0, 50))
        {
            var contact = new Contact { ExternalId = i.ToString(CultureInfo.InvariantCulture) };
            Sample("0").Is(Truth.False, contact);
            Sample("100").Is(Truth.True, contact);
        }
    }

    [Fact]
    public void R15_raising_the_percentage_only_adds_and_about_so_many_are_in()
    {
        var contacts = Enumerable.Range(0, 4_000).Select(static i => new Contact { ExternalId = i.ToString(CultureInfo.InvariantCulture) }).ToList();
        var before = new HashSet<string?>();
        foreach (var percent in new[] { 5, 20, 50, 90 })
        {
            var rule = Some.Rule(Sample(percent.ToString(CultureInfo.InvariantCulture)).Rule, Sample("0").Context);
            var members = contacts.Where(contact => SegmentEngine.Evaluation.Interpreter.Evaluate(rule, contact, [], Some.At("2024-05-15T12:00:00Z"), static _ => null) == Truth.True).Select(static contact => contact.ExternalId).ToHashSet();
            Assert.Superset(before, members);
            Assert.InRange(members.Count, (percent - 4) * 40, (percent + 4) * 40);
            before = members;
        }
    }
}
