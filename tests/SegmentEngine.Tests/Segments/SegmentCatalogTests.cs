using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Segments;

namespace SegmentEngine.Tests.Segments;

/// <summary>Segments a to f, by letter.</summary>
public sealed class SegmentCatalogTests
{
    private static readonly RuleContext context = new(TraitSchema.Empty, TimeZoneInfo.Utc, static name => Id(name[0]));

    [Fact]
    public void R13_a_rule_comes_after_all_it_refers_to_diamonds_included()
    {
        var catalog = Catalog("d:bc", "c:a", "b:a", "a:", "e:d", "f:z");
        var order = catalog.InOrder.Select(static rule => rule.Id).ToList();
        Assert.Equal(6, order.Count);
        Assert.All(catalog.InOrder, rule => Assert.All(rule.Rule.Reads.Segments, read => Assert.True(order.IndexOf(read) < order.IndexOf(rule.Id))));
        Assert.Equal(order, Catalog("f:z", "e:d", "a:", "b:a", "c:a", "d:bc").InOrder.Select(static rule => rule.Id));
    }

    [Fact]
    public void R13_a_circle_is_found_with_its_path()
    {
        var catalog = Catalog("a:", "b:a", "c:b", "d:a");
        Assert.Equal([Id('a'), Id('c'), Id('b'), Id('a')], catalog.FindCycle(Id('a'), [Id('c')])!.Value.AsEnumerable());
        Assert.Equal([Id('b'), Id('b')], catalog.FindCycle(Id('b'), [Id('a'), Id('b')])!.Value.AsEnumerable());
        Assert.Null(catalog.FindCycle(Id('a'), []));
        Assert.Null(catalog.FindCycle(Id('d'), [Id('b'), Id('c')]));
        Assert.Null(catalog.FindCycle(Id('e'), [Id('a'), Id('z')]));
    }

    [Fact]
    public void R13_an_edit_is_judged_with_the_edit_applied()
    {
        // b no longer refers to a, so a may refer to b.
        var catalog = Catalog("a:", "b:a");
        Assert.NotNull(catalog.FindCycle(Id('a'), [Id('b')]));
        Assert.Null(SegmentCatalog.FindCycle(Id('a'), static segment => segment == Id('a') ? [Id('b')] : []));
    }

    [Fact]
    public void A_circle_makes_no_catalog() => Assert.Throws<ArgumentException>(static () => Catalog("a:b", "b:a"));

    [Fact]
    public void What_is_built_on_a_segment_is_found_however_far()
    {
        var catalog = Catalog("a:", "b:a", "c:b", "d:bc", "e:");
        Assert.Equal([Id('b'), Id('c'), Id('d')], catalog.WithReaders([Id('b')]).OrderBy(static id => id.Value));
        Assert.Equal([Id('e')], catalog.WithReaders([Id('e')]));
        Assert.Empty(catalog.WithReaders([]));
        Assert.Null(catalog.Find(Id('z')));
        Assert.Equal(1, catalog.Find(Id('a'))!.Revision);
    }

    private static SegmentId Id(char letter) => new(new Guid(letter, 0, 0, new byte[8]));

    private static SegmentCatalog Catalog(params string[] rules) => new(rules.Select(static rule => new SegmentRule(Id(rule[0]), 1, Some.Rule(Definition(rule[2..]), context))));

    private static string Definition(string reads)
    {
        var references = reads.Select(static letter => $$"""{"type":"segment","segment_id":"{{letter}}","op":"in"}""");
        return $$"""{"or":[{{string.Join(',', references.Prepend("""{"type":"no_contacts"}"""))}}]}""";
    }
}
