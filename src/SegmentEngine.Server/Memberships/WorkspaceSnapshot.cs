using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Numerics;
using System.Security.Cryptography;
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

    /// <summary>The membership as it was when its evaluation was stopped by hand.</summary>
    Paused,
}

/// <summary>Where a snapshot has a contact. It means nothing in another snapshot.</summary>
public readonly record struct Seat(int Shard, long Place);

/// <summary>A member, with the number that names the contact in the database.</summary>
public readonly record struct MemberSeat(ContactId Contact, int Shard, long Number);

/// <summary>A published segment as one snapshot sees it.</summary>
public sealed record SegmentState
{
    public required long Number { get; init; }

    /// <summary>Of its bit in the rows of contacts, for as long as it is published.</summary>
    public required int Slot { get; init; }
    public required SegmentId Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required JsonElement Definition { get; init; }
    public required Instant CreatedAt { get; init; }
    public required Instant UpdatedAt { get; init; }

    /// <summary>The number of the published rule, from 1.</summary>
    public required int RuleRevision { get; init; }
    public required Readiness Readiness { get; init; }

    /// <summary>Why its rule is not run; null where it is, or where it is paused.</summary>
    public string? FailureReason { get; init; }

    /// <summary>Whether the tables hold its members: not before its first evaluation, and not when it was archived since.</summary>
    public bool HasRows { get; init; }

    /// <summary>How often its rows were removed.</summary>
    public int Emptied { get; init; }

    /// <summary>Whether lists of its own go before its rule.</summary>
    public bool HasLists { get; init; }

    /// <summary>When its rule was evaluated over everybody last. Its members may be newer: see <see cref="WorkspaceSnapshot.EvaluatedAt"/>.</summary>
    public Instant? EvaluatedAt { get; init; }
}

/// <summary>The published segments that a snapshot shows. One and the same for every snapshot until a segment is published, evaluated, renamed or gone.</summary>
public sealed class ShownSegments
{
    public static readonly ShownSegments None = new([]);

    /// <summary>Lists of places up to so many words are put together on the stack.</summary>
    private const int WordsMax = 256;

    /// <summary>-1 where the segment behind a bit is not shown.</summary>
    private readonly int[] placeOfSlot;

    /// <param name="segments">Whatever their order.</param>
    public ShownSegments(IEnumerable<SegmentState> segments)
    {
        InOrder = [.. segments.OrderBy(static segment => segment.Name, StringComparer.Ordinal).ThenBy(static segment => segment.Id.Value.ToString(), StringComparer.Ordinal)];
        ById = InOrder.ToFrozenDictionary(static segment => segment.Id);
        placeOfSlot = new int[InOrder.Select(static segment => segment.Slot + 1).DefaultIfEmpty().Max()];
        Array.Fill(placeOfSlot, -1);
        for (var place = 0; place < InOrder.Length; place++)
        {
            // Rows of a segment that is building may be half of what they will be.
            placeOfSlot[InOrder[place].Slot] = InOrder[place].Readiness == Readiness.Building ? -1 : place;
        }
    }

    /// <summary>Ordered by name, then id.</summary>
    public ImmutableArray<SegmentState> InOrder { get; }
    public FrozenDictionary<SegmentId, SegmentState> ById { get; }

    /// <summary>Those a contact's row names, in their order.</summary>
    public IReadOnlyList<SegmentState> Among(ReadOnlySpan<ulong> row)
    {
        // Slots are in the order in which segments were first seen.
        var words = (InOrder.Length + 63) / 64;
        var places = words <= WordsMax ? stackalloc ulong[words] : new ulong[words];
        places.Clear();
        var count = 0;
        for (var i = 0; i < row.Length; i++)
        {
            for (var rest = row[i]; rest != 0; rest &= rest - 1)
            {
                var slot = (i * 64) + BitOperations.TrailingZeroCount(rest);
                if (slot < placeOfSlot.Length && placeOfSlot[slot] is >= 0 and var place)
                {
                    places[place / 64] |= 1UL << (place % 64);
                    count++;
                }
            }
        }

        var (found, at) = (new SegmentState[count], 0);
        for (var i = 0; i < places.Length; i++)
        {
            for (var rest = places[i]; rest != 0; rest &= rest - 1)
            {
                found[at++] = InOrder[(i * 64) + BitOperations.TrailingZeroCount(rest)];
            }
        }

        return found;
    }
}

/// <summary>All memberships of one workspace at one moment. Immutable, so that whatever is read from one snapshot fits together.</summary>
public abstract class WorkspaceSnapshot
{
    /// <summary>Of this run of the program, so that no tag of an earlier one is taken for one of ours.</summary>
    private static readonly string run = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
    private static long made;

    private readonly long number = Interlocked.Increment(ref made);
    private string? name;

    /// <summary>The name of this snapshot among all that ever were: what is read from it alone is the same for as long as its name is.</summary>
    public string Name => name ??= $"{Revision}-{run}-{number}";

    /// <summary>The workspace's revision up to which this reflects the data.</summary>
    public required long Revision { get; init; }

    /// <summary>The <c>now</c> the rules were evaluated with last.</summary>
    public Instant? EvaluatedAt { get; init; }

    /// <summary>Since when contacts are members, for those that were asked about while this was the newest snapshot.</summary>
    internal KnownSince Since { get; } = new();

    /// <summary>When the first change that is not reflected came, by a write or because time passed; null, or an instant to come, where all are.</summary>
    public abstract Instant? BehindSince { get; }

    public required ShownSegments Shown { get; init; }

    /// <summary>Published segments, ordered by name, then id.</summary>
    public ImmutableArray<SegmentState> Segments => Shown.InOrder;
    public FrozenDictionary<SegmentId, SegmentState> SegmentsById => Shown.ById;

    public abstract bool TryFindSeat(ContactId contact, out Seat seat);

    public abstract bool IsMember(SegmentState segment, Seat seat);

    /// <summary>All memberships of a contact: bit s mod 64 of word s / 64 is that of the segment in slot s.</summary>
    public abstract ulong[] RowOf(Seat seat);

    /// <summary>The number that names a contact in the database.</summary>
    public abstract long NumberOf(Seat seat);

    public abstract int Count(SegmentState segment);

    /// <summary>One of its contacts, each as likely as another; null where it finds none at the first try.</summary>
    public abstract ContactId? AnyContact(Random random);

    /// <summary>How many contacts are in all of some segments.</summary>
    public abstract long CountInAll(IReadOnlyList<SegmentState> segments);

    /// <summary>In the order of <see cref="Segments"/>.</summary>
    public IReadOnlyList<SegmentState> SegmentsOf(Seat seat) => Shown.Among(RowOf(seat));

    /// <summary>Up to <paramref name="max"/> members in the order of shard and number, after one of them.</summary>
    public abstract IReadOnlyList<MemberSeat> Members(SegmentState segment, (int Shard, long Number)? after, int max);

    public TimeSpan Behind(Instant now) => BehindSince is { } since && since < now ? new(now.Ticks - since.Ticks) : TimeSpan.Zero;
}
