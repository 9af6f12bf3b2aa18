using System.Collections.Immutable;

namespace SegmentEngine.Scripting;

public enum CompletionKind
{
    Trait,
    Property,
    Event,

    /// <summary>What a condition may begin with, beside a name.</summary>
    Function,

    /// <summary>What is asked of a value or of events.</summary>
    Operator,

    /// <summary>A named argument.</summary>
    Option,

    Value,

    /// <summary><c>&amp;&amp;</c> and <c>||</c>.</summary>
    Connective,
}

/// <summary>Something that may be written next.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Says">What it says, in a line.</param>
public sealed record Completion(string Text, CompletionKind Kind, string Says);

/// <summary>What may be written at a place in a rule's text.</summary>
/// <param name="Start">Where the word begins that stands there already; it is replaced.</param>
/// <param name="Length">How long that word is.</param>
/// <param name="Items">Those that begin as it does, by kind, then in ordinal order.</param>
public sealed record Completions(int Start, int Length, ImmutableArray<Completion> Items);
