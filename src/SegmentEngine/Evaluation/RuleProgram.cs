using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// The clauses of a plan for one contact whose answers stand in places. A clause of few questions is a table of all their outcomes, read without a jump; a longer one, or one with a question that is dear,
/// is a chain of questions of which each names the one that follows on either side, so that no more is asked than decides.
/// </summary>
internal sealed class RuleProgram
{
    /// <summary>Outcomes of so many questions fill the bits of a word.</summary>
    private const int TableMax = 6;

    // A question of a table: where its answer stands, times four, and the truth asked for. All of them in a row, so that a thousand rules stay in the nearest cache.
    private readonly int[] asked;
    private readonly Table[] tables;
    private readonly Chain?[] chains;

    // The same questions for all tables at once: of each rank the rules that have one, and the question.
    private readonly (int Rule, int Question)[][] ranks;
    private readonly int[] looseAsked;
    private readonly byte[] outcomes;
    private readonly int columnPlaces;

    /// <param name="clauses">The rules, in their order.</param>
    /// <param name="place">Where the answer of an atom stands.</param>
    /// <param name="isDear">Whether an atom is to be asked only where its answer decides.</param>
    /// <param name="columnPlaces">The places before which answers are given together.</param>
    public RuleProgram(IReadOnlyList<Clause> clauses, Func<int, int> place, Func<int, bool> isDear, int columnPlaces)
    {
        this.columnPlaces = columnPlaces;
        var questions = new List<int>();
        tables = new Table[clauses.Count];
        chains = new Chain?[clauses.Count];
        for (var rule = 0; rule < clauses.Count; rule++)
        {
            var slots = clauses[rule].Slots.Distinct().ToList();
            if (slots.Count > TableMax || slots.Exists(slot => isDear(slot >> 1)))
            {
                chains[rule] = new(clauses[rule], place);
                continue;
            }

            tables[rule] = new(questions.Count, slots.Count, OutcomesOf(clauses[rule], slots));
            questions.AddRange(slots.Select(slot => (place(slot >> 1) << 2) | Wanted(slot)));
        }

        asked = [.. questions];
        outcomes = new byte[clauses.Count];
        ranks = [.. Enumerable.Range(0, TableMax).Select(rank => tables.Index().Where(table => table.Item.Count > rank).Select(table => (table.Index, asked[table.Item.First + rank])).ToArray())];
        looseAsked = [.. asked.Select(static question => question >> 2).Where(each => each >= columnPlaces).Distinct()];
    }

    /// <summary>Whether each rule is TRUE that is a table, all of them at once and without a jump; the bits of the others say nothing.</summary>
    /// <param name="answers">The answers by place; those that tables ask are known after.</param>
    /// <param name="contact">Answers the questions that were not asked yet.</param>
    /// <param name="members">A bit a rule.</param>
    public void HoldAll(ReadOnlySpan<byte> answers, ContactMachine contact, Span<ulong> members)
    {
        for (var from = 0; answers[from..columnPlaces].IndexOf(ContactMachine.NotAsked) is >= 0 and var next; from += next + 1)
        {
            _ = contact.Ask(from + next);
        }

        foreach (var place in looseAsked)
        {
            _ = answers[place] == ContactMachine.NotAsked ? contact.Ask(place) : default;
        }

        outcomes.AsSpan().Clear();
        for (var rank = 0; rank < ranks.Length; rank++)
        {
            foreach (var (rule, question) in ranks[rank])
            {
                outcomes[rule] |= (byte)((answers[question >> 2] == (question & 3) ? 1 : 0) << rank);
            }
        }

        members.Clear();
        for (var rule = 0; rule < tables.Length; rule++)
        {
            members[rule >> 6] |= ((tables[rule].Outcomes >> outcomes[rule]) & 1) << (rule & 63);
        }
    }

    /// <summary>Whether a rule is a table.</summary>
    public bool IsTable(int rule) => chains[rule] is null;

    /// <summary>Whether a rule is TRUE.</summary>
    /// <param name="rule">Which.</param>
    /// <param name="answers">The answers by place.</param>
    /// <param name="contact">Answers a question that was not asked yet.</param>
    public bool Holds(int rule, ReadOnlySpan<byte> answers, ContactMachine contact)
    {
        if (chains[rule] is { } chain)
        {
            return chain.Holds(answers, contact);
        }

        var (first, count, outcomes) = tables[rule];
        var outcome = 0;
        for (var i = 0; i < count; i++)
        {
            var question = asked[first + i];
            var answer = answers[question >> 2];
            answer = answer == ContactMachine.NotAsked ? contact.Ask(question >> 2) : answer;
            outcome |= (answer == (question & 3) ? 1 : 0) << i;
        }

        return ((outcomes >> outcome) & 1) != 0;
    }

    private static ulong OutcomesOf(Clause clause, List<int> slots)
    {
        var outcomes = 0UL;
        for (var outcome = 0; outcome < 1 << slots.Count; outcome++)
        {
            outcomes |= (Holds(clause, slot => ((outcome >> slots.IndexOf(slot)) & 1) != 0) ? 1UL : 0) << outcome;
        }

        return outcomes;
    }

    private static bool Holds(Clause clause, Func<int, bool> slot) => clause switch
    {
        Clause.Leaf leaf => slot(leaf.Slot),
        Clause.All all => all.Of.All(part => Holds(part, slot)),
        Clause.Any any => any.Of.Any(part => Holds(part, slot)),
        _ => false,
    };

    private static byte Wanted(int slot) => (byte)((slot & 1) == 0 ? Truth.True : Truth.False);

    /// <param name="First">Its first question.</param>
    /// <param name="Count">How many it has.</param>
    /// <param name="Outcomes">A bit for every outcome of them.</param>
    private readonly record struct Table(int First, int Count, ulong Outcomes);

    /// <summary>Questions that lead to questions.</summary>
    private sealed class Chain
    {
        private const int Yes = -1;
        private const int No = -2;

        private readonly List<(int Place, byte Wanted, int IfSo, int IfNot)> questions = [];
        private readonly int first;

        public Chain(Clause clause, Func<int, int> place) => first = Add(clause, Yes, No, place);

        public bool Holds(ReadOnlySpan<byte> answers, ContactMachine contact)
        {
            var at = first;
            while (at >= 0)
            {
                var (place, wanted, ifSo, ifNot) = questions[at];
                var answer = answers[place] is var known && known == ContactMachine.NotAsked ? contact.Ask(place) : known;
                at = answer == wanted ? ifSo : ifNot;
            }

            return at == Yes;
        }

        private int Add(Clause of, int ifTrue, int ifFalse, Func<int, int> place)
        {
            switch (of)
            {
                case Clause.Leaf leaf:
                    questions.Add((place(leaf.Slot >> 1), Wanted(leaf.Slot), ifTrue, ifFalse));
                    return questions.Count - 1;
                case Clause.All all:
                    return all.Of.Reverse().Aggregate(ifTrue, (next, part) => Add(part, next, ifFalse, place));
                case Clause.Any any:
                    return any.Of.Reverse().Aggregate(ifFalse, (next, part) => Add(part, ifTrue, next, place));
                default:
                    return ifFalse;
            }
        }
    }
}
