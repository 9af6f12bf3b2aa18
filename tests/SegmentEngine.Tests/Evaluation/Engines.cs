using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Every way to run a rule, side by side.</summary>
internal static class Engines
{
    private static readonly SegmentId onlyRule = new(new Guid(int.MaxValue, 0, 0, new byte[8]));

    /// <summary>What all engines say of one person; that they say the same is asserted.</summary>
    public static Truth Answer(CheckedRule rule, Person person, Instant now, Func<SegmentId, bool?> membership)
    {
        var outside = rule.Reads.Segments.Where(segment => membership(segment) is not null).ToImmutableDictionary(static segment => segment, segment => ImmutableArray.Create(membership(segment)!.Value));
        var asked = new Case(now, [(onlyRule, rule)], [person], outside);
        return AllAgree(asked)[0][0];
    }

    /// <summary>What all engines say of some people; that they say the same is asserted, with the smallest case in which they do not.</summary>
    public static Truth[][] AllAgree(Case asked)
    {
        if (Disagreements(asked).Any())
        {
            Assert.Fail(Shrinker.Smallest(asked, Disagreements));
        }

        return Reference(asked);
    }

    /// <summary>What the interpreter says: of each rule, of each person.</summary>
    public static Truth[][] Reference(Case asked)
    {
        var answers = new Dictionary<SegmentId, Truth[]>();
        foreach (var (segment, rule) in asked.Rules)
        {
            answers[segment] = [.. asked.People.Select((person, i) => Interpreter.Evaluate(rule, person.Contact, InOrder(person), asked.Now, id => Membership(id, i)))];
        }

        return [.. asked.Rules.Select(rule => answers[rule.Segment])];

        bool? Membership(SegmentId id, int person) =>
            answers.TryGetValue(id, out var known) ? known[person] == Truth.True : asked.Outside.TryGetValue(id, out var members) ? members[person] : null;
    }

    /// <summary>Where an engine says something else than the interpreter.</summary>
    public static IEnumerable<Disagreement> Disagreements(Case asked) => new Shard(asked).Disagreements(Reference(asked));

    public static IReadOnlyList<ContactEvent> InOrder(Person person) => [.. person.Events.Select(static (happened, i) => happened with { Sequence = i })];
}

/// <param name="Rule">The place of the rule.</param>
/// <param name="Person">The place of the person.</param>
/// <param name="Engine">Which one, and what it was asked.</param>
internal sealed record Disagreement(int Rule, int Person, string Engine, string Says, Truth Reference)
{
    public override string ToString() => $"rule {Rule}, person {Person}: {Engine} says {Says}, the interpreter {Reference}";
}

/// <summary>The people of a case in the seats of a shard, and a plan of its rules, each with its negation so that what is FALSE shows as well.</summary>
internal sealed class Shard
{
    private readonly Case asked;
    private readonly int[] seats;

    public Shard(Case asked) : this(asked, [.. Enumerable.Range(0, asked.People.Length).Select(static i => 3 + (i * 5))])
    {
    }

    public Shard(Case asked, int[] seats)
    {
        (this.asked, this.seats) = (asked, seats);
        Plan = RulePlan.Of(asked.Rules.SelectMany(static rule => new[] { (rule.Segment, rule.Rule.Formula), (NegationOf(rule.Segment), new Formula.Negation(rule.Rule.Formula)) }));
        Columns = new();
        Columns.Extend(Plan, People(), Events());
        Evaluator = new(Plan, Columns);
        Ranked = new(Plan, Columns) { RankedMin = 1, LotSlotsMax = 5 };
    }

    private Shard(Case asked, int[] seats, Shard before) =>
        (this.asked, this.seats, Plan, Columns, Evaluator, Ranked) = (asked, seats, before.Plan, before.Columns, before.Evaluator, before.Ranked);

    public RulePlan Plan { get; }

    public ShardColumns Columns { get; }

