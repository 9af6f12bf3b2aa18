using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using Xunit.Abstractions;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Memberships that are followed change by change, through moves of the clock and restarts, are those that a whole run finds.</summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int Histories = 2_000;
    private const int RulesEach = 6;
    private const int PeopleFirst = 6;
    private const int SeatsMost = 12;
    private const int StepsMost = 8;

    private static readonly TimeSpan[] moves =
    [
        TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), TimeSpan.FromHours(11), TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(31), TimeSpan.FromDays(370),
    ];

    [Fact]
    public void Followed_memberships_are_those_of_a_whole_run()
    {
        output.WriteLine($"SEGMENT_SEED={Dice.FirstSeed}");
        var (changes, turns, byTime, restarts) = (0, 0, 0, 0);
        Dice.Throw(Histories, dice =>
        {
            var world = new RandomWorld(dice, clock: dice.Chance(40));
            var history = new History(dice, world);
            for (var step = dice.From(3, StepsMost); step > 0; step--)
            {
                switch (dice.Below(10))
                {
                    case < 5:
                        changes++;
                        turns += history.Change();
                        break;
                    case < 9:
                        byTime += history.Move(dice.Pick(moves));
                        break;
                    default:
                        restarts++;
                        history.Restart();
                        break;
                }

                history.Check();
            }
        });

        output.WriteLine($"{Histories} histories: {changes} batches of changes turned {turns} memberships, the clock {byTime}; {restarts} restarts");
        Assert.True(turns > Histories && byTime > Histories / 10 && restarts > Histories / 10, "the histories hardly change anything");
    }

    /// <summary>A shard as the server's engine keeps it: columns, the members so far, and when who is due.</summary>
    private sealed class History
    {
        private readonly Dice dice;
        private readonly RandomWorld world;
        private readonly Case asked;
        private readonly Dictionary<int, (Contact Contact, List<ContactEvent> Events)> people = [];
        private readonly Dictionary<SegmentId, ContactSet> sets;
        private readonly MembershipRows rows = new();
        private Shard shard;
        private DueTimes due = new();
        private Instant now;
        private int arrived = 1_000;
        private string last = "";

        public History(Dice dice, RandomWorld world)
        {
            (this.dice, this.world) = (dice, world);
            asked = world.Case(RulesEach, people: 0);
            now = asked.Now;
            for (var seat = 0; seat < PeopleFirst; seat++)
            {
                var person = world.Person();
                people[seat * 2] = (person.Contact, [.. Engines.InOrder(person)]);
            }

            shard = Loaded();
            sets = shard.Plan.Segments.ToDictionary(static segment => segment, static _ => ContactSet.Empty);
            Begin();
        }

        private int[] Slots => [.. shard.Plan.Segments.Select((_, slot) => slot)];

        /// <summary>Changes some contacts; answers with how many memberships turned.</summary>
        public int Change()
        {
            last = "a change";
            var follower = new ContactFollower(shard.Evaluator);
            var seats = Enumerable.Range(0, dice.From(1, 4)).Select(_ => dice.Below(SeatsMost)).Distinct().ToList();
            var gone = seats.Where(seat => people.ContainsKey(seat) && dice.Chance(10)).ToList();
            foreach (var seat in seats.Except(gone))
            {
                // As the engine: who turned up late is new, and who is due is asked everything.
                var known = people.TryGetValue(seat, out var was);
                if (known && due.Of(new(seat)) > now)
                {
                    follower.Changing(new(seat));
                }
                else
                {
                    follower.Unseen(new(seat));
                }

                if (!known || dice.Chance(60))
                {
                    // A contact keeps its id.
                    var contact = known ? world.Person().Contact with { Id = was.Contact.Id } : world.Person().Contact;
                    people[seat] = (contact, known ? was.Events : []);
                    shard.Columns.Put(new(seat), contact);
                }

                foreach (var happened in Enumerable.Range(0, dice.Below(3)).Select(_ => world.Event() with { Sequence = arrived++ }))
                {
                    people[seat].Events.Add(happened);
                    shard.Columns.Add(new(seat), happened);
                    Assert.True(follower.Happened(new(seat), happened.Name));
                }
            }

            foreach (var seat in gone)
            {
                _ = people.Remove(seat);
                shard.Columns.Remove(new(seat));
                due.Set(new(seat), Instant.MaxValue);
                foreach (var (segment, set) in sets.ToList())
                {
                    Know(segment, set.Without(new(seat)));
                }
            }

            now = now.Plus(dice.Chance(50) ? TimeSpan.Zero : dice.Pick(moves));
            foreach (var late in seats.Except(gone).Where(seat => due.Of(new(seat)) <= now))
            {
                follower.Unseen(new(late));
            }

            return Take(follower);
        }

        /// <summary>Lets time pass and looks at who is due.</summary>
        public int Move(TimeSpan by)
        {
            last += $", a move by {by}";
            now = now.Plus(by);
            Assert.Equal(people.Keys.Where(seat => due.Of(new(seat)) <= now).Order(), due.At(now)!.Select(static contact => contact.Value).Order());
            var follower = new ContactFollower(shard.Evaluator);
            foreach (var contact in due.At(now)!)
            {
                follower.Unseen(contact);
            }

            return Take(follower);
        }

        /// <summary>All over from what is stored: the data and the members.</summary>
        public void Restart()
        {
            last = "a restart";
            shard = Loaded();
            due = new();
            Begin();
        }

        public void Check()
        {
            _ = Move(TimeSpan.Zero);
            var fresh = Loaded().Evaluator.Run(now, static _ => null);
            foreach (var (segment, followed) in sets)
            {
                var expected = fresh[segment].Members;
                Assert.True(expected.Equals(followed), $"seats {string.Join(' ', expected.Except(followed))} should be in and {string.Join(' ', followed.Except(expected))} out, last {last}, at {now}, of {Rule(segment)}");
            }

        }

        private string Rule(SegmentId segment) => asked.Rules.FirstOrDefault(rule => rule.Segment == segment).Rule is { } rule ? RuleJson.Print(rule.Condition) : "a negation";

        private void Begin()
        {
            foreach (var rule in shard.Evaluator.Run(now, static _ => null).Rules)
            {
                Know(rule.Segment, rule.Members);
            }

            shard.Evaluator.SetDue(now, due);
        }

        private void Know(SegmentId segment, ContactSet members)
        {
            rows.Change(shard.Plan.IndexOf(segment), sets[segment], members);
            sets[segment] = members;
        }

        private int Take(ContactFollower follower)
        {
            var turns = follower.Follow(now, static _ => null, rows.Now(), Slots);
            foreach (var turn in turns)
            {
                Know(turn.Segment, sets[turn.Segment].Except(ContactSet.Of(turn.Left)).Union(ContactSet.Of(turn.Entered)));
            }

            var contacts = shard.Evaluator.At(now, static _ => null);
            foreach (var contact in follower.Contacts)
            {
                due.Set(contact, contacts.NextChange(contact));
            }

            return turns.Sum(static turn => turn.Entered.Count + turn.Left.Count);
        }

        private Shard Loaded()
        {
            var seats = people.Keys.Order().ToArray();
            var loaded = new Shard(asked, []);
            foreach (var seat in seats)
            {
                loaded.Columns.Put(new(seat), people[seat].Contact);
                foreach (var happened in people[seat].Events)
                {
                    loaded.Columns.Add(new(seat), happened);
                }
            }

            return loaded;
        }
    }
}
