using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Columns that were changed piece by piece answer like columns built afresh, and like the interpreter.</summary>
public sealed class IncrementalTests
{
    private const int Worlds = 30;
    private const int Rounds = 6;
    private const int ChangesEach = 25;
    private const int SeatsMost = 140;

    [Fact]
    public void Columns_that_changed_answer_like_fresh_ones() => Dice.Throw(Worlds, dice =>
    {
        var world = new RandomWorld(dice);
        var asked = world.Case(rules: 10, people: 20);
        var state = new State(asked);
        var shard = new Shard(asked, state.Seats);
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < ChangesEach; i++)
            {
                Change(dice, world, state, shard.Columns);
            }

            if (dice.Chance(30))
            {
                // Another plan comes and goes: its columns are filled beside those that are held.
                var other = RulePlan.Of(world.Case(rules: 3, people: 0).Rules);
                shard.Columns.Extend(other, state.Contacts(), state.Events());
                Assert.True(shard.Columns.Holds(other));
            }

            if (dice.Chance(30))
            {
                // One that is given up half-way leaves nothing behind.
                var other = RulePlan.Of(world.Case(rules: 3, people: 0).Rules);
                var held = shard.Columns.Holds(other);
                var contacts = dice.Chance(50) ? state.Contacts() : Broken(state.Contacts());
                _ = Assert.Throws<IOException>(() => shard.Columns.Extend(other, contacts, Broken(state.Events())));
                Assert.Equal(held, shard.Columns.Holds(other));
            }

            if (dice.Chance(30))
            {
                shard.Columns.TrimTo(shard.Plan);
            }

            var now = asked with { Now = world.Now.Plus(TimeSpan.FromHours(dice.From(-50, 50))), People = state.People, Outside = asked.Outside.ToImmutableDictionary(static pair => pair.Key, pair => state.MembersOf(pair.Key)) };
            Assert.Equal(state.Seats.Length, shard.Columns.Count);
            Assert.Empty(shard.Now(now, state.Seats).Disagreements(Engines.Reference(now)));
            var fresh = new Shard(now, state.Seats).Evaluator.Run(now.Now, shard.Now(now, state.Seats).Members);
            var changed = shard.Evaluator.Run(now.Now, shard.Now(now, state.Seats).Members);
            Assert.Equal(fresh.Rules.Select(static rule => (rule.Segment, rule.Members)), changed.Rules.Select(static rule => (rule.Segment, rule.Members)));
        }
    });

    private static IEnumerable<T> Broken<T>(IEnumerable<T> stream)
    {
        var all = stream.ToList();
        foreach (var item in all.Take(all.Count / 2))
        {
            yield return item;
        }

        throw new IOException("the stream broke");
    }

    private static void Change(Dice dice, RandomWorld world, State state, ShardColumns columns)
    {
        var seat = dice.Below(SeatsMost);
        switch (dice.Below(10))
        {
            case < 4:
                var person = world.Person();
                columns.Put(new(seat), person.Contact);
                state.Put(seat, person.Contact, isMember: dice.Chance(40));
                break;
            case < 8 when state.Seats.Length > 0:
                var (known, happened) = (dice.Pick(state.Seats), world.Event());
                columns.Add(new(known), state.Add(known, happened));
                break;
            case 8:
                columns.Remove(new(seat));
                state.Remove(seat);
                break;
            default:
                if (state.Seats.Length > 0)
                {
                    var gone = dice.Pick(state.Seats);
                    columns.Remove(new(gone));
                    state.Remove(gone);
                }

                break;
        }
    }

    /// <summary>What should be in the columns, kept as plainly as can be. An event's sequence is its place in the order of arrival.</summary>
    private sealed class State
    {
        private readonly SortedDictionary<int, (Contact Contact, List<ContactEvent> Events, bool IsMember)> people = [];
        private int arrived = 1_000;

        public State(Case asked)
        {
            for (var i = 0; i < asked.People.Length; i++)
            {
                people.Add(i * 3, (asked.People[i].Contact, [.. Engines.InOrder(asked.People[i])], i % 2 == 0));
            }
        }

        public int[] Seats => [.. people.Keys];

        public ImmutableArray<Person> People => [.. people.Values.Select(static person => new Person(person.Contact, [.. person.Events]))];

        public ImmutableArray<bool> MembersOf(SegmentId segment) => [.. people.Values.Select(person => person.IsMember ^ (segment.Value.ToByteArray()[0] % 2 == 0))];

        public IEnumerable<(ContactIndex, Contact)> Contacts() => people.Select(static person => (new ContactIndex(person.Key), person.Value.Contact));

        public IEnumerable<(ContactIndex, ContactEvent)> Events() => people.SelectMany(static person => person.Value.Events.Select(happened => (new ContactIndex(person.Key), happened)));

        public void Put(int seat, Contact contact, bool isMember) =>
            people[seat] = people.TryGetValue(seat, out var before) ? (contact, before.Events, before.IsMember) : (contact, [], isMember);

        public ContactEvent Add(int seat, ContactEvent happened)
        {
            var numbered = happened with { Sequence = arrived++ };
            people[seat].Events.Add(numbered);
            return numbered;
        }

        public void Remove(int seat) => people.Remove(seat);
    }
}
