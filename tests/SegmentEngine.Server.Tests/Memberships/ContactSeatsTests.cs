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

    [Fact]
    public void Seats_are_those_a_dictionary_would_know_after_any_coming_and_going()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var ids = Enumerable.Range(0, 300).Select(_ => new ContactId(Guid.NewGuid())).ToArray();
        var byId = new Dictionary<ContactId, ContactIndex>();
        var present = new Dictionary<long, ContactIndex>();
        for (var number = 1L; number < 5_000; number++)
        {
            var id = random.Next(2) == 0 ? ids[random.Next(ids.Length)] : new(Guid.NewGuid());
            present[number] = byId[id] = seats.Take(number, id);
            if (random.Next(3) == 0)
            {
                var (gone, seat) = present.ElementAt(random.Next(present.Count));
                seats.Leave(gone);
                _ = present.Remove(gone);
                if (byId.TryGetValue(seats[seat].Contact, out var held) && held == seat)
                {
                    _ = byId.Remove(seats[seat].Contact);
                }
            }
        }

        foreach (var id in ids.Concat(byId.Keys))
        {
            Assert.True(seats.TryFind(id, out var seat) == byId.TryGetValue(id, out var expected) && seat == expected, $"seed {seed}, {id}");
        }

        for (var number = 0L; number < 5_010; number++)
        {
            Assert.True(seats.TryFind(number, out _) == present.ContainsKey(number), $"seed {seed}, {number}");
        }
    }

    [Fact]
    public async Task Who_sits_is_found_while_others_come()
    {
        var ids = Enumerable.Range(0, 200_000).Select(static _ => new ContactId(Guid.NewGuid())).ToArray();
        var seated = 0;
        var misses = 0;
        var reading = Task.Run(() =>
        {
            var random = new Random(1);
            while (Volatile.Read(ref seated) is var count && count < ids.Length)
            {
                for (var i = 0; i < 100 && count > 0; i++)
                {
                    var asked = random.Next(count);
                    misses += seats.TryFind(ids[asked], out var seat) && seat.Value == asked ? 0 : 1;
                }
            }
        });
        for (var i = 0; i < ids.Length; i++)
        {
            _ = seats.Take(i + 1, ids[i]);
            Volatile.Write(ref seated, i + 1);
        }

        await reading;
        Assert.Equal(0, misses);
    }
}
