using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>A trait has a value, and its history says since when: the first change to it after the last change to something else.</summary>
internal sealed class TraitAgeTest : EventTest
{
    private readonly Atom.TraitAge atom;
    private readonly Column column;
    private readonly ShardColumns columns;
    private readonly AtomTest current;
    private Instant now;
    private Instant soonest;

    public TraitAgeTest(Atom.TraitAge atom, Column column, EventRows rows, ShardColumns columns) : base(rows, columns) =>
        (this.atom, this.column, this.columns, current) = (atom, column, columns, column.Test(atom.Current));

    /// <summary>Of whoever has the value; since when is not known.</summary>
    protected override Truth OfNone => Truth.Unknown;

    public override void Begin(Instant now)
    {
        base.Begin(now);
        current.Begin(now);
        this.now = now;
    }

    public override void Gather(CancellationToken cancel)
    {
        Selectors[0].Table.Settle();
        Selectors[0].Is!.GatherBoth();
        current.Gather(cancel);
        soonest = Instant.MaxValue;
        base.Gather(cancel);
    }

    public override Truth Of(int row) => current.Of(row) is var truth && truth == Truth.True ? Of(Rows.Of(row)) : Other(row, truth);

    public override Instant NextChange(Instant now) => Earlier(soonest, base.NextChange(now));

    public override Instant NextChange(int row, Instant now)
    {
        var next = base.NextChange(row, now);
        return current.Of(row) == Truth.True ? Earlier(next, Turns(Since(Rows.Of(row)))) : next;
    }

    protected override ulong Asked(int word, ulong present) => columns.Occupied[word];

    protected override Truth OfGathered(int seat)
    {
        var truth = current.Of(seat);
        if (truth != Truth.True)
        {
            return Other(seat, truth);
        }

        var hits = Rows.Gathered();
        soonest = Earlier(soonest, Turns(Since(hits)));
        return Of(hits);
    }

    /// <summary>The answer for whoever has the value; where its history does not say so, since when is not known.</summary>
    protected override Truth Of(ReadOnlySpan<Hit> hits) => Since(hits) is { } since ? Kleene.Of(atom.Holds(since, now)) : OfNone;

    /// <summary>The answer for everyone else.</summary>
    private Truth Other(int seat, Truth truth) => truth == Truth.Unknown && column.Value(seat) is null ? Atom.IfMissing(atom.Missing) : truth;

    private Instant Turns(Instant? since) => since?.Plus(atom.Length) is { } turns && turns > now ? turns : Instant.MaxValue;

    /// <summary>The change since which the value has been the same; null where the last change was to another.</summary>
    private Instant? Since(ReadOnlySpan<Hit> hits)
    {
        var first = hits.Length;
        while (first > 0 && Selectors[0].Is!.Of(hits[first - 1].Row) == Truth.True)
        {
            first--;
        }

        return first < hits.Length ? new(hits[first].Ticks) : null;
    }
}
