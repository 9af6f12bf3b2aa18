using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// Values coded by a dictionary, so that a check runs once for each distinct value. Code 0 is a missing one. A row takes one byte while there are
/// up to 255 distinct values, two up to 65,535, and four beyond.
/// </summary>
internal sealed class CodedColumn : Column
{
    /// <summary>Values that no row has any more are kept until they outnumber the rows by this many.</summary>
    private const int SpareMax = 1024;

    private byte[]? narrow = [];
    private ushort[]? middle;
    private int[]? wide;
    private List<TraitValue?> values = [null];
    private Dictionary<TraitValue, int> codes = new(ValueIdentity.Comparer);
    private long valueBytes;

    private int generation;

    /// <summary>Another number after codes were given anew.</summary>
    public override int Generation => generation;

    /// <summary>Whether it has had a value whose equality is not transitive.</summary>
    public bool HasInexact { get; private set; }

    /// <summary>The distinct values by code.</summary>
    public IReadOnlyList<TraitValue?> Values => values;

    public override long Bytes => (narrow?.Length ?? 0) + (2L * (middle?.Length ?? 0)) + (4L * (wide?.Length ?? 0)) + valueBytes + (values.Count * 40L);

    private int Capacity => narrow?.Length ?? middle?.Length ?? wide!.Length;

    public int Code(int row) => narrow is not null ? narrow[row] : middle is not null ? middle[row] : wide![row];

    public override void Grow(int capacity)
    {
        if (narrow is not null)
        {
            Array.Resize(ref narrow, capacity);
        }
        else if (middle is not null)
        {
            Array.Resize(ref middle, capacity);
        }
        else
        {
            Array.Resize(ref wide, capacity);
        }
    }

    public override void Reorder(ReadOnlySpan<int> order, int capacity)
    {
        if (narrow is not null)
        {
            narrow = ColumnTable.Reordered(narrow, order, capacity, (byte)0);
        }
        else if (middle is not null)
        {
            middle = ColumnTable.Reordered(middle, order, capacity, (ushort)0);
        }
        else
        {
            wide = ColumnTable.Reordered(wide!, order, capacity, 0);
        }
    }

    public override void Set(int row, TraitValue? value) => Store(row, value is null ? 0 : CodeOf(value));

    public override TraitValue? Value(int row) => values[Code(row)];

    public override AtomTest Test(Atom.OfValue atom) => new CodedTest(this, atom);

    public override long Glance(int row) => Code(row);

    public override bool HasStatesFor(ValueCheck check) => true;

    public override Func<long, int> StatesFor(IReadOnlyCollection<ValueCheck> checks) => static code => (int)code;

    /// <summary>Looks the rows of a block up in a table of one bit a code.</summary>
    public void Lookup(ReadOnlySpan<ulong> table, int firstWord, Span<ulong> bits)
    {
        var (first, length) = (firstWord * 64, bits.Length * 64);
        if (narrow is not null)
        {
            CodeKernels.Lookup(narrow.AsSpan(first, length), table[..CodeKernels.ByteTableWords], bits);
        }
        else if (middle is not null)
        {
            CodeKernels.LookupPlain<ushort>(middle.AsSpan(first, length), table, bits);
        }
        else
        {
            CodeKernels.LookupPlain<int>(wide.AsSpan(first, length), table, bits);
        }
    }

    /// <summary>The rows of a block that have one of a few codes; columns of one byte are looked up instead.</summary>
    public void Equal(ReadOnlySpan<int> few, int firstWord, Span<ulong> bits)
    {
        bits.Clear();
        Span<ulong> one = stackalloc ulong[bits.Length];
        foreach (var code in few)
        {
            if (middle is not null)
            {
                ComparisonKernels.Fill<ushort, EqualTo>(middle.AsSpan(firstWord * 64, bits.Length * 64), (ushort)code, 0, one);
            }
            else
            {
                ComparisonKernels.Fill<int, EqualTo>(wide.AsSpan(firstWord * 64, bits.Length * 64), code, 0, one);
            }

            BitKernels.Or(bits, one, bits);
        }
    }

    /// <summary>The codes of a column of one byte.</summary>
    public ReadOnlySpan<byte> Narrow => narrow;

    /// <summary>What a table of bytes has for the rows of a block.</summary>
    public void Translate(ReadOnlySpan<byte> table, int firstWord, Span<byte> into)
    {
        if (middle is not null)
        {
            CodeKernels.Translate<ushort>(middle.AsSpan(firstWord * 64, into.Length), table, into);
        }
        else
        {
            CodeKernels.Translate<int>(wide.AsSpan(firstWord * 64, into.Length), table, into);
        }
    }

    /// <summary>Whether rows take one byte.</summary>
    public bool IsNarrow => narrow is not null;

    private int CodeOf(TraitValue value)
    {
        if (codes.TryGetValue(value, out var code))
        {
            return code;
        }

        if (values.Count > SpareMax + (2L * Capacity))
        {
            Recode();
        }

        code = values.Count;
        values.Add(value);
        codes.Add(value, code);
        HasInexact |= ValueIdentity.IsInexact(value);
        valueBytes += ValueIdentity.Bytes(value);
        return code;
    }

    private void Store(int row, int code)
    {
        if (narrow is not null && code > byte.MaxValue)
        {
            middle = Array.ConvertAll(narrow, static narrowCode => (ushort)narrowCode);
            narrow = null;
        }

        if (middle is not null && code > ushort.MaxValue)
        {
            wide = Array.ConvertAll(middle, static middleCode => (int)middleCode);
            middle = null;
        }

        if (narrow is not null)
        {
            narrow[row] = (byte)code;
        }
        else if (middle is not null)
        {
            middle[row] = (ushort)code;
        }
        else
        {
            wide![row] = code;
        }
    }

