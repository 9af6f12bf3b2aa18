using System.Numerics;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>From a rule's operator to the kernel that compares a column with one operand.</summary>
internal static class Comparisons
{
    public static void Fill<T>(TraitOperator op, ReadOnlySpan<T> values, T operand, Span<ulong> bits) where T : unmanaged, INumber<T>
    {
        switch (op)
        {
            case TraitOperator.Eq: ComparisonKernels.Fill<T, EqualTo>(values, operand, operand, bits); break;
            case TraitOperator.Lt: ComparisonKernels.Fill<T, LessThan>(values, operand, operand, bits); break;
            case TraitOperator.Lte: ComparisonKernels.Fill<T, AtMost>(values, operand, operand, bits); break;
            case TraitOperator.Gt: ComparisonKernels.Fill<T, GreaterThan>(values, operand, operand, bits); break;
            case TraitOperator.Gte: ComparisonKernels.Fill<T, AtLeast>(values, operand, operand, bits); break;
            case TraitOperator.Neq:
                ComparisonKernels.Fill<T, EqualTo>(values, operand, operand, bits);
                BitKernels.Invert(bits);
                break;
            default: throw new InvalidOperationException($"{op} is no comparison");
        }
    }
}
