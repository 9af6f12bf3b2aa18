using System.Collections.Frozen;
using System.Collections.Immutable;
using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>
/// A positive condition of a checked rule: what is computed once for all the rules that share it. The cases nested here are all there are.
/// Two atoms are the same when their <see cref="Key"/>s are.
/// </summary>
internal abstract class Atom(string key)
{
    /// <summary>A canonical text of everything that decides the answer.</summary>
    public string Key { get; } = key;

    /// <summary>Whether the answer may change merely because time passes.</summary>
    public virtual bool ReadsClock => false;

    /// <summary>The column of contacts it reads; null where it reads none.</summary>
    public virtual ValueSource? Column => null;

    /// <summary>The events it looks at; null where it looks at none.</summary>
    public virtual EventSelection? Selection => null;

    /// <summary>Always the same: everyone, nobody, or not known of anyone.</summary>
    public sealed class Constant(Truth value) : Atom(value.ToString())
    {
        public Truth Value { get; } = value;
    }

    /// <summary>The contact's id is one of these. A contact without an id is in no list.</summary>
    public sealed class IdIn(FrozenSet<Guid> ids) : Atom($"id in [{string.Join(',', ids.Order())}]")
    {
        public FrozenSet<Guid> Ids { get; } = ids;
    }

    /// <summary>Member of another segment; UNKNOWN while that one has no membership to read.</summary>
    public sealed class InSegment(SegmentId segment) : Atom($"segment {segment}")
    {
        public SegmentId Segment { get; } = segment;
    }

    /// <summary>A value of a trait, or of an event's property, passes a check.</summary>
    public sealed class OfValue(ValueSource source, ValueCheck check, Quantifier quantifier, MissingAs missing)
        : Atom($"{source.Key} {check.Key}{(quantifier == Quantifier.Any ? "" : $" {quantifier}")}{(missing == MissingAs.Unknown ? "" : $" missing {missing}")}")
    {
        public ValueSource Source { get; } = source;
        public ValueCheck Check { get; } = check;
        public Quantifier Quantifier { get; } = quantifier;
        public MissingAs Missing { get; } = missing;

        public override ValueSource? Column => Source.Origin is ValueOrigin.Property or ValueOrigin.HasKey ? null : Source;
        public override bool ReadsClock => Check.ReadsClock;

        /// <summary>The answer for one value; null is a missing one.</summary>
        public Truth Of(TraitValue? value, Instant now)
        {
            if (Check is ValueCheck.OfWhole whole)
            {
                return whole.Of(value);
            }

            if (value is null)
            {
                return IfMissing(Missing);
            }

            if (Check is ValueCheck.Length length)
            {
                return value is TraitValue.List sized ? Kleene.Of(length.Holds(sized.Elements.Length)) : Truth.Unknown;
            }

            if (value is not TraitValue.List list)
            {
                // Asked of what is no list, a quantifier takes it for a list of one.
                var single = Check.Of(value, now);
                return Quantifier == Quantifier.None ? Kleene.Not(single) : single;
            }

            return Quantifier switch
            {
                Quantifier.Any => AnyOf(list, now),
                Quantifier.None => Kleene.Not(AnyOf(list, now)),
                Quantifier.All => AllOf(list, now),
                _ => throw new InvalidOperationException($"no meaning for the quantifier {Quantifier}"),
            };
        }

        private Truth AnyOf(TraitValue.List list, Instant now)
        {
            var any = Truth.False;
            foreach (var element in list.Elements)
            {
                any = Kleene.Or(any, element is null ? Truth.Unknown : Check.Of(element, now));
            }

            return any;
        }

        private Truth AllOf(TraitValue.List list, Instant now)
        {
            // Never vacuously true.
            var all = list.Elements.IsEmpty ? Truth.Unknown : Truth.True;
            foreach (var element in list.Elements)
            {
                all = Kleene.And(all, element is null ? Truth.Unknown : Check.Of(element, now));
            }

            return all;
        }
    }

    /// <summary>How many such events there are, or how many different values they have. Total: over no events it is 0.</summary>
    public sealed class EventCount(EventSelection events, CountCheck count)
        : Atom($"count{(events.HasDistinct ? " distinct" : "")} {events.Key} {count.Key}")
    {
        public EventSelection Events { get; } = events;
        public CountCheck Count { get; } = count;
        public override EventSelection? Selection => Events;
        public override bool ReadsClock => true;
    }

