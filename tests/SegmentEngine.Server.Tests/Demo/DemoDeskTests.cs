using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Server.Demo;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Demo;

public sealed class DemoDeskTests
{
    private static readonly Instant start = Instant.From(new(2026, 11, 20, 9, 30, 15, 123, TimeSpan.Zero));
    private static readonly DemoDesk desk = DemoDesk.Founded(start);

    [Fact]
    public void The_desk_has_ten_thousand_contacts_and_a_hundred_thousand_events()
    {
        Assert.Equal(10_000, desk.Contacts.Count);
        Assert.Equal(100_000, desk.Events.Count);
        Assert.Equal(desk.Contacts.Count, desk.Contacts.Select(static contact => contact.Email!.ToUpperInvariant()).Distinct().Count());
        Assert.Equal(desk.Contacts.Count, desk.Contacts.Select(static contact => contact.Id).Distinct().Count());
        Assert.Equal(desk.Events.Count, desk.Events.Select(static each => each.MessageId).Distinct().Count());
    }

    [Fact]
    public void The_same_start_gives_the_same_desk()
    {
        var again = DemoDesk.Founded(start);
        Assert.Equal(desk.Contacts.Select(Print), again.Contacts.Select(Print));
        Assert.Equal(desk.Events.Select(Print), again.Events.Select(Print));
    }

    [Fact]
    public void Nothing_has_happened_after_the_start_or_before_its_contact_was_made()
    {
        var made = desk.Contacts.ToDictionary(static contact => contact.ExternalId!, static contact => contact.CreatedAt!.Value);
        Assert.DoesNotContain(desk.Events, static each => each.At > start);
        Assert.DoesNotContain(desk.Events, each => each.Name is not ("invoice_paid" or "invoice_failed") && each.At < made[each.User].Plus(TimeSpan.FromSeconds(-1)));
    }

    [Fact]
    public void Every_value_is_of_the_type_the_samples_declare()
    {
        Assert.True(TraitSchema.TryParse(JsonElement.Parse(DemoSegments.Schema), out var schema, out var problems), string.Join(", ", problems));
        foreach (var (trait, type) in schema.Traits)
        {
            var values = desk.Contacts.Select(contact => trait.Find(contact.CustomData!.Value)).OfType<JsonElement>().ToList();
            Assert.NotEmpty(values);
            Assert.DoesNotContain(values, value => TraitSchema.Convert(value, type) is null);
        }

        Assert.Superset(schema.Events.ToHashSet(), desk.Events.Select(static each => each.Name).ToHashSet());
        Assert.DoesNotContain(desk.Events, each => schema.Properties(each.Name).Any(property => TraitSchema.Read(each.Properties!.Value, property.Key, property.Value) is null));
    }

    [Fact]
    public void Every_sample_is_a_segment_whose_rule_is_taken()
    {
        Assert.True(TraitSchema.TryParse(JsonElement.Parse(DemoSegments.Schema), out var schema, out _));
        var seen = new HashSet<string>();
        foreach (var segment in DemoSegments.All)
        {
            var check = RuleChecker.Check(segment.Definition, new RuleContext(schema, TimeZoneInfo.Utc, name => seen.Contains(name) ? new SegmentId(Guid.Parse(name)) : null)
            {
                HasList = id => desk.Contacts.Any(contact => contact.Lists!.Contains(id)),
                HasSequence = id => desk.Contacts.Any(contact => contact.Sequences!.Contains(id)),
            });
            Assert.True(check.Rule is not null, $"{segment.Sample}: {string.Join(", ", check.Diagnostics)}");
            Assert.DoesNotContain(check.Diagnostics, static diagnostic => diagnostic.Code != "unverified");
            Assert.True(seen.Add(segment.Id.ToString()));
        }

        Assert.True(seen.Count >= 15, $"{seen.Count} segments");
    }

    [Fact]
    public void Actions_and_instructions_are_restricted_to_segments_there_are()
    {
        var items = DemoAgent.Actions.Concat<GatedItem>(DemoAgent.Instructions).ToList();
        Assert.Equal((6, 6), (DemoAgent.Actions.Count, DemoAgent.Instructions.Count));
        Assert.Equal(items.Count, items.Select(static item => item.Id).Distinct().Count());
        Assert.Contains(items, static item => item.RestrictedToSegments.Count == 0);
        Assert.Subset(DemoSegments.All.Select(static segment => segment.Id).ToHashSet(), items.SelectMany(static item => item.RestrictedToSegments).ToHashSet());
    }

    private static string Print(ContactWrite contact) => $"{contact with { CustomData = null, NonVerifiedCustomData = null, Lists = null, Sequences = null }} {contact.CustomData} {contact.NonVerifiedCustomData} {string.Join(',', contact.Lists!)} {string.Join(',', contact.Sequences!)}";

    private static string Print(EventWrite happened) => $"{happened with { Properties = null }} {happened.Properties}";
}
