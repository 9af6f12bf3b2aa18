using SegmentEngine.Evaluation;

namespace SegmentEngine.Memberships;

/// <summary>Who enters and who leaves a segment in one shard. Applying it twice changes nothing more.</summary>
public sealed record MembershipDelta(ContactSet Entered, ContactSet Left)
{
    public bool IsEmpty => Entered.Count + Left.Count == 0;

    public static MembershipDelta Between(ContactSet before, ContactSet after) =>
        ReferenceEquals(before, after) ? new(ContactSet.Empty, ContactSet.Empty) : new(Entered: after.Except(before), Left: before.Except(after));

    /// <summary>The members after the change.</summary>
    public ContactSet ApplyTo(ContactSet members) => members.Except(Left).Union(Entered);
}
