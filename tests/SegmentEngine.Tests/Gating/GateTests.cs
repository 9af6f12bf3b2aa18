using SegmentEngine.Gating;

namespace SegmentEngine.Tests.Gating;

public sealed class GateTests
{
    private static readonly SegmentId vip = new(Guid.NewGuid());
    private static readonly SegmentId trial = new(Guid.NewGuid());
    private static readonly Gate gate = new(Gate.BehindMaxDefault);

    [Fact]
    public void What_is_not_restricted_is_open_to_everyone()
    {
        Assert.Equal(GateReason.Unrestricted, gate.Decide(Restriction.None, _ => throw new InvalidOperationException("no segment matters here")).Reason);
        Assert.True(Gate.DecideForAnonymous(Restriction.None).IsOpen);
    }

    [Fact]
    public void What_is_restricted_is_open_to_a_member_of_any_listed_segment()
    {
        Assert.Equal(GateReason.Member, Decide(Restriction.To(trial, vip), (vip, Standing.Member), (trial, Standing.NotMember)));
        Assert.Equal(GateReason.NotMember, Decide(Restriction.To(trial), (vip, Standing.Member), (trial, Standing.NotMember)));
    }

    [Fact]
    public void R18_nobody_in_particular_passes_no_restriction() =>
        Assert.Equal(GateReason.Anonymous, Gate.DecideForAnonymous(Restriction.To(vip)).Reason);

    [Fact]
    public void A_restriction_whose_segments_are_gone_admits_nobody()
    {
        Assert.Equal(GateReason.SegmentsGone, Decide(Restriction.To(vip, trial)));
        Assert.Equal(GateReason.SegmentsGone, Decide(Restriction.To()));
    }

    [Fact]
    public void A_segment_that_is_gone_does_not_keep_out_members_of_another() =>
        Assert.Equal(GateReason.Member, Decide(Restriction.To(trial, vip), (vip, Standing.Member)));

    [Fact]
    public void A_segment_that_is_not_evaluated_yet_admits_nobody() =>
        Assert.Equal(GateReason.Building, Decide(Restriction.To(vip, trial), (vip, Standing.NotMember), (trial, Standing.Building)));

    [Theory]
    [InlineData(0, GateReason.Member)]
    [InlineData(120, GateReason.Member)]
    [InlineData(121, GateReason.Stale)]
    public void Membership_that_is_behind_for_too_long_opens_nothing(int seconds, GateReason reason) =>
        Assert.Equal(reason, gate.Decide(Restriction.To(vip), _ => new(Standing.Member, TimeSpan.FromSeconds(seconds))).Reason);

    [Fact]
    public void A_gate_without_a_limit_counts_membership_however_old() =>
        Assert.True(new Gate(BehindMax: null).Decide(Restriction.To(vip), _ => new(Standing.Member, TimeSpan.MaxValue)).IsOpen);

    private static GateReason Decide(Restriction restriction, params (SegmentId Segment, Standing Standing)[] standings) =>
        gate.Decide(restriction, segment => new(standings.FirstOrDefault(each => each.Segment == segment).Standing, TimeSpan.Zero)).Reason;
}
