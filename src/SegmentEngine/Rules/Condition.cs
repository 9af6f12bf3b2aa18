using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>
/// A node of a rule as its author wrote it. The cases nested here are all there are; no one outside can add another.
/// Operands stay as written, so that printing gives back what was read. Compare conditions by their print (their JSON).
/// </summary>
public abstract record Condition
{
    private Condition()
    {
    }

    /// <summary><c>and</c>: every one of these.</summary>
    public sealed record AllOf(ImmutableArray<Condition> Of) : Condition;

    /// <summary><c>or</c>: at least one of these.</summary>
    public sealed record AnyOf(ImmutableArray<Condition> Of) : Condition;

    /// <summary><c>not</c>.</summary>
    public sealed record Negation(Condition Of) : Condition;

    /// <summary>A condition with a <c>type</c>.</summary>
    public abstract record Leaf : Condition
    {
        private protected Leaf()
        {
        }

        /// <summary>What the author calls it; no meaning to the engine.</summary>
        public string? Label { get; init; }

        /// <summary>What a missing value counts as; null where the author left it to the default, <see cref="MissingAs.Unknown"/>.</summary>
        public MissingAs? Missing { get; init; }
    }

    /// <summary><c>group</c>: carries any node where OpenCX's shape knows only leaves.</summary>
    public sealed record Group(Condition Node) : Leaf;

    public sealed record AllContacts : Leaf;

    public sealed record NoContacts : Leaf;

    public sealed record ContactIdIn(ImmutableArray<string> ContactIds) : Leaf;

    /// <summary>after ≤ created_at &lt; before; a null end is open.</summary>
    public sealed record CreatedAtBetween(JsonElement After, JsonElement Before) : Leaf;

    public sealed record EmailDomainIn(ImmutableArray<string> DomainNames) : Leaf;

    /// <summary><c>trait</c>, or <c>property</c> inside an event's <c>where</c>.</summary>
    public sealed record ValueTest(Subject Subject, TraitOperator Operator) : Leaf
    {
        /// <summary>The operand of an operator that takes one; undefined where there is none.</summary>
        public JsonElement Value { get; init; }

        /// <summary>The operands of <c>in</c> and <c>between</c>; default where there are none.</summary>
        public ImmutableArray<JsonElement> Values { get; init; }
        public bool? CaseSensitive { get; init; }
        public bool? AccentSensitive { get; init; }
    }

    /// <summary><c>date</c>, or <c>property</c> with an operator of dates.</summary>
    public sealed record DateTest(Subject Subject, DateOperator Operator) : Leaf
    {
        public JsonElement Value { get; init; }
        public ImmutableArray<JsonElement> Values { get; init; }

        /// <summary>The span of the operators that take one.</summary>
        public Span? Span { get; init; }
    }

    /// <summary><c>trait_age</c>: the trait has had this value without a break for at least (<c>gte</c>) or less than (<c>lt</c>) so long.</summary>
    public sealed record TraitAge(Subject Subject, JsonElement Value, TraitOperator Operator, Span For) : Leaf;

    /// <summary><c>event</c>: did it, did not, so many times.</summary>
    public sealed record DidEvent(EventChoice Choice) : Leaf
    {
        public CountTest? Count { get; init; }
        public string? DistinctBy { get; init; }
        public Window? Window { get; init; }
    }

    /// <summary><c>event_first</c> and <c>event_last</c>: exactly one of <see cref="Is"/> and <see cref="Window"/> is there.</summary>
    public sealed record FirstOrLastEvent(EventChoice Choice, bool Last) : Leaf
    {
        public string? Per { get; init; }
        public Condition? Is { get; init; }
        public Window? Window { get; init; }
    }

    public sealed record EventAggregate(EventChoice Choice, string Property, AggregateFunction Function, TraitOperator Operator, JsonElement Value) : Leaf
    {
        public Window? Window { get; init; }
    }

    /// <summary><c>event_sequence</c>: these steps in this order, all of them in the window.</summary>
    public sealed record EventSequence(ImmutableArray<SequenceStep> Steps) : Leaf
    {
        public Window? Window { get; init; }
    }

    /// <summary><c>event_frequency</c>: in at least so many of the last so many periods.</summary>
    public sealed record EventFrequency(EventChoice Choice, Span Period, long AtLeast, long OutOf) : Leaf;

    /// <summary><c>event_lifecycle</c>: what the time since now, cut into active, quiet and earlier, says of a habit.</summary>
    public sealed record EventLifecycle(EventChoice Choice, LifecycleState State, Span Active, Span Quiet) : Leaf;

    /// <summary><c>segment</c>: member of another segment.</summary>
    public sealed record InSegment(string SegmentId, bool Negated) : Leaf;

    /// <summary><c>list</c>: on a static list.</summary>
    public sealed record InList(string ListId, bool Negated) : Leaf;

    /// <summary><c>contacts_affected_by_sequence</c>: was enrolled in that sequence.</summary>
    public sealed record AffectedBySequence(string SequenceId) : Leaf;

    /// <summary><c>sample</c>: this share of all contacts, drawn by a hash of salt and contact.</summary>
    /// <param name="Percent">From 0 to 100.</param>
    /// <param name="Salt">Another salt draws other contacts.</param>
    public sealed record Sample(decimal Percent, string Salt) : Leaf;

