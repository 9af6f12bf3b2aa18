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
    private readonly Dictionary<int, Numeric> fine = [];
    private double[] values = [];

    public bool HasFine => fine.Count > 0;

    public ReadOnlySpan<double> Values => values;

    public override long Bytes => (values.Length * 8L) + (fine.Count * 56L) + PresentBytes;

    /// <summary>Whether the double of a number says all there is to it.</summary>
    public static bool IsPlain(Numeric number)
    {
        if (!number.IsExact || Math.Abs(number.Approximate) >= 1e28)
        {
            return false;
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

    private sealed class ComparisonProbe(NumberColumn column, ValueCheck.OfNumber check) : Probe
    {
        /// <summary>Wider than the errors of converting two decimals to double.</summary>
        private const double NearMax = 1e-14;

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
    }
}
