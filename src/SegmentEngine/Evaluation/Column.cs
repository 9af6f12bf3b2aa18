using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>The values of one source, a row each. Rows that were never set are missing. The capacity is a whole number of words of 64 rows.</summary>
internal abstract class Column
{
    /// <summary>The column for values of a type: numbers, days and instants as they are, everything else coded by a dictionary.</summary>
    public static Column For(ValueSource source) => source.OnlyNumbers ? new NumberColumn() : source.Type switch
    {
        { IsList: false, Kind: TraitKind.Number } => new NumberColumn(),
        { IsList: false, Kind: TraitKind.Date } => new DayColumn(),
        { IsList: false, Kind: TraitKind.DateTime } => new MomentColumn(),
        _ => new CodedColumn(),
    };

    public abstract long Bytes { get; }

    public abstract void Grow(int capacity);

    /// <summary>Lays rows in another order: each takes the value that the row of that number had. Those not named go, and the rest are missing.</summary>
    public abstract void Reorder(ReadOnlySpan<int> order, int capacity);

    /// <summary>Null is a missing value.</summary>
    public abstract void Set(int row, TraitValue? value);

    public abstract TraitValue? Value(int row);

    /// <summary>A value that no <see cref="Glance"/> can tell from others.</summary>
    public const long Unsure = long.MinValue + 1;

    /// <summary>A number for a row's value: two rows with one number have one value, unless it is <see cref="Unsure"/>. It holds for one <see cref="Generation"/>.</summary>
    public abstract long Glance(int row);

    /// <summary>Another number after what <see cref="Glance"/> says of a value may have changed.</summary>
    public virtual int Generation => 0;

    /// <summary>Whether a check's answer turns at some values only, so that <see cref="StatesFor"/> can take it.</summary>
    public abstract bool HasStatesFor(ValueCheck check);

    /// <summary>From what <see cref="Glance"/> says of a value to the number of its state, from 0: all values of one state satisfy the same of some checks.</summary>
    public abstract Func<long, int> StatesFor(IReadOnlyCollection<ValueCheck> checks);

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

    public override void Reorder(ReadOnlySpan<int> order, int capacity)
    {
        var before = present;
        present = new ulong[capacity / 64];
        for (var row = 0; row < order.Length; row++)
        {
            present[row >> 6] |= ((before[order[row] >> 6] >> (order[row] & 63)) & 1) << (row & 63);
        }
    }

    public override AtomTest Test(Atom.OfValue atom) => new ScalarTest(atom, this);

    /// <summary>
    /// A number for a row's value, larger for larger values. Comparisons of keys are comparisons of values, except for the rows that <see cref="Undecided"/> names.
    /// </summary>
    public abstract long Key(int row);

    /// <summary>The value of a key as a double; never less for a larger key.</summary>
    public abstract double OfKey(long key);

    /// <summary>Whether different keys may be one double.</summary>
    public virtual bool RoundsKeys => false;

    /// <summary>Of some rows <see cref="OfKey"/> of their keys, NaN where a value is missing; in the room given, or where they are.</summary>
    public abstract ReadOnlySpan<double> Approximate(int firstRow, Span<double> room);

    /// <summary>The rows, ascending, whose keys do not tell on which side of some borders their values are; null where they are too many.</summary>
    public virtual int[]? Undecided(ReadOnlySpan<long> borders) => [];

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

    public override bool HasStatesFor(ValueCheck check) => ValueCheck.Parts(check).All(part => part is ValueCheck.OfWhole || Probe(part) is null || CutsOf(part) is not null);

    public override Func<long, int> StatesFor(IReadOnlyCollection<ValueCheck> checks)
    {
        long[] cuts = [.. checks.SelectMany(ValueCheck.Parts).SelectMany(part => CutsOf(part) ?? []).Distinct().Order()];
        return glance =>
        {
            if (glance == Missing)
            {
                return 0;
            }

            var (first, end) = (0, cuts.Length);
            while (first < end)
            {
                var middle = (first + end) >>> 1;
                (first, end) = cuts[middle] <= glance ? (middle + 1, end) : (first, middle);
            }

            return first + 1;
        };
    }

    /// <summary>What <see cref="Column.Glance"/> says of a missing value.</summary>
    protected abstract long Missing { get; }

