using System.Collections.Concurrent;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>
/// The memberships as the last run of the program left them in the tables, for as long as the columns are loading. It says how old it is, so that nothing is opened by an answer that nobody can vouch for;
/// whoever wants a newer one waits. Of a segment that is not evaluated yet, whose rows may be half of one rule and half of another, nobody is a member.
/// </summary>
/// <param name="workspace">Whose.</param>
/// <param name="moment">Has the instant of its last evaluation.</param>
public sealed class StoredSnapshot(WorkspaceId workspace, MembershipMoment moment) : WorkspaceSnapshot, IDisposable
{
    private readonly ConcurrentDictionary<long, int> counts = [];

    /// <summary>Nobody knows what came after.</summary>
    public override Instant? BehindSince => EvaluatedAt;

    public override bool TryFindSeat(ContactId contact, out Seat seat)
    {
        var number = Ask(() => moment.Find(contact));
        seat = new(Shard: 0, number ?? 0);
        return number is not null;
    }

    public override bool IsMember(SegmentState segment, Seat seat) => segment.Readiness != Readiness.Building && Ask(() => moment.IsMember(segment.Number, seat.Place));

    public override ulong[] RowOf(Seat seat)
    {
        var segments = Ask(() => moment.SegmentsOf(seat.Place)).ToHashSet();
        var row = new ulong[(Segments.Select(static segment => segment.Slot + 1).DefaultIfEmpty().Max() + 63) / 64];
        foreach (var segment in Segments.Where(segment => segment.Readiness != Readiness.Building && segments.Contains(segment.Number)))
        {
            row[segment.Slot / 64] |= 1UL << (segment.Slot % 64);
        }

        return row;
    }

    public override long NumberOf(Seat seat) => seat.Place;

    public override int Count(SegmentState segment) => segment.Readiness == Readiness.Building ? 0 : counts.GetOrAdd(segment.Number, number => (int)Ask(() => moment.Count(number)));

    public override ContactId? AnyContact(Random random) => null;

    /// <exception cref="NotLoadedException">Always: the tables would be read through for it.</exception>
    public override long CountInAll(IReadOnlyList<SegmentState> segments) => throw new NotLoadedException(workspace);

    /// <exception cref="NotLoadedException">Always: pages of members have an order that the tables do not know.</exception>
    public override IReadOnlyList<MemberSeat> Members(SegmentState segment, (int Shard, long Number)? after, int max) => throw new NotLoadedException(workspace);

    public void Dispose() => moment.Dispose();

    /// <exception cref="NotLoadedException">The columns are there by now: who asks again is answered from them.</exception>
    private T Ask<T>(Func<T> question)
    {
        try
        {
            return question();
        }
        catch (ObjectDisposedException)
        {
            throw new NotLoadedException(workspace);
        }
    }
}
