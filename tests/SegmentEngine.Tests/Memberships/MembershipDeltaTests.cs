using SegmentEngine.Evaluation;
using SegmentEngine.Memberships;

namespace SegmentEngine.Tests.Memberships;

public class MembershipDeltaTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3 }, new[] { 2, 3, 70_000 })]
    [InlineData(new int[0], new[] { 0, 63, 64, 65_535, 65_536 })]
    [InlineData(new[] { 5 }, new int[0])]
    public void Applying_a_delta_gives_what_it_was_made_from_however_often(int[] before, int[] after)
    {
        var (was, now) = (Set(before), Set(after));
        var delta = MembershipDelta.Between(was, now);

        Assert.Equal(after.Except(before), delta.Entered.Select(contact => contact.Value));
        Assert.Equal(before.Except(after), delta.Left.Select(contact => contact.Value));
        Assert.Equal(after, delta.ApplyTo(was).Select(contact => contact.Value));
        Assert.Equal(after, delta.ApplyTo(delta.ApplyTo(was)).Select(contact => contact.Value));
    }

    [Fact]
    public void Nothing_changes_between_a_set_and_itself() => Assert.True(MembershipDelta.Between(Set([1, 2]), Set([1, 2])).IsEmpty);

    private static ContactSet Set(int[] contacts) => ContactSet.Of(contacts.Select(contact => new ContactIndex(contact)));
}
