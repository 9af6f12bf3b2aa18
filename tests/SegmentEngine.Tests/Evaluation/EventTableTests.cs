using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using Xunit.Abstractions;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>The table of events against a plain list of them.</summary>
public sealed class EventTableTests(ITestOutputHelper output)
{
    private const string Beginning = "2024-01-01T00:00:00Z";

    private static readonly ValueSource[] sources =
    [
        new(ValueOrigin.Property, TraitPath.OfProperty("number"), new(TraitKind.Number)),
        new(ValueOrigin.Property, TraitPath.OfProperty("text"), new(TraitKind.Text)),
        new(ValueOrigin.Property, TraitPath.OfProperty("day"), new(TraitKind.Date)),
        new(ValueOrigin.Property, TraitPath.OfProperty("moment"), new(TraitKind.DateTime)),
    ];

    [Theory]
    [InlineData(30, 300, 20)]
    [InlineData(4, 3_000, 9_000)]
    [InlineData(2, 20_000, 400)]
    public void A_contacts_events_are_found_in_order_whatever_came_when(int histories, int steps, int seats)
    {
        output.WriteLine($"SEGMENT_SEED={Dice.FirstSeed}");
        Dice.Throw(histories, dice =>
        {
            var (table, twin) = (Table(), new Twin());
            var late = dice.Pick(0, 5, 100);
            var arrived = 0;
            for (var step = 0; step < steps; step++)
            {
                // Some histories come contact by contact, as a whole table is streamed.
                var seat = dice.Chance(late) ? dice.Below(seats) : (int)((long)step * seats / steps);
                if (dice.Chance(2))
                {
                    table.Remove(seat);
                    twin.Remove(seat);
                }
                else
                {
                    var happened = Event(dice, step, arrived++);
                    if (dice.Chance(50))
                    {
                        table.Add(seat, happened);
                    }
                    else
                    {
                        table.Load(seat, happened);
                    }

                    twin.Add(seat, happened);
                }

                if (dice.Below(steps) < 4)
                {
                    table.Settle();
                    twin.Check(table, seats, isSettled: true);
                }
            }

            twin.Check(table, seats, isSettled: false);
            table.Settle();
            twin.Check(table, seats, isSettled: true);
        });
    }

    [Fact]
    public void Removed_contacts_leave_no_memory_behind()
    {
        var dice = new Dice(7);
        var table = Table();
        for (var i = 0; i < 20_000; i++)
        {
            table.Add(i % 1_000, Event(dice, i, i));
        }

        var full = table.Bytes;
        for (var seat = 0; seat < 1_000; seat++)
        {
            table.Remove(seat);
        }

        Assert.InRange(table.Rows, 0, 2_100);
        Assert.InRange(table.Bytes, 0, full / 4);
        Assert.Equal(long.MaxValue, table.Upcoming(Instant.MinValue));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_event_takes_a_few_bytes(bool isInOrder)
    {
        const int events = 100_000;
        var dice = new Dice(11);
        var table = new EventTable();
        table.Properties.Add(sources[0]);
        for (var i = 0; i < events; i++)
        {
            table.Load(isInOrder ? i / 20 : i % 5_000, Some.Event("order", Beginning, $$"""{"number":{{dice.Below(1_000)}}}"""));
        }

        table.Pack();

        // Sixteen of time and order, eight of the number, an eighth of them for what comes next.
        Assert.InRange(table.Bytes, 24.0 * events, 28.0 * events);
    }

    private static EventTable Table()
    {
        var table = new EventTable();
        foreach (var source in sources)
        {
            table.Properties.Add(source);
        }

        return table;
    }

    /// <summary>A few instants, so that many are of one; every seventh property missing, some numbers finer than a double.</summary>
    private static ContactEvent Event(Dice dice, int step, int sequence)
    {
        var at = Some.At(Beginning).Plus(TimeSpan.FromMinutes((step / 3) - (dice.Chance(10) ? dice.Below(1_000) : 0)));
        string?[] written =
        [
            dice.Chance(85) ? $"\"number\":{(dice.Chance(5) ? "0.1000000000000000000001" : dice.Below(1_000).ToString(CultureInfo.InvariantCulture))}" : null,
            dice.Chance(85) ? $"\"text\":\"text {dice.Below(400)}\"" : null,
            dice.Chance(85) ? $"\"day\":\"2024-05-{dice.From(1, 31):00}\"" : null,
            dice.Chance(85) ? $"\"moment\":\"2024-05-{dice.From(1, 31):00}T00:00:00Z\"" : null,
        ];
        return new("order", at, sequence, Some.Json($"{{{string.Join(',', written.OfType<string>())}}}"));
    }

    private sealed class Twin
    {
        private readonly Dictionary<int, List<ContactEvent>> events = [];

        public void Add(int seat, ContactEvent happened)
        {
            events.TryAdd(seat, []);
            events[seat].Add(happened);
        }

        public void Remove(int seat) => events.Remove(seat);

        public void Check(EventTable table, int seats, bool isSettled)
        {
            for (var seat = 0; seat < seats; seat++)
            {
                var (first, end) = table.Run(seat);
                var rows = Enumerable.Range(first, end - first).Where(row => table.Ticks[row] >= 0).ToList();
                Assert.Equal(rows.Select(row => table.Ticks[row]).Order(), rows.Select(row => table.Ticks[row]));
                Assert.True(end == first || ((table.Present(seat >> 6) >> (seat & 63)) & 1) == 1);
                var waiting = new List<int>();
                for (var row = table.Latest(seat); row >= 0; row = table.Previous(row))
                {
                    waiting.Add(row);
                }

                Assert.True(waiting.Count == 0 || !isSettled);
                if (!isSettled)
                {
                    rows.AddRange(waiting);
                    rows.Sort((left, right) => EventTable.Compare(table, left, table, right));
                }

                var expected = events.GetValueOrDefault(seat, []).OrderBy(static happened => happened.At.Ticks).ThenBy(static happened => happened.Sequence).ToList();
                Assert.Equal(expected.Select(static happened => happened.At.Ticks), rows.Select(row => table.Ticks[row]));
                foreach (var source in sources)
                {
                    Assert.Equal(expected.Select(source.Read), rows.Select(row => table.Properties[source].Value(row)));
                }
            }

            var all = events.Values.SelectMany(static own => own).Select(static happened => happened.At.Ticks).ToList();
            var middle = Some.At(Beginning).Plus(TimeSpan.FromMinutes(50));
            Assert.Equal(all.Where(ticks => ticks > middle.Ticks).DefaultIfEmpty(long.MaxValue).Min(), table.Upcoming(middle));
        }
    }
}
