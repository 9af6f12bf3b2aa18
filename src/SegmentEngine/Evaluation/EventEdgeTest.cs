using System.Runtime.InteropServices;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>The first or last event, of all or of each value of a property, satisfies a formula or lies in a window.</summary>
internal sealed class EventEdgeTest(Atom.EventEdge atom, EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    private const long None = -1;

    private readonly bool per = rows.Selectors[0].Per is not null;
    private (long FromTicks, long ToTicks) asked;

    public override void Begin(Instant now)
    {
        base.Begin(now);
        asked = EventWindow.At(atom.Window, now);
    }

    public override void Gather()
    {
        AnswerAll(Atom.IfMissing(atom.Missing));
        if (per)
        {
            GatherPer();
            return;
        }

        var chosen = new long[Words * 64];
        chosen.AsSpan().Fill(None);
        Rows.ForEach((selector, row) => Choose(ref chosen[selector.Table.Seat(row)], selector, row));
        for (var seat = 0; seat < chosen.Length; seat++)
        {
            if (chosen[seat] != None)
            {
                Answer(seat, Ask(chosen[seat]));
            }
        }
    }

    public override Truth Of(int row)
    {
        if (per)
        {
            return OfEach(row);
        }

        var chosen = None;
        Rows.ForEach(row, (selector, at) => Choose(ref chosen, selector, at));
        return chosen == None ? Atom.IfMissing(atom.Missing) : Ask(chosen);
    }

    public override Instant NextChange(Instant now) => Rows.NextChange(atom.Window, now);

    public override Instant NextChange(int row, Instant now) => Rows.NextChange(atom.Window, row, now);

    private void GatherPer()
    {
        var numbers = new ValueNumbers();
        var chosen = new Dictionary<(int Seat, int Value), long>();
        var inexact = new HashSet<int>();
        Rows.ForEach((selector, row) =>
        {
            var seat = selector.Table.Seat(row);
            var number = numbers.Of(selector.Per!, row);
            if (number >= 0)
            {
                ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(chosen, (seat, number), out var exists);
                place = exists ? place : None;
                Choose(ref place, selector, row);
            }
            else if (number == ValueNumbers.Inexact)
            {
                inexact.Add(seat);
            }
        });

        var answers = new Dictionary<int, Truth>();
        foreach (var ((seat, _), place) in chosen)
        {
            answers[seat] = Kleene.Or(answers.GetValueOrDefault(seat, Truth.False), Ask(place));
        }

        foreach (var (seat, truth) in answers)
        {
            Answer(seat, truth);
        }

        foreach (var seat in inexact)
        {
            Answer(seat, OfEach(seat));
        }
    }

    private Truth OfEach(int seat)
    {
        var found = new List<(SelectorRows Selector, int Row)>();
        Rows.ForEach(seat, (selector, row) => found.Add((selector, row)));
        found.Sort(InTime.Compare);
        var chosen = new Dictionary<TraitValue, long>();
        foreach (var (selector, row) in found)
        {
            if (selector.Per!.Value(row) is { } value)
            {
                ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(chosen, value, out var exists);
                place = exists ? place : None;
                Choose(ref place, selector, row);
            }
        }

        return chosen.Count == 0 ? Atom.IfMissing(atom.Missing) : chosen.Values.Aggregate(Truth.False, (any, place) => Kleene.Or(any, Ask(place)));
    }

    /// <summary>Takes a row in where it lies further to the edge than the one chosen so far.</summary>
    private void Choose(ref long chosen, SelectorRows selector, int row)
    {
        if (chosen == None || (EventTable.Compare(selector.Table, row, At(chosen).Table, Row(chosen)) > 0) == atom.Last)
        {
            chosen = ((long)selector.Number << 32) | (uint)row;
        }
    }

    private Truth Ask(long chosen)
    {
        if (atom.Window is null)
        {
            return At(chosen).Is!.Of(Row(chosen));
        }

        var ticks = At(chosen).Table.Ticks[Row(chosen)];
        return Kleene.Of(ticks >= asked.FromTicks && ticks < asked.ToTicks);
    }

    private SelectorRows At(long chosen) => Rows.Selectors[(int)(chosen >> 32)];

    private static int Row(long chosen) => (int)(chosen & uint.MaxValue);
}
