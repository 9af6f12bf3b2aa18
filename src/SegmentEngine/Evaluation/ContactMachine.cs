using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// One contact against every rule of a plan, as <see cref="BlockMachine"/> is for a block of them. The conditions over a column are answered together from the state of its value;
/// the others, over events, the clock or other segments, when a rule first asks. Bound to the columns as they are shaped; not thread-safe.
/// </summary>
internal sealed class ContactMachine
{
    /// <summary>Where more than one rule in so many is asked, all of them together are the cheaper way.</summary>
    private const int AllFrom = 3;

    /// <summary>Stands where no answer is known yet.</summary>
    public const byte NotAsked = byte.MaxValue;

    private readonly RulePlan plan;
    private readonly AtomTest[] tests;
    private readonly List<Watched> watched = [];
    private readonly RuleProgram program;
    private readonly byte[] answers;
    private readonly int[] atomAt;
    private readonly int looseFrom;
    private readonly int[] ownPlaces;
    private readonly int[][] readersAt;
    private readonly Dictionary<string, int[]> readersOfEvent;
    private readonly int[] clockAtoms;
    private readonly ulong[] held;
    private ulong[] row = [];
    private int[] slots = [];
    private int seat;

    public ContactMachine(RulePlan plan, ShardColumns columns, AtomTest[] tests)
    {
        (this.plan, this.tests) = (plan, tests);
        var places = new List<int>();
        foreach (var source in plan.Atoms.Select(static atom => atom.Column).OfType<ValueSource>().Distinct())
        {
            var column = columns[source];
            var over = Numbers(atom => atom.Column == source);
            var fitting = over.Where(atom => ValueStates.Fits(plan.Atoms[atom], column)).ToArray();
            watched.Add(new(column, places.Count, new(column, fitting, plan, tests), [.. over.Except(fitting)]));
            places.AddRange(fitting);
        }

        looseFrom = places.Count;
        places.AddRange(Enumerable.Range(0, plan.Atoms.Length).Except(places).ToList());
        atomAt = [.. places];
        answers = new byte[atomAt.Length];
        var placeOf = new int[atomAt.Length];
        for (var place = 0; place < atomAt.Length; place++)
        {
            placeOf[atomAt[place]] = place;
        }

        program = new([.. plan.Rules.Select(static rule => rule.Clause)], atom => placeOf[atom], atom => plan.Atoms[atom] is not (Atom.OfValue or Atom.Constant), looseFrom);
        held = new ulong[(plan.Rules.Length + 63) / 64];
        ownPlaces = [.. plan.Segments.Select(segment => Numbers(atom => atom is Atom.InSegment of && of.Segment == segment) is [var own] ? placeOf[own] : -1)];
        var readers = plan.Rules.SelectMany(static (rule, i) => rule.Atoms.Select(atom => (Atom: atom, Rule: i))).ToLookup(static pair => pair.Atom, static pair => pair.Rule);
        readersAt = [.. atomAt.Select(atom => readers[atom].ToArray())];
        readersOfEvent = plan.Events.ToDictionary(
            static name => name,
            name => Numbers(atom => atom.Selection?.Selectors.Any(selector => selector.Event == name) == true).SelectMany(atom => readers[atom]).Distinct().ToArray(),
            StringComparer.Ordinal);
        clockAtoms = Numbers(static atom => atom.ReadsClock);
        watched.ForEach(each => each.LooseReaders = [.. each.Loose.SelectMany(atom => readers[atom]).Distinct()]);

        int[] Numbers(Func<Atom, bool> where) => [.. Enumerable.Range(0, plan.Atoms.Length).Where(atom => where(plan.Atoms[atom]))];
    }

    /// <summary>How many columns are watched: the room that <see cref="Remember"/> takes.</summary>
    public int Columns => watched.Count;

    public int Rules => plan.Rules.Length;

    /// <summary>Notes what the columns say of a contact, to be laid beside what they say after a change.</summary>
    public void Remember(int seat, Span<ColumnMemory> into)
    {
        for (var i = 0; i < into.Length; i++)
        {
            into[i] = new(watched[i].Column.Glance(seat), watched[i].Column.Generation);
        }
    }

