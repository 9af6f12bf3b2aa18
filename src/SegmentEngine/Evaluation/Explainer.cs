using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>Explains the answer of a rule for one contact: the interpreter says what is, the compiled predicates of the same conditions say when it will be otherwise.</summary>
public sealed class Explainer
{
    /// <summary>Instants looked at before the future is left alone: an anniversary is looked at day by day, a busy contact's window event by event.</summary>
    public const int StepsMax = 2_000;

    private static readonly ContactIndex seat = new(0);

    private readonly Contact contact;
    private readonly IReadOnlyList<ContactEvent> events;
    private readonly Instant now;
    private readonly Func<SegmentId, bool?> membership;
    private readonly List<(string Path, CheckedRule Rule)> leaves;
    private readonly Dictionary<string, int> places;
    private readonly List<Node> nodes = [];

    private Explainer(CheckedRule rule, Contact contact, IReadOnlyList<ContactEvent> events, Instant now, Func<SegmentId, bool?> membership)
    {
        (this.contact, this.events, this.now, this.membership) = (contact, events, now, membership);
        leaves = [.. rule.Conditions];
        places = leaves.Select(static (leaf, i) => (leaf.Path, i)).ToDictionary(static leaf => leaf.Path, static leaf => leaf.i, StringComparer.Ordinal);
    }

    /// <summary>Why the rule gives the answer it gives.</summary>
    /// <param name="rule">The rule, with the schema, zone and segments it was checked against.</param>
    /// <param name="contact">The contact asked about.</param>
    /// <param name="events">What this contact did, in any order.</param>
    /// <param name="now">The time at which to ask.</param>
    /// <param name="membership">Whether the contact is in another segment; null while that has no members to read.</param>
    public static Explanation Explain(CheckedRule rule, Contact contact, IReadOnlyList<ContactEvent> events, Instant now, Func<SegmentId, bool?> membership)
    {
        var explainer = new Explainer(rule, contact, events, now, membership);
        var root = explainer.Walk(rule.Condition, "$");
        explainer.LookAhead();
        return explainer.Tell(root);
    }

    /// <summary>A condition on the way to its explanation.</summary>
    private sealed class Node(Condition condition, string path, ImmutableArray<Node> parts, int leaf)
    {
        public Condition Condition { get; } = condition;
        public string Path { get; } = path;
        public ImmutableArray<Node> Parts { get; } = parts;

        /// <summary>The leaf's place, or −1.</summary>
        public int Leaf { get; } = leaf;
        public Truth Truth { get; set; }
        public Instant? NextChange { get; set; }
        public Truth NextTruth { get; set; }
        public Instant? ForeseenUntil { get; set; }

        public Truth Of(ReadOnlySpan<Truth> leaves)
        {
            switch (Condition)
            {
                case Condition.AllOf:
                    var all = Parts.IsEmpty ? Truth.Unknown : Truth.True;
                    foreach (var part in Parts)
                    {
                        all = Kleene.And(all, part.Of(leaves));
                    }

                    return all;
                case Condition.AnyOf:
                    var any = Parts.IsEmpty ? Truth.Unknown : Truth.False;
                    foreach (var part in Parts)
                    {
                        any = Kleene.Or(any, part.Of(leaves));
                    }

                    return any;
                case Condition.Negation:
                    return Kleene.Not(Parts[0].Of(leaves));
                case Condition.Group:
                    return Parts[0].Of(leaves);
                default:
                    return leaves[Leaf];
            }
        }
    }

    private Node Walk(Condition condition, string path)
    {
        ImmutableArray<Node> parts = condition switch
        {
            Condition.AllOf all => [.. all.Of.Select((part, i) => Walk(part, $"{path}.and[{i}]"))],
            Condition.AnyOf any => [.. any.Of.Select((part, i) => Walk(part, $"{path}.or[{i}]"))],
            Condition.Negation not => [Walk(not.Of, $"{path}.not")],
            Condition.Group group => [Walk(group.Node, $"{path}.node")],
            _ => [],
        };
        var node = new Node(condition, path, parts, parts.IsEmpty && places.TryGetValue(path, out var leaf) ? leaf : -1);
        nodes.Add(node);
        return node;
    }

    /// <summary>From now on, from one instant to the next at which some condition may change, until every node has changed once or nothing changes any more.</summary>
    private void LookAhead()
    {
        // Each leaf is a rule of its own here, under an id that none of them refers to.
        var referred = leaves.SelectMany(static leaf => leaf.Rule.Reads.Segments).ToHashSet();
        var ids = Enumerable.Range(1, leaves.Count + referred.Count).Select(static i => new SegmentId(new Guid(i, 0, 0, new byte[8]))).Where(id => !referred.Contains(id));
        var plan = RulePlan.Of(leaves.Zip(ids, static (leaf, id) => (id, leaf.Rule)));
        var columns = new ShardColumns();
        columns.Extend(plan, [(seat, contact)], events.Select(static happened => (seat, happened)));
        if (!columns.Has(seat))
        {
            columns.Put(seat, contact);
        }

        var evaluator = new ShardEvaluator(plan, columns);
        var truths = new Truth[leaves.Count];
        ContactSet? Members(SegmentId segment) => membership(segment) is { } member ? member ? ContactSet.Of([seat]) : ContactSet.Empty : null;

        for (var i = 0; i < leaves.Count; i++)
        {
            truths[i] = Interpreter.Evaluate(leaves[i].Rule, contact, events, now, membership);
        }

        nodes.ForEach(node => node.Truth = node.Of(truths));
        var at = now;
        for (var steps = 0; ; steps++)
        {
            var contacts = evaluator.At(at, Members);
            if (at != now)
            {
                contacts.Ask(seat, truths);
                foreach (var node in nodes.Where(static node => node.NextChange is null))
                {
                    if (node.Of(truths) is var truth && truth != node.Truth)
                    {
                        (node.NextChange, node.NextTruth) = (at, truth);
                    }
                }
            }

            var next = contacts.NextChange(seat);
            if (next == Instant.MaxValue || nodes.TrueForAll(static node => node.NextChange is not null))
            {
                return;
            }

            if (steps == StepsMax)
            {
                nodes.FindAll(node => node.NextChange is null && ReadsClock(node)).ForEach(node => node.ForeseenUntil = at);
                return;
            }

            at = next;
        }
    }

    private bool ReadsClock(Node node) => node.Leaf < 0 ? node.Parts.Any(ReadsClock) : leaves[node.Leaf].Rule.Reads.Clock;

    private Explanation Tell(Node node)
    {
        var (seen, reason) = node.Condition is Condition.Leaf and not Condition.Group ? Interpreter.Look((Condition.Leaf)node.Condition, leaves[node.Leaf].Rule.Context, contact, events, now, membership) : default;
        return new()
        {
            Path = node.Path,
            Condition = node.Condition,
            Truth = node.Truth,
            Seen = seen,
            Reason = reason,
            NextChange = node.NextChange,
            NextTruth = node.NextChange is null ? null : node.NextTruth,
            ForeseenUntil = node.ForeseenUntil,
            Parts = [.. node.Parts.Select(Tell)],
        };
    }
}
