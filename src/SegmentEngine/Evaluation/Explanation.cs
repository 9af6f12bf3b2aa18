using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// Why a rule is TRUE, FALSE or UNKNOWN of one contact: a tree like the rule's own, each condition with its answer, the value it saw, and when the answer next changes by itself.
/// It is about one contact at one instant; it says nothing of what may come in later.
/// </summary>
public sealed record Explanation
{
    /// <summary>The JSON path of the condition in its rule.</summary>
    public required string Path { get; init; }

    public required Condition Condition { get; init; }

    public required Truth Truth { get; init; }

    /// <summary>Why there is no plain answer, or why the answer is that of a missing value.</summary>
    public Reason Reason { get; init; }

    /// <summary>What the condition looked at, as JSON: a trait's value as it came, a count, a sum, the event that was chosen; null where there is nothing to see.</summary>
    public JsonElement? Seen { get; init; }

    /// <summary>The first instant after now at which <see cref="Truth"/> is another, if nothing else happens; null where it never is, or not within <see cref="ForeseenUntil"/>.</summary>
    public Instant? NextChange { get; init; }

    /// <summary>The answer from <see cref="NextChange"/> on.</summary>
    public Truth? NextTruth { get; init; }

    /// <summary>How far was looked ahead, where the future was too eventful to look at all of it; null where all of it was.</summary>
    public Instant? ForeseenUntil { get; init; }

    /// <summary>What it is made of, in the order of the rule; empty for a leaf.</summary>
    public ImmutableArray<Explanation> Parts { get; init; } = [];
}

/// <summary>What stands behind an answer that is not simply a comparison.</summary>
public enum Reason
{
    /// <summary>The value was there and was compared.</summary>
    None,

    /// <summary>There is no value: absent or null.</summary>
    Missing,

    /// <summary>There is a value, which is not of the declared type and does not convert to it; it counts as missing.</summary>
    NotConvertible,

    /// <summary>The value is of a type that the operator does not compare with the operand.</summary>
    OtherType,

    /// <summary>"All elements" was asked of an empty list.</summary>
    EmptyList,

    /// <summary>An element of the list is null or of another type, and the others do not decide.</summary>
    UnusableElement,

    /// <summary>The text is longer than a pattern is tried on.</summary>
    TooLong,

    /// <summary>The other segment is not known, or its members are not known yet.</summary>
    SegmentNotReady,

    /// <summary>There is no such list or sequence.</summary>
    NotKnown,

    /// <summary>The trait has the value, and since when is not known.</summary>
    NoHistory,
}
