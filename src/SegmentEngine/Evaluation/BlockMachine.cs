using SegmentEngine.Evaluation.Kernels;

namespace SegmentEngine.Evaluation;

/// <summary>Room for the sets of one block of rows, and the combining of them. 4,096 rows a block: a set takes 512 bytes, so the sets of 2,000 atoms stay in the second-level cache.</summary>
internal sealed class BlockMachine(int slots)
{
    public const int Words = 64;

    private readonly ulong[] sets = new ulong[slots * Words];
    private readonly List<ulong[]> scratch = [];

    /// <summary>One of the numbered sets, as many words of it as the block has.</summary>
    public Span<ulong> Slot(int slot, int words) => sets.AsSpan(slot * Words, words);

    /// <summary>The rows for which a clause is TRUE.</summary>
    public void Evaluate(Clause clause, Span<ulong> into, int depth = 0)
    {
        switch (clause)
        {
            case Clause.Leaf leaf: Slot(leaf.Slot, into.Length).CopyTo(into); break;
            case Clause.All all: Combine<BitKernels.Conjunction>(all.Of.AsSpan(), into, depth); break;
            case Clause.Any any: Combine<BitKernels.Disjunction>(any.Of.AsSpan(), into, depth); break;
            default: into.Clear(); break;
        }
    }

    private void Combine<TOperation>(ReadOnlySpan<Clause> of, Span<ulong> into, int depth) where TOperation : struct, BitKernels.IOperation
    {
        var next = 1;
        if (of[0] is Clause.Leaf first && of[1] is Clause.Leaf second)
        {
            BitKernels.Combine<TOperation>(Slot(first.Slot, into.Length), Slot(second.Slot, into.Length), into);
            next = 2;
        }
        else
        {
            Evaluate(of[0], into, depth + 1);
        }

        for (; next < of.Length; next++)
        {
            if (of[next] is Clause.Leaf leaf)
            {
                BitKernels.Combine<TOperation>(into, Slot(leaf.Slot, into.Length), into);
                continue;
            }

            var other = Scratch(depth, into.Length);
            Evaluate(of[next], other, depth + 1);
            BitKernels.Combine<TOperation>(into, other, into);
        }
    }

    private Span<ulong> Scratch(int depth, int words)
    {
        while (scratch.Count <= depth)
        {
            scratch.Add(new ulong[Words]);
        }

        return scratch[depth].AsSpan(0, words);
    }
}
