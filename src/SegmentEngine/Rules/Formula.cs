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

    /// <summary>The same text for formulas that differ in nesting, order, repetition or double negation only.</summary>
    public string Canonical => this switch
    {
        All all => Joined(" & ", Flat(all.Of, static part => part is All inner ? inner.Of : null)),
        Any any => Joined(" | ", Flat(any.Of, static part => part is Any inner ? inner.Of : null)),
        Negation { Of: Negation twice } => twice.Of.Canonical,
        Negation not => $"!{not.Of.Canonical}",
        Leaf leaf => leaf.Atom.Key,
        _ => throw new InvalidOperationException($"no canonical form for {GetType().Name}"),
    };

    private static IEnumerable<Formula> Flat(ImmutableArray<Formula> parts, Func<Formula, ImmutableArray<Formula>?> inner) =>
        parts.Select(static part => part.Plain).SelectMany(part => inner(part) is { } nested ? Flat(nested, inner) : [part]);

    /// <summary>Without what changes nothing: two negations in a row, an <c>and</c> or <c>or</c> of one.</summary>
    private Formula Plain => this switch
    {
        Negation { Of: Negation twice } => twice.Of.Plain,
        All { Of: [var only] } => only.Plain,
        Any { Of: [var only] } => only.Plain,
        _ => this,
    };

    private static string Joined(string by, IEnumerable<Formula> parts)
    {
        var texts = parts.Select(static part => part.Canonical).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return texts.Count == 1 ? texts[0] : $"({string.Join(by, texts)})";
    }

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
