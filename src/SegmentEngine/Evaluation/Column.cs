using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>The values of one source, a row each. Rows that were never set are missing. The capacity is a whole number of words of 64 rows.</summary>
internal abstract class Column
{
    /// <summary>The column for values of a type: numbers, days and instants as they are, everything else coded by a dictionary.</summary>
    public static Column For(ValueSource source) => source.Type switch
    {
        { IsList: false, Kind: TraitKind.Number } => new NumberColumn(),
        { IsList: false, Kind: TraitKind.Date } => new DayColumn(),
        { IsList: false, Kind: TraitKind.DateTime } => new MomentColumn(),
        _ => new CodedColumn(),
    };

    public abstract long Bytes { get; }

    public abstract void Grow(int capacity);

    /// <summary>Null is a missing value.</summary>
    public abstract void Set(int row, TraitValue? value);

    public abstract TraitValue? Value(int row);

    /// <summary>Binds a check of this column's values.</summary>
    public abstract AtomTest Test(Atom.OfValue atom);
}

/// <summary>A column of values of one type, which knows the rows that have one.</summary>
internal abstract class ScalarColumn : Column
{
    private ulong[] present = [];

    public ReadOnlySpan<ulong> Present => present;

    public bool Has(int row) => BitKernels.Contains(present, row);

    public override void Grow(int capacity) => Array.Resize(ref present, capacity / 64);

    public override AtomTest Test(Atom.OfValue atom) => new ScalarTest(atom, this);

    /// <summary>Binds one comparison, or null for one that values of this type are UNKNOWN to.</summary>
    public abstract Probe? Probe(ValueCheck check);

    protected void Mark(int row, bool has)
    {
        if (has)
        {
            BitKernels.Set(present, row);
        }
        else
        {
            BitKernels.Clear(present, row);
        }
    }

    protected long PresentBytes => present.Length * 8L;
}

/// <summary>One comparison bound to a column of its type. It holds for no row whose value is missing.</summary>
internal abstract class Probe
{
    public virtual void Begin(Instant now)
    {
    }

    public abstract void Fill(int firstWord, Span<ulong> bits);

    public abstract bool Holds(int row);

    public virtual Instant NextChange(Instant now) => Instant.MaxValue;

    public virtual Instant NextChange(int row, Instant now) => Instant.MaxValue;
}

/// <summary>
/// An atom over a column of one type. Its check comes apart into comparisons that hold or do not; one made for another type leaves UNKNOWN
/// every value that no other comparison holds for.
/// </summary>
internal sealed class ScalarTest : AtomTest
{
    private readonly Atom.OfValue atom;
    private readonly ScalarColumn column;
    private readonly Probe[] probes;
    private readonly ValueCheck.OfWhole? whole;
    private readonly bool hasForeign;
    private readonly bool negated;

    public ScalarTest(Atom.OfValue atom, ScalarColumn column)
    {
        this.atom = atom;
        this.column = column;
        var parts = Parts(atom.Check).Select(column.Probe).ToList();
        probes = [.. parts.OfType<Probe>()];
        hasForeign = parts.Contains(null);
        whole = atom.Check as ValueCheck.OfWhole;
        negated = atom.Quantifier == Quantifier.None;
    }

    public override void Begin(Instant now)
    {
        foreach (var probe in probes)
        {
            probe.Begin(now);
        }
    }

    public override void True(int firstWord, Span<ulong> bits)
    {
        var present = column.Present.Slice(firstWord, bits.Length);
        if (whole is not null)
        {
            Whole(present, set: !whole.Empty, bits);
            return;
        }

        Values(firstWord, present, holding: !negated, bits);
        if (atom.Missing == MissingAs.Match)
        {
            BitKernels.OrNot(bits, present, bits);
        }
    }

    public override void False(int firstWord, Span<ulong> bits)
    {
        var present = column.Present.Slice(firstWord, bits.Length);
        if (whole is not null)
        {
            Whole(present, set: whole.Empty, bits);
            return;
        }

        Values(firstWord, present, holding: negated, bits);
        if (atom.Missing == MissingAs.NoMatch)
        {
            BitKernels.OrNot(bits, present, bits);
        }
    }

    public override Truth Of(int row)
    {
        if (whole is not null)
        {
            return Kleene.Of(column.Has(row) != whole.Empty);
        }

        // A comparison holds for no missing value, so what is missing is looked at only where none does.
        foreach (var probe in probes)
        {
            if (probe.Holds(row))
            {
                return negated ? Truth.False : Truth.True;
            }
        }

        return !column.Has(row) ? Atom.IfMissing(atom.Missing)
            : hasForeign ? Truth.Unknown
            : negated ? Truth.True : Truth.False;
    }

    public override Instant NextChange(Instant now) => probes.Aggregate(Instant.MaxValue, (next, probe) => Earlier(next, probe.NextChange(now)));

    public override Instant NextChange(int row, Instant now) => probes.Aggregate(Instant.MaxValue, (next, probe) => Earlier(next, probe.NextChange(row, now)));

    /// <summary>The values for which some comparison holds; or those known to satisfy none.</summary>
    private void Values(int firstWord, ReadOnlySpan<ulong> present, bool holding, Span<ulong> bits)
    {
        if (probes.Length == 0 || (!holding && hasForeign))
        {
            bits.Clear();
            return;
        }

        probes[0].Fill(firstWord, bits);
        if (probes.Length > 1)
        {
            Span<ulong> more = stackalloc ulong[bits.Length];
            for (var i = 1; i < probes.Length; i++)
            {
                probes[i].Fill(firstWord, more);
                BitKernels.Or(bits, more, bits);
            }
        }

        if (!holding)
        {
            BitKernels.AndNot(present, bits, bits);
        }
    }

    private static void Whole(ReadOnlySpan<ulong> present, bool set, Span<ulong> bits)
    {
        if (set)
        {
            present.CopyTo(bits);
            return;
        }

        bits.Clear();
        BitKernels.OrNot(bits, present, bits);
    }

    private static IEnumerable<ValueCheck> Parts(ValueCheck check) => check is ValueCheck.AnyOf any ? any.Checks.SelectMany(Parts) : [check];
}
