using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Gating;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Gating;

/// <summary>What age does to a gate; the clock and the snapshot are set by hand.</summary>
public sealed class MessageGateTests
{
    private static readonly Instant now = Instant.From(new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private static readonly SegmentId segment = new(Guid.NewGuid());
    private static readonly FoundContact member = new(new(Guid.NewGuid()), new Seat(0, 0));
    private static readonly StoredAction action = new() { Id = Guid.NewGuid(), Name = "refund", IsRestricted = true, RestrictedToSegments = [segment] };
    private static readonly StoredInstruction instruction = new() { Id = Guid.NewGuid(), Title = "priority", Content = "be quick", IsRestricted = true, RestrictedToSegments = [segment] };

    [Theory]
    [InlineData(0, null)]
    [InlineData(120, null)]
    [InlineData(121, "stale")]
    public void Memberships_behind_beyond_the_limit_close_actions(int secondsBehind, string? reason)
    {
        Assert.Equal(reason, WhyNot(action, Snapshot(secondsBehind)));
        Assert.Equal(reason, WhyNot(instruction, Snapshot(secondsBehind)));
    }

    [Fact]
    public void Instructions_outlast_the_limit_where_the_setting_says_so_and_actions_do_not()
    {
        var options = new ServerOptions { InstructionsWhenStale = true };
        Assert.Equal("stale", WhyNot(action, Snapshot(secondsBehind: 121), options));
        Assert.Null(WhyNot(instruction, Snapshot(secondsBehind: 121), options));
    }

    [Fact]
    public void The_last_good_membership_of_a_segment_that_failed_is_as_old_as_it_is()
    {
        Assert.Null(WhyNot(action, Snapshot(0, Readiness.Failed, evaluatedSecondsAgo: 120)));
        Assert.Equal("stale", WhyNot(action, Snapshot(0, Readiness.Failed, evaluatedSecondsAgo: 121)));
    }

    [Fact]
    public void A_segment_that_is_building_admits_nobody_yet() =>
        Assert.Equal("building", WhyNot(action, Snapshot(0, Readiness.Building)));

    [Fact]
    public void A_contact_that_the_snapshot_does_not_know_yet_is_let_wait() =>
        Assert.Equal("building", WhyNot(action, Snapshot(0), contact: member with { Seat = null }));

    [Fact]
    public void What_is_restricted_to_nothing_that_exists_admits_nobody() =>
        Assert.Equal("segments_gone", WhyNot(action with { RestrictedToSegments = [] }, Snapshot(0)));

    private static string? WhyNot(StoredAction action, WorkspaceSnapshot snapshot, ServerOptions? options = null, FoundContact? contact = null)
    {
        var sheet = new GatedItemSet([action], [], []).For(snapshot.Shown);
        return new MessageGate(sheet, snapshot, contact ?? member, channel: null, now, options ?? new()).WhyNot(sheet.Actions.Single())?.Reason;
    }

    private static string? WhyNot(StoredInstruction instruction, WorkspaceSnapshot snapshot, ServerOptions? options = null)
    {
        var sheet = new GatedItemSet([], [instruction], []).For(snapshot.Shown);
        return new MessageGate(sheet, snapshot, member, channel: null, now, options ?? new()).WhyNot(sheet.Instructions.Single())?.Reason;
    }

    /// <summary>One contact, a member of one segment.</summary>
    private static EngineSnapshot Snapshot(int secondsBehind, Readiness readiness = Readiness.Ready, int evaluatedSecondsAgo = 0)
    {
        var slots = new SegmentSlots();
        var seats = new ContactSeats();
        var members = new ShardMembers(slots) { [1] = ContactSet.Of([seats.Take(1, member.Id)]) };
        var state = new SegmentState
        {
            Number = 1,
            Slot = slots.Of(1),
            Id = segment,
            Name = "pros",
            Definition = default,
            CreatedAt = now,
            UpdatedAt = now,
            RuleRevision = 1,
            Readiness = readiness,
            EvaluatedAt = now.Plus(TimeSpan.FromSeconds(-evaluatedSecondsAgo)),
        };
        return new([members.Now(seats)], new(), nextChange: now.Plus(TimeSpan.FromSeconds(-secondsBehind))) { Revision = 1, Shown = new([state]) };
    }
}
