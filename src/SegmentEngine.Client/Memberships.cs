using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>Is this contact in this segment? Both spellings of the answer are sent, since OpenCX's API and its workflow step differ.</summary>
public sealed record MembershipCheck
{
    public required bool IsMember { get; init; }

    [JsonPropertyName("isMember")]
    public bool IsMemberInCamelCase => IsMember;
    public required Guid SegmentId { get; init; }
    public required Guid ContactId { get; init; }

    /// <summary><c>member</c>, <c>not_member</c>, or <c>unknown</c> while the segment is building.</summary>
    public required string Status { get; init; }
    public DateTimeOffset? Since { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }

    /// <summary>The workspace's data revision this answer reflects.</summary>
    public required long Revision { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>Up to 1,000 checks, answered in order and from one snapshot.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CheckBatch
{
    public required IReadOnlyList<CheckItem> Checks { get; init; }
}

/// <summary>One check of a batch. The contact is a UUID, <c>external_id:…</c> or <c>email:…</c>; the id is the caller's own mark, given back with the answer.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CheckItem(string SegmentId, string ContactId, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id = null);

public sealed record CheckBatchAnswer
{
    public required IReadOnlyList<CheckItemAnswer> Results { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>The answer to one item of a batch: what the single call would have said, be it a check or an error.</summary>
public sealed record CheckItemAnswer
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MembershipCheck? Check { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ErrorBody? Error { get; init; }
}

/// <summary>A member, and since when.</summary>
public sealed record Member
{
    public required Guid ContactId { get; init; }
    public string? ExternalId { get; init; }
    public DateTimeOffset? Since { get; init; }
}

/// <summary>A page of a segment's members; <c>next</c> is the cursor of the page after it, null on the last.</summary>
public sealed record MemberPage
{
    public required IReadOnlyList<Member> Items { get; init; }
    public string? Next { get; init; }
    public required long Total { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}
