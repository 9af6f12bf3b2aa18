using System.Collections.Frozen;
using SegmentEngine.Rules;

namespace SegmentEngine.Scripting;

/// <summary>A word of the text form.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Form">How it is used.</param>
/// <param name="Says">What it says, in a line.</param>
internal sealed record Word(string Name, string Form, string Says);

/// <summary>Every word of the text form that is neither a name nor a value: read by the reader, offered by the completion, listed in the manual.</summary>
internal static class Vocabulary
{
    /// <summary>Conditions that begin with a word of their own.</summary>
    public static readonly FrozenDictionary<string, Word> Functions = Words(
        new("AllContacts", "AllContacts()", "everybody"),
        new("NoContacts", "NoContacts()", "nobody"),
        new("InSegment", "InSegment(\"id\")", "a member of another segment"),
        new("NotInSegment", "NotInSegment(\"id\")", "no member of another segment"),
        new("OnList", "OnList(\"id\")", "on a static list"),
        new("NotOnList", "NotOnList(\"id\")", "not on a static list"),
        new("ContactIdIn", "ContactIdIn(\"id\", …)", "one of these ids"),
        new("CreatedAtBetween", "CreatedAtBetween(\"after\", \"before\")", "created at or after one instant and before another; null is open"),
        new("EmailDomainIn", "EmailDomainIn(\"acme.com\", …)", "the e-mail address is of one of these domains"),
        new("AffectedBySequence", "AffectedBySequence(\"id\")", "was enrolled in a sequence"),
        new("Sample", "Sample(10, \"salt\")", "a share of all contacts in percent, always the same ones"),
        new("Unsupported", "Unsupported(\"origin\", Json(\"…\"))", "what an importer could not say; never published"),
        new("Group", "Group(condition)", "carries a condition where only leaves stand"),
        new("All", "All(condition, …)", "every one of these, also where it is only one"),
        new("Any", "Any(condition, …)", "at least one of these, also where it is only one"));

    /// <summary>What conditions on events begin with.</summary>
    public static readonly FrozenDictionary<string, Word> Events = Words(
        new("Event", "Event(\"name\")", "such an event happened; with Count, Sum and others, how it adds up"),
        new("FirstEvent", "FirstEvent(\"name\")", "the first such event"),
        new("LastEvent", "LastEvent(\"name\")", "the last such event"),
        new("Sequence", "Sequence(Event(\"a\"), Event(\"b\"))", "these events in this order"));

    public static readonly Word Tree = new("Tree", "Tree(condition)", "a whole rule in the JSON's own shape, which is not alternatives of conditions");
    public static readonly Word Trait = new("Trait", "Trait(\"odd name\")", "a trait whose name is no plain word");
    public static readonly Word Property = new("Property", "Property(\"odd name\")", "an event's property whose name is no plain word");
    public static readonly Word Step = new("Step", "Step(0, \"property\")", "the value that an earlier step of a sequence had");
    public static readonly Word Json = new("Json", "Json(\"\"\"{…}\"\"\")", "a value as JSON");
    public static readonly Word With = new("With", "With(missing: \"match\")", "options of a condition");

    /// <summary>What may follow the name of a trait or property, beside comparisons.</summary>
    public static readonly FrozenDictionary<string, Word> Operators = Words(
        new("IsSet", "IsSet()", "is there"),
        new("IsNotSet", "IsNotSet()", "is not there"),
        new("IsEmpty", "IsEmpty()", "is not there, or an empty text or list"),
        new("IsNotEmpty", "IsNotEmpty()", "is there, and no empty text or list"),
        new("In", "In(…)", "is one of these"),
        new("NotIn", "NotIn(…)", "is none of these"),
        new("Contains", "Contains(\"…\")", "contains this text"),
        new("NotContains", "NotContains(\"…\")", "does not contain this text"),
        new("StartsWith", "StartsWith(\"…\")", "starts with this text"),
        new("NotStartsWith", "NotStartsWith(\"…\")", "does not start with this text"),
        new("EndsWith", "EndsWith(\"…\")", "ends with this text"),
        new("NotEndsWith", "NotEndsWith(\"…\")", "does not end with this text"),
        new("Matches", "Matches(\"…\")", "matches this regular expression"),
        new("NotMatches", "NotMatches(\"…\")", "does not match this regular expression"),
        new("InCidr", "InCidr(\"10.0.0.0/8\")", "is an address in this network"),
        new("NotInCidr", "NotInCidr(\"10.0.0.0/8\")", "is an address outside of this network"),
        new("Between", "Between(1, 5)", "from the one to the other: numbers, days or instants"),
        new("NotBetween", "NotBetween(1, 5)", "outside of the one to the other"),
        new("BetweenValues", "BetweenValues(…, …)", "Between, of values whatever they look like"),
        new("BetweenDates", "BetweenDates(…, …)", "Between, of days or instants whatever they look like"),
        new("Before", "Before(\"2024-05-01\")", "before this day or instant"),
        new("After", "After(\"2024-05-01\")", "after this day, or at or after this instant"),
        new("On", "On(\"2024-05-01\")", "on this day"),
        new("InLast", "InLast(14.Days())", "at most so long ago"),
        new("NotInLast", "NotInLast(14.Days())", "longer ago, or not yet"),
        new("InNext", "InNext(14.Days())", "at most so long from now"),
        new("NotInNext", "NotInNext(14.Days())", "later than that, or past"),
        new("MoreThanAgo", "MoreThanAgo(14.Days())", "at least so long ago"),
        new("AnniversaryInNext", "AnniversaryInNext(7.Days())", "its day and month come round within so long"),
        new("Size", "Size() >= 2", "how many elements the list has"),
        new("HasBeen", "HasBeen(\"pro\") >= 30.Days()", "has had this value for so long"));