    /// <summary>The first or the last such event satisfies a formula (each selector's <see cref="EventSelector.Is"/>), or lies in a window; with <c>per</c>, that of some value of a property.</summary>
    public sealed class EventEdge(EventSelection events, bool last, EventWindow? window, MissingAs missing)
        : Atom($"{(last ? "last" : "first")} {events.Key} in {window?.Key ?? "-"}{(missing == MissingAs.Unknown ? "" : $" missing {missing}")}")
    {
        /// <summary>Chosen from everything up to now: the selection has no window of its own.</summary>
        public EventSelection Events { get; } = events;
        public bool Last { get; } = last;

        /// <summary>Where the chosen event must lie; null when the selectors' <see cref="EventSelector.Is"/> is asked instead.</summary>
        public EventWindow? Window { get; } = window;
        public MissingAs Missing { get; } = missing;
        public override EventSelection? Selection => Events;
        public override bool ReadsClock => true;
    }

    /// <summary>Sum, mean, least or greatest of a number property over such events; missing over none.</summary>
    public sealed class EventAggregate(EventSelection events, AggregateFunction function, ValueCheck.OfNumber check, MissingAs missing)
        : Atom($"{function} {events.Key} {check.Key}{(missing == MissingAs.Unknown ? "" : $" missing {missing}")}")
    {
        public EventSelection Events { get; } = events;

        /// <summary>Sum, Avg, Min or Max; a distinct count is an <see cref="EventCount"/>.</summary>
        public AggregateFunction Function { get; } = function;
        public ValueCheck.OfNumber Check { get; } = check;
        public MissingAs Missing { get; } = missing;
        public override EventSelection? Selection => Events;
        public override bool ReadsClock => true;
    }

    /// <summary>In at least so many of the last so many periods there is such an event.</summary>
    public sealed class EventFrequency(EventSelection events, Span period, long atLeast, long outOf) : Atom($"frequency {events.Key} {period} {atLeast}/{outOf}")
    {
        public EventSelection Events { get; } = events;
        public TimeSpan Period { get; } = ZoneCalendar.Rolling(period.Amount, period.Unit);
        public long AtLeast { get; } = atLeast;
        public long OutOf { get; } = outOf;
        public override EventSelection? Selection => Events;
        public override bool ReadsClock => true;

        /// <summary>Which of the periods, counted back from now, an instant that is not after now lies in; −1 beyond the last.</summary>
        public int PeriodOf(Instant at, Instant now) => (now.Ticks - at.Ticks) / Period.Ticks is var period && period < OutOf ? (int)period : -1;
    }

    /// <summary>Which of the active time, the quiet time before it, and the time before both have such an event.</summary>
    public sealed class EventLifecycle(EventSelection events, LifecycleState state, Span active, Span quiet) : Atom($"lifecycle {events.Key} {state} {active} {quiet}")
    {
        public EventSelection Events { get; } = events;
        public TimeSpan Active { get; } = ZoneCalendar.Rolling(active.Amount, active.Unit);

        /// <summary>Both together.</summary>
        public TimeSpan ActiveAndQuiet { get; } = Sum(ZoneCalendar.Rolling(active.Amount, active.Unit), ZoneCalendar.Rolling(quiet.Amount, quiet.Unit));
        public override EventSelection? Selection => Events;
        public override bool ReadsClock => true;

        /// <summary>The stretch that an instant that is not after now lies in.</summary>
        public Times TimeOf(Instant at, Instant now) =>
            now.Ticks - at.Ticks is var ago && ago < Active.Ticks ? Times.Active : ago < ActiveAndQuiet.Ticks ? Times.Quiet : Times.Earlier;

        public bool Holds(Times seen) => state switch
        {
            LifecycleState.New => seen == Times.Active,
            LifecycleState.Regular => seen.HasFlag(Times.Active | Times.Quiet),
            LifecycleState.Stopped => (seen & (Times.Active | Times.Quiet)) == Times.Quiet,
            LifecycleState.Returned => seen == (Times.Active | Times.Earlier),
            _ => throw new InvalidOperationException($"no meaning for {state}"),
        };

        private static TimeSpan Sum(TimeSpan one, TimeSpan other) => one.Ticks > long.MaxValue - other.Ticks ? TimeSpan.MaxValue : one + other;

        [Flags]
        public enum Times : byte
        {
            None = 0,
            Active = 1,
            Quiet = 2,
            Earlier = 4,
        }
    }

