using System.Runtime.CompilerServices;
using SegmentEngine.Contacts;

namespace SegmentEngine.Evaluation;

/// <summary>
/// When two values may share a code: they are equal, and every check answers the same for both. That is finer than equality in one case: a number that is
/// no decimal is never the same as one that is, for it may equal two decimals that differ.
/// </summary>
internal sealed class ValueIdentity : IEqualityComparer<TraitValue>
{
    public static readonly ValueIdentity Comparer = new();

    private ValueIdentity()
    {
    }

    public bool Equals(TraitValue? left, TraitValue? right) => (left, right) switch
    {
        (TraitValue.Text mine, TraitValue.Text theirs) => mine.Value == theirs.Value,
        (TraitValue.Number mine, TraitValue.Number theirs) => mine.Value.IsExact == theirs.Value.IsExact && mine.Value == theirs.Value,
        (TraitValue.List mine, TraitValue.List theirs) => mine.Elements.AsSpan().SequenceEqual(theirs.Elements.AsSpan(), this!),
        _ => Equals((object?)left, right),
    };

    public int GetHashCode(TraitValue value) => value switch
    {
        TraitValue.Text text => text.Value.GetHashCode(StringComparison.Ordinal),
        TraitValue.Number number => number.Value.IsExact ? number.Value.Exact.GetHashCode() : number.Value.Approximate.GetHashCode(),
        TraitValue.List list => list.Elements.Aggregate(list.Elements.Length, (hash, element) => HashCode.Combine(hash, element is null ? 0 : GetHashCode(element))),
        _ => value.GetHashCode(),
    };

    /// <summary>Whether equality of this value is not transitive, so that which values are different hangs on the order they are met in.</summary>
    public static bool IsInexact(TraitValue value) => value switch
    {
        TraitValue.Number number => !number.Value.IsExact,
        TraitValue.List list => list.Elements.Any(static element => element is not null && IsInexact(element)),
        _ => false,
    };

    /// <summary>An estimate of what a value takes.</summary>
    public static long Bytes(TraitValue value) => value switch
    {
        TraitValue.Text text => 48 + (2L * text.Value.Length),
        TraitValue.Number => 24 + Unsafe.SizeOf<Numeric>(),
        TraitValue.Version version => 160 + (2L * version.Value.ToString().Length),
        TraitValue.List list => 32 + list.Elements.Sum(static element => 8 + (element is null ? 0 : Bytes(element))),
        _ => 32,
    };
}
