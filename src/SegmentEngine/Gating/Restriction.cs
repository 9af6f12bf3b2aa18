using System.Collections.Immutable;

namespace SegmentEngine.Gating;

/// <summary>For whom a thing is meant: everyone, or the members of any of these segments. That it is restricted is said by a flag of its own, so that losing all its segments shuts it instead of opening it.</summary>
public sealed record Restriction(bool IsRestricted, ImmutableArray<SegmentId> ToMembersOfAny)
{
    public static readonly Restriction None = new(IsRestricted: false, ToMembersOfAny: []);

    public static Restriction To(params ReadOnlySpan<SegmentId> segments) => new(IsRestricted: true, ToMembersOfAny: [.. segments]);
}