    /// <summary>Marks the rules that may answer otherwise after a change: those of conditions whose answer turned or is not known to have stayed.</summary>
    public void Touch(int seat, ReadOnlySpan<ColumnMemory> was, Span<ulong> rules)
    {
        for (var i = 0; i < was.Length; i++)
        {
            var (column, first, states, _) = watched[i];
            var glance = column.Glance(seat);
            if (glance == was[i].Glance && glance != Column.Unsure && column.Generation == was[i].Generation)
            {
                continue;
            }

            Touch(watched[i].LooseReaders, rules);
            var before = column.Generation == was[i].Generation ? states.Known(was[i].Glance) : null;
            var after = states.Of(seat);
            for (var each = 0; each < states.Count; each++)
            {
                if (before is null || after is null || before[each] != after[each])
                {
                    Touch(readersAt[first + each], rules);
                }
            }
        }
    }

    /// <summary>The rules that read events of a name.</summary>
    public void Touch(string eventName, Span<ulong> rules)
    {
        if (readersOfEvent.TryGetValue(eventName, out var readers))
        {
            Touch(readers, rules);
        }
    }

    /// <summary>Takes a contact in hand.</summary>
    /// <param name="seat">Whose.</param>
    /// <param name="before">What is known of memberships.</param>
    /// <param name="slotOfRule">Of each segment in the rows, in the plan's order.</param>
    public void Begin(int seat, MembershipRows.View before, int[] slotOfRule)
    {
        (this.seat, slots) = (seat, slotOfRule);
        if (row.Length != before.Words)
        {
            row = new ulong[before.Words];
        }

        before.Read(new(seat), row);
        foreach (var (_, first, states, _) in watched)
        {
            var into = answers.AsSpan(first, states.Count);
            if (states.Of(seat) is { } known)
            {
                known.CopyTo(into);
            }
            else
            {
                into.Fill(NotAsked);
            }
        }

        answers.AsSpan(looseFrom).Fill(NotAsked);
    }

    /// <summary>Whether the contact in hand is a member by some of the rules, marked by bits; and by those that read of one that is found to have turned. In the plan's order.</summary>
    public void Decide(Span<ulong> rules, List<(int Rule, bool Enters)> turned)
    {
        turned.Clear();
        var all = BitKernels.Count(rules) > plan.Rules.Length / AllFrom;
        if (all)
        {
            program.HoldAll(answers, this, held);
        }

        for (var word = 0; word < rules.Length; word++)
        {
            while (rules[word] != 0)
            {
                var rule = (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(rules[word]);
                rules[word] &= rules[word] - 1;
                var isMember = all && program.IsTable(rule) ? ((held[word] >> rule) & 1) != 0 : program.Holds(rule, answers, this);
                if (isMember == WasMember(rule))
                {
                    continue;
                }

                turned.Add((rule, isMember));
                if (ownPlaces[rule] is >= 0 and var own)
                {
                    answers[own] = (byte)Kleene.Of(isMember);
                    Touch(readersAt[own], rules);
                }
            }
        }
    }

    /// <summary>The first instant after now at which a condition may answer otherwise for a contact; never later than the true one.</summary>
    public Instant NextChange(int seat, Instant now)
    {
        var next = Instant.MaxValue;
        foreach (var atom in clockAtoms)
        {
            next = tests[atom].NextChange(seat, now) is var own && own < next ? own : next;
        }

        return next;
    }

    /// <summary>Asks a condition of the contact in hand.</summary>
    public byte Ask(int place)
    {
        var atom = atomAt[place];
        var truth = plan.Atoms[atom] is Atom.InSegment { Segment: var segment } && plan.IndexOf(segment) is >= 0 and var rule
            ? Kleene.Of(WasMember(rule))
            : tests[atom].Of(seat);
        return answers[place] = (byte)truth;
    }

    private bool WasMember(int rule) => slots[rule] is var slot && slot / 64 < row.Length && ((row[slot / 64] >> (slot % 64)) & 1) != 0;

    private static void Touch(int[] readers, Span<ulong> rules)
    {
        foreach (var rule in readers)
        {
            rules[rule >> 6] |= 1UL << (rule & 63);
        }
    }

    /// <summary>A column that conditions read.</summary>
    /// <param name="Column">Which.</param>
    /// <param name="First">Where the answers of its states stand.</param>
    /// <param name="States">The conditions that are answered together.</param>
    /// <param name="Loose">The other conditions over it.</param>
    private sealed record Watched(Column Column, int First, ValueStates States, int[] Loose)
    {
        public int[] LooseReaders { get; set; } = [];
    }
}

/// <summary>What a column said of a contact.</summary>
internal readonly record struct ColumnMemory(long Glance, int Generation);
