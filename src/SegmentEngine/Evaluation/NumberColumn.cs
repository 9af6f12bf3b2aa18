using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// Numbers as doubles, NaN where one is missing. A double stands for the decimal it came from when it gives that decimal back; such numbers compare
/// as their doubles do. Any other (more than 15 digits, or no decimal at all) is also kept as it came, and looked at where doubles lie too near to tell.
/// </summary>
internal sealed class NumberColumn : ScalarColumn
{
    /// <summary>Wider than the errors of converting two decimals to double, in relation to either.</summary>
    private const double NearMax = 1e-14;

    /// <summary>One row in so many may be such that its double does not say all.</summary>
    private const int UndecidedShare = 16;

    /// <summary>A double and back leaves fifteen digits as they were.</summary>
    private const ulong FifteenDigits = 999_999_999_999_999;

    /// <summary>Ten to a power up to this is a double without error.</summary>
    private const int ExactPowerMax = 22;

    private Dictionary<int, Numeric> fine = [];
    private double[] values = [];

    public bool HasFine => fine.Count > 0;

    /// <summary>Whether the double of a row's number does not say all there is to it.</summary>
    public bool IsFine(int row) => fine.Count > 0 && fine.ContainsKey(row);

    public ReadOnlySpan<double> Values => values;

    public override long Bytes => (values.Length * 8L) + (fine.Count * 56L) + PresentBytes;

    /// <summary>Whether the double of a number says all there is to it.</summary>
    public static bool IsPlain(Numeric number)
    {
        if (!number.IsExact || Math.Abs(number.Approximate) >= 1e28)
        {
            return false;
        }

        Span<int> bits = stackalloc int[4];
        _ = decimal.GetBits(number.Exact, bits);
        if (bits[2] == 0 && unchecked(((ulong)(uint)bits[1] << 32) | (uint)bits[0]) <= FifteenDigits && number.Exact.Scale <= ExactPowerMax)
        {
            return true;
        }

        // Trailing zeros go first: .NET's conversion to double depends on how a decimal is written, and here equal numbers must be equal doubles.
        var shortest = number.Exact / 1.0000000000000000000000000000m;
        return (double)shortest == number.Approximate && (decimal)number.Approximate == shortest;
    }

    public override void Grow(int capacity)
    {
        base.Grow(capacity);
        var before = values.Length;
        Array.Resize(ref values, capacity);
        values.AsSpan(before).Fill(double.NaN);
    }

    public override void Reorder(ReadOnlySpan<int> order, int capacity)
    {
        base.Reorder(order, capacity);
        values = ColumnTable.Reordered(values, order, capacity, double.NaN);
        var before = fine;
        fine = [];
        for (var row = 0; row < order.Length && fine.Count < before.Count; row++)
        {
            if (before.TryGetValue(order[row], out var number))
            {
                fine.Add(row, number);
            }
        }
    }

    public override void Set(int row, TraitValue? value)
    {
        fine.Remove(row);
        if (value is TraitValue.Number { Value: var number })
        {
            values[row] = number.Approximate;
            if (!IsPlain(number))
            {
                fine[row] = number;
            }
        }
        else
        {
            values[row] = double.NaN;
        }

        Mark(row, has: value is not null);
    }

    /// <summary>The bits of a double, so turned that they grow with it.</summary>
    public override long Key(int row) => KeyOf(values[row]);

    public override double OfKey(long key) => BitConverter.Int64BitsToDouble(key < 0 ? key ^ long.MaxValue : key);

    public override ReadOnlySpan<double> Approximate(int firstRow, Span<double> room) => values.AsSpan(firstRow, room.Length);

    public override int[]? Undecided(ReadOnlySpan<long> borders)
    {
        if (fine.Count > values.Length / UndecidedShare)
        {
            return null;
        }

        var undecided = new List<int>();
        foreach (var row in fine.Keys)
        {
            var above = borders.BinarySearch(Key(row));
            above = above < 0 ? ~above : above;
            if ((above < borders.Length && IsNear(OfKey(borders[above]), values[row])) || (above > 0 && IsNear(OfKey(borders[above - 1]), values[row])))
            {
                undecided.Add(row);
            }
        }

        undecided.Sort();
        return [.. undecided];
    }

