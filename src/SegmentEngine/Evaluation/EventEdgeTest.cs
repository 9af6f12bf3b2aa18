using System.Numerics;
using System.Runtime.InteropServices;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>The first or last event, of all or of each value of a property, satisfies a formula or lies in a window.</summary>
internal sealed class EventEdgeTest(Atom.EventEdge atom, EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    private readonly ValueKeys? keys = rows.Selectors[0].Per is null ? null : new([.. rows.Selectors.Select(static selector => selector.Per!)]);
    private readonly KeySet asked = new();
    private (long FromTicks, long ToTicks) window;

    protected override Truth OfNone => Atom.IfMissing(atom.Missing);

    public override void Begin(Instant now)
    {
        base.Begin(now);
        window = EventWindow.At(atom.Window, now);
    }

    public override void Gather(CancellationToken cancel)
    {
        foreach (var selector in Selectors)
        {
            selector.Table.Settle();
            selector.Is?.GatherBoth();
        }

        base.Gather(cancel);
    }

    public override void Release()
    {
        base.Release();
        keys?.Forget();
    }

    public override Instant NextChange(Instant now) => Rows.NextChange(atom.Window, now);

    public override Instant NextChange(int row, Instant now) => Rows.NextChange(atom.Window, row, now);

    protected override (ulong True, ulong False) OfGathered(int word, ulong asked)
    {
        if (keys is not null || !Rows.IsSingle)
        {
            return base.OfGathered(word, asked);
        }

        var (table, chosen, run, isTrue, isFalse, isNone) = (Selectors[0].Table, Rows.Chosen, Rows.FirstRun, 0UL, 0UL, 0UL);
        for (var rest = asked; rest != 0; rest &= rest - 1, run++)
        {
            var bit = BitOperations.TrailingZeroCount(rest);
            var (first, end) = table.RunAt(run);
            var row = -1;
            if (end - first > BitKernels.PieceMax)
            {
                Rows.GoTo(bit);
                row = Rows.TryEdge(atom.Last, out var hit) ? hit.Row : -1;
            }
            else if (BitKernels.Piece(chosen, first, end - first) is > 0 and var piece)
            {
                row = first + (atom.Last ? BitOperations.Log2(piece) : BitOperations.TrailingZeroCount(piece));
            }

            if (row < 0)
            {
                isNone |= 1UL << bit;
            }
            else if (atom.Window is null)
            {
                var (whenTrue, whenFalse) = Selectors[0].Is!.BitsOf(row);
                isTrue |= whenTrue << bit;
                isFalse |= whenFalse << bit;
            }
            else
            {
                var ticks = table.Ticks[row];
                isTrue |= ((ticks >= window.FromTicks) & (ticks < window.ToTicks) ? 1UL : 0) << bit;
            }
        }

        isFalse |= atom.Window is null ? 0 : asked & ~isTrue & ~isNone;
        return (isTrue | (OfNone == Truth.True ? isNone : 0), isFalse | (OfNone == Truth.False ? isNone : 0));
    }

    protected override Truth OfGathered(int seat) => keys is not null ? base.OfGathered(seat) : Rows.TryEdge(atom.Last, out var hit) ? Ask(hit) : OfNone;

    protected override Truth Of(ReadOnlySpan<Hit> hits)
    {
        if (keys is null)
        {
            return Ask(atom.Last ? hits[^1] : hits[0]);
        }

        // From the edge inwards the first of each value is asked.
        var suffices = keys.AreExact;
        keys.Begin();
        asked.Clear();
        var any = Truth.False;
        for (var i = 0; i < hits.Length; i++)
        {
            var hit = atom.Last ? hits[^(i + 1)] : hits[i];
            var key = keys.Of(hit.Selector, hit.Row);
            if (key == ValueKeys.Inexact)
            {
                return OfValues(hits);
            }

            if (key != ValueKeys.Missing && asked.Add(key))
            {
                any = Kleene.Or(any, Ask(hit));
                if (suffices && any == Truth.True)
                {
                    break;
                }
            }
        }

        return asked.Count == 0 ? OfNone : any;
    }

    private Truth OfValues(ReadOnlySpan<Hit> hits)
    {
        var chosen = new Dictionary<TraitValue, Hit>();
        foreach (var hit in hits)
        {
            if (Selectors[hit.Selector].Per!.Value(hit.Row) is { } value)
            {
                ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(chosen, value, out var exists);
                place = exists && !atom.Last ? place : hit;
            }
        }

        return chosen.Count == 0 ? OfNone : chosen.Values.Aggregate(Truth.False, (any, hit) => Kleene.Or(any, Ask(hit)));
    }

    private Truth Ask(Hit hit) => atom.Window is null ? Selectors[hit.Selector].Is!.Of(hit.Row) : Kleene.Of(hit.Ticks >= window.FromTicks && hit.Ticks < window.ToTicks);
}
