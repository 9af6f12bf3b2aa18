using System.Text.Json;
using System.Text.Json.Nodes;
using SegmentEngine.Rules;

namespace SegmentEngine.Server.Dashboard.Builder;

/// <summary>How the parts of a group are put together.</summary>
public enum GroupKind
{
    All,
    Any,
    None,
}

/// <summary>A part of a rule that is being edited.</summary>
public abstract class RuleNode
{
    private static long last;

    /// <summary>The same for as long as the node is on the page, wherever it is moved to.</summary>
    public long Key { get; } = Interlocked.Increment(ref last);

    public GroupNode? Parent { get; internal set; }

    /// <summary>Whether this is the node or lies above it.</summary>
    public bool Holds(RuleNode node) => node == this || (node.Parent is { } parent && Holds(parent));
}

/// <summary>Conditions and groups under one of all, any and none.</summary>
public sealed class GroupNode(GroupKind kind) : RuleNode
{
    public GroupKind Kind { get; set; } = kind;
    public List<RuleNode> Parts { get; } = [];
    public bool IsCollapsed { get; set; }

    /// <summary>Written without the list around its one part: a root that was a condition, or a <c>not</c> of one.</summary>
    internal bool IsBare { get; init; }

    /// <summary>Written inside OpenCX's carrier, with what else stood there.</summary>
    internal JsonObject? Carrier { get; init; }

    public GroupNode Add(params ReadOnlySpan<RuleNode> parts)
    {
        foreach (var part in parts)
        {
            Insert(Parts.Count, part);
        }

        return this;
    }

    public void Insert(int at, RuleNode part)
    {
        part.Parent = this;
        Parts.Insert(at, part);
    }
}

/// <summary>One condition, as its JSON: what the page has no field for stays as it was.</summary>
public sealed class LeafNode(JsonObject json) : RuleNode
{
    public JsonObject Json { get; } = json;

    public string Type => Json.Text("type") ?? "";
}

/// <summary>A rule as the builder edits it: read from a definition and written back. What is not edited is written as it was read.</summary>
public sealed class RuleTree
{
    private static readonly JsonDocumentOptions deep = new() { MaxDepth = Limits.JsonNestingMax + 1 };

    private RuleTree(GroupNode root) => Root = root;

    public GroupNode Root { get; }

    public static RuleTree Empty => new(new GroupNode(GroupKind.All));

    /// <exception cref="JsonException">It is no JSON, or not shaped like a rule.</exception>
    public static RuleTree Read(string definition) => Read(JsonNode.Parse(definition, nodeOptions: null, deep) ?? throw new JsonException("a rule is an object"));

    /// <summary>What is written, without some conditions, and where each part stands in it; null where nothing is left.</summary>
    public (JsonNode? Json, IReadOnlyDictionary<string, RuleNode> Places) Write(IReadOnlySet<RuleNode>? without = null)
    {
        var places = new Dictionary<string, RuleNode>(StringComparer.Ordinal);
        return (Write(Root, "$", without, places), places);
    }