    public override TraitValue? Value(int row) => Has(row) ? new TraitValue.Number(Number(row)) : null;

    /// <summary>The number of a row that has one, as it came.</summary>
    public Numeric Number(int row) => fine.Count > 0 && fine.TryGetValue(row, out var number) ? number : new((decimal)values[row]);

    public override long Glance(int row) => fine.Count > 0 && fine.ContainsKey(row) ? Unsure : Ordered(values[row]);

    protected override long Missing => Ordered(double.NaN);

    protected override IEnumerable<long>? CutsOf(ValueCheck check)
    {
        IReadOnlyList<Numeric>? operands = check switch
        {
            ValueCheck.OfNumber of => [of.Operand],
            ValueCheck.BetweenNumbers between => [between.Low, between.High],
            ValueCheck.InNumbers among => among.Operands,
            _ => null,
        };
        return operands?.All(IsPlain) == true ? operands.SelectMany(static operand => new[] { Ordered(operand.Approximate), Ordered(operand.Approximate) + 1 }) : null;
    }

    /// <summary>A double as a whole number of the same order; zero has one, whatever its sign.</summary>
    private static long Ordered(double value) => BitConverter.DoubleToInt64Bits(value + 0.0) is var bits && bits >= 0 ? bits : long.MinValue - bits;

    public override Probe? Probe(ValueCheck check) => check switch
    {
        ValueCheck.OfNumber of => new ComparisonProbe(this, of),
        ValueCheck.BetweenNumbers between => new BetweenProbe(new(this, new(TraitOperator.Gte, between.Low)), new(this, new(TraitOperator.Lte, between.High))),
        ValueCheck.InNumbers among => new AmongProbe(this, among),
        _ => null,
    };

    /// <summary>Zero is zero, whatever its sign.</summary>
    private static long KeyOf(double value) => BitConverter.DoubleToInt64Bits(value + 0.0) is var bits && bits < 0 ? bits ^ long.MaxValue : bits;

    /// <summary>Twice as wide as need be, since a border is the operand or the double next to it.</summary>
    private static bool IsNear(double border, double value) => Math.Abs(value - border) <= 2 * NearMax * Math.Max(Math.Abs(border), Math.Abs(value));

    private sealed class ComparisonProbe(NumberColumn column, ValueCheck.OfNumber check) : Probe
    {
        private readonly double operand = check.Operand.Approximate;
        private readonly bool isPlain = IsPlain(check.Operand);

        /// <summary>The comparison of doubles decides.</summary>
        private bool IsDecided => isPlain && !column.HasFine;

        public override void Fill(int firstWord, Span<ulong> bits)
        {
            var values = column.values.AsSpan(firstWord * 64, bits.Length * 64);
            Comparisons.Fill(check.Operator, values, operand, bits);
            if (check.Operator == TraitOperator.Neq)
            {
                // A missing row's NaN differs from everything.
                BitKernels.And(bits, column.Present.Slice(firstWord, bits.Length), bits);
            }

            if (!IsDecided)
            {
                LookCloser(firstWord, values, bits);
            }
        }

        public override bool Holds(int row)
        {
            var value = column.values[row];
            if (!IsDecided)
            {
                return column.Has(row) && check.Holds(column.Number(row));
            }

            return check.Operator switch
            {
                TraitOperator.Eq => value == operand,
                TraitOperator.Lt => value < operand,
                TraitOperator.Lte => value <= operand,
                TraitOperator.Gt => value > operand,
                TraitOperator.Gte => value >= operand,
                _ => column.Has(row) && check.Holds(column.Number(row)),
            };
        }

