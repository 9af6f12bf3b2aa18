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
        public override bool ReadsClock => true;
    }

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
    public string Key => $"{Origin}:{Path}:{Type?.ToString() ?? "-"}{(Any ? ":any" : "")}";

    /// <summary>Reads a contact's value.</summary>
    public TraitValue? Read(Contact contact) => Origin switch
    {
        ValueOrigin.Trait => TraitSchema.Read(contact, Path, Type, Any),
        ValueOrigin.EmailDomain => EmailDomain.Of(contact.Email) is { } domain ? new TraitValue.Text(domain) : null,
        _ => throw new InvalidOperationException($"a contact has no {Origin}"),
    };

    /// <summary>Reads an event's value.</summary>
    public TraitValue? Read(ContactEvent happened) => TraitSchema.Read(happened.Properties, Path, Type);
}

internal enum ValueOrigin
{
    Trait,
    EmailDomain,
    Property,
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

    /// <summary>Asked of the chosen first or last event.</summary>
    public Formula? Is { get; init; }

    public string Key => $"{Event}|{Where?.Key}|{Distinct?.Key}|{Number?.Key}|{Per?.Key}|{Is?.Key}";

    /// <summary>Every property this selector reads.</summary>
    public IEnumerable<ValueSource> Properties =>
        Sources(Where).Concat(Sources(Is)).Concat(new[] { Distinct, Number, Per }.OfType<ValueSource>()).Distinct();

    private static IEnumerable<ValueSource> Sources(Formula? formula) => formula?.Atoms.OfType<Atom.OfValue>().Select(static atom => atom.Source) ?? [];
}

/// <summary>A comparison of a count with a whole number.</summary>
internal sealed record CountCheck(TraitOperator Operator, long N)
{
    public string Key => $"{Operator} {N}";

    public bool Holds(long count) => ValueCheck.Holds(Operator, count.CompareTo(N));
}
