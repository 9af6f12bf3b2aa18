using System.Collections.Immutable;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// A formula with NOT pushed down to its leaves, over numbered sets of rows. A leaf is the set for which an atom is TRUE or the set for which it is FALSE,
/// so the rows for which the whole is TRUE come from intersections and unions alone.
/// </summary>
internal abstract record Clause
{
    /// <summary>The set for which an atom is TRUE.</summary>
    public static int TrueSlot(int atom) => atom * 2;

    /// <summary>The set for which an atom is FALSE.</summary>
    public static int FalseSlot(int atom) => (atom * 2) + 1;

    private Clause()
    {
    }

    public sealed record Leaf(int Slot) : Clause;

    public sealed record All(ImmutableArray<Clause> Of) : Clause;

    public sealed record Any(ImmutableArray<Clause> Of) : Clause;

    /// <summary>An empty all or any is UNKNOWN, negated or not.</summary>
    public sealed record Nobody : Clause;

    /// <summary>The slots it reads.</summary>
    public IEnumerable<int> Slots => this switch
    {
        Leaf leaf => [leaf.Slot],
        All all => all.Of.SelectMany(static of => of.Slots),
        Any any => any.Of.SelectMany(static of => of.Slots),
        _ => [],
    };

    /// <summary>The rows for which a formula is TRUE, or FALSE where <paramref name="negated"/>.</summary>
    public static Clause Compile(Formula formula, Func<Atom, int> number, bool negated = false) => formula switch
    {
        Formula.Leaf leaf => new Leaf(negated ? FalseSlot(number(leaf.Atom)) : TrueSlot(number(leaf.Atom))),
        Formula.Negation not => Compile(not.Of, number, !negated),
        Formula.All all => Join([.. all.Of.Select(of => Compile(of, number, negated))], all: !negated),
        Formula.Any any => Join([.. any.Of.Select(of => Compile(of, number, negated))], all: negated),
        _ => throw new InvalidOperationException($"no clause for {formula.GetType().Name}"),
    };

    private static Clause Join(ImmutableArray<Clause> of, bool all)
    {
        if (of.Length <= 1)
        {
            return of.IsEmpty ? new Nobody() : of[0];
        }

        // Leaves first: they are combined in place, the others need a place of their own.
        ImmutableArray<Clause> flat = [.. of.SelectMany(each => each is All inner && all ? inner.Of : each is Any other && !all ? other.Of : [each]).OrderBy(static each => each is Leaf ? 0 : 1)];
        return all ? new All(flat) : new Any(flat);
    }
}
