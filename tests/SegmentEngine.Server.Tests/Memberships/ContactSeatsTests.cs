using SegmentEngine.Server.Memberships;

namespace SegmentEngine.Server.Tests.Memberships;

public class ContactSeatsTests
{
    private readonly ContactSeats seats = new();
    private readonly ContactId ada = new(Guid.NewGuid());

    [Fact]
    public void A_contact_keeps_its_seat()
    {
        var seat = seats.Take(7, ada);
        _ = seats.Take(8, new(Guid.NewGuid()));

        Assert.Equal(seat, seats.Take(7, ada));
        Assert.True(seats.TryFind(ada, out var byId));
        Assert.True(seats.TryFind(7, out var byNumber));
        Assert.Equal((seat, seat), (byId, byNumber));
        Assert.Equal(2, seats.Count);
    }

    [Fact]
    public void A_contact_that_left_is_found_by_nothing_and_its_seat_stays_empty()
    {
        var seat = seats.Take(7, ada);
        seats.Leave(7);

        Assert.False(seats.TryFind(ada, out _));
        Assert.False(seats.TryFind(7, out _));
        Assert.NotEqual(seat, seats.Take(9, new(Guid.NewGuid())));
        Assert.Equal(new(seat.Value + 1), seats.SeatAfter(7, seats.Count));
    }

    [Theory]
    [InlineData(0, 4, 0)]
    [InlineData(2, 4, 0)]
    [InlineData(4, 4, 1)]
    [InlineData(7, 4, 2)]
    [InlineData(10, 4, 3)]
    [InlineData(20, 4, 4)]
    [InlineData(6, 2, 2)]
    [InlineData(20, 2, 2)]
    [InlineData(7, 0, 0)]
    public void Behind_a_contact_that_went_before_the_load_sit_those_with_greater_numbers(long gone, int seatCount, int seat)
    {
        foreach (var number in new[] { 3, 5, 8, 13 })
        {
            _ = seats.Take(number, new(Guid.NewGuid()));
        }

        Assert.Equal(seat, seats.SeatAfter(gone, seatCount).Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_id_that_was_deleted_and_made_again_is_the_new_contact(bool newsOfTheNewOneFirst)
    {
        var old = seats.Take(7, ada);
        if (!newsOfTheNewOneFirst)
        {
            seats.Leave(7);
        }

        var made = seats.Take(12, ada);
        seats.Leave(7);

        Assert.NotEqual(old, made);
        Assert.True(seats.TryFind(ada, out var found));
        Assert.Equal(made, found);
        Assert.True(seats.TryFind(12, out _));
        Assert.False(seats.TryFind(7, out _));
    }

    [Fact]
    public void Seats_go_on_over_the_end_of_a_page()
    {
        for (var number = 0; number < 40_000; number++)
        {
            _ = seats.Take(number, new(Guid.NewGuid()));
        }

        Assert.Equal(39_999, seats[new(39_999)].Number);
        Assert.Equal(16_384, seats[new(16_384)].Number);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void Those_who_sit_here_are_found_among_many_numbers_and_among_few(int every)
    {
        var seats = new ContactSeats();
        for (var number = 10; number < 40_000; number += 2)
        {
            _ = seats.Take(number, new(Guid.NewGuid()));
        }

        var numbers = Enumerable.Range(0, 40_100).Where(number => number % every == 0).Select(static number => (long)number).ToList();
        Assert.Equal(numbers.Where(static number => number is >= 10 and < 40_000 && number % 2 == 0), seats.Among(numbers).Select(seat => seats[seat].Number));
        Assert.Empty(seats.Among([]));
    }
}
