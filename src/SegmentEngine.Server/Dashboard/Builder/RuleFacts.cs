namespace SegmentEngine.Server.Dashboard.Builder;

/// <summary>A trait or a property as the pickers show it.</summary>
/// <param name="Name">As rules name it.</param>
/// <param name="Type">Its declared type, or the one most of its values have; empty where nothing is known.</param>
/// <param name="Hint">What stands beside it.</param>
public sealed record Known(string Name, string Type, string Hint = "")
{
    public bool IsList => Type.StartsWith("list<", StringComparison.Ordinal);

    /// <summary>The type, of a list its elements'.</summary>
    public string Kind => IsList ? Type[5..^1] : Type;
}

/// <summary>Something that may be picked.</summary>
/// <param name="Value">What is picked.</param>
/// <param name="Hint">What stands beside it, such as how many contacts have it.</param>
/// <param name="Text">What is shown for it; null: the value itself.</param>
public sealed record Suggestion(string Value, string Hint = "", string? Text = null);

/// <summary>What there is to build rules from.</summary>
public sealed class RuleFacts
{
    public required IReadOnlyList<Known> Traits { get; init; }
    public required IReadOnlyList<Suggestion> Events { get; init; }
    public required IReadOnlyList<Suggestion> Segments { get; init; }
    public required IReadOnlyList<Suggestion> Lists { get; init; }
    public required string Zone { get; init; }

    /// <summary>Values of a trait that begin so, the most frequent first.</summary>
    public required Func<string, string, Task<IReadOnlyList<Suggestion>>> Values { get; init; }

    /// <summary>The properties of an event.</summary>
    public required Func<string, Task<IReadOnlyList<Known>>> Properties { get; init; }

    /// <summary>Values of an event's property that begin so.</summary>
    public required Func<string, string, string, Task<IReadOnlyList<Suggestion>>> PropertyValues { get; init; }

    public Known Trait(string name) => Traits.FirstOrDefault(trait => trait.Name == name || trait.Name == $"custom_data.{name}") ?? new(name, "");

    public string SegmentName(string id) => Segments.FirstOrDefault(segment => string.Equals(segment.Value, id, StringComparison.OrdinalIgnoreCase))?.Text ?? id;
}
