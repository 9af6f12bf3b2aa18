namespace SegmentEngine.Gating;

/// <summary>Decides who may pass a restriction. Not restricted: everyone. Restricted: a member of at least one listed segment that exists and is fresh enough. Nothing unknown opens it.</summary>
/// <param name="BehindMax">A membership further behind its data than this opens nothing; null: however old, it counts.</param>
public sealed record Gate(TimeSpan? BehindMax)
{
    public static readonly TimeSpan BehindMaxDefault = TimeSpan.FromSeconds(120);

    /// <summary>For nobody in particular.</summary>
    public static GateDecision DecideForAnonymous(Restriction restriction) =>
        new(restriction.IsRestricted ? GateReason.Anonymous : GateReason.Unrestricted);

    /// <summary>For one contact, whose standing to a segment is asked for only where it matters.</summary>
    public GateDecision Decide(Restriction restriction, Func<SegmentId, StandingSeen> standing) =>
        restriction.IsRestricted ? DecideRestricted(restriction.ToMembersOfAny.AsSpan(), new Asked(standing)) : new(GateReason.Unrestricted);

    /// <summary>For one contact and a thing that is meant for the members of any of these segments, by whatever the caller knows them.</summary>
    public GateDecision DecideRestricted<TSegment, TStandings>(ReadOnlySpan<TSegment> toMembersOfAny, TStandings standings)
        where TStandings : IStandings<TSegment>, allows ref struct
    {
        // The reason is the nearest the contact came to passing, so that it does not hang on the order of the list.
        var reason = GateReason.SegmentsGone;
        foreach (ref readonly var segment in toMembersOfAny)
        {
            var seen = standings.See(in segment);
            if (seen.Standing == Standing.Member && IsFresh(seen))
            {
                return new(GateReason.Member);
            }

            reason = Nearer(reason, seen.Standing);
        }

        return new(reason);
    }

    private bool IsFresh(StandingSeen seen) => BehindMax is not { } max || seen.Behind <= max;

    private static GateReason Nearer(GateReason reason, Standing standing)
    {
        var other = standing switch
        {
            Standing.Gone => GateReason.SegmentsGone,
            Standing.Building => GateReason.Building,
            Standing.NotMember => GateReason.NotMember,
            Standing.Member => GateReason.Stale,
            _ => throw new ArgumentOutOfRangeException(nameof(standing), standing, "no such standing"),
        };
        return Rank(other) > Rank(reason) ? other : reason;
    }

    private static int Rank(GateReason reason) => reason switch
    {
        GateReason.Stale => 3,
        GateReason.Building => 2,
        GateReason.NotMember => 1,
        _ => 0,
    };

    private readonly struct Asked(Func<SegmentId, StandingSeen> standing) : IStandings<SegmentId>
    {
        public StandingSeen See(in SegmentId segment) => standing(segment);
    }
}
