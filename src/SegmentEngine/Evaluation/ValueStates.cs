using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// The conditions over one column that hang on nothing but its value, answered together: values between two neighbouring operands, and equal texts, answer all of them alike.
/// Such a class of values is a state; what it answers is worked out once, by the first value met in it.
/// </summary>
internal sealed class ValueStates
{
    /// <summary>More states than this are not kept: a column of a million different texts is asked condition by condition.</summary>
    private const int StatesMax = 1 << 16;

    private readonly Column column;
    private readonly AtomTest[] tests;
    private readonly Func<long, int> stateOf;
    private byte[]?[] known = new byte[]?[16];
    private int generation;

    /// <param name="column">Whose values.</param>
    /// <param name="atoms">The conditions' numbers; <see cref="Fits"/> is true of each.</param>
    /// <param name="plan">Where they are.</param>
    /// <param name="tests">Every condition of the plan, bound to the columns.</param>
    public ValueStates(Column column, int[] atoms, RulePlan plan, AtomTest[] tests)
    {
        this.column = column;
        this.tests = [.. atoms.Select(atom => tests[atom])];
        generation = column.Generation;
        stateOf = column.StatesFor([.. atoms.Select(atom => ((Atom.OfValue)plan.Atoms[atom]).Check)]);
    }

    /// <summary>How many conditions there are.</summary>
    public int Count => tests.Length;

    /// <summary>Whether what a condition says of a value hangs on the value's state alone.</summary>
    public static bool Fits(Atom atom, Column column) => atom is Atom.OfValue { ReadsClock: false } value && column.HasStatesFor(value.Check);

    /// <summary>The answers for a row, as <see cref="Truth"/>s; null where its value belongs to no state, so that each condition is to be asked.</summary>
    public byte[]? Of(int row)
    {
        if (generation != column.Generation)
        {
            (known, generation) = (new byte[]?[known.Length], column.Generation);
        }

        var state = StateOf(column.Glance(row));
        if (state >= StatesMax)
        {
            return null;
        }

        if (state >= known.Length)
        {
            Array.Resize(ref known, Math.Min(StatesMax, Math.Max(state + 1, known.Length * 2)));
        }

        return known[state] ??= Array.ConvertAll(tests, test => (byte)test.Of(row));
    }

    /// <summary>The answers for what <see cref="Column.Glance"/> said of a value in this generation, if some row had them worked out.</summary>
    public byte[]? Known(long glance) => generation == column.Generation && StateOf(glance) is var state && state < known.Length ? known[state] : null;

    private int StateOf(long glance) => glance == Column.Unsure ? StatesMax : stateOf(glance);
}