    /// <summary>The numbers from which on a comparison answers otherwise, in the order in which <see cref="Column.Glance"/> gives them; null where it is no such comparison.</summary>
    protected abstract IEnumerable<long>? CutsOf(ValueCheck check);
}

/// <summary>One comparison bound to a column of its type. It holds for no row whose value is missing.</summary>
internal abstract class Probe
{
    public virtual void Begin(Instant now)
    {
    }

    public abstract void Fill(int firstWord, Span<ulong> bits);

    public abstract bool Holds(int row);

    /// <summary>About how long <see cref="Fill"/> takes, in readings of a set that is there.</summary>
    public virtual double Cost => 5;

    /// <summary>Adds the stretches of keys, both ends included, that it holds for; false where it cannot be said in such.</summary>
    public virtual bool TryStretches(List<(long From, long To)> stretches) => false;

    /// <summary>Says what <see cref="NextChange(Instant)"/> will look for, so that a column can look for all of it at once.</summary>
    public virtual void Await(Instant now)
    {
    }

    public virtual Instant NextChange(Instant now) => Instant.MaxValue;

    public virtual Instant NextChange(int row, Instant now) => Instant.MaxValue;

    /// <summary>For each row no later than the first instant after now at which it may hold or not hold otherwise, in ticks; never raises one.</summary>
    public virtual void Due(Instant now, ReadOnlySpan<ulong> rows, Span<long> due)
    {
        foreach (var row in new RowsOf(rows))
        {
            due[row] = Math.Min(due[row], NextChange(row, now).Ticks);
        }
    }
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
        var parts = ValueCheck.Parts(atom.Check).Select(column.Probe).ToList();
        probes = [.. parts.OfType<Probe>()];
        hasForeign = parts.Contains(null);
        whole = atom.Check as ValueCheck.OfWhole;
        negated = atom.Quantifier == Quantifier.None;
    }

    public ScalarColumn Column => column;

    /// <summary>The stretches of keys that its comparisons hold for; null where they cannot be said in such.</summary>
    public List<(long From, long To)>? Stretches()
    {
        var stretches = new List<(long From, long To)>();
        return probes.All(probe => probe.TryStretches(stretches)) ? stretches.FindAll(static stretch => stretch.From <= stretch.To) : null;
    }

    /// <summary>The classes for whose values it has an answer.</summary>
    public ulong[] Classes(List<(long From, long To)> stretches, RankedRows rows, Truth truth)
    {
        var classes = new ulong[CodeKernels.ByteTableWords];
        var isTrue = truth == Truth.True;
        if (whole is not null)
        {
            var missing = whole.Empty == isTrue;
            Set(missing ? 0 : 1, missing ? 0 : rows.Present);
            return classes;
        }

        // The same as Values: those for which some comparison holds; or those known to satisfy none.
        var holding = isTrue != negated;
        if (holding || !hasForeign)
        {
            foreach (var (from, to) in stretches)
            {
                var (first, last) = rows.Between(from, to);
                Set(first, last);
            }

            if (!holding)
            {
                // Class 0 is what is missing, and classes that no value has may be in or out.
                for (var i = 0; i < classes.Length; i++)
                {
                    classes[i] = ~classes[i];
                }

                BitKernels.Clear(classes, 0);
            }
        }

        if (atom.Missing == (isTrue ? MissingAs.Match : MissingAs.NoMatch))
        {
            Set(0, 0);
        }

        return classes;

        void Set(int first, int last)
        {
            for (; first <= last; first++)
            {
                BitKernels.Set(classes, first);
            }
        }
    }

    public override double Cost => 1 + probes.Sum(static probe => probe.Cost);

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

    public override void Await(Instant now)
    {
        foreach (var probe in probes)
        {
            probe.Await(now);
        }
    }

    public override Instant NextChange(Instant now) => probes.Aggregate(Instant.MaxValue, (next, probe) => Earlier(next, probe.NextChange(now)));

    public override Instant NextChange(int row, Instant now) => probes.Aggregate(Instant.MaxValue, (next, probe) => Earlier(next, probe.NextChange(row, now)));

    public override void Due(Instant now, ReadOnlySpan<ulong> rows, Span<long> due)
    {
        foreach (var probe in probes)
        {
            probe.Due(now, rows, due);
        }
    }

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
}
