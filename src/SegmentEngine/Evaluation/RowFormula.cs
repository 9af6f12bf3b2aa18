using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>A formula over the properties of one event's table: the <c>where</c> or the <c>is</c> of event atoms. Atoms with the same formula share it.</summary>
internal sealed class RowFormula : ISlotSource
{
    private static readonly ulong[] everyRow = [.. Enumerable.Repeat(ulong.MaxValue, BlockMachine.WordsMax)];

    private readonly EventTable table;
    private readonly List<AtomTest> tests = [];
    private readonly Clause clause;
    private readonly int[] slots;
    private readonly Func<int, Truth> predicate;
    private ulong[]? gathered;

    public RowFormula(Formula formula, EventTable table)
    {
        this.table = table;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        clause = Clause.Compile(formula, Number);
        predicate = Predicates.Compile(formula, atom => tests[Number(atom)].Of);
        slots = [.. clause.Slots.Distinct()];
        ReadsClock = formula.Atoms.Any(static atom => atom.ReadsClock);

        int Number(Atom atom)
        {
            if (!numbers.TryGetValue(atom.Key, out var number))
            {
                numbers.Add(atom.Key, number = tests.Count);
                tests.Add(Bind(atom));
            }

            return number;
        }
    }

    public bool ReadsClock { get; }

    /// <summary>The comparisons with earlier steps in it, which wait for their operands. A formula that has some answers row by row only.</summary>
    public IEnumerable<AgainstStepTest> AgainstSteps => tests.OfType<AgainstStepTest>();

    public void Begin(Instant now)
    {
        gathered = null;
        foreach (var test in tests)
        {
            test.Begin(now);
        }
    }

    public Truth Of(int row) => predicate(row);

    /// <summary>The rows of the whole table for which it is TRUE, worked out once a run.</summary>
    public ReadOnlySpan<ulong> Gather()
    {
        if (gathered is not null)
        {
            return gathered;
        }

        gathered = new ulong[table.Words];
        tests.ForEach(static test => test.Gather());
        var machine = new BlockMachine(slots, this);
        var term = machine.Ready(clause);
        for (var first = 0; first < gathered.Length; first += machine.BlockWords)
        {
            var bits = gathered.AsSpan(first, Math.Min(machine.BlockWords, gathered.Length - first));
            machine.Begin(first, everyRow.AsSpan(0, bits.Length));
            _ = machine.Evaluate(term, bits);
        }

        return gathered;
    }

    void ISlotSource.Fill(int slot, int firstWord, Span<ulong> bits)
    {
        if ((slot & 1) == 0)
        {
            tests[slot >> 1].True(firstWord, bits);
        }
        else
        {
            tests[slot >> 1].False(firstWord, bits);
        }
    }

    double ISlotSource.Cost(int slot) => tests[slot >> 1].Cost;

    public void Release() => gathered = null;

    public Instant NextChange(Instant now) => tests.Aggregate(Instant.MaxValue, (next, test) => test.NextChange(now) is var own && own < next ? own : next);

    public Instant NextChange(int row, Instant now) => tests.Aggregate(Instant.MaxValue, (next, test) => test.NextChange(row, now) is var own && own < next ? own : next);

    private AtomTest Bind(Atom atom) => atom switch
    {
        Atom.AgainstStep against => new AgainstStepTest(against, table.Properties[against.Source]),
        Atom.OfValue value => table.Properties[value.Source].Test(value),
        Atom.Constant constant => new ConstantTest(constant.Value),
        _ => throw new InvalidOperationException($"an event has no {atom.GetType().Name}"),
    };
}
