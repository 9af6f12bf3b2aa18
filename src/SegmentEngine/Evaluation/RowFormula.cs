using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>A formula over the properties of one event's table: the <c>where</c> or the <c>is</c> of event atoms. Atoms with the same formula share it.</summary>
internal sealed class RowFormula : ISlotSource
{
    private static readonly ulong[] everyRow = [.. Enumerable.Repeat(ulong.MaxValue, BlockMachine.WordsMax)];

    private readonly EventTable table;
    private readonly List<AtomTest> tests = [];
    private readonly Clause whenTrue;
    private readonly Clause whenFalse;
    private readonly Func<int, Truth> predicate;
    private ulong[]? trueRows;
    private ulong[]? falseRows;
    private bool isGathered;

    public RowFormula(Formula formula, EventTable table)
    {
        this.table = table;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        whenTrue = Clause.Compile(formula, Number);
        whenFalse = Clause.Compile(formula, Number, negated: true);
        predicate = Predicates.Compile(formula, atom => tests[Number(atom)].Of);
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
        Release();
        foreach (var test in tests)
        {
            test.Begin(now);
        }
    }

    /// <summary>The answer for one row; by the sets, where <see cref="GatherBoth"/> made them.</summary>
    public Truth Of(int row) =>
        falseRows is null ? predicate(row) : BitKernels.Contains(trueRows, row) ? Truth.True : BitKernels.Contains(falseRows, row) ? Truth.False : Truth.Unknown;

    /// <summary>Whether a row is in the sets that <see cref="GatherBoth"/> made: of those for which it is TRUE, of those for which it is FALSE.</summary>
    public (ulong True, ulong False) BitsOf(int row) => ((trueRows![row >> 6] >> (row & 63)) & 1, (falseRows![row >> 6] >> (row & 63)) & 1);

    /// <summary>The rows of the whole table for which it is TRUE, worked out once a run.</summary>
    public ReadOnlySpan<ulong> Gather() => trueRows ??= Rows(whenTrue);

    /// <summary>Works the answers of the whole table out.</summary>
    public void GatherBoth()
    {
        _ = Gather();
        falseRows ??= Rows(whenFalse);
    }

    public void Release() => (trueRows, falseRows, isGathered) = (null, null, false);

    public Instant NextChange(Instant now) => tests.Aggregate(Instant.MaxValue, (next, test) => test.NextChange(now) is var own && own < next ? own : next);

    public Instant NextChange(int row, Instant now) => tests.Aggregate(Instant.MaxValue, (next, test) => test.NextChange(row, now) is var own && own < next ? own : next);

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

    private ulong[] Rows(Clause clause)
    {
        if (!isGathered)
        {
            tests.ForEach(static test => test.Gather(CancellationToken.None));
            isGathered = true;
        }

        var rows = new ulong[table.Words];
        var machine = new BlockMachine([.. clause.Slots.Distinct()], this);
        var term = machine.Ready(clause);
        for (var first = 0; first < rows.Length; first += machine.BlockWords)
        {
            var bits = rows.AsSpan(first, Math.Min(machine.BlockWords, rows.Length - first));
            machine.Begin(first, everyRow.AsSpan(0, bits.Length));
            _ = machine.Evaluate(term, bits);
        }

        return rows;
    }

    private AtomTest Bind(Atom atom) => atom switch
    {
        Atom.AgainstStep against => new AgainstStepTest(against, table.Properties[against.Source]),
        Atom.OfValue value => table.Properties[value.Source].Test(value),
        Atom.Constant constant => new ConstantTest(constant.Value),
        _ => throw new InvalidOperationException($"an event has no {atom.GetType().Name}"),
    };
}
