using System.Runtime.InteropServices;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>Some choice of events tells a sequence. Whoever has an event for each step is looked at in order of time.</summary>
internal sealed class EventSequenceTest : EventTest
{
    private readonly SequenceSearch search;
    private readonly int[] eventOf;

    public EventSequenceTest(Atom.EventSequence atom, EventRows rows, ShardColumns columns) : base(rows, columns)
    {
        search = new(atom, rows.Selectors);
        eventOf = [.. rows.Selectors.Select(step => rows.Selectors.First(first => first.Table == step.Table).Number)];
    }

    public override void Gather()
    {
        AnswerAll(Truth.False);
        var steps = new uint[Words * 64];
        Rows.ForEach((selector, row) => steps[selector.Table.Seat(row)] |= 1u << selector.Number);
        var all = (1u << Rows.Selectors.Length) - 1;
        var fits = new List<Fit>();
        Rows.ForEach((selector, row) =>
        {
            if (steps[selector.Table.Seat(row)] == all)
            {
                fits.Add(FitOf(selector, row));
            }
        });

        fits.Sort();
        for (int first = 0, end; first < fits.Count; first = end)
        {
            var seat = fits[first].Seat;
            for (end = first + 1; end < fits.Count && fits[end].Seat == seat; end++)
            {
            }

            if (search.IsTold(CollectionsMarshal.AsSpan(fits)[first..end]))
            {
                Answer(seat, Truth.True);
            }
        }
    }

    public override Truth Of(int row)
    {
        var fits = new List<Fit>();
        Rows.ForEach(row, (selector, at) => fits.Add(FitOf(selector, at)));
        fits.Sort();
        return Kleene.Of(search.IsTold(CollectionsMarshal.AsSpan(fits)));
    }

    private Fit FitOf(SelectorRows selector, int row) => new(selector.Table.Seat(row), selector.Table.Ticks[row], eventOf[selector.Number], row, selector.Number);
}

/// <summary>An event that is one for a step, as far as that does not hang on other steps.</summary>
/// <param name="Seat">Whose it is.</param>
/// <param name="Ticks">When it happened.</param>
/// <param name="Event">The first step of its name.</param>
/// <param name="Row">In that name's table.</param>
/// <param name="Step">The step.</param>
internal readonly record struct Fit(int Seat, long Ticks, int Event, int Row, int Step) : IComparable<Fit>
{
    public int CompareTo(Fit other) => (Seat, Ticks, Event, Row, Step).CompareTo((other.Seat, other.Ticks, other.Event, other.Row, other.Step));
}
