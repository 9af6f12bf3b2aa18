using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// A plan bound to a shard's columns: answers for the whole shard as sets, or for one contact. Both give the same answers.
/// What it learns of distinct values it keeps for the next run, so hold on to it while the plan lasts. Not thread-safe.
/// </summary>
public sealed partial class ShardEvaluator : ISlotSource
{
    private readonly RulePlan plan;
    private readonly ShardColumns columns;
    private AtomTest[] tests = [];
    private PlanClasses classes = new();
    private int shape = -1;

    /// <param name="plan">What to evaluate.</param>
    /// <param name="columns">Over what; they must hold the plan when it runs.</param>
    public ShardEvaluator(RulePlan plan, ShardColumns columns)
    {
        this.plan = plan;
        this.columns = columns;
    }

    /// <summary>Evaluates rules over all contacts of the shard.</summary>
    /// <param name="now">The time of the answer.</param>
    /// <param name="members">The members of a segment outside of the plan; null while they are not known, which makes the condition UNKNOWN.</param>
    /// <param name="only">Some of the plan's segments; those they refer to are evaluated too, and are part of the result. Null for all.</param>
    /// <param name="cancel">Ends the run: it is asked between conditions, between blocks of contacts, and in a long condition every few thousand contacts.</param>
    /// <exception cref="InvalidOperationException">The columns do not hold what the plan reads.</exception>
    public PlanResult Run(Instant now, Func<SegmentId, ContactSet?> members, IEnumerable<SegmentId>? only = null, CancellationToken cancel = default)
    {
        try
        {
            return RunChosen(now, members, Chosen(only), cancel);
        }
        catch
        {
            // What a condition made for this run alone may be there still: the next one begins anew.
            shape = -1;
            throw;
        }
    }

    private PlanResult RunChosen(Instant now, Func<SegmentId, ContactSet?> members, List<int> rules, CancellationToken cancel)
    {
        var atoms = Begin(now, members, rules);
        foreach (var atom in atoms)
        {
            cancel.ThrowIfCancellationRequested();
            tests[atom].Gather(cancel);
        }

        var sets = Sets(rules, cancel);
        foreach (var atom in atoms)
        {
            cancel.ThrowIfCancellationRequested();
            tests[atom].Await(now);
        }

        var changes = Changes(rules, atom => tests[atom].NextChange(now));
        foreach (var atom in atoms)
        {
            tests[atom].Release();
        }

        return new([.. rules.Select((rule, i) => new RuleResult(plan.Rules[rule].Segment, sets[i], changes[i]))]);
    }

    /// <summary>From how many atoms on a column of numbers is classed; in tests, from the first.</summary>
    internal int RankedMin { get; init; } = PlanClasses.RankedMin;

    /// <summary>How many sets of a block are kept at once; in tests, few.</summary>
    internal int LotSlotsMax { get; init; } = 4_096;

    /// <summary>Some rules after the others, each lot over all blocks, so that what a lot keeps of a block stays in the cache however many rules there are.</summary>
    private List<ContactSet> Sets(List<int> rules, CancellationToken cancel)
    {
        var ownAtoms = OwnAtoms();
        var sets = new List<ContactSet>(rules.Count);
        for (var number = 0; sets.Count < rules.Count; number++)
        {
            var slots = new HashSet<int>();
            List<int> lot = [.. rules.Skip(sets.Count).TakeWhile((rule, i) =>
            {
                var fits = i == 0 || slots.Count + plan.Rules[rule].Clause.Slots.Count(slot => !slots.Contains(slot)) <= LotSlotsMax;
                slots.UnionWith(fits ? plan.Rules[rule].Clause.Slots : []);
                return fits;
            })];
            classes.Begin(number, lot.SelectMany(rule => plan.Rules[rule].Atoms).Distinct().Select(atom => (atom, tests[atom])), slots, RankedMin, keep: rules.Count == plan.Rules.Length);
            sets.AddRange(Sets(lot, slots, ownAtoms, cancel));

            // Later lots take the members of a rule for those of a segment that is evaluated already, as they are.
            foreach (var (rule, set) in lot.Zip(sets.TakeLast(lot.Count)).Where(pair => ownAtoms[pair.First] >= 0))
            {
                ((SetTest)tests[ownAtoms[rule]]).Members = set;
            }
        }

        return sets;
    }

