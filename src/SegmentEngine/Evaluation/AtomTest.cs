using SegmentEngine.Contacts;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// An atom bound to the columns it reads. It answers for one row, or for a block of rows as two sets, <see cref="True"/> and <see cref="False"/>;
/// what is in neither is UNKNOWN. A row is a contact's seat, or an event in its table. Rows without a contact are answered as if all were missing: the caller masks them.
/// </summary>
internal abstract class AtomTest
{
    /// <summary>Before anything is asked for an instant. Cheap: it is called for runs over one contact too.</summary>
    public virtual void Begin(Instant now)
    {
    }

    /// <summary>Before <see cref="True"/> and <see cref="False"/> are asked: what is worked out for all rows at once. Long work ends where it is cancelled.</summary>
    public virtual void Gather(CancellationToken cancel)
    {
    }

    /// <summary>After a run over all rows: lets go of what <see cref="Gather"/> made for this instant.</summary>
    public virtual void Release()
    {
    }

    /// <summary>About how long <see cref="True"/> takes, in readings of a set that is there.</summary>
    public virtual double Cost => 1;

    /// <summary>The rows of a block for which the atom is TRUE.</summary>
    public abstract void True(int firstWord, Span<ulong> bits);

    /// <summary>The rows of a block for which the atom is FALSE.</summary>
    public abstract void False(int firstWord, Span<ulong> bits);

    /// <summary>The answer for one row.</summary>
    public abstract Truth Of(int row);

    /// <summary>Says that <see cref="NextChange(Instant)"/> will be asked, so that what tests look for in one column is looked for at once.</summary>
    public virtual void Await(Instant now)
    {
    }

    /// <summary>The first instant after now at which the answer for some row may be another; never later than the true one.</summary>
    public virtual Instant NextChange(Instant now) => Instant.MaxValue;

    /// <summary>The same for one row.</summary>
    public virtual Instant NextChange(int row, Instant now) => Instant.MaxValue;

    /// <summary>The same for each of some rows: lowers an instant, in ticks, to that at which the row's answer may be another.</summary>
    public virtual void Due(Instant now, ReadOnlySpan<ulong> rows, Span<long> due)
    {
        foreach (var row in new RowsOf(rows))
        {
            due[row] = Math.Min(due[row], NextChange(row, now).Ticks);
        }
    }

    protected static Instant Earlier(Instant left, Instant right) => left < right ? left : right;
}

/// <summary>The same for every row.</summary>
internal sealed class ConstantTest(Truth value) : AtomTest
{
    public override void True(int firstWord, Span<ulong> bits) => bits.Fill(value == Truth.True ? ulong.MaxValue : 0);

    public override void False(int firstWord, Span<ulong> bits) => bits.Fill(value == Truth.False ? ulong.MaxValue : 0);

    public override Truth Of(int row) => value;
}

/// <summary>The contact's id is one of a list.</summary>
internal sealed class IdTest(Atom.IdIn atom, IdColumn ids) : AtomTest
{
    public override void True(int firstWord, Span<ulong> bits) => ids.Fill(atom.Ids, firstWord, bits);

    public override void False(int firstWord, Span<ulong> bits)
    {
        ids.Fill(atom.Ids, firstWord, bits);
        BitKernels.Invert(bits);
    }

    public override Truth Of(int row) => Kleene.Of(ids.Id(row) is { } id && atom.Ids.Contains(id));
}

/// <summary>Member of a segment whose set is handed in; UNKNOWN of everyone while there is none.</summary>
internal sealed class SetTest : AtomTest
{
    public ContactSet? Members { get; set; }

    public override void True(int firstWord, Span<ulong> bits) => (Members ?? ContactSet.Empty).CopyWords(firstWord, bits);

    public override void False(int firstWord, Span<ulong> bits)
    {
        if (Members is null)
        {
            bits.Clear();
            return;
        }

        True(firstWord, bits);
        BitKernels.Invert(bits);
    }

    public override Truth Of(int row) => Members is { } members ? Kleene.Of(members.Contains(new(row))) : Truth.Unknown;
}
