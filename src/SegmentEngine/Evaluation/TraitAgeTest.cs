using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>A trait has a value, and its history says since when: the first change to it after the last change to something else.</summary>
internal sealed class TraitAgeTest : EventTest
{
    private const int None = -1;

    private readonly Atom.TraitAge atom;
    private readonly Column column;
    private readonly ShardColumns columns;
    private readonly AtomTest current;
    private Instant now;
    private Instant soonest;

    public TraitAgeTest(Atom.TraitAge atom, Column column, EventRows rows, ShardColumns columns) : base(rows, columns) =>
        (this.atom, this.column, this.columns, current) = (atom, column, columns, column.Test(atom.Current));

    private SelectorRows History => Rows.Selectors[0];

    public override void Begin(Instant now)
    {
        base.Begin(now);
        current.Begin(now);
        this.now = now;
    }

    public override void Gather()
    {
        current.Gather();
        var since = Since();
        soonest = Instant.MaxValue;
        AnswerAll(Truth.Unknown);
        foreach (var seat in new RowsOf(columns.Occupied[..Words]))
        {
            var truth = current.Of(seat);
            Answer(seat, truth == Truth.True ? Aged(since[seat]) : Other(seat, truth));
            if (truth == Truth.True && since[seat] != None)
            {
                soonest = Earlier(soonest, Turns(since[seat]));
            }
        }
    }

    public override Truth Of(int row) => current.Of(row) is var truth && truth == Truth.True ? Aged(Since(row)) : Other(row, truth);

    public override Instant NextChange(Instant now) => Earlier(soonest, base.NextChange(now));

    public override Instant NextChange(int row, Instant now)
    {
        var next = base.NextChange(row, now);
        return current.Of(row) == Truth.True && Since(row) is not None and var since ? Earlier(next, Turns(since)) : next;
    }

    /// <summary>The answer for whoever has the value; where its history does not say so, since when is not known.</summary>
    private Truth Aged(int since) => since == None ? Truth.Unknown : Kleene.Of(atom.Holds(History.Table.At(since), now));

    /// <summary>The answer for everyone else.</summary>
    private Truth Other(int seat, Truth truth) => truth == Truth.Unknown && column.Value(seat) is null ? Atom.IfMissing(atom.Missing) : truth;

    private Instant Turns(int since) => History.Table.At(since).Plus(atom.Length) is var turns && turns > now ? turns : Instant.MaxValue;

    /// <summary>For each seat the change since which the value has been the same, or none.</summary>
    private int[] Since()
    {
        var (since, other) = (new int[Words * 64], new int[Words * 64]);
        since.AsSpan().Fill(None);
        other.AsSpan().Fill(None);
        Rows.ForEach((selector, row) => TakeOther(ref other[selector.Table.Seat(row)], row));
        Rows.ForEach((selector, row) => TakeSame(ref since[selector.Table.Seat(row)], row, after: other[selector.Table.Seat(row)]));
        return since;
    }

    private int Since(int seat)
    {
        var (since, other) = (None, None);
        Rows.ForEach(seat, (_, row) => TakeOther(ref other, row));
        Rows.ForEach(seat, (_, row) => TakeSame(ref since, row, after: other));
        return since;
    }

    private void TakeOther(ref int last, int row)
    {
        if (!IsSame(row) && (last == None || IsLater(row, last)))
        {
            last = row;
        }
    }

    private void TakeSame(ref int first, int row, int after)
    {
        if (IsSame(row) && (after == None || IsLater(row, after)) && (first == None || IsLater(first, row)))
        {
            first = row;
        }
    }

    private bool IsSame(int row) => History.Is!.Of(row) == Truth.True;

    private bool IsLater(int row, int other) => EventTable.Compare(History.Table, row, History.Table, other) > 0;
}
