using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>One shard's memberships at one moment.</summary>
/// <param name="Seats">Grows under the snapshot, which looks no further than <paramref name="SeatCount"/>.</param>
/// <param name="SeatCount">The seats that were given out when the snapshot was made.</param>
/// <param name="BySegment">Members by the segment's number.</param>
/// <param name="ByContact">The same, a row of bits a contact.</param>
public sealed record ShardMemberships(ContactSeats Seats, int SeatCount, Dictionary<long, ContactSet> BySegment, MembershipRows.View ByContact)
{
    public ContactSet Of(SegmentState segment) => BySegment.GetValueOrDefault(segment.Number, ContactSet.Empty);
}

/// <summary>The memberships of all shards of a workspace, taken together.</summary>
/// <param name="shards">In the order of their numbers.</param>
/// <param name="backlog">The writes that are not reflected.</param>
/// <param name="nextChange">From when on answers may be others merely because time passed.</param>
public sealed class EngineSnapshot(ImmutableArray<ShardMemberships> shards, Backlog backlog, Instant nextChange) : WorkspaceSnapshot
{
    public override Instant? BehindSince => backlog.Since is { } written && written < nextChange ? written : nextChange;

    public override bool TryFindSeat(ContactId contact, out Seat seat)
    {
        var shard = ShardStore.Of(contact, shards.Length);
        var found = shards[shard].Seats.TryFind(contact, out var index) && index.Value < shards[shard].SeatCount;
        seat = new(shard, index.Value);
        return found;
    }

    public override bool IsMember(SegmentState segment, Seat seat) => shards[seat.Shard].ByContact.Contains(segment.Slot, IndexOf(seat));

    public override ulong[] RowOf(Seat seat)
    {
        var row = new ulong[shards[seat.Shard].ByContact.Words];
        shards[seat.Shard].ByContact.Read(IndexOf(seat), row);
        return row;
    }

    public override long NumberOf(Seat seat) => shards[seat.Shard].Seats[IndexOf(seat)].Number;

    public override int Count(SegmentState segment) => shards.Sum(shard => shard.Of(segment).Count);

    public override ContactId? AnyContact(Random random)
    {
        var place = random.NextInt64(Math.Max(1, shards.Sum(static shard => (long)shard.SeatCount)));
        foreach (var shard in shards)
        {
            if (place < shard.SeatCount)
            {
                // Whoever sat there may have been deleted.
                return shard.Seats[new((int)place)].Contact is var contact && shard.Seats.TryFind(contact, out _) ? contact : null;
            }

            place -= shard.SeatCount;
        }

        return null;
    }

    public override long CountInAll(IReadOnlyList<SegmentState> segments) =>
        segments.Count == 0 ? 0 : shards.Sum(shard => (long)segments.Skip(1).Aggregate(shard.Of(segments[0]), (all, segment) => all.Intersect(shard.Of(segment))).Count);

    public override IReadOnlyList<MemberSeat> Members(SegmentState segment, (int Shard, long Number)? after, int max)
    {
        var page = new List<MemberSeat>();
        for (var i = after?.Shard ?? 0; i < shards.Length && page.Count < max; i++)
        {
            var (seats, seatCount) = (shards[i].Seats, shards[i].SeatCount);
            var first = after is { } cursor && cursor.Shard == i ? seats.SeatAfter(cursor.Number, seatCount) : new ContactIndex(0);
            page.AddRange(shards[i].Of(segment).From(first).Take(max - page.Count).Select(seat => new MemberSeat(seats[seat].Contact, i, seats[seat].Number)));
        }

        return page;
    }

    private static ContactIndex IndexOf(Seat seat) => new((int)seat.Place);
}