    /// <summary><c>unsupported</c>: what an importer could not say in this language. It can be read and printed; no segment that holds one is published.</summary>
    /// <param name="Origin">Where it came from.</param>
    /// <param name="Raw">As it was written there.</param>
    public sealed record Unsupported(string Origin, JsonElement Raw) : Leaf;

    /// <summary>Where something stood that could not be read; a diagnostic says what. It keeps its place, so that the paths of its neighbours stay true.</summary>
    internal sealed record Unreadable : Leaf;
}

/// <summary>What a leaf does with a value that is absent, null or not convertible.</summary>
public enum MissingAs
{
    Unknown,
    Match,
    NoMatch,
}

/// <summary>The value a test looks at.</summary>
/// <param name="IsProperty">A property of an event instead of a trait.</param>
/// <param name="Name">As written.</param>
public sealed record Subject(bool IsProperty, string Name)
{
    /// <summary>How an undeclared value is read for this leaf, as if declared so.</summary>
    public TraitType? ValueType { get; init; }
    public Quantifier? Quantifier { get; init; }
    public DataSource? Source { get; init; }
}

/// <summary>Which elements of a list must satisfy a test.</summary>
public enum Quantifier
{
    Any,
    All,
    None,
}

/// <summary>Which data of a contact a leaf reads.</summary>
public enum DataSource
{
    Verified,
    Any,
}

/// <summary>Operators of <c>trait</c> and <c>property</c>.</summary>
public enum TraitOperator
{
    IsSet,
    IsNotSet,
    IsEmpty,
    IsNotEmpty,
    Eq,
    Neq,
    In,
    NotIn,
    Contains,
    NotContains,
    StartsWith,
    NotStartsWith,
    EndsWith,
    NotEndsWith,
    Matches,
    NotMatches,
    InCidr,
    NotInCidr,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    NotBetween,
    Size,
}

/// <summary>Operators of <c>date</c>, and of <c>property</c> over a day or an instant.</summary>
public enum DateOperator
{
    Before,
    After,
    On,
    Between,
    InLast,
    NotInLast,
    InNext,
    NotInNext,
    MoreThanAgo,
    AnniversaryInNext,
}

/// <summary>What a contact's events say of a habit, see <see cref="Condition.EventLifecycle"/>.</summary>
public enum LifecycleState
{
    /// <summary>The first ever lies in the active time.</summary>
    New,

    /// <summary>Some in the active time, some in the quiet time before it.</summary>
    Regular,

    /// <summary>Some in the quiet time, none in the active time.</summary>
    Stopped,

    /// <summary>Some in the active time, none in the quiet time, some before that.</summary>
    Returned,
}

public enum AggregateFunction
{
    Sum,
    Avg,
    Min,
    Max,
    CountDistinct,
}

public enum TimeUnit
{
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// <summary>A length of time: rolling (24-hour days, back from now), or calendar units in a time zone.</summary>
/// <param name="Amount">A whole number from 1.</param>
/// <param name="Unit">Month, quarter and year are calendar units only; minute and hour never are.</param>
/// <param name="Calendar">Aligned to the units of a calendar instead of counted back from now.</param>
/// <param name="Zone">An IANA time zone; null for the workspace's.</param>
public sealed record Span(long Amount, TimeUnit Unit, bool? Calendar = null, string? Zone = null);

/// <summary>When an event counts: in the last span, or between two instants (from ≤ t &lt; to). Never after now.</summary>
public sealed record Window
{
    public Span? Last { get; init; }
    public JsonElement From { get; init; }
    public JsonElement To { get; init; }
}

/// <summary>Which events a leaf speaks of.</summary>
/// <param name="Names">As written; one name for <c>event</c>, any number for <c>event_in</c>.</param>
/// <param name="IsList">Written as <c>event_in</c>.</param>
/// <param name="Where">A node of property leaves, or null.</param>
public sealed record EventChoice(ImmutableArray<string> Names, bool IsList, Condition? Where);

public sealed record CountTest(TraitOperator Operator, long N);

/// <summary>A step of a sequence.</summary>
/// <param name="Choice">Always one event. Its <c>where</c> may compare with what an earlier step had, see <see cref="StepReference"/>.</param>
public sealed record SequenceStep(EventChoice Choice)
{
    /// <summary>How long after the step before it comes at the latest; rolling, and never on the first step.</summary>
    public Span? Within { get; init; }
}

/// <summary>An operand in a later step's <c>where</c>, <c>{"step": 0, "property": "order_id"}</c>: the value that an earlier step's event had.</summary>
/// <param name="Step">From 0.</param>
/// <param name="Property">As written.</param>
public sealed record StepReference(int Step, string Property)
{
    /// <summary>Reads an operand of exactly this shape.</summary>
    public static bool TryRead(JsonElement operand, [NotNullWhen(true)] out StepReference? reference)
    {
        reference = operand.ValueKind == JsonValueKind.Object && operand.GetPropertyCount() == 2
            && operand.TryGetProperty("step", out var step) && step.ValueKind == JsonValueKind.Number && step.TryGetInt32(out var number) && number >= 0
            && operand.TryGetProperty("property", out var property) && TraitSchema.TryText(property, out var text) && text.Length > 0
            ? new(number, property.GetString()!)
            : null;
        return reference is not null;
    }
}
