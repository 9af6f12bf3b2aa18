using SegmentEngine.Evaluation.Kernels;

namespace SegmentEngine.Evaluation;

/// <summary>Where the sets that clauses read come from, a block at a time.</summary>
internal interface ISlotSource
{
    void Fill(int slot, int firstWord, Span<ulong> bits);

    /// <summary>About how long a fill takes, in fills of the cheapest kind.</summary>
    double Cost(int slot);
}

/// <summary>
/// Room for the sets of one block of rows, and the combining of them. A set is filled when a clause first asks for it: what is settled by its first terms asks for
/// no more of them, and the terms are put in the order in which that comes soonest, as the blocks before had it.
/// </summary>
internal sealed class BlockMachine
{
    /// <summary>The words of the largest block: 4,096 rows, a set of 512 bytes.</summary>
    public const int WordsMax = 64;

    private const int WordsMin = 16;

    /// <summary>The sets of a block should stay in the cache of a core.</summary>
    private const int SetBytesMax = 1 << 21;

    /// <summary>How often a block is looked at for the order of terms.</summary>
    private const int LearnEvery = 16;

    private readonly ISlotSource source;
    private readonly ulong[] sets;
    private readonly int[] places;
    private readonly int[] filledIn;
    private readonly bool[] isEmpty;
    private readonly double[] shares;
    private readonly ulong[] vacant = new ulong[WordsMax];
    private readonly List<ulong[]> scratch = [];
    private int block;
    private int first;
    private int words;
    private bool hasVacant;
    private bool learns;

    /// <param name="slots">The numbered sets there must be room for; only they can be asked for.</param>
    /// <param name="source">Fills them.</param>
    public BlockMachine(IReadOnlyCollection<int> slots, ISlotSource source)
    {
        this.source = source;
        BlockWords = WordsMax;
        while (BlockWords > WordsMin && slots.Count * BlockWords * 8L > SetBytesMax)
        {
            BlockWords /= 2;
        }

        sets = new ulong[slots.Count * BlockWords];
        filledIn = new int[slots.Count];
        isEmpty = new bool[slots.Count];
        shares = new double[slots.Count];
        shares.AsSpan().Fill(Term.ShareUnknown);
        places = new int[slots.DefaultIfEmpty(-1).Max() + 1];
        places.AsSpan().Fill(-1);
        foreach (var (place, slot) in slots.Index())
        {
            places[slot] = place;
        }
    }

    /// <summary>The words of a block; a power of two.</summary>
    public int BlockWords { get; }

    /// <summary>Whether there is room for a numbered set.</summary>
    public bool Has(int slot) => slot < places.Length && places[slot] >= 0;

    /// <summary>A clause with its terms in an order that may change.</summary>
    public Term Ready(Clause clause) => clause switch
    {
        Clause.Leaf leaf => new(Term.Kinds.Leaf) { Slot = leaf.Slot, Cost = source.Cost(leaf.Slot) },
        Clause.All all => new(Term.Kinds.All) { Of = [.. all.Of.Select(Ready)], Cost = clause.Slots.Sum(source.Cost) },
        Clause.Any any => new(Term.Kinds.Any) { Of = [.. any.Of.Select(Ready)], Cost = clause.Slots.Sum(source.Cost) },
        _ => new(Term.Kinds.Nobody),
    };

    /// <summary>Another block; the sets of the last one are gone.</summary>
    /// <param name="firstWord">Where it begins.</param>
    /// <param name="occupied">Its rows that count; whatever is said of the others may be left out.</param>
    public void Begin(int firstWord, ReadOnlySpan<ulong> occupied)
    {
        (first, words) = (firstWord, occupied.Length);
        learns = block++ % LearnEvery == 0;
        hasVacant = occupied.ContainsAnyExcept(ulong.MaxValue);
        if (hasVacant)
        {
            occupied.CopyTo(vacant);
            BitKernels.Invert(vacant.AsSpan(0, words));
        }
    }

    /// <summary>Hands in one of the numbered sets.</summary>
    public void Put(int slot, ReadOnlySpan<ulong> bits, bool inverted)
    {
        var place = places[slot];
        var set = sets.AsSpan(place * BlockWords, words);
        bits.CopyTo(set);
        if (inverted)
        {
            BitKernels.Invert(set);
        }

        Filled(place, set);
    }

    /// <summary>The occupied rows for which a clause is TRUE; whether there are any.</summary>
    public bool Evaluate(Term term, Span<ulong> into)
    {
        if (!Evaluate(term, into, depth: 0))
        {
            return false;
        }

        if (hasVacant)
        {
            BitKernels.AndNot(into, vacant.AsSpan(0, words), into);
        }

        return true;
    }

    /// <summary>The rows for which a term is TRUE, the vacant ones as may be; whether there are any.</summary>
    private bool Evaluate(Term term, Span<ulong> into, int depth)
    {
        var any = term.Kind switch
        {
            Term.Kinds.All => All(term, into, depth),
            Term.Kinds.Any => Any(term, into, depth),
            Term.Kinds.Leaf => Copy(term, into),
            _ => Nobody(into),
        };

        if (learns && term.Kind is Term.Kinds.All or Term.Kinds.Any)
        {
            term.Learn(BitKernels.Count(into) / (words * 64d));
            term.Order(share => share.Kind == Term.Kinds.Leaf ? shares[places[share.Slot]] : share.Share);
        }

        return any;
    }