    /// <summary>Some choice of events, another for each step, comes in the order of the steps, each within its span of the one before.</summary>
    public sealed class EventSequence(EventSelection steps, ImmutableArray<Span?> within)
        : Atom($"sequence {steps.Key} within [{string.Join("; ", within)}]")
    {
        /// <summary>A selector a step. Where it compares with earlier steps its formula is the <see cref="EventSelector.Is"/>, else the <see cref="EventSelector.Where"/>.</summary>
        public EventSelection Steps { get; } = steps;

        /// <summary>How many ticks after the step before each step comes at the latest.</summary>
        public ImmutableArray<long> WithinTicks { get; } = [.. within.Select(static span => span is null ? long.MaxValue : ZoneCalendar.Rolling(span.Amount, span.Unit).Ticks)];
        public override EventSelection? Selection => Steps;
        public override bool ReadsClock => true;
    }

    /// <summary>In a step's condition: a value of its event against a value that the event of an earlier step had.</summary>
    public sealed class AgainstStep(ValueSource source, StepComparison comparison, Quantifier quantifier, MissingAs missing, int step, ValueSource operand)
        : Atom($"{source.Key} {comparison.Key}{(quantifier == Quantifier.Any ? "" : $" {quantifier}")}{(missing == MissingAs.Unknown ? "" : $" missing {missing}")} of step {step} {operand.Key}")
    {
        public ValueSource Source { get; } = source;

        /// <summary>The earlier step, from 0.</summary>
        public int Step { get; } = step;

        /// <summary>What of its event.</summary>
        public ValueSource Operand { get; } = operand;

        /// <summary>The answer for a value that is missing, whatever the operand.</summary>
        public Truth IfMissing() => IfMissing(missing);

        /// <summary>The condition with the operand put in; null where nothing compares with that, so that it is UNKNOWN.</summary>
        public OfValue? With(TraitValue operand) => comparison.With(operand) is { } check ? new(Source, check, quantifier, missing) : null;
    }

    /// <summary>The trait has a value, and has had it without a break for at least or less than so long.</summary>
    /// <param name="current">Whether the contact has the value now; what is missing is UNKNOWN to it.</param>
    /// <param name="history">The events that set the trait, each asked by its <see cref="EventSelector.Is"/> whether they set it to the value.</param>
    public sealed class TraitAge(OfValue current, EventSelection history, TraitOperator op, Span length, MissingAs missing)
        : Atom($"age {current.Key} {history.Key} {op} {length}{(missing == MissingAs.Unknown ? "" : $" missing {missing}")}")
    {
        public OfValue Current { get; } = current;
        public EventSelection History { get; } = history;
        public TimeSpan Length { get; } = ZoneCalendar.Rolling(length.Amount, length.Unit);
        public MissingAs Missing { get; } = missing;
        public override ValueSource? Column => Current.Source;
        public override EventSelection? Selection => History;
        public override bool ReadsClock => true;

        public bool Holds(Instant since, Instant now) => (now.Ticks - since.Ticks >= Length.Ticks) == (op == TraitOperator.Gte);
    }

    /// <summary>Whether a contact is on a static list.</summary>
    public static OfValue OnList(string id) => Belongs(ValueSource.Lists, id);

    /// <summary>Whether a contact is on a static list, or was enrolled in a sequence.</summary>
    public static OfValue Belongs(ValueSource source, string id) => new(source, new ValueCheck.OfText(ValueCheck.TextMatch.Equals, [id], TextFolding.Exact), Quantifier.Any, MissingAs.NoMatch);

    public static Truth IfMissing(MissingAs missing) => missing switch
    {
        MissingAs.Match => Truth.True,
        MissingAs.NoMatch => Truth.False,
        _ => Truth.Unknown,
    };
}

/// <summary>Where a value comes from and how it is read: one column of a table of contacts, or of a table of events.</summary>
internal sealed record ValueSource(ValueOrigin Origin, TraitPath Path, TraitType? Type, bool Any = false)
{
    /// <summary>The ids of the static lists a contact is on.</summary>
    public static readonly ValueSource Lists = new(ValueOrigin.Lists, TraitPath.OfProperty("lists"), new(TraitKind.Text, IsList: true));

    /// <summary>The ids of the sequences a contact was enrolled in.</summary>
    public static readonly ValueSource Sequences = new(ValueOrigin.Sequences, TraitPath.OfProperty("sequences"), new(TraitKind.Text, IsList: true));

    /// <summary>The salt of a bucket.</summary>
    public string? Salt { get; private init; }

    /// <summary>Whether whatever is no number is left out, where no type is declared.</summary>
    public bool OnlyNumbers { get; init; }

    public string Key => $"{Origin}:{Path}:{Type?.ToString() ?? "-"}{(Any ? ":any" : "")}{(OnlyNumbers ? ":numbers" : "")}{(Salt is null ? "" : $":{Salt}")}";