    public ShardEvaluator Evaluator { get; }

    /// <summary>Classes every column that can be, as few as the atoms are that ask it.</summary>
    private ShardEvaluator Ranked { get; }

    /// <summary>The same columns, at another time or after the people in them changed.</summary>
    public Shard Now(Case asked, int[] seats) => new(asked, seats, this);

    public ContactIndex Seat(int person) => new(seats[person]);

    public IEnumerable<(ContactIndex, Contact)> People() => asked.People.Select((person, i) => (Seat(i), person.Contact));

    public IEnumerable<(ContactIndex, ContactEvent)> Events() => asked.People.SelectMany((person, i) => Engines.InOrder(person).Select(happened => (Seat(i), happened)));

    public ContactSet? Members(SegmentId segment) =>
        asked.Outside.TryGetValue(segment, out var members) ? ContactSet.Of(members.Select((member, i) => (member, i)).Where(static pair => pair.member).Select(pair => Seat(pair.i))) : null;

    public IEnumerable<Disagreement> Disagreements(Truth[][] reference)
    {
        var sets = Evaluator.Run(asked.Now, Members);
        var followed = Followed();
        var ranked = Ranked.Run(asked.Now, Members);
        var one = Evaluator.At(asked.Now, Members);
        for (var rule = 0; rule < reference.Length; rule++)
        {
            var segment = asked.Rules[rule].Segment;
            if (!ranked[segment].Members.Equals(sets[segment].Members) || !ranked[NegationOf(segment)].Members.Equals(sets[NegationOf(segment)].Members))
            {
                yield return new(rule, 0, "the set engine", "others where columns are classed", Truth.Unknown);
            }

            var (members, others) = (sets[segment].Members, sets[NegationOf(segment)].Members);
            for (var person = 0; person < asked.People.Length; person++)
            {
                var truth = reference[rule][person];
                var answer = one.Ask(Seat(person), segment);
                if (answer != truth)
                {
                    yield return new(rule, person, "the predicate", answer.ToString(), truth);
                }

                var (foundIn, foundOut) = (followed.GetValueOrDefault(segment)?.Contains(Seat(person)) == true, followed.GetValueOrDefault(NegationOf(segment))?.Contains(Seat(person)) == true);
                if (foundIn != (truth == Truth.True) || foundOut != (truth == Truth.False))
                {
                    yield return new(rule, person, "the contact machine", $"{(foundIn ? "member" : "no member")} and, of the negation, {(foundOut ? "member" : "no member")}", truth);
                }

                var (isIn, isOut) = (members.Contains(Seat(person)), others.Contains(Seat(person)));
                if (isIn != (truth == Truth.True) || isOut != (truth == Truth.False))
                {
                    yield return new(rule, person, "the set engine", $"{(isIn ? "member" : "no member")} and, of the negation, {(isOut ? "member" : "no member")}", truth);
                }
            }

            if (members.Count != reference[rule].Count(static truth => truth == Truth.True) || others.Count != reference[rule].Count(static truth => truth == Truth.False))
            {
                yield return new(rule, 0, "the set engine", "members where no contact is", Truth.Unknown);
            }
        }
    }

    /// <summary>Who enters when nothing is known of anybody.</summary>
    private Dictionary<SegmentId, List<ContactIndex>> Followed()
    {
        var follower = new ContactFollower(Evaluator);
        foreach (var seat in seats)
        {
            follower.Unseen(new(seat));
        }

        return follower.Follow(asked.Now, Members, new MembershipRows().Now(), [.. Enumerable.Range(0, Plan.Segments.Length)]).ToDictionary(static turn => turn.Segment, static turn => turn.Entered);
    }

    private static SegmentId NegationOf(SegmentId segment)
    {
        var bytes = segment.Value.ToByteArray();
        bytes[^1] ^= 0xFF;
        return new(new(bytes));
    }
}
