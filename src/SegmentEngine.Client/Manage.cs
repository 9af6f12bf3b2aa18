using System.Text.Json;
using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>A segment as its author sees it: what is published, and what is drafted.</summary>
public sealed record ManagedSegment
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }

    /// <summary><c>draft</c> until it is published, then as the published segment.</summary>
    public required string Status { get; init; }

    /// <summary>The published rule; null before the first publish.</summary>
    public JsonElement? Definition { get; init; }

    /// <summary>The rule that the next publish puts in force; null where nothing is drafted.</summary>
    public JsonElement? DraftDefinition { get; init; }

    /// <summary>The number of the published rule, 0 before the first publish.</summary>
    public required int RuleRevision { get; init; }
    public required long MemberCount { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The workspace's data revision this answer reflects; after a write, the revision of the write.</summary>
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

public sealed record ManagedSegmentList
{
    public required IReadOnlyList<ManagedSegment> Data { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>A new segment; it starts as a draft.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SegmentInput
{
    public required string Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }
    public required JsonElement Definition { get; init; }

    /// <summary>Chosen by the caller where segments are to keep their ids (files that refer to one another); otherwise made up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Id { get; init; }
}

/// <summary>Changes to a segment's draft; what is null stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SegmentPatch
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Description { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Definition { get; init; }
}

/// <summary>A rule to look at without storing it. With a segment id it is checked as that segment's edit, so that a cycle through it is found.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RuleQuestion
{
    public required JsonElement Definition { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? SegmentId { get; init; }
}

/// <summary>All that is wrong or doubtful with a rule. Valid means: no errors; warnings may remain.</summary>
public sealed record RuleChecked
{
    public required bool Valid { get; init; }
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }
}

/// <summary>Who would be in, were the rule published now.</summary>
public sealed record RulePreview
{
    public required long Count { get; init; }

    /// <summary>Ten of them at most.</summary>
    public required IReadOnlyList<Contact> Sample { get; init; }

    /// <summary>How many contacts each condition holds for by itself.</summary>
    public required IReadOnlyList<ConditionCount> Conditions { get; init; }
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>How many contacts a condition holds for. Its path is its place in the definition, such as <c>$.or[0].and[1]</c>.</summary>
public sealed record ConditionCount(string Path, long Count);

/// <summary>What traits and event properties hold. The types are <c>string</c>, <c>number</c>, <c>boolean</c>, <c>date</c>, <c>datetime</c>, <c>version</c> and <c>list&lt;…&gt;</c> of those.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record Schema
{
    public IReadOnlyDictionary<string, string>? Traits { get; init; }
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? Events { get; init; }

    /// <summary>Only in answers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }
}

/// <summary>The workspace a key belongs to.</summary>
public sealed record WorkspaceInfo
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required string TimeZone { get; init; }
    public required int Shards { get; init; }
    public required long Contacts { get; init; }
    public required long Segments { get; init; }

    /// <summary>The last revision that was written.</summary>
    public required long Revision { get; init; }

    /// <summary>The revision that reads reflect.</summary>
    public required long ReflectedRevision { get; init; }

    /// <summary>How many contacts wait to be evaluated again.</summary>
    public required long DirtyContacts { get; init; }

    /// <summary>What the columns that rules read, and the memberships, take of the server's memory.</summary>
    public long MemoryBytes { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}
