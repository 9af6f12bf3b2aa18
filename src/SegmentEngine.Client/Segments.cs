using System.Text.Json;

namespace SegmentEngine.Client;

/// <summary>A published segment, as OpenCX shows it, with what we know beyond that.</summary>
public sealed record Segment
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required JsonElement Definition { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary><c>building</c> until the first membership is there, then <c>ready</c>; <c>failed</c> where the rule could not be run and the last good membership stands.</summary>
    public required string Status { get; init; }
    public required long MemberCount { get; init; }

    /// <summary>The number of the published rule, from 1.</summary>
    public required int RuleRevision { get; init; }

    /// <summary>The workspace's data revision this membership reflects.</summary>
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>A page of segments, ordered by name, then id.</summary>
public sealed record SegmentPage
{
    public required IReadOnlyList<Segment> Data { get; init; }
    public required long Page { get; init; }
    public required int Limit { get; init; }
    public required long Total { get; init; }
    public required bool HasNext { get; init; }
    public required bool HasPrevious { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}

/// <summary>The published segments one contact is in.</summary>
public sealed record SegmentsOfContact
{
    public required IReadOnlyList<Segment> Data { get; init; }
    public required long Revision { get; init; }
    public DateTimeOffset? EvaluatedAt { get; init; }
    public required bool Stale { get; init; }
}