    /// <summary>Gives codes anew, to the values that rows have.</summary>
    private void Recode()
    {
        var (before, rows) = (values, new int[Capacity]);
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = Code(row);
        }

        (values, codes, valueBytes) = ([null], new(ValueIdentity.Comparer), 0);
        (narrow, middle, wide) = (new byte[rows.Length], null, null);
        generation++;
        HasInexact = false;
        for (var row = 0; row < rows.Length; row++)
        {
            Set(row, before[rows[row]]);
        }
    }
}

/// <summary>An atom over a coded column: asked once for each distinct value, kept while the dictionary only grows.</summary>
internal sealed class CodedTest(CodedColumn column, Atom.OfValue atom) : AtomTest
{
    /// <summary>Up to this many distinct values are all asked when the first row is; beyond, a row asks for its own value.</summary>
    private const int AskedAtOnceMax = 4096;

    /// <summary>Up to this many codes are compared one by one, which vectors do faster than a table is read.</summary>
    private const int FewMax = 6;

    private ulong[] trueCodes = new ulong[CodeKernels.ByteTableWords];
    private ulong[] falseCodes = new ulong[CodeKernels.ByteTableWords];
    private Truth[] answers = [];
    private int[]? fewTrue;
    private int[]? fewFalse;
    private int known;
    private int generation = column.Generation;
    private Instant now;

    public CodedColumn Column => column;

    public override double Cost => column.IsNarrow ? 1 : 20;

    public bool ReadsClock => atom.ReadsClock;

    public override void Begin(Instant now)
    {
        if (atom.ReadsClock && now != this.now)
        {
            Forget();
        }

        this.now = now;
    }

    public override void Gather(CancellationToken cancel)
    {
        if (generation != column.Generation)
        {
            Forget();
        }

        if (known == column.Values.Count)
        {
            return;
        }

        var words = Math.Max(CodeKernels.ByteTableWords, (column.Values.Count + 63) / 64);
        if (words > trueCodes.Length)
        {
            words = Math.Max(words, trueCodes.Length * 2);
            Array.Resize(ref trueCodes, words);
            Array.Resize(ref falseCodes, words);
        }

        for (; known < column.Values.Count; known++)
        {
            var truth = atom.Of(column.Values[known], now);
            if (truth != Truth.Unknown)
            {
                BitKernels.Set(truth == Truth.True ? trueCodes : falseCodes, known);
            }
        }

        fewTrue = Few(trueCodes);
        fewFalse = Few(falseCodes);
        answers = known > AskedAtOnceMax ? [] : [.. Enumerable.Range(0, known).Select(Answer)];
    }

    public override void True(int firstWord, Span<ulong> bits) => Fill(trueCodes, fewTrue, firstWord, bits);

    public override void False(int firstWord, Span<ulong> bits) => Fill(falseCodes, fewFalse, firstWord, bits);

    public override Truth Of(int row)
    {
        var code = column.Code(row);
        if ((uint)code < (uint)answers.Length && generation == column.Generation)
        {
            return answers[code];
        }

        if (code >= known || generation != column.Generation)
        {
            if (column.Values.Count > AskedAtOnceMax)
            {
                return atom.Of(column.Values[code], now);
            }

            Gather(CancellationToken.None);
        }

        return Answer(code);
    }

    public override Instant NextChange(Instant now) =>
        atom.ReadsClock ? column.Values.Aggregate(Instant.MaxValue, (next, value) => Earlier(next, NextChange(atom.Check, value, now))) : Instant.MaxValue;

    public override Instant NextChange(int row, Instant now) => atom.ReadsClock ? NextChange(atom.Check, column.Value(row), now) : Instant.MaxValue;

    private static Instant NextChange(ValueCheck check, TraitValue? value, Instant now) => (check, value) switch
    {
        (_, null) => Instant.MaxValue,
        (_, TraitValue.List list) => list.Elements.Aggregate(Instant.MaxValue, (next, element) => Earlier(next, NextChange(check, element, now))),
        (DateCheck date, _) => date.NextChange(value, now),
        (ValueCheck.AnyOf any, _) => any.Checks.Aggregate(Instant.MaxValue, (next, each) => Earlier(next, NextChange(each, value, now))),
        _ => Instant.MaxValue,
    };

    /// <summary>The codes of a column of one byte for which it has an answer.</summary>
    public ulong[] NarrowCodes(Truth truth) => (truth == Truth.True ? trueCodes : falseCodes)[..CodeKernels.ByteTableWords];

    /// <summary>The answer for a code, after <see cref="Gather"/>.</summary>
    public Truth Answer(int code) => BitKernels.Contains(trueCodes, code) ? Truth.True : BitKernels.Contains(falseCodes, code) ? Truth.False : Truth.Unknown;

    private void Forget()
    {
        answers = [];
        trueCodes.AsSpan().Clear();
        falseCodes.AsSpan().Clear();
        (known, generation) = (0, column.Generation);
    }

    private void Fill(ulong[] table, int[]? few, int firstWord, Span<ulong> bits)
    {
        if (few is not null && !column.IsNarrow)
        {
            column.Equal(few, firstWord, bits);
        }
        else
        {
            column.Lookup(table, firstWord, bits);
        }
    }

    private static int[]? Few(ulong[] table)
    {
        if (BitKernels.Count(table) > FewMax)
        {
            return null;
        }

        var few = new List<int>();
        foreach (var code in new RowsOf(table))
        {
            few.Add(code);
        }

        return [.. few];
    }
}
