using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// The rows of a column in at most 256 classes: some atoms give all rows of a class one answer, so that once a block is classed each of them is a look at bytes.
/// </summary>
internal abstract class RowClasses
{
    public const int Max = 256;

    private readonly byte[] classes = new byte[BlockMachine.WordsMax * 64];
    private int classed = -1;

    /// <summary>The class of each row of a block.</summary>
    public virtual ReadOnlySpan<byte> Of(int firstWord, int words)
    {
        var block = classes.AsSpan(0, words * 64);
        if (classed != firstWord)
        {
            Classify(firstWord, block);
            classed = firstWord;
        }

        return block;
    }

    /// <summary>Before a run: the rows may have others values than in the last.</summary>
    public void Forget() => classed = -1;

    /// <summary>The rows that an atom is to be asked of one by one, ascending.</summary>
    public virtual ReadOnlySpan<int> Apart => [];

    protected abstract void Classify(int firstWord, Span<byte> into);
}

/// <summary>A set of rows that is a set of classes.</summary>
internal sealed class ClassedSet
{
    private readonly RowClasses rows;
    private readonly AtomTest test;
    private readonly Truth truth;
    private readonly ulong[] classes;
    private readonly Forms form;
    private readonly byte first;
    private readonly byte last;

    /// <param name="rows">The classes of rows.</param>
    /// <param name="classes">Those in the set, a bit each.</param>
    /// <param name="test">Whom the rows apart are asked of.</param>
    /// <param name="truth">The answer of those in the set.</param>
    public ClassedSet(RowClasses rows, ulong[] classes, AtomTest test, Truth truth)
    {
        (this.rows, this.classes, this.test, this.truth) = (rows, classes, test, truth);
        var count = BitKernels.Count(classes);
        foreach (var each in new RowsOf(classes))
        {
            first = last == 0 && !BitKernels.Contains(classes, first) ? (byte)each : first;
            last = (byte)each;
        }

        form = count == 0 ? Forms.None : first == last ? Forms.One : last - first + 1 == count ? Forms.Run : Forms.Many;
    }

    private enum Forms
    {
        None,
        One,
        Run,
        Many,
    }

    public void Fill(int firstWord, Span<ulong> bits)
    {
        switch (form)
        {
            case Forms.None: bits.Clear(); break;
            case Forms.One: ComparisonKernels.Fill<byte, EqualTo>(rows.Of(firstWord, bits.Length), first, first, bits); break;
            case Forms.Run: ComparisonKernels.Fill<byte, FromOn>(rows.Of(firstWord, bits.Length), first, (byte)(last - first), bits); break;
            default: CodeKernels.Lookup(rows.Of(firstWord, bits.Length), classes, bits); break;
        }

        if (!rows.Apart.IsEmpty)
        {
            AskApart(firstWord * 64, bits);
        }
    }

    private void AskApart(int firstRow, Span<ulong> bits)
    {
        var apart = rows.Apart;
        var at = apart.BinarySearch(firstRow);
        for (at = at < 0 ? ~at : at; at < apart.Length && apart[at] < firstRow + (bits.Length * 64); at++)
        {
            if (test.Of(apart[at]) == truth)
            {
                BitKernels.Set(bits, apart[at] - firstRow);
            }
            else
            {
                BitKernels.Clear(bits, apart[at] - firstRow);
            }
        }
    }
}

/// <summary>Values that have an order, classed by where they lie among borders. Class 0 is a missing value, class n + 1 has n borders at or below it.</summary>
internal sealed class RankedRows : RowClasses
{
    /// <summary>One class is for missing values, one for those below every border.</summary>
    public const int BordersMax = Max - 2;

    private const int RowsAtOnce = 256;

    /// <summary>Steps from the beginning of a bucket that need not be counted.</summary>
    private const int FreeSteps = 2;

    private readonly ScalarColumn column;
    private readonly long[] borders;
    private readonly double[] about = new double[Max];
    private readonly int[] apart;
    private readonly double from;
    private readonly double scale;

    /// <summary>Of each bucket the class it begins with and, times 256, the borders in it beyond the free steps.</summary>
    private readonly ushort[] table = new ushort[RankKernels.Buckets];

    /// <param name="column">The column.</param>
    /// <param name="borders">Keys of the column, ascending, none twice.</param>
    /// <param name="apart">The rows whose keys do not tell how they compare.</param>
    public RankedRows(ScalarColumn column, long[] borders, int[] apart)
    {
        (this.column, this.borders, this.apart) = (column, borders, apart);
        about.AsSpan().Fill(double.PositiveInfinity);
        about[0] = double.NaN;
        if (borders.Length > 0)
        {
            (from, scale) = Spread();
        }

        Span<int> bucket = stackalloc int[1];
        for (var i = 0; i < borders.Length; i++)
        {
            about[i + 1] = column.OfKey(borders[i]);
            RankKernels.Bucket(about.AsSpan(i + 1, 1), from, scale, bucket);
            table[bucket[0]]++;
        }

        var begins = 1;
        for (var i = 1; i < table.Length; i++)
        {
            int inside = table[i];
            table[i] = (ushort)(begins + (Max * Math.Max(0, inside - FreeSteps)));
            begins += inside;
        }
    }

    public override ReadOnlySpan<int> Apart => apart;

    /// <summary>The classes of the keys from one to another, both included.</summary>
    public (int First, int Last) Between(long from, long to) => (ClassOf(from), ClassOf(to));

    /// <summary>The classes of values that are there.</summary>
    public int Present => borders.Length + 1;