    private List<ContactSet> Sets(List<int> rules, HashSet<int> slots, int[] ownAtoms, CancellationToken cancel)
    {
        var machine = new BlockMachine(slots, this);
        var terms = rules.ConvertAll(rule => machine.Ready(plan.Rules[rule].Clause));
        var chunks = rules.ConvertAll(_ => new SetChunk.Builder((columns.Words + SetChunk.Words - 1) / SetChunk.Words));
        for (var first = 0; first < columns.Words; first += machine.BlockWords)
        {
            cancel.ThrowIfCancellationRequested();
            var words = Math.Min(machine.BlockWords, columns.Words - first);
            machine.Begin(first, columns.Occupied.Slice(first, words));
            for (var i = 0; i < terms.Count; i++)
            {
                var into = chunks[i].Room(first, words);
                var any = machine.Evaluate(terms[i], into);
                if (ownAtoms[rules[i]] is >= 0 and var own)
                {
                    HandOn(machine, own, into);
                }

                if (any)
                {
                    chunks[i].Count(into);
                }
            }

            // A chunk is whole: it leaves the cache for the sets.
            var end = first + words;
            if (end % SetChunk.Words == 0 || end == columns.Words)
            {
                chunks.ForEach(chunk => chunk.Close(first / SetChunk.Words, ((end - 1) % SetChunk.Words) + 1));
            }
        }

        return chunks.ConvertAll(static set => ContactSet.FromChunks(set.Chunks));
    }

    /// <summary>Gives a rule's members to the rules that refer to it. Membership has two values: whoever is not a member is none for sure.</summary>
    private static void HandOn(BlockMachine machine, int atom, ReadOnlySpan<ulong> members)
    {
        if (machine.Has(Clause.TrueSlot(atom)))
        {
            machine.Put(Clause.TrueSlot(atom), members, inverted: false);
        }

        if (machine.Has(Clause.FalseSlot(atom)))
        {
            machine.Put(Clause.FalseSlot(atom), members, inverted: true);
        }
    }

    void ISlotSource.Fill(int slot, int firstWord, Span<ulong> bits)
    {
        if (classes.Of(slot) is { } classed)
        {
            classed.Fill(firstWord, bits);
        }
        else if ((slot & 1) == 0)
        {
            tests[slot >> 1].True(firstWord, bits);
        }
        else
        {
            tests[slot >> 1].False(firstWord, bits);
        }
    }

    double ISlotSource.Cost(int slot) => classes.Of(slot) is null ? tests[slot >> 1].Cost : 1;

    /// <summary>For each rule the atom that asks for its members, or −1.</summary>
    private int[] OwnAtoms()
    {
        var own = new int[plan.Rules.Length];
        own.AsSpan().Fill(-1);
        for (var i = 0; i < plan.Atoms.Length; i++)
        {
            if (plan.Atoms[i] is Atom.InSegment reference && plan.IndexOf(reference.Segment) is >= 0 and var rule)
            {
                own[rule] = i;
            }
        }

        return own;
    }

    /// <summary>The places of some rules and of all they refer to, in the plan's order.</summary>
    private List<int> Chosen(IEnumerable<SegmentId>? only)
    {
        if (only is null)
        {
            return [.. Enumerable.Range(0, plan.Rules.Length)];
        }

        var chosen = new SortedSet<int>();
        var open = new Stack<int>(only.Select(Place));
        while (open.TryPop(out var rule))
        {
            if (chosen.Add(rule))
            {
                foreach (var reference in plan.Rules[rule].References)
                {
                    open.Push(reference);
                }
            }
        }

        return [.. chosen];
    }

    private int Place(SegmentId segment) =>
        plan.IndexOf(segment) is >= 0 and var place ? place : throw new ArgumentException($"segment {segment} is not in the plan", nameof(segment));

    /// <summary>Makes the atoms of some rules ready for an instant; returns their numbers.</summary>
    private List<int> Begin(Instant now, Func<SegmentId, ContactSet?> members, List<int> rules)
    {
        Bind();
        contactsAt = null;
        List<int> atoms = [.. rules.SelectMany(rule => plan.Rules[rule].Atoms).Distinct()];
        foreach (var atom in atoms)
        {
            tests[atom].Begin(now);
            if (tests[atom] is SetTest set && plan.Atoms[atom] is Atom.InSegment { Segment: var segment } && plan.IndexOf(segment) < 0)
            {
                set.Members = members(segment);
            }
        }

        return atoms;
    }

    private void Bind()
    {
        if (shape == columns.Shape)
        {
            return;
        }

        if (!columns.Holds(plan))
        {
            throw new InvalidOperationException("the columns do not hold what the plan reads: extend them first");
        }

        var formulas = new Dictionary<(string Event, string Formula), RowFormula>();
        tests = [.. plan.Atoms.Select(atom => Test(atom, formulas))];
        classes = new();
        Compile();
        shape = columns.Shape;
    }

