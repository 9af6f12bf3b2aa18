using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>One shard's memberships at one moment.</summary>
/// <param name="Seats">Grows under the snapshot, which looks no further than <paramref name="SeatCount"/>.</param>
/// <param name="SeatCount">The seats that were given out when the snapshot was made.</param>
/// <param name="Sets">Members by the segment's number.</param>
public sealed record ShardMemberships(ContactSeats Seats, int SeatCount, Dictionary<long, ContactSet> Sets)
{
    public ContactSet Of(SegmentState segment) => Sets.GetValueOrDefault(segment.Number, ContactSet.Empty);
}

/// <summary>The sets of all shards of a workspace, taken together.</summary>
/// <param name="shards">In the order of their numbers.</param>
/// <param name="backlog">The writes that are not reflected.</param>
/// <param name="nextChange">From when on answers may be others merely because time passed.</param>
public sealed class EngineSnapshot(ImmutableArray<ShardMemberships> shards, Backlog backlog, Instant nextChange) : WorkspaceSnapshot
{
    /// <summary>Each shard's sets in the order of the segments, put together when they are first asked for.</summary>
    private readonly ContactSet[]?[] inOrder = new ContactSet[]?[shards.Length];

    public override Instant? BehindSince => backlog.Since is { } written && written < nextChange ? written : nextChange;

    public override bool TryFindSeat(ContactId contact, out Seat seat)
    {
        var shard = ShardStore.Of(contact, shards.Length);
        var found = shards[shard].Seats.TryFind(contact, out var index) && index.Value < shards[shard].SeatCount;
        seat = new(shard, index);
        return found;
    }

    public override bool IsMember(SegmentState segment, Seat seat) => shards[seat.Shard].Of(segment).Contains(seat.Index);

    public override long NumberOf(Seat seat) => shards[seat.Shard].Seats[seat.Index].Number;

    public override int Count(SegmentState segment) => shards.Sum(shard => shard.Of(segment).Count);

    public override IEnumerable<SegmentState> SegmentsOf(Seat seat)
    {
        var sets = inOrder[seat.Shard] ??= [.. Segments.Select(shards[seat.Shard].Of)];
        for (var i = 0; i < sets.Length; i++)
        {
            if (sets[i].Contains(seat.Index))
            {
                yield return Segments[i];
            }
        }
    }

    public override IReadOnlyList<MemberSeat> Members(SegmentState segment, (int Shard, long Number)? after, int max)
    {
        var page = new List<MemberSeat>();
        for (var i = after?.Shard ?? 0; i < shards.Length && page.Count < max; i++)
        {
            var (seats, seatCount, _) = shards[i];
            var first = after is { } cursor && cursor.Shard == i ? seats.SeatAfter(cursor.Number, seatCount) : new ContactIndex(0);
            page.AddRange(shards[i].Of(segment).From(first).Take(max - page.Count).Select(seat => new MemberSeat(seats[seat].Contact, i, seats[seat].Number)));
        }

        return page;
    }
}