    private bool All(Term term, Span<ulong> into, int depth)
    {
        ReadOnlySpan<ulong> left = default;
        foreach (var part in term.Of)
        {
            if (!TryGet(part, left.IsEmpty ? into : Scratch(depth), depth + 1, out var right))
            {
                return Nobody(into);
            }

            if (left.IsEmpty)
            {
                left = right;
                continue;
            }

            BitKernels.And(left, right, into);
            if (!into.ContainsAnyExcept(0UL))
            {
                return false;
            }

            left = into;
        }

        return true;
    }

    private bool Any(Term term, Span<ulong> into, int depth)
    {
        ReadOnlySpan<ulong> left = default;
        foreach (var part in term.Of)
        {
            if (!TryGet(part, left.IsEmpty ? into : Scratch(depth), depth + 1, out var right))
            {
                continue;
            }

            if (left.IsEmpty)
            {
                left = right;
            }
            else
            {
                BitKernels.Or(left, right, into);
                left = into;
            }

            if (IsEveryone(left))
            {
                break;
            }
        }

        if (left.IsEmpty)
        {
            return Nobody(into);
        }

        // Only one of the terms had someone.
        if (left != into)
        {
            left.CopyTo(into);
        }

        return true;
    }

    /// <summary>The rows of a term, in its own set or in the room given; whether there are any.</summary>
    private bool TryGet(Term term, Span<ulong> room, int depth, out ReadOnlySpan<ulong> rows)
    {
        if (term.Kind == Term.Kinds.Leaf)
        {
            return TryGet(term.Slot, out rows);
        }

        rows = room;
        return Evaluate(term, room, depth);
    }

    private bool TryGet(int slot, out ReadOnlySpan<ulong> rows)
    {
        var place = places[slot];
        var set = sets.AsSpan(place * BlockWords, words);
        if (filledIn[place] != block)
        {
            source.Fill(slot, first, set);
            Filled(place, set);
        }

        rows = set;
        return !isEmpty[place];
    }

    private void Filled(int place, ReadOnlySpan<ulong> set)
    {
        filledIn[place] = block;
        isEmpty[place] = !set.ContainsAnyExcept(0UL);
        if (learns)
        {
            shares[place] = Term.Mean(shares[place], BitKernels.Count(set) / (words * 64d));
        }
    }

    private bool Copy(Term leaf, Span<ulong> into)
    {
        var any = TryGet(leaf.Slot, out var rows);
        rows.CopyTo(into);
        return any;
    }

    private static bool Nobody(Span<ulong> into)
    {
        into.Clear();
        return false;
    }

    private bool IsEveryone(ReadOnlySpan<ulong> rows)
    {
        if (!hasVacant)
        {
            return !rows.ContainsAnyExcept(ulong.MaxValue);
        }

        for (var i = 0; i < rows.Length; i++)
        {
            if ((rows[i] | vacant[i]) != ulong.MaxValue)
            {
                return false;
            }
        }

        return true;
    }

    private Span<ulong> Scratch(int depth)
    {
        while (scratch.Count <= depth)
        {
            scratch.Add(new ulong[BlockWords]);
        }

        return scratch[depth].AsSpan(0, words);
    }
}

/// <summary>A clause whose terms stand in the order in which they settle it soonest, as far as is known.</summary>
internal sealed class Term(Term.Kinds kind)
{
    /// <summary>Of a set that no block has asked for.</summary>
    public const double ShareUnknown = 0.5;

    /// <summary>Nothing is thought to be in all rows or in none.</summary>
    private const double ShareMin = 1e-5;

    public enum Kinds
    {
        Nobody,
        Leaf,
        All,
        Any,
    }

    public Kinds Kind => kind;

    /// <summary>Of a leaf: the numbered set it is.</summary>
    public int Slot { get; init; }

    public Term[] Of { get; init; } = [];

    public double Cost { get; init; }

    /// <summary>Of the rows, as far as is known.</summary>
    public double Share { get; private set; } = ShareUnknown;

    public static double Mean(double before, double now) => before == ShareUnknown ? now : ((before * 3) + now) / 4;

    public void Learn(double share) => Share = Mean(Share, share);

    /// <summary>First what takes the least time for the rows it settles: those it leaves out of an AND, those it brings into an OR.</summary>
    public void Order(Func<Term, double> shareOf)
    {
        // There are few of them, and mostly they stand well already.
        for (var i = 1; i < Of.Length; i++)
        {
            for (var at = i; at > 0 && Price(Of[at], shareOf) < Price(Of[at - 1], shareOf); at--)
            {
                (Of[at - 1], Of[at]) = (Of[at], Of[at - 1]);
            }
        }
    }

    private double Price(Term term, Func<Term, double> shareOf)
    {
        var left = Kind == Kinds.All ? shareOf(term) : 1 - shareOf(term);
        return term.Cost / -Math.Log(Math.Clamp(left, ShareMin, 1 - ShareMin));
    }
}
