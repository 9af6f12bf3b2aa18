using SegmentEngine.Evaluation;

namespace SegmentEngine.Tests.Evaluation;

public class MembershipRowsTests
{
    private const int Slots = 130;
    private const int Contacts = 140_000;

    [Fact]
    public void Rows_say_what_the_sets_say_after_any_changes_and_a_view_stays_as_it_was() => Dice.Throw(3, static dice =>
    {
        var rows = new MembershipRows();
        var sets = Enumerable.Repeat(ContactSet.Empty, Slots).ToArray();
        var views = new List<(MembershipRows.View View, ContactSet[] Sets)>();
        for (var step = 0; step < 60; step++)
        {
            for (var change = dice.Below(6); change >= 0; change--)
            {
                var slot = dice.Below(Slots);
                var after = dice.Below(4) switch
                {
                    0 => ContactSet.Empty,
                    1 => ContactSet.Of(Enumerable.Range(0, Contacts).Where(contact => contact % (slot + 2) == 0).Select(static contact => new ContactIndex(contact))),
                    2 => sets[slot].With(new(dice.Below(Contacts))),
                    _ => sets[slot].FirstOrDefault() is var first ? sets[slot].Without(first) : sets[slot],
                };
                rows.Change(slot, sets[slot], after);
                sets[slot] = after;
            }

            if (dice.Below(3) == 0)
            {
                var leaver = new ContactIndex(dice.Below(Contacts));
                sets = [.. sets.Select(set => set.Without(leaver))];
                rows.Clear(leaver);
            }

            views.Add((rows.Now(), [.. sets]));
        }

        var row = new ulong[(Slots + 63) / 64];
        foreach (var (view, held) in views)
        {
            for (var i = 0; i < 200; i++)
            {
                var contact = new ContactIndex(i < 20 ? dice.Below(Contacts + 1_000) : dice.Below(1_000));
                row.AsSpan().Clear();
                view.Read(contact, row.AsSpan(0, view.Words));
                for (var slot = 0; slot < Slots; slot++)
                {
                    var expected = held[slot].Contains(contact);
                    Assert.True(expected == view.Contains(slot, contact) && expected == (((row[slot / 64] >> (slot % 64)) & 1) != 0), $"contact {contact}, slot {slot}");
                }
            }
        }
    });

    [Fact]
    public void What_was_never_heard_of_is_in_nothing()
    {
        var rows = new MembershipRows();
        Assert.False(rows.Now().Contains(0, new(0)));
        rows.Change(70, ContactSet.Empty, ContactSet.Of([new(300)]));
        Assert.Equal(2, rows.Now().Words);
        Assert.True(rows.Now().Contains(70, new(300)));
        Assert.False(rows.Now().Contains(70, new(299)));
        Assert.False(rows.Now().Contains(70, new(1_000_000)));
        Assert.False(rows.Now().Contains(5, new(300)));
        Assert.False(rows.Now().Contains(1_000, new(300)));
    }
}
