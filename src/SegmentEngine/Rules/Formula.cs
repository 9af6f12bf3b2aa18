using System.Collections.Immutable;

namespace SegmentEngine.Rules;

/// <summary>
/// A checked rule, ready to be run: groups are gone, and every negative operator is the negation of its positive twin,
/// so that evaluators know positive atoms only. Not simplified beyond that.
/// </summary>
internal abstract record Formula
{
    private Formula()
    {
    }

    public sealed record All(ImmutableArray<Formula> Of) : Formula;

    public sealed record Any(ImmutableArray<Formula> Of) : Formula;

    public sealed record Negation(Formula Of) : Formula;

    public sealed record Leaf(Atom Atom) : Formula;

    /// <summary>A text that two formulas share exactly when they say the same in the same shape.</summary>
    public string Key => this switch
    {
        All all => $"({string.Join(" & ", all.Of.Select(static of => of.Key))})",
        Any any => $"({string.Join(" | ", any.Of.Select(static of => of.Key))})",
        Negation not => $"!{not.Of.Key}",
        Leaf leaf => leaf.Atom.Key,
        _ => throw new InvalidOperationException($"no key for {GetType().Name}"),
    };

    /// <summary>Every atom of this formula, not those inside an event's <c>where</c>.</summary>
    public IEnumerable<Atom> Atoms => this switch
    {
        All all => all.Of.SelectMany(static of => of.Atoms),
        Any any => any.Of.SelectMany(static of => of.Atoms),
        Negation not => not.Of.Atoms,
        Leaf leaf => [leaf.Atom],
        _ => throw new InvalidOperationException($"no atoms for {GetType().Name}"),
    };
}