    protected override void Classify(int firstWord, Span<byte> into)
    {
        Span<int> buckets = stackalloc int[RowsAtOnce];
        Span<double> room = stackalloc double[RowsAtOnce];
        for (var start = 0; start < into.Length; start += RowsAtOnce)
        {
            var part = into[start..Math.Min(start + RowsAtOnce, into.Length)];
            var first = (firstWord * 64) + start;
            var values = column.Approximate(first, room[..part.Length]);
            RankKernels.Bucket(values, from, scale, buckets[..part.Length]);
            RankKernels.Rank(values, buckets[..part.Length], table, about, part);
            if (!column.RoundsKeys)
            {
                continue;
            }

            for (var i = 0; i < part.Length; i++)
            {
                // As far as doubles tell it is at a border: on which side, the key knows.
                if (part[i] > 0 && values[i] == about[part[i] - 1])
                {
                    part[i] = (byte)ClassOf(column.Key(first + i));
                }
            }
        }
    }

    /// <summary>Spreads the buckets over most of the borders, and somewhat beyond: the outermost may lie at the ends of the calendar.</summary>
    private (double From, double Scale) Spread()
    {
        var outer = borders.Length / 16;
        var (low, high) = (column.OfKey(borders[outer]), column.OfKey(borders[^(outer + 1)]));
        var beyond = (high / 8) - (low / 8);
        low = Math.Max(low - beyond, column.OfKey(borders[0]));
        return (low, RankKernels.Scale(low, Math.Min(high + beyond, column.OfKey(borders[^1]))));
    }

    /// <summary>One more than the number of borders that are not above a key.</summary>
    private int ClassOf(long key) => borders.AsSpan().BinarySearch(key) is var at && at < 0 ? ~at + 1 : at + 2;
}

/// <summary>The rows of a coded column of one byte, whose codes are their classes.</summary>
internal sealed class NarrowRows(CodedColumn column) : RowClasses
{
    public override ReadOnlySpan<byte> Of(int firstWord, int words) => column.Narrow.Slice(firstWord * 64, words * 64);

    protected override void Classify(int firstWord, Span<byte> into) => Of(firstWord, into.Length / 64).CopyTo(into);
}

/// <summary>The rows of a coded column with many codes: codes are of one class while all of some atoms give them one answer.</summary>
internal sealed class CodeClasses(CodedColumn column) : RowClasses
{
    private readonly List<Split> splits = [];
    private readonly List<int> firstOf = [];
    private byte[] classOf = [];
    private int known;
    private int generation;

    /// <summary>The atoms whose answers the classes keep apart.</summary>
    public IEnumerable<CodedTest> Tests => splits.Select(static split => split.Test);

    /// <summary>Classes for as many of the atoms as there is room for; the others are left in the list. The atoms have gathered their answers.</summary>
    public static CodeClasses Of(CodedColumn column, List<CodedTest> tests)
    {
        var classes = new CodeClasses(column);
        classes.Begin(tests);
        return classes;
    }

    /// <summary>Classes the codes that came since; false where there is no room for their classes or codes were given anew.</summary>
    public bool TryExtend()
    {
        if (generation != column.Generation)
        {
            return false;
        }

        if (classOf.Length < column.Values.Count)
        {
            Array.Resize(ref classOf, column.Values.Count + (column.Values.Count / 4));
        }

        for (; known < column.Values.Count; known++)
        {
            var classed = 0;
            foreach (var split in splits)
            {
                if (!split.TryClass(classed, known, out classed))
                {
                    return false;
                }
            }

            Classed(known, classed);
        }

        return true;
    }

    /// <summary>The classes for whose codes an atom has an answer.</summary>
    public ulong[] Where(CodedTest test, Truth truth)
    {
        var classes = new ulong[CodeKernels.ByteTableWords];
        for (var i = 0; i < firstOf.Count; i++)
        {
            if (test.Answer(firstOf[i]) == truth)
            {
                BitKernels.Set(classes, i);
            }
        }

        return classes;
    }

    protected override void Classify(int firstWord, Span<byte> into) => column.Translate(classOf, firstWord, into);

    private void Begin(List<CodedTest> tests)
    {
        (generation, known) = (column.Generation, column.Values.Count);
        classOf = new byte[known];
        var finer = new byte[known];
        for (var i = 0; i < tests.Count;)
        {
            var split = new Split(tests[i]);
            if (!TrySplit(split, finer))
            {
                i++;
                continue;
            }

            (classOf, finer) = (finer, classOf);
            splits.Add(split);
            tests.RemoveAt(i);
        }

        for (var code = 0; code < known; code++)
        {
            Classed(code, classOf[code]);
        }
    }

    private bool TrySplit(Split split, byte[] into)
    {
        for (var code = 0; code < into.Length; code++)
        {
            if (!split.TryClass(classOf[code], code, out var classed))
            {
                return false;
            }

            into[code] = (byte)classed;
        }

        return true;
    }

    private void Classed(int code, int classed)
    {
        classOf[code] = (byte)classed;
        if (classed == firstOf.Count)
        {
            firstOf.Add(code);
        }
    }

    /// <summary>How an atom parts the classes that the atoms before it made.</summary>
    private sealed class Split(CodedTest test)
    {
        private const int Answers = 3;

        /// <summary>The class that comes of a class and an answer, and 1.</summary>
        private readonly ushort[] parts = new ushort[Max * Answers];
        private ushort count;

        public CodedTest Test => test;

        public bool TryClass(int before, int code, out int classed)
        {
            ref var part = ref parts[(before * Answers) + (int)test.Answer(code)];
            if (part == 0 && count < Max)
            {
                part = ++count;
            }

            classed = part - 1;
            return part != 0;
        }
    }
}