    private static readonly Word where = new("Where", "Where(condition)", "only events whose properties fit");
    private static readonly Word from = new("From", "From(\"2024-01-01T00:00:00Z\")", "only from this instant on");
    private static readonly Word to = new("To", "To(\"2024-02-01T00:00:00Z\")", "only before this instant");
    private static readonly Word last = new("Last", "Last(30.Days())", "only in the last while");

    /// <summary>What may follow <c>Event(…)</c>.</summary>
    public static readonly FrozenDictionary<string, Word> OfEvent = Words(
        where, last, from, to,
        new("Count", "Count() >= 3", "how many events"),
        new("DistinctBy", "DistinctBy(\"property\")", "count different values of this property instead of events"),
        new("Sum", "Sum(\"property\") >= 100", "the sum of a property"),
        new("Avg", "Avg(\"property\") >= 4", "the mean of a property"),
        new("Min", "Min(\"property\") >= 1", "the least value of a property"),
        new("Max", "Max(\"property\") >= 5", "the greatest value of a property"),
        new("CountDistinct", "CountDistinct(\"property\") >= 2", "how many different values a property has"),
        new("Frequency", "Frequency(atLeast: 3, outOf: 4, period: 1.Weeks())", "in so many of the last periods"),
        new("Lifecycle", "Lifecycle(\"stopped\", active: 30.Days(), quiet: 60.Days())", "a habit: new, regular, stopped or returned"));

    /// <summary>What may follow <c>FirstEvent(…)</c> and <c>LastEvent(…)</c>.</summary>
    public static readonly FrozenDictionary<string, Word> OfEdge = Words(
        where, from, to,
        new("Is", "Is(condition)", "its properties are such"),
        new("InLast", "InLast(30.Days())", "it lies in the last while"),
        new("Per", "Per(\"property\")", "for each value of this property, one that holds suffices"));

    /// <summary>What may follow a step.</summary>
    public static readonly FrozenDictionary<string, Word> OfStep = Words(where, new("Within", "Within(3.Days())", "at most so long after the step before"));

    /// <summary>What may follow <c>Sequence(…)</c>.</summary>
    public static readonly FrozenDictionary<string, Word> OfSequence = Words(last, from, to);

    /// <summary>What may follow a whole number, as a length of time.</summary>
    public static readonly FrozenDictionary<string, Word> Units = Words(
        [.. RuleNames.All<TimeUnit>().Select(static unit => $"{char.ToUpperInvariant(unit[0])}{unit[1..]}s").Select(static name => new Word(name, $"{name}()", "a length of time"))]);

    /// <summary>The arguments of <c>With</c>, with the field each stands for.</summary>
    public static readonly FrozenDictionary<string, (string Field, Word Word)> Options = new (string Field, Word Word)[]
    {
        ("case_sensitive", new("caseSensitive", "caseSensitive: true", "whether capitals matter")),
        ("accent_sensitive", new("accentSensitive", "accentSensitive: false", "whether accents matter")),
        ("missing", new("missing", "missing: \"match\"", "what a missing value counts as: unknown, match or no_match")),
        ("quantifier", new("quantifier", "quantifier: \"all\"", "which elements of a list: any, all or none")),
        ("source", new("source", "source: \"any\"", "which data: verified or any")),
        ("value_type", new("type", "type: \"number\"", "how a value is read that no schema declares")),
        ("label", new("label", "label: \"…\"", "what the author calls the condition")),
        ("value", new("value", "value: 1", "an operand that is kept and ignored")),
        ("values", new("values", "values: Json(\"[1]\")", "operands that are kept and ignored")),
    }.ToFrozenDictionary(static option => option.Word.Name, StringComparer.Ordinal);

    /// <summary>The unit that a word of <see cref="Units"/> stands for, in the plural or in the singular.</summary>
    public static string? UnitOf(string name) =>
        name.Length > 1 && char.IsAsciiLetterUpper(name[0]) && RuleNames.TryFind<TimeUnit>(char.ToLowerInvariant(name[0]) + (name[^1] == 's' ? name[1..^1] : name[1..]), out var unit) ? RuleNames.Of(unit) : null;

    private static FrozenDictionary<string, Word> Words(params Word[] words) => words.ToFrozenDictionary(static word => word.Name, StringComparer.Ordinal);
}
