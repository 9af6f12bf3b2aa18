using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>Why a contact is, or is not, in a segment: what the published rule says of it, condition by condition, beside what reads answer.</summary>
public sealed record MembershipExplanation
{
    public required bool IsMember { get; init; }
    public required Guid SegmentId { get; init; }
    public required Guid ContactId { get; init; }

    /// <summary><c>member</c>, <c>not_member</c>, or <c>unknown</c> while the segment is building.</summary>
    public required string Status { get; init; }
    public DateTimeOffset? Since { get; init; }

    /// <summary>The number of the rule that is explained.</summary>
    public required int RuleRevision { get; init; }

    /// <summary>The whole rule; null where it can no longer be run.</summary>
    public ExplainedCondition? Explanation { get; init; }

    /// <summary>Both the answer and its explanation reflect the data up to this revision; what is explained may be newer while contacts change.</summary>
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>What a rule that is not published would make of a contact.</summary>
public sealed record MembershipThought
{
    public required Guid ContactId { get; init; }

    /// <summary>Whether the contact is in the segment now; false where none was named.</summary>
    public required bool IsMember { get; init; }

    /// <summary>Whether it would be, were the rule published.</summary>
    public required bool WouldBeMember { get; init; }
    public required ExplainedCondition Explanation { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>One condition of a rule, for one contact at one time.</summary>
public sealed record ExplainedCondition
{
    /// <summary>Its place in the definition, such as <c>$.or[0].and[1]</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The condition as JSON; null for one that has parts, which say it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Condition { get; init; }

    /// <summary>The condition as text; null for one that has parts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>The name of the segment it asks about; null where it asks about none, or one that is not published.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Segment { get; init; }

    /// <summary><c>all</c>, <c>any</c> or <c>not</c> for one that has parts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Of { get; init; }

    /// <summary><c>true</c>, <c>false</c> or <c>unknown</c>.</summary>
    public required string Truth { get; init; }

    /// <summary>Why there is no plain answer: <c>missing</c>, <c>not_convertible</c>, <c>other_type</c>, <c>empty_list</c>, <c>unusable_element</c>, <c>too_long</c>, <c>segment_not_ready</c>, <c>not_known</c> or <c>no_history</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>What it looked at: a value as it came, a count, a sum, the event that was chosen. Only for keys that may read contacts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Seen { get; init; }

    /// <summary>When the answer changes by itself, if nothing else happens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? NextChange { get; init; }

    /// <summary>The answer from then on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NextTruth { get; init; }

    /// <summary>How far was looked ahead, where the future was too eventful to look at all of it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ForeseenUntil { get; init; }
    public required IReadOnlyList<ExplainedCondition> Parts { get; init; }
}

/// <summary>A page of what entered and left, newest first; <c>next</c> is the cursor of the page after it, null on the last.</summary>
public sealed record HistoryPage
{
    public required IReadOnlyList<MembershipEvent> Items { get; init; }
    public string? Next { get; init; }

    /// <summary>The revision that the newest entry may reflect.</summary>
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>How large a segment was, in the order of time: by the hour of late, by the day before that.</summary>
public sealed record SegmentSizeList
{
    public required IReadOnlyList<SegmentSizeAt> Data { get; init; }

    /// <summary>How many members there are now.</summary>
    public required long Members { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <param name="At">When it was counted.</param>
/// <param name="Members">How many there were.</param>
public readonly record struct SegmentSizeAt(DateTimeOffset At, long Members);

/// <summary>A contact entered or left a segment.</summary>
public sealed record MembershipEvent
{
    public required Guid SegmentId { get; init; }
    public required Guid ContactId { get; init; }

    /// <summary><c>entered</c> or <c>left</c>.</summary>
    public required string Type { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary><c>data</c>: the contact's data or events changed; <c>rule</c>: a revision of the rule was published; <c>time</c>: time passed; <c>list</c>: a list by hand.</summary>
    public required string Cause { get; init; }

    /// <summary>The workspace's data revision it came with.</summary>
    public required long Revision { get; init; }
}
