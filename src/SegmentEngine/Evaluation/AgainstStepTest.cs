using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>A comparison with what an earlier step's event had: asked row by row, each time after the operand was put in.</summary>
internal sealed class AgainstStepTest(Atom.AgainstStep atom, Column column) : AtomTest
{
    /// <summary>Operands whose comparisons are kept; order numbers of a million contacts would never come back.</summary>
    private const int KeptMax = 4096;

    private readonly Dictionary<TraitValue, Atom.OfValue?> known = new(ValueIdentity.Comparer);
    private Instant now;

    public Atom.AgainstStep Atom => atom;

    /// <summary>What the earlier step's event had; null where it is missing.</summary>
    public TraitValue? Operand { get; set; }

    public override void Begin(Instant now) => this.now = now;

    public override void True(int firstWord, Span<ulong> bits) => throw RowByRow();

    public override void False(int firstWord, Span<ulong> bits) => throw RowByRow();

    public override Truth Of(int row)
    {
        if (column.Value(row) is not { } value)
        {
            return atom.IfMissing();
        }

        return Operand is null ? Truth.Unknown : With(Operand)?.Of(value, now) ?? Truth.Unknown;
    }

    private Atom.OfValue? With(TraitValue operand)
    {
        if (!known.TryGetValue(operand, out var compared))
        {
            if (known.Count == KeptMax)
            {
                known.Clear();
            }

            known.Add(operand, compared = atom.With(operand));
        }

        return compared;
    }

    private static InvalidOperationException RowByRow() => new("a comparison with an earlier step has no set of its own");
}
