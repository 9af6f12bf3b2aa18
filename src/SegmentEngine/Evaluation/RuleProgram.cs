namespace SegmentEngine.Evaluation;

/// <summary>
/// The clauses of a plan as questions that lead to questions: each asks one answer of a contact and names the question that follows on either side, so that no more is asked than decides.
/// <see cref="Yes"/> and <see cref="No"/> end it.
/// </summary>
internal sealed class RuleProgram
{
    /// <summary>The contact is a member.</summary>
    public const int Yes = -1;

    /// <summary>The contact is none.</summary>
    public const int No = -2;

    private readonly List<Question> questions = [];

    /// <param name="clauses">The rules, in their order.</param>
    /// <param name="place">Where the answer of an atom stands.</param>
    public RuleProgram(IEnumerable<Clause> clauses, Func<int, int> place)
    {
        Entries = [.. clauses.Select(clause => Add(clause, Yes, No, place))];
        Questions = [.. questions];
    }

    public Question[] Questions { get; }

    /// <summary>Each rule's first question, or its answer where it needs none.</summary>
    public int[] Entries { get; }

    private int Add(Clause clause, int ifTrue, int ifFalse, Func<int, int> place)
    {
        switch (clause)
        {
            case Clause.Leaf leaf:
                questions.Add(new(place(leaf.Slot >> 1), (leaf.Slot & 1) == 0 ? (byte)Rules.Truth.True : (byte)Rules.Truth.False, ifTrue, ifFalse));
                return questions.Count - 1;
            case Clause.All all:
                for (var i = all.Of.Length - 1; i >= 0; i--)
                {
                    ifTrue = Add(all.Of[i], ifTrue, ifFalse, place);
                }

                return ifTrue;
            case Clause.Any any:
                for (var i = any.Of.Length - 1; i >= 0; i--)
                {
                    ifFalse = Add(any.Of[i], ifTrue, ifFalse, place);
                }

                return ifFalse;
            default:
                return ifFalse;
        }
    }

    /// <param name="Place">Where the answer stands.</param>
    /// <param name="Wanted">The truth asked for.</param>
    /// <param name="IfSo">What follows where it is that.</param>
    /// <param name="IfNot">What follows where it is not.</param>
    public readonly record struct Question(int Place, byte Wanted, int IfSo, int IfNot);
}
