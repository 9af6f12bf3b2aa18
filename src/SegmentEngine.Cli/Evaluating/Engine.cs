using System.Collections;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Segments;

namespace SegmentEngine.Cli.Evaluating;

/// <summary>The ways to run rules. All give the same answer.</summary>
internal enum Engine
{
    /// <summary>All contacts at once, over columns; conditions that rules share are computed once.</summary>
    Set,

    /// <summary>A contact at a time, by compiled predicates over the same columns.</summary>
    Contact,

    /// <summary>The interpreter, a rule and a contact at a time: slow and obvious.</summary>
    Reference,
}

internal static class Engines
{
    /// <summary>The seats of each rule's members.</summary>
    /// <param name="engine">How.</param>
    /// <param name="rules">Each after those it refers to.</param>
    /// <param name="contacts">By seat.</param>
    /// <param name="events">In the order of their lines; read once.</param>
    /// <param name="now">The time at which to ask.</param>
    public static IReadOnlyDictionary<SegmentId, BitArray> Run(
        this Engine engine, IReadOnlyList<SegmentRule> rules, IReadOnlyList<Contact> contacts, IEnumerable<(ContactIndex Seat, ContactEvent Happened)> events, Instant now) => engine switch
    {
        Engine.Set => Planned(rules, contacts, events, evaluator => evaluator.Run(now, static _ => null)),
        Engine.Contact => Planned(rules, contacts, events, evaluator => evaluator.RunOneByOne(now, static _ => null)),
        Engine.Reference => Interpreted(rules, contacts, events, now),
        _ => throw new InvalidOperationException($"no engine {engine}"),
    };

    private static Dictionary<SegmentId, BitArray> Planned(
        IReadOnlyList<SegmentRule> rules, IReadOnlyList<Contact> contacts, IEnumerable<(ContactIndex Seat, ContactEvent Happened)> events, Func<ShardEvaluator, PlanResult> run)
    {
        var plan = RulePlan.Of(rules.Select(static rule => (rule.Id, rule.Rule)));
        var columns = new ShardColumns();
        columns.Extend(plan, contacts.Select(static (contact, seat) => (new ContactIndex(seat), contact)), events);
        return run(new(plan, columns)).Rules.ToDictionary(static rule => rule.Segment, rule =>
        {
            var set = new BitArray(contacts.Count);
            foreach (var seat in rule.Members)
            {
                set[seat.Value] = true;
            }

            return set;
        });
    }

    private static Dictionary<SegmentId, BitArray> Interpreted(
        IReadOnlyList<SegmentRule> rules, IReadOnlyList<Contact> contacts, IEnumerable<(ContactIndex Seat, ContactEvent Happened)> events, Instant now)
    {
        var histories = contacts.Select(static _ => new List<ContactEvent>()).ToList();
        foreach (var (seat, happened) in events)
        {
            histories[seat.Value].Add(happened);
        }

        var members = new Dictionary<SegmentId, BitArray>();
        foreach (var rule in rules)
        {
            var set = new BitArray(contacts.Count);
            for (var seat = 0; seat < set.Length; seat++)
            {
                set[seat] = Interpreter.Evaluate(rule.Rule, contacts[seat], histories[seat], now, segment => members.TryGetValue(segment, out var of) ? of[seat] : null) == Truth.True;
            }

            members.Add(rule.Id, set);
        }

        return members;
    }
}
