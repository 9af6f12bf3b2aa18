using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Server.Memberships;

/// <summary>How far a published segment's membership can be relied on.</summary>
public enum Readiness
{
    /// <summary>Never evaluated; nobody is known to be in.</summary>
    Building,
    Ready,

    /// <summary>The last good membership, kept because the rule in force could not be evaluated.</summary>
    Failed,
}

/// <summary>Where a contact sits in a snapshot. It means nothing in another snapshot.</summary>
public readonly record struct Seat(int Shard, ContactIndex Index);

/// <summary>A member, with the number that names the contact in the database.</summary>
public readonly record struct MemberSeat(ContactId Contact, int Shard, long Number);

/// <summary>A published segment as one snapshot sees it.</summary>
public sealed record SegmentState
{
    public required long Number { get; init; }
    public required SegmentId Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required JsonElement Definition { get; init; }
    public required Instant CreatedAt { get; init; }
    public required Instant UpdatedAt { get; init; }

    /// <summary>The number of the published rule, from 1.</summary>
    public required int RuleRevision { get; init; }
    public required Readiness Readiness { get; init; }

    /// <summary>Whether the tables hold its members: not before its first evaluation, and not when it was archived since.</summary>
    public bool HasRows { get; init; }

    /// <summary>When its rule was evaluated over everybody last. Its members may be newer: see <see cref="WorkspaceSnapshot.EvaluatedAt"/>.</summary>
    public Instant? EvaluatedAt { get; init; }
}

/// <summary>All memberships of one workspace at one moment. Immutable, so that whatever is read from one snapshot fits together.</summary>
public abstract class WorkspaceSnapshot
{
    /// <summary>The workspace's revision up to which this reflects the data.</summary>
    public required long Revision { get; init; }

    /// <summary>The <c>now</c> the rules were evaluated with last.</summary>
    public Instant? EvaluatedAt { get; init; }

    /// <summary>When the first change that is not reflected came, by a write or because time passed; null, or an instant to come, where all are.</summary>
    public abstract Instant? BehindSince { get; }

    /// <summary>Published segments, ordered by name, then id.</summary>
    public required ImmutableArray<SegmentState> Segments { get; init; }
    public required FrozenDictionary<SegmentId, SegmentState> SegmentsById { get; init; }

    public abstract bool TryFindSeat(ContactId contact, out Seat seat);

    public abstract bool IsMember(SegmentState segment, Seat seat);

    /// <summary>The number that names a contact in the database.</summary>
    public abstract long NumberOf(Seat seat);

    public abstract int Count(SegmentState segment);

    /// <summary>In the order of <see cref="Segments"/>.</summary>
    public abstract IEnumerable<SegmentState> SegmentsOf(Seat seat);

    /// <summary>Up to <paramref name="max"/> members in the order of shard and number, after one of them.</summary>
    public abstract IReadOnlyList<MemberSeat> Members(SegmentState segment, (int Shard, long Number)? after, int max);

    public TimeSpan Behind(Instant now) => BehindSince is { } since && since < now ? new(now.Ticks - since.Ticks) : TimeSpan.Zero;
}
