using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Server.Insight;

/// <param name="Type">In the words of a schema, or <c>object</c>, or <c>list</c> for an empty or mixed one.</param>
/// <param name="Count">How often it was seen.</param>
public sealed record TypeCount(string Type, long Count);

/// <summary>What was seen at one place of contacts' data, or of events' properties.</summary>
internal sealed class SeenPlace(TraitPath path, TraitType? declared)
{
    private readonly Dictionary<string, long> types = new(StringComparer.Ordinal);

    public TraitPath Path => path;
    public TraitType? Declared => declared;
    public List<TypeCount> Types => [.. types.Select(static type => new TypeCount(type.Key, type.Value)).OrderByDescending(static type => type.Count).ThenBy(static type => type.Type, StringComparer.Ordinal)];
    public long Usable { get; private set; }
    public long NonVerified { get; private set; }
    public long Misfits { get; private set; }
    public List<string> Samples { get; } = [];
    public List<TraitMisfit> MisfitExamples { get; } = [];

    /// <summary>Nothing but objects were seen here, whose keys are places of their own.</summary>
    public bool IsWayOnly => declared is null && types.Count == 1 && types.ContainsKey("object");

    public void See(JsonElement value, ContactId? of)
    {
        var read = TraitSchema.Convert(value, declared);
        var type = ValueTexts.TypeOf(value);
        types[type] = types.GetValueOrDefault(type) + 1;
        if (read is not null)
        {
            Usable++;
            Keep(ValueTexts.Of(read)?.Text is { } text ? ValueTexts.Short(text) : ValueTexts.Example(value));
        }

        if (declared is not null && (read is null || (read is TraitValue.List list && list.Elements.Contains(null))))
        {
            Misfits++;
            if (of is { } contact && MisfitExamples.Count < InsightLimits.ExamplesMax)
            {
                MisfitExamples.Add(new(contact, ValueTexts.Short(value.GetRawText())));
            }
        }
    }

    /// <summary>A built-in trait's value.</summary>
    public void See(TraitValue value)
    {
        var type = declared!.Value.ToString();
        types[type] = types.GetValueOrDefault(type) + 1;
        Usable++;
        Keep(ValueTexts.Short(ValueTexts.Of(value)!.Value.Text));
    }

    public void SeeNonVerified(JsonElement value) => NonVerified += TraitSchema.Convert(value, declared) is null ? 0 : 1;

    private void Keep(string text)
    {
        if (Samples.Count < InsightLimits.ExamplesMax && !Samples.Contains(text, StringComparer.Ordinal))
        {
            Samples.Add(text);
        }
    }
}

/// <summary>Goes through JSON objects and notes what is where. A place that no name of the rule language leads to is passed over.</summary>
/// <param name="nameOf">Makes a path of keys joined by dots.</param>
/// <param name="typeOf">The declared type of a place.</param>
internal sealed class SeenPlaces(Func<string, TraitPath> nameOf, Func<TraitPath, TraitType?> typeOf)
{
    private readonly Node root = new() { Keys = [], Joined = "" };
    private readonly List<SeenPlace> places = [];

    public IReadOnlyList<SeenPlace> Places => places;

    public void See(JsonElement data, ContactId? of = null) => Walk(root, data, (place, value) => place.See(value, of));

    public void SeeNonVerified(JsonElement data) => Walk(root, data, static (place, value) => place.SeeNonVerified(value));

    private void Walk(Node node, JsonElement data, Action<SeenPlace, JsonElement> see)
    {
        foreach (var property in data.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null || Below(node, property) is not { } below)
            {
                continue;
            }

            if (below.Place is { } place)
            {
                see(place, property.Value);
            }

            if (property.Value.ValueKind == JsonValueKind.Object && below.Keys.Length < InsightLimits.DepthMax)
            {
                Walk(below, property.Value, see);
            }
        }
    }

    private Node? Below(Node node, JsonProperty property)
    {
        string key;
        try
        {
            key = property.Name;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is no name.
            return null;
        }

        if (node.Below.TryGetValue(key, out var known))
        {
            return known;
        }

        if (places.Count >= InsightLimits.PathsMax)
        {
            return null;
        }

        var escaped = key.Replace(".", "\\.", StringComparison.Ordinal);
        var joined = node.Keys.Length == 0 ? escaped : $"{node.Joined}.{escaped}";
        string[] keys = [.. node.Keys, key];
        var path = nameOf(joined);

        // A backslash before a dot can be read in one way only, which may not be this one.
        var place = path.Keys.SequenceEqual(keys) ? new SeenPlace(path, typeOf(path)) : null;
        if (place is not null)
        {
            places.Add(place);
        }

        return node.Below[key] = new() { Keys = keys, Joined = joined, Place = place };
    }

    private sealed class Node
    {
        public required string[] Keys { get; init; }
        public required string Joined { get; init; }
        public SeenPlace? Place { get; init; }
        public Dictionary<string, Node> Below { get; } = new(StringComparer.Ordinal);
    }
}
