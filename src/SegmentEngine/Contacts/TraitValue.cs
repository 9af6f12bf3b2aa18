using System.Collections.Immutable;

namespace SegmentEngine.Contacts;

/// <summary>
/// A usable value of a trait or an event's property, typed once as it comes in. The cases nested here are all there are.
/// A missing value (absent, null, or not convertible to the declared type) is a null reference, never one of these.
/// </summary>
public abstract record TraitValue
{
    private TraitValue()
    {
    }

    /// <summary>Text in normalisation form C. Empty text is a value.</summary>
    public sealed record Text(string Value) : TraitValue;

    public sealed record Number(Numeric Value) : TraitValue;

    public sealed record Flag(bool Value) : TraitValue;

    /// <summary>A calendar day.</summary>
    public sealed record Day(DateOnly Value) : TraitValue;

    /// <summary>An instant.</summary>
    public sealed record Moment(Instant Value) : TraitValue;

    public sealed record Version(SemanticVersion Value) : TraitValue;

    /// <summary>A list; an element that is null or does not convert is a null reference in it, and counts in its length.</summary>
    public sealed record List(ImmutableArray<TraitValue?> Elements) : TraitValue
    {
        public bool Equals(List? other) => other is not null && Elements.AsSpan().SequenceEqual(other.Elements.AsSpan());

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var element in Elements)
            {
                hash.Add(element);
            }

            return hash.ToHashCode();
        }
    }

    /// <summary>A JSON object: it is set, and no operator but the <c>is_…</c> ones reads it.</summary>
    public sealed record Composite : TraitValue
    {
        public static readonly Composite Instance = new();
    }
}