        public override bool TryStretches(List<(long From, long To)> stretches)
        {
            if (!isPlain)
            {
                return false;
            }

            var key = KeyOf(operand);
            if (check.Operator is TraitOperator.Lt or TraitOperator.Neq)
            {
                stretches.Add((long.MinValue, key - 1));
            }

            if (check.Operator is TraitOperator.Gt or TraitOperator.Neq)
            {
                stretches.Add((key + 1, long.MaxValue));
            }

            if (check.Operator is TraitOperator.Eq or TraitOperator.Lte or TraitOperator.Gte)
            {
                stretches.Add((check.Operator == TraitOperator.Lte ? long.MinValue : key, check.Operator == TraitOperator.Gte ? long.MaxValue : key));
            }

            return true;
        }

        /// <summary>Whether both comparisons of one number with two operands hold.</summary>
        public bool HoldsBoth(ComparisonProbe other, int row) => Holds(row) && other.Holds(row);

        /// <summary>Both comparisons of a block in one pass, where doubles decide; false where they do not.</summary>
        public bool TryFillBetween(ComparisonProbe high, int firstWord, Span<ulong> bits)
        {
            if (!IsDecided || !high.isPlain)
            {
                return false;
            }

            ComparisonKernels.Fill<double, Within>(column.values.AsSpan(firstWord * 64, bits.Length * 64), operand, high.operand, bits);
            return true;
        }

        private void LookCloser(int firstWord, ReadOnlySpan<double> values, Span<ulong> bits)
        {
            Span<ulong> near = stackalloc ulong[bits.Length];
            var margin = Math.Abs(operand) * NearMax;
            ComparisonKernels.Fill<double, Within>(values, operand - margin, operand + margin, near);
            foreach (var row in new RowsOf(near))
            {
                if (check.Holds(column.Number((firstWord * 64) + row)))
                {
                    BitKernels.Set(bits, row);
                }
                else
                {
                    BitKernels.Clear(bits, row);
                }
            }
        }
    }

    private sealed class BetweenProbe(ComparisonProbe low, ComparisonProbe high) : Probe
    {
        public override void Fill(int firstWord, Span<ulong> bits)
        {
            if (!low.TryFillBetween(high, firstWord, bits))
            {
                Span<ulong> below = stackalloc ulong[bits.Length];
                low.Fill(firstWord, bits);
                high.Fill(firstWord, below);
                BitKernels.And(bits, below, bits);
            }
        }

        public override bool Holds(int row) => low.HoldsBoth(high, row);

        public override bool TryStretches(List<(long From, long To)> stretches)
        {
            var ends = new List<(long From, long To)>();
            if (!low.TryStretches(ends) || !high.TryStretches(ends))
            {
                return false;
            }

            stretches.Add((ends[0].From, ends[1].To));
            return true;
        }
    }

    private sealed class AmongProbe(NumberColumn column, ValueCheck.InNumbers check) : Probe
    {
        /// <summary>Up to this many numbers are compared one after the other by vectors, which is faster than to look each row up.</summary>
        private const int ComparedMax = 32;

        private readonly ComparisonProbe[] comparisons =
            check.Operands.Length > ComparedMax ? [] : [.. check.Operands.Select(operand => new ComparisonProbe(column, new(TraitOperator.Eq, operand)))];

        public override void Fill(int firstWord, Span<ulong> bits)
        {
            bits.Clear();
            Span<ulong> one = stackalloc ulong[bits.Length];
            foreach (var comparison in comparisons)
            {
                comparison.Fill(firstWord, one);
                BitKernels.Or(bits, one, bits);
            }

            if (comparisons.Length == 0)
            {
                foreach (var row in new RowsOf(column.Present.Slice(firstWord, bits.Length)))
                {
                    bits[row >> 6] |= (Holds((firstWord * 64) + row) ? 1UL : 0) << (row & 63);
                }
            }
        }

        public override bool Holds(int row) => column.Has(row) && check.Holds(column.Number(row));

        public override bool TryStretches(List<(long From, long To)> stretches) =>
            comparisons.Length > 0 && Array.TrueForAll(comparisons, comparison => comparison.TryStretches(stretches));
    }
}
