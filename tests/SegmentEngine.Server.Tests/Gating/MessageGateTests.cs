using System.Collections.Frozen;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Gating;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Gating;

/// <summary>What age does to a gate; the clock and the snapshot are set by hand.</summary>
public sealed class MessageGateTests
{
    private static readonly Instant now = Instant.From(new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private static readonly SegmentId segment = new(Guid.NewGuid());
    private static readonly FoundContact member = new(new(Guid.NewGuid()), new Seat(0, new(0)));
    private static readonly StoredAction action = new() { Id = Guid.NewGuid(), Name = "refund", IsRestricted = true, RestrictedToSegments = [segment] };
    private static readonly StoredInstruction instruction = new() { Id = Guid.NewGuid(), Title = "priority", Content = "be quick", IsRestricted = true, RestrictedToSegments = [segment] };

    [Theory]
    [InlineData(0, null)]
    [InlineData(120, null)]
    [InlineData(121, "stale")]
    public void Memberships_behind_beyond_the_limit_close_actions(int secondsBehind, string? reason)
    {
        Assert.Equal(reason, GateOf(Snapshot(secondsBehind), new()).WhyNot(action));
        Assert.Equal(reason, GateOf(Snapshot(secondsBehind), new()).WhyNot(instruction));
    }

    [Fact]
    public void Instructions_outlast_the_limit_where_the_setting_says_so_and_actions_do_not()
    {
        var gate = GateOf(Snapshot(secondsBehind: 121), new() { InstructionsWhenStale = true });
        Assert.Equal("stale", gate.WhyNot(action));
        Assert.Null(gate.WhyNot(instruction));
    }

    [Fact]
    public void The_last_good_membership_of_a_segment_that_failed_is_as_old_as_it_is()
    {
        Assert.Null(GateOf(Snapshot(0, Readiness.Failed, evaluatedSecondsAgo: 120), new()).WhyNot(action));
        Assert.Equal("stale", GateOf(Snapshot(0, Readiness.Failed, evaluatedSecondsAgo: 121), new()).WhyNot(action));
    }

    [Fact]
    public void A_segment_that_is_building_admits_nobody_yet() =>
        Assert.Equal("building", GateOf(Snapshot(0, Readiness.Building), new()).WhyNot(action));

    [Fact]
    public void A_contact_that_the_snapshot_does_not_know_yet_is_let_wait() =>
        Assert.Equal("building", new MessageGate(Snapshot(0), member with { Seat = null }, channel: null, FreshnessAt(new()), new()).WhyNot(action));

    [Fact]
    public void What_is_restricted_to_nothing_that_exists_admits_nobody() =>
        Assert.Equal("segments_gone", GateOf(Snapshot(0), new()).WhyNot(action with { RestrictedToSegments = [] }));

    private static MessageGate GateOf(WorkspaceSnapshot snapshot, ServerOptions options) => new(snapshot, member, channel: null, FreshnessAt(options), options);

    private static Freshness FreshnessAt(ServerOptions options) => new(new(), options, new StoppedClock(now.ToDateTimeOffset()));

    private static OneMember Snapshot(int secondsBehind, Readiness readiness = Readiness.Ready, int evaluatedSecondsAgo = 0)
    {
        var state = new SegmentState
        {
            Number = 1,
            Id = segment,
            Name = "pros",
            Definition = default,
            CreatedAt = now,
            UpdatedAt = now,
            RuleRevision = 1,
            Readiness = readiness,
            EvaluatedAt = now.Plus(TimeSpan.FromSeconds(-evaluatedSecondsAgo)),
        };
        return new(now.Plus(TimeSpan.FromSeconds(-secondsBehind)))
        {
            Revision = 1,
            Segments = [state],
            SegmentsById = new[] { state }.ToFrozenDictionary(each => each.Id),
        };
    }

    private sealed class OneMember(Instant? behindSince) : WorkspaceSnapshot
    {
        public override Instant? BehindSince => behindSince;

        public override bool TryFindSeat(ContactId contact, out Seat seat)
        {
            seat = member.Seat!.Value;
            return contact == member.Id;
        }

        public override bool IsMember(SegmentState segment, Seat seat) => true;

        public override long NumberOf(Seat seat) => 1;

        public override int Count(SegmentState segment) => 1;

        public override IEnumerable<SegmentState> SegmentsOf(Seat seat) => Segments;

        public override IReadOnlyList<MemberSeat> Members(SegmentState segment, (int Shard, long Number)? after, int max) => [new(member.Id, 0, 1)];
    }
}