    /// <summary>The part that a diagnostic's path leads to: the innermost that is written there.</summary>
    public static RuleNode? At(string path, IReadOnlyDictionary<string, RuleNode> places)
    {
        for (var end = path.Length; end > 0; end = path.LastIndexOfAny(['.', '['], end - 1))
        {
            if (places.TryGetValue(path[..end], out var node))
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>Takes a part out, and with it the groups that it leaves empty.</summary>
    public static void Remove(RuleNode node)
    {
        if (node.Parent is { } parent)
        {
            _ = parent.Parts.Remove(node);
            node.Parent = null;
            if (parent.Parts.Count == 0)
            {
                Remove(parent);
            }
        }
    }

    /// <summary>Puts a part before another place of a group; false where the group lies within the part itself.</summary>
    public static bool Move(RuleNode node, GroupNode to, int at)
    {
        if (node.Holds(to))
        {
            return false;
        }

        if (node.Parent == to && to.Parts.IndexOf(node) < at)
        {
            at--;
        }

        var from = node.Parent;
        _ = from?.Parts.Remove(node);
        to.Insert(Math.Min(at, to.Parts.Count), node);
        if (from is { Parts.Count: 0 } && from != to)
        {
            Remove(from);
        }

        return true;
    }

    /// <summary>A group around a part, in its place.</summary>
    public static GroupNode Wrap(RuleNode node)
    {
        var (parent, group) = (node.Parent!, new GroupNode(node.Parent!.Kind == GroupKind.Any ? GroupKind.All : GroupKind.Any));
        var at = parent.Parts.IndexOf(node);
        parent.Parts.RemoveAt(at);
        parent.Insert(at, group.Add(node));
        return group;
    }

    /// <summary>Its parts take its place.</summary>
    public static void Unwrap(GroupNode group)
    {
        if (group.Parent is { } parent)
        {
            var at = parent.Parts.IndexOf(group);
            parent.Parts.RemoveAt(at);
            foreach (var part in group.Parts.ToList())
            {
                parent.Insert(at++, part);
            }
        }
    }

    /// <summary>The same again behind it.</summary>
    public static RuleNode Duplicate(RuleNode node)
    {
        var copy = Node(Write(node, "$", null, [])!);
        node.Parent!.Insert(node.Parent.Parts.IndexOf(node) + 1, copy);
        return copy;
    }

    private static RuleTree Read(JsonNode json) => new(Node(json) switch
    {
        GroupNode { Carrier: null } group => group,
        var part => new GroupNode(GroupKind.All) { IsBare = true }.Add(part),
    });

    private static RuleNode Node(JsonNode? json)
    {
        if (json is not JsonObject node)
        {
            throw new JsonException("a condition is an object");
        }

        return Only(node, "not") is { } inner ? inner is JsonObject not && Only(not, "or") is JsonArray none ? Group(GroupKind.None, none) : new GroupNode(GroupKind.None) { IsBare = true }.Add(Node(inner))
            : Only(node, "and") is JsonArray all ? Group(GroupKind.All, all)
            : Only(node, "or") is JsonArray any ? Group(GroupKind.Any, any)
            : node.Text("type") == "group" && node["node"] is JsonObject carried ? Carried(node, Node(carried))
            : new LeafNode((JsonObject)node.DeepClone());
    }

    /// <summary>What stands under a name, where nothing else is there.</summary>
    private static JsonNode? Only(JsonObject node, string name) => node.Count == 1 ? node[name] : null;

    private static GroupNode Group(GroupKind kind, JsonArray parts)
    {
        var group = new GroupNode(kind);
        foreach (var part in parts)
        {
            _ = group.Add(Node(part));
        }

        return group;
    }

    private static GroupNode Carried(JsonObject carrier, RuleNode inner)
    {
        var bare = (JsonObject)carrier.DeepClone();
        _ = bare.Remove("node");
        var carried = new GroupNode(inner is GroupNode { Carrier: null } group ? group.Kind : GroupKind.All) { Carrier = bare, IsBare = inner is not GroupNode { Carrier: null } || inner is GroupNode { IsBare: true } };
        return inner is GroupNode { Carrier: null } of ? carried.Add([.. of.Parts]) : carried.Add(inner);
    }

    private static JsonNode? Write(RuleNode node, string path, IReadOnlySet<RuleNode>? without, Dictionary<string, RuleNode> places)
    {
        if (without?.Contains(node) == true)
        {
            return null;
        }

        if (node is LeafNode leaf)
        {
            places[path] = leaf;
            return leaf.Json.DeepClone();
        }

        var group = (GroupNode)node;
        var start = group.Carrier is null ? path : $"{path}.node";
        var left = group.Parts.Where(part => without is null || HasSome(part, without)).ToList();
        if (left.Count == 0 && (without is not null || group.Parent is null))
        {
            return null;
        }

        var isBare = group.IsBare && left.Count == 1 && group.Kind != GroupKind.Any;
        JsonNode? written;
        if (isBare && group.Kind == GroupKind.All)
        {
            // Counted under its one part's place, for that is all there is.
            written = Write(left[0], start, without, places);
        }
        else if (isBare)
        {
            written = new JsonObject { ["not"] = Write(left[0], $"{start}.not", without, places) };
        }
        else
        {
            var (inside, word) = group.Kind switch { GroupKind.All => ($"{start}.and", "and"), GroupKind.Any => ($"{start}.or", "or"), _ => ($"{start}.not.or", "or") };
            var parts = new JsonArray([.. left.Select((part, i) => Write(part, $"{inside}[{i}]", without, places))]);
            written = group.Kind == GroupKind.None ? new JsonObject { ["not"] = new JsonObject { [word] = parts } } : new JsonObject { [word] = parts };
        }

        _ = places.TryAdd(start, group);
        if (group.Carrier is { } carrier)
        {
            var around = (JsonObject)carrier.DeepClone();
            around["node"] = written;
            return around;
        }

        return written;
    }

    private static bool HasSome(RuleNode node, IReadOnlySet<RuleNode> without) => !without.Contains(node) && (node is LeafNode || ((GroupNode)node).Parts.Exists(part => HasSome(part, without)));
}