    private AtomTest Test(Atom atom, Dictionary<(string Event, string Formula), RowFormula> formulas)
    {
        return atom switch
        {
            Atom.Constant constant => new ConstantTest(constant.Value),
            Atom.IdIn ids => new IdTest(ids, columns.Ids),
            Atom.InSegment => new SetTest(),
            Atom.OfValue value => columns[value.Source].Test(value),
            Atom.EventCount count => new EventCountTest(count, Rows(count.Events), columns),
            Atom.EventEdge edge => new EventEdgeTest(edge, Rows(edge.Events), columns),
            Atom.EventAggregate aggregate => new EventAggregateTest(aggregate, Rows(aggregate.Events), columns),
            Atom.EventFrequency frequency => new EventFrequencyTest(frequency, Rows(frequency.Events), columns),
            Atom.EventLifecycle lifecycle => new EventLifecycleTest(lifecycle, Rows(lifecycle.Events), columns),
            Atom.EventSequence sequence => new EventSequenceTest(sequence, Rows(sequence.Steps), columns),
            Atom.TraitAge age => new TraitAgeTest(age, columns[age.Current.Source], Rows(age.History), columns),
            _ => throw new InvalidOperationException($"no way to evaluate {atom.GetType().Name}"),
        };

        EventRows Rows(EventSelection selection) => new([.. selection.Selectors.Select(Selector)], selection.Window);

        SelectorRows Selector(EventSelector selector, int number)
        {
            var table = columns.EventsOf(selector.Event);
            return new(table)
            {
                Number = number,
                Where = RowsWhere(selector.Where),
                Is = RowsWhere(selector.Is),
                Distinct = selector.Distinct is { } distinct ? table.Properties[distinct] : null,
                Of = selector.Number is { } of ? table.Properties[of] : null,
                Per = selector.Per is { } per ? table.Properties[per] : null,
                Carried = [.. selector.Carried.Select(source => table.Properties[source])],
            };

            RowFormula? RowsWhere(Formula? formula)
            {
                if (formula is null)
                {
                    return null;
                }

                if (!formulas.TryGetValue((selector.Event, formula.Key), out var shared))
                {
                    formulas.Add((selector.Event, formula.Key), shared = new(formula, table));
                }

                return shared;
            }
        }
    }

    /// <summary>For each rule the soonest change among its own atoms and the rules it refers to.</summary>
    private Instant[] Changes(List<int> rules, Func<int, Instant> ofAtom)
    {
        var atoms = new Dictionary<int, Instant>();
        var changes = new Dictionary<int, Instant>();
        foreach (var rule in rules)
        {
            var next = Instant.MaxValue;
            foreach (var atom in plan.Rules[rule].Atoms.Where(atom => plan.Atoms[atom].ReadsClock))
            {
                if (!atoms.TryGetValue(atom, out var own))
                {
                    atoms.Add(atom, own = ofAtom(atom));
                }

                next = own < next ? own : next;
            }

            foreach (var reference in plan.Rules[rule].References)
            {
                next = changes[reference] is var own && own < next ? own : next;
            }

            changes.Add(rule, next);
        }

        return [.. rules.Select(rule => changes[rule])];
    }
}

/// <summary>What a run over a shard found, a rule each in the plan's order.</summary>
public sealed class PlanResult
{
    private readonly Dictionary<SegmentId, RuleResult> bySegment;

    internal PlanResult(ImmutableArray<RuleResult> rules)
    {
        Rules = rules;
        bySegment = rules.ToDictionary(static rule => rule.Segment);
    }

    public ImmutableArray<RuleResult> Rules { get; }

    /// <summary>When something of it may change merely because time passes; <see cref="Instant.MaxValue"/>: never.</summary>
    public Instant NextChange => Rules.IsEmpty ? Instant.MaxValue : Rules.Min(static rule => rule.NextChange);

    public RuleResult this[SegmentId segment] => bySegment[segment];
}

/// <summary>One rule's members.</summary>
/// <param name="Segment">Whose rule it is.</param>
/// <param name="Members">The contacts for which it is TRUE.</param>
/// <param name="NextChange">No later than the first instant after now at which they may be others merely because time passes; <see cref="Instant.MaxValue"/>: never.</param>
public sealed record RuleResult(SegmentId Segment, ContactSet Members, Instant NextChange);