    /// <summary>The bucket that a salt puts a contact in.</summary>
    public static ValueSource Bucket(string salt) => new(ValueOrigin.Bucket, TraitPath.OfProperty("bucket"), new(TraitKind.Number)) { Salt = salt };

    /// <summary>The parts of a contact that <see cref="Read(Contact)"/> looks at.</summary>
    public ContactParts Parts => Origin switch
    {
        ValueOrigin.Trait when Path.BuiltIn is null => Any ? ContactParts.CustomData | ContactParts.NonVerifiedCustomData : ContactParts.CustomData,
        ValueOrigin.Lists or ValueOrigin.Sequences => ContactParts.Belongings,
        _ => ContactParts.BuiltIn,
    };

    /// <summary>Reads a contact's value.</summary>
    public TraitValue? Read(Contact contact) => Origin switch
    {
        ValueOrigin.Trait => TraitSchema.Read(contact, Path, Type, Any),
        ValueOrigin.Lists => Texts(contact.Lists),
        ValueOrigin.Sequences => Texts(contact.Sequences),
        ValueOrigin.Bucket => SampleBucket.Of(contact, Salt!) is { } bucket ? new TraitValue.Number(new(bucket)) : null,
        ValueOrigin.EmailDomain => EmailDomain.Of(contact.Email) is { } domain ? new TraitValue.Text(domain) : null,
        _ => throw new InvalidOperationException($"a contact has no {Origin}"),
    };

    /// <summary>Reads an event's value.</summary>
    public TraitValue? Read(ContactEvent happened) =>
        Origin == ValueOrigin.HasKey ? Path.IsSetIn(happened.Properties) ? new TraitValue.Flag(true) : null
        : TraitSchema.Read(happened.Properties, Path, Type) is { } value && (!OnlyNumbers || value is TraitValue.Number) ? value : null;

    private static TraitValue.List Texts(ImmutableArray<string> ids) => new([.. ids.Select(static id => new TraitValue.Text(id))]);
}

internal enum ValueOrigin
{
    Trait,
    EmailDomain,
    Lists,
    Sequences,
    Bucket,
    Property,

    /// <summary>Of an event: whether the first key of the path is there.</summary>
    HasKey,
}

/// <summary>The events an atom looks at: one selector for each event name, and the window. Events after now never count.</summary>
internal sealed record EventSelection(ImmutableArray<EventSelector> Selectors, EventWindow? Window)
{
    public bool HasDistinct => Selectors[0].Distinct is not null;

    public string Key => $"[{string.Join("; ", Selectors.Select(static selector => selector.Key))}] {Window?.Key ?? "ever"}";
}

/// <summary>What is asked of the events of one name; each event reads its properties by its own declaration.</summary>
internal sealed record EventSelector(string Event)
{
    /// <summary>Over property atoms; null when every event of this name will do.</summary>
    public Formula? Where { get; init; }

    /// <summary>Count different values of this property.</summary>
    public ValueSource? Distinct { get; init; }

    /// <summary>Sum, mean, least or greatest of this property.</summary>
    public ValueSource? Number { get; init; }

    /// <summary>Take the first or last for each value of this property.</summary>
    public ValueSource? Per { get; init; }

    /// <summary>Asked of the chosen first or last event; of a step's event, beside the events chosen for the steps before; of a change of a trait.</summary>
    public Formula? Is { get; init; }

    /// <summary>What later steps of a sequence compare with.</summary>
    public ImmutableArray<ValueSource> Carried { get; init; } = [];

    public string Key => $"{Event}|{Where?.Key}|{Distinct?.Key}|{Number?.Key}|{Per?.Key}|{Is?.Key}";

    /// <summary>Every property this selector reads.</summary>
    public IEnumerable<ValueSource> Properties =>
        Sources(Where).Concat(Sources(Is)).Concat(new[] { Distinct, Number, Per }.OfType<ValueSource>()).Concat(Carried).Distinct();

    private static IEnumerable<ValueSource> Sources(Formula? formula) =>
        formula?.Atoms.Select(static atom => atom switch { Atom.OfValue value => value.Source, Atom.AgainstStep against => against.Source, _ => null }).OfType<ValueSource>() ?? [];
}

/// <summary>A comparison of a count with a whole number.</summary>
internal sealed record CountCheck(TraitOperator Operator, long N)
{
    public string Key => $"{Operator} {N}";

    public bool Holds(long count) => ValueCheck.Holds(Operator, count.CompareTo(N));
}
