using System.Collections.Immutable;
using System.Numerics;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>An atom over events. Whoever has none that count has one answer, everyone else the answer of their events, which lie side by side: a whole shard is one pass over the event tables.</summary>
internal abstract class EventTest(EventRows rows, ShardColumns columns) : AtomTest
{
    /// <summary>Words of 64 seats between two looks at whether the work is cancelled.</summary>
    private const int WordsAtOnce = 64;

    private ulong[] trueSeats = [];
    private ulong[] falseSeats = [];

    protected EventRows Rows => rows;

    protected ImmutableArray<SelectorRows> Selectors => rows.Selectors;

    /// <summary>The answer where no event counts.</summary>
    protected abstract Truth OfNone { get; }

    public override void Begin(Instant now) => rows.Begin(now);

    public override void Gather(CancellationToken cancel)
    {
        rows.Gather(cancel);
        (trueSeats, falseSeats) = (new ulong[columns.Words], new ulong[columns.Words]);
        GatherSeats(cancel);
        rows.Scatter();
    }

    public override void Release()
    {
        (trueSeats, falseSeats) = ([], []);
        rows.Release();
    }

    public override void True(int firstWord, Span<ulong> bits) => trueSeats.AsSpan(firstWord, bits.Length).CopyTo(bits);

    public override void False(int firstWord, Span<ulong> bits) => falseSeats.AsSpan(firstWord, bits.Length).CopyTo(bits);

    public override Truth Of(int row) => rows.Of(row) is { IsEmpty: false } hits ? Of(hits) : OfNone;

    public override Instant NextChange(Instant now) => rows.NextChange(asked: null, now);

    public override Instant NextChange(int row, Instant now) => rows.NextChange(asked: null, row, now);

    /// <summary>The answer for a contact by the rows that count, at least one, in order of time.</summary>
    protected abstract Truth Of(ReadOnlySpan<Hit> hits);

    /// <summary>The same in a run over all contacts, by the sets of the seat that the rows are at.</summary>
    protected virtual Truth OfGathered(int seat) => rows.Gathered() is { IsEmpty: false } hits ? Of(hits) : OfNone;

    /// <summary>Answers everyone.</summary>
    private void GatherSeats(CancellationToken cancel)
    {
        var none = OfNone;
        for (var word = 0; word < trueSeats.Length; word++)
        {
            if (word % WordsAtOnce == 0)
            {
                cancel.ThrowIfCancellationRequested();
            }

            var asked = Asked(word, rows.Enter(word));
            var (isTrue, isFalse) = OfGathered(word, asked);
            (trueSeats[word], falseSeats[word]) = (isTrue | (none == Truth.True ? ~asked : 0), isFalse | (none == Truth.False ? ~asked : 0));
        }
    }

    /// <summary>The answers of some of the 64 seats that the rows are at, a bit each: those that are TRUE, those that are FALSE.</summary>
    protected virtual (ulong True, ulong False) OfGathered(int word, ulong asked)
    {
        var (isTrue, isFalse) = (0UL, 0UL);
        for (var rest = asked; rest != 0; rest &= rest - 1)
        {
            var bit = BitOperations.TrailingZeroCount(rest);
            rows.GoTo(bit);
            var truth = OfGathered((word << 6) | bit);
            isTrue |= (truth == Truth.True ? 1UL : 0) << bit;
            isFalse |= (truth == Truth.False ? 1UL : 0) << bit;
        }

        return (isTrue, isFalse);
    }

    /// <summary>Of 64 seats, some of which have events, those that may have another answer than who has none.</summary>
    protected virtual ulong Asked(int word, ulong present) => present;
}

/// <summary>How many events, or how many different values they have.</summary>
internal sealed class EventCountTest(Atom.EventCount atom, EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    private readonly ValueKeys? keys = atom.Events.HasDistinct ? new([.. rows.Selectors.Select(static selector => selector.Distinct!)]) : null;
    private readonly KeySet different = new();

    // The counts between these hold, or where it is negated all others do.
    private readonly bool isNegated = atom.Count.Operator == TraitOperator.Neq;
    private readonly (long Least, long Most) holding = Holding(atom.Count);

    protected override Truth OfNone => Holds(0);

    public override void Release()
    {
        base.Release();
        keys?.Forget();
    }

    protected override (ulong True, ulong False) OfGathered(int word, ulong asked)
    {
        if (keys is not null || !Rows.IsSingle)
        {
            return base.OfGathered(word, asked);
        }

        // One run after another, without a branch that hangs on the count.
        var (table, chosen, run, isTrue) = (Selectors[0].Table, Rows.Chosen, Rows.FirstRun, 0UL);
        for (var rest = asked; rest != 0; rest &= rest - 1, run++)
        {
            var bit = BitOperations.TrailingZeroCount(rest);
            var (first, end) = table.RunAt(run);
            int count;
            if (end - first <= BitKernels.PieceMax)
            {
                count = BitOperations.PopCount(BitKernels.Piece(chosen, first, end - first));
            }
            else
            {
                Rows.GoTo(bit);
                count = Rows.CountGathered();
            }

            isTrue |= ((count >= holding.Least) & (count <= holding.Most) ? 1UL : 0) << bit;
        }

        isTrue = isNegated ? asked & ~isTrue : isTrue;
        return (isTrue, asked & ~isTrue);
    }

    protected override Truth OfGathered(int seat) => keys is null ? Holds(Rows.CountGathered()) : base.OfGathered(seat);

    protected override Truth Of(ReadOnlySpan<Hit> hits)
    {
        if (keys is null)
        {
            return Holds(hits.Length);
        }

        // Beyond the number asked for, every further value leaves the answer as it is.
        var suffices = keys.AreExact ? atom.Count.N : long.MaxValue;
        keys.Begin();
        different.Clear();
        foreach (var hit in hits)
        {
            var key = keys.Of(hit.Selector, hit.Row);
            if (key == ValueKeys.Inexact)
            {
                return OfValues(hits);
            }

            if (key != ValueKeys.Missing)
            {
                different.Add(key);
                if (different.Count > suffices)
                {
                    break;
                }
            }
        }

        return Holds(different.Count);
    }

    private Truth OfValues(ReadOnlySpan<Hit> hits)
    {
        var values = new HashSet<TraitValue>();
        foreach (var hit in hits)
        {
            if (Selectors[hit.Selector].Distinct!.Value(hit.Row) is { } value)
            {
                values.Add(value);
            }
        }

        return Holds(values.Count);
    }

    private Truth Holds(int count) => Kleene.Of((count >= holding.Least && count <= holding.Most) != isNegated);

    private static (long Least, long Most) Holding(CountCheck check)
    {
        // What no count can be is one as good as the other.
        var n = Math.Clamp(check.N, -1, int.MaxValue + 1L);
        return check.Operator switch
        {
            TraitOperator.Lt => (0, n - 1),
            TraitOperator.Lte => (0, n),
            TraitOperator.Gt => (n + 1, long.MaxValue),
            TraitOperator.Gte => (n, long.MaxValue),
            TraitOperator.Eq or TraitOperator.Neq => (n, n),
            var other => throw new InvalidOperationException($"{other} is no comparison"),
        };
    }
}
