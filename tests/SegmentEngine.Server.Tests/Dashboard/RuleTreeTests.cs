using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Server.Dashboard.Builder;
using SegmentEngine.Tests.Samples;

namespace SegmentEngine.Server.Tests.Dashboard;

/// <summary>What the builder reads it writes, and each of its parts knows its place.</summary>
public sealed class RuleTreeTests
{
    private const string Leaf = """{"type":"all_contacts"}""";

    public static IEnumerable<object[]> Rules =>
        new[]
        {
            Leaf, $$"""{"not":{{Leaf}} }""", $$"""{"not":{"not":{{Leaf}} } }""", $$"""{"not":{"or":[{{Leaf}}]} }""", $$"""{"not":{"and":[{{Leaf}}]} }""", $$"""{"and":[{{Leaf}}]}""", $$"""{"or":[{"and":[{{Leaf}}]}]}""",
            $$"""{"or":[{"and":[{{Leaf}},{"type":"group","node":{"not":{"or":[{{Leaf}},{{Leaf}}]} } }]}]}""", $$"""{"type":"group","label":"mine","node":{"and":[{{Leaf}}]} }""", $$"""{"and":[{"type":"group","node":{{Leaf}} }]}""",
            $$"""{"and":[{"type":"group","node":{"not":{{Leaf}} } }]}""", """{"and":[{"type":"of a later version","x":{"y":[1,2.50,null]}}]}""",
        }.Concat(Sample.Names.Select(static name => Sample.DefinitionOf(name).GetRawText()).Where(static rule => rule.StartsWith('{'))).Select(static rule => new object[] { rule });

    [Theory]
    [MemberData(nameof(Rules))]
    public void What_is_not_edited_is_written_as_it_was_read_and_each_part_stands_where_it_says(string rule)
    {
        var (written, places) = RuleTree.Read(rule).Write();
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(rule), JsonElement.Parse(written!.ToJsonString())), $"{rule}\nis written as\n{written.ToJsonString()}");
        foreach (var (path, node) in places)
        {
            var there = path.Split('.', '[').Skip(1).Aggregate(written, static (json, step) => step.EndsWith(']') ? json[int.Parse(step[..^1], System.Globalization.CultureInfo.InvariantCulture)]! : json[step]!);
            Assert.True(node is not LeafNode leaf || JsonNode.DeepEquals(leaf.Json, there), path);
        }
    }

    [Fact]
    public void A_diagnostic_leads_to_the_innermost_part_it_speaks_of()
    {
        var tree = RuleTree.Read($$"""{"and":[{{Leaf}},{"or":[{{Leaf}},{"type":"trait","trait":"x","op":"in","values":[1]}]}]}""");
        var places = tree.Write().Places;
        Assert.Equal("trait", Assert.IsType<LeafNode>(RuleTree.At("$.and[1].or[1].values[0]", places)).Type);
        Assert.Equal(GroupKind.Any, Assert.IsType<GroupNode>(RuleTree.At("$.and[1]", places)).Kind);
        Assert.Same(tree.Root, RuleTree.At("$", places));
        Assert.Same(tree.Root, RuleTree.At("$.and[7].op", places));
    }

    [Fact]
    public void Without_some_parts_the_rest_is_a_rule_and_nothing_left_is_none()
    {
        var tree = RuleTree.Read($$"""{"and":[{{Leaf}},{"or":[{{Leaf}}]}]}""");
        var leaves = tree.Write().Places.Values.OfType<LeafNode>().ToList();
        Assert.Equal("""{"and":[{"or":[{"type":"all_contacts"}]}]}""", tree.Write(new HashSet<RuleNode> { leaves[0] }).Json!.ToJsonString());
        Assert.Equal("""{"and":[{"type":"all_contacts"}]}""", tree.Write(new HashSet<RuleNode> { leaves[1] }).Json!.ToJsonString());
        Assert.Null(tree.Write(leaves.ToHashSet<RuleNode>()).Json);
        Assert.Null(RuleTree.Empty.Write().Json);
    }

    [Fact]
    public void Parts_move_wrap_unwrap_double_and_go()
    {
        var tree = RuleTree.Read("""{"and":[{"type":"sample","percent":1},{"type":"sample","percent":2},{"or":[{"type":"sample","percent":3}]}]}""");
        var (first, group) = (tree.Root.Parts[0], (GroupNode)tree.Root.Parts[2]);
        Assert.False(RuleTree.Move(tree.Root, group, 0));
        Assert.True(RuleTree.Move(first, tree.Root, 2));
        Assert.Equal("2 1 (3)", Shape(tree.Root));
        Assert.True(RuleTree.Move(first, group, 0));
        Assert.Equal("2 (1 3)", Shape(tree.Root));
        RuleTree.Wrap(tree.Root.Parts[0]);
        Assert.Equal("(2) (1 3)", Shape(tree.Root));
        RuleTree.Unwrap((GroupNode)tree.Root.Parts[0]);
        _ = RuleTree.Duplicate(group);
        Assert.Equal("2 (1 3) (1 3)", Shape(tree.Root));
        RuleTree.Remove(group.Parts[0]);
        RuleTree.Remove(group.Parts[0]);
        Assert.Equal("2 (1 3)", Shape(tree.Root));
    }

    [Theory]
    [InlineData("eq", "in", """{"type":"trait","trait":"plan","op":"in","values":["pro"],"case_sensitive":false}""")]
    [InlineData("eq", "is_set", """{"type":"trait","trait":"plan","op":"is_set"}""")]
    [InlineData("eq", "between", """{"type":"trait","trait":"plan","op":"between","values":["pro",""]}""")]
    public void Another_operator_keeps_what_fits(string from, string to, string expected)
    {
        var leaf = (JsonObject)JsonNode.Parse($$"""{"type":"trait","trait":"plan","op":"{{from}}","value":"pro"}""")!;
        Operators.Set(leaf, to, "string");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), leaf), leaf.ToJsonString());
        Operators.Set(leaf, from, "string");
        Assert.Equal(to == "is_set" ? "" : "pro", leaf.Text("value"));
    }

    private static string Shape(GroupNode group) => string.Join(' ', group.Parts.Select(static part => part is GroupNode inner ? $"({Shape(inner)})" : ((LeafNode)part).Json["percent"].Shown()));
}
