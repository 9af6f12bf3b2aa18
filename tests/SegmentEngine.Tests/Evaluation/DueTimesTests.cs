using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;

namespace SegmentEngine.Tests.Evaluation;

public sealed class DueTimesTests
{
    private const int Rounds = 40;
    private const int StepsEach = 60;
    private const int Crowd = 25_000;

    private static readonly Instant start = Some.At("2024-05-15T12:00:00Z");

    [Fact]
    public void Whoever_is_due_is_found_and_nobody_else() => Dice.Throw(Rounds, dice =>
    {
        var due = new DueTimes();
        var plain = new Dictionary<int, Instant>();
        var now = start;
        for (var step = 0; step < StepsEach; step++)
        {
            for (var i = dice.Below(20); i > 0; i--)
            {
                var (seat, at) = (dice.Below(300), dice.Chance(10) ? Instant.MaxValue : now.Plus(TimeSpan.FromSeconds(dice.From(-5, dice.Chance(50) ? 30 : 5_000_000))));
                due.Set(new(seat), at);
                plain[seat] = at;
            }

            now = now.Plus(TimeSpan.FromSeconds(dice.Chance(80) ? dice.Below(20) : dice.Below(1_000_000)));
            Assert.Equal(plain.Values.DefaultIfEmpty(Instant.MaxValue).Min(), due.Next);
            var found = due.At(now)!.Select(static contact => contact.Value).Order().ToList();
            Assert.Equal(plain.Where(pair => pair.Value <= now).Select(static pair => pair.Key).Order(), found);

            // Some are looked at, some are left for the next time.
            foreach (var seat in found.Where(_ => dice.Chance(80)))
            {
                plain[seat] = now.Plus(TimeSpan.FromSeconds(dice.From(1, 100_000)));
                due.Set(new(seat), plain[seat]);
            }
        }
    });

    [Fact]
    public void A_crowd_is_due_as_a_whole_and_one_before_it_alone()
    {
        var midnight = Some.At("2024-05-16T00:00:00Z");
        var due = new DueTimes();
        for (var seat = 0; seat < Crowd; seat++)
        {
            due.Set(new(seat), midnight);
        }

        Assert.Equal(midnight, due.Next);
        Assert.Empty(due.At(start)!);
        due.Set(new(7), start.Plus(TimeSpan.FromHours(1)));
        Assert.Equal(start.Plus(TimeSpan.FromHours(1)), due.Next);
        Assert.Equal([new ContactIndex(7)], due.At(due.Next)!);
        due.Set(new(7), Instant.MaxValue);
        Assert.Equal(midnight, due.Next);
        Assert.Null(due.At(midnight));
    }

    [Fact]
    public void Nobody_is_due_where_nothing_was_set()
    {
        var due = new DueTimes();
        Assert.Equal(Instant.MaxValue, due.Next);
        Assert.Empty(due.At(start)!);
        due.Set(new(3), Instant.MaxValue);
        Assert.Equal((Instant.MaxValue, Instant.MaxValue), (due.Next, due.Of(new(3))));
        due.Set(new(3), start);
        Assert.Equal((start, start), (due.Next, due.Of(new(3))));
    }
}
