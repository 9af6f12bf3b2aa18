using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// Some choice of events tells a sequence. Where no two events are of one instant and no step compares with another, the latest instant at which each step can be told says it all;
/// the same, taken for granted that comparisons hold, tells who need not be searched.
/// </summary>
internal sealed class EventSequenceTest(Atom.EventSequence atom, EventRows rows, ShardColumns columns) : EventTest(rows, columns)
{
    private const long Untold = long.MinValue;

    private readonly SequenceSearch search = new(atom, rows.Selectors);
    private readonly long[] told = new long[rows.Selectors.Length];
    private readonly bool compares = rows.Selectors.Any(static selector => selector.Is is not null);
    private readonly int[] eventOf = [.. rows.Selectors.Select(step => rows.Selectors.First(first => first.Table == step.Table).Number)];
    private Fit[] fits = [];

    protected override Truth OfNone => Truth.False;

    protected override Truth Of(ReadOnlySpan<Hit> hits)
    {
        var isTold = IsToldApart(hits);
        return Kleene.Of(isTold is null ? Search(hits) : isTold.Value && (!compares || (search.IsToldApart(hits) ?? Search(hits))));
    }

    /// <summary>Nobody tells a sequence without an event of each name.</summary>
    protected override ulong Asked(int word, ulong present)
    {
        foreach (var selector in Selectors)
        {
            present &= selector.Table.Present(word);
        }

        return present;
    }

    protected override Truth OfGathered(int seat) => Rows.HasEach() ? base.OfGathered(seat) : OfNone;

    /// <summary>Whether the steps can be told by events of different instants, whatever they compare; null where two are of one instant.</summary>
    private bool? IsToldApart(ReadOnlySpan<Hit> hits)
    {
        var seen = 0u;
        foreach (var hit in hits)
        {
            seen |= 1u << hit.Selector;
        }

        if (seen != (uint)((1UL << told.Length) - 1))
        {
            return false;
        }

        told.AsSpan().Fill(Untold);
        var isTold = false;
        for (int first = 0, end; first < hits.Length; first = end)
        {
            var (hit, mask) = (hits[first], 0u);
            for (end = first; end < hits.Length && hits[end].Ticks == hit.Ticks; end++)
            {
                if (hits[end].Row != hit.Row || eventOf[hits[end].Selector] != eventOf[hit.Selector])
                {
                    return null;
                }

                mask |= 1u << hits[end].Selector;
            }

            // Later steps first: one event is for one step.
            for (var step = told.Length - 1; step >= 0; step--)
            {
                if ((mask & (1u << step)) != 0 && (step == 0 || (told[step - 1] != Untold && hit.Ticks - told[step - 1] <= atom.WithinTicks[step])))
                {
                    told[step] = hit.Ticks;
                    isTold |= step == told.Length - 1;
                }
            }
        }

        return isTold;
    }

    private bool Search(ReadOnlySpan<Hit> hits)
    {
        if (fits.Length < hits.Length)
        {
            fits = new Fit[hits.Length * 2];
        }

        for (var i = 0; i < hits.Length; i++)
        {
            fits[i] = new(hits[i].Ticks, eventOf[hits[i].Selector], hits[i].Row, hits[i].Selector);
        }

        var found = fits.AsSpan(0, hits.Length);
        found.Sort();
        return search.IsTold(found);
    }
}

/// <summary>An event that is one for a step, as far as that does not hang on other steps.</summary>
/// <param name="Ticks">When it happened.</param>
/// <param name="Event">The first step of its name.</param>
/// <param name="Row">In that name's table.</param>
/// <param name="Step">The step.</param>
internal readonly record struct Fit(long Ticks, int Event, int Row, int Step) : IComparable<Fit>
{
    public int CompareTo(Fit other)
    {
        var order = Ticks.CompareTo(other.Ticks);
        return order != 0 ? order : (Event, Row, Step).CompareTo((other.Event, other.Row, other.Step));
    }
}
