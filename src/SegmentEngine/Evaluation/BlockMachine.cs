using SegmentEngine.Evaluation.Kernels;

namespace SegmentEngine.Evaluation;

/// <summary>Room for the sets of one block of rows, and the combining of them. 4,096 rows a block: a set takes 512 bytes, so the sets of 2,000 atoms take a megabyte of cache.</summary>
internal sealed class BlockMachine
{
    public const int Words = 64;

    private readonly ulong[] sets;
    private readonly int[] places;
    private readonly List<ulong[]> scratch = [];

    /// <param name="slots">The numbered sets there must be room for; only they can be asked for.</param>
    public BlockMachine(IReadOnlyCollection<int> slots)
    {
        sets = new ulong[slots.Count * Words];
        places = new int[slots.DefaultIfEmpty(-1).Max() + 1];
        places.AsSpan().Fill(-1);
        foreach (var (place, slot) in slots.Index())
        {
            places[slot] = place * Words;
        }
    }

    /// <summary>Whether there is room for a numbered set.</summary>
    public bool Has(int slot) => slot < places.Length && places[slot] >= 0;

    /// <summary>One of the numbered sets, as many words of it as the block has.</summary>
    public Span<ulong> Slot(int slot, int words) => sets.AsSpan(places[slot], words);

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
