using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <summary>
/// Looks for a sequence among one contact's events, instant by instant. Of each step it keeps the latest instant at which the steps up to it can be told, which is all that a later
/// step asks; where later steps compare with earlier ones, once for each choice of the values that are still to be compared with. Events of one instant follow one another in any order,
/// each for one step, so within an instant the choice of them is searched.
/// </summary>
internal sealed class SequenceSearch
{
    private static readonly TraitValue?[] nothingCarried = [];

    /// <summary>Choices of events that are tried one after another rather than searched.</summary>
    private const int TriedMax = 1024;

    private readonly ImmutableArray<long> within;
    private readonly ImmutableArray<SelectorRows> steps;
    private readonly (int Step, Column Column, int LastNeeded)[] slots;
    private readonly (AgainstStepTest Test, int Slot)[][] operands;

    /// <summary>Of each step that compares or is compared with: what tells one of its events from another.</summary>
    private readonly Column[][] compared;

    /// <summary>Of each step: what is carried on, and the latest instant at which that is told.</summary>
    private readonly Dictionary<int, long>[] told;
    private readonly List<(int Step, int Carried)> tellings = [];
    private readonly int[] counts;
    private readonly int[] chosen;
    private readonly HashSet<(int Step, int Carried, string Used)> tried = [];
    private readonly List<Candidate> candidates = [];
    private readonly Dictionary<TraitValue?[], int> numbers = new(SameValues.Comparer);
    private readonly List<TraitValue?[]> carried = [];

    public SequenceSearch(Atom.EventSequence atom, ImmutableArray<SelectorRows> steps)
    {
        (within, this.steps) = (atom.WithinTicks, steps);
        (counts, chosen) = (new int[steps.Length], new int[steps.Length]);
        told = [.. steps.Select(static _ => new Dictionary<int, long>())];
        var against = steps.Select(static step => step.Is?.AgainstSteps.ToArray() ?? []).ToArray();
        var sources = atom.Steps.Selectors.SelectMany(static (selector, step) => selector.Carried.Select((source, i) => (Step: step, Source: source, Place: i))).ToList();
        slots = [.. sources.Select(slot => (slot.Step, steps[slot.Step].Carried[slot.Place], Enumerable.Range(0, steps.Length).Last(step => against[step].Any(test => IsFor(test, slot.Step, slot.Source)))))];
        operands = [.. against.Select(tests => tests.Select(test => (test, sources.FindIndex(slot => IsFor(test, slot.Step, slot.Source)))).ToArray())];
        compared = [.. atom.Steps.Selectors.Select((selector, step) => selector.Is is null && selector.Carried.IsEmpty ? [] : selector.Properties.Select(source => steps[step].Table.Properties[source]).ToArray())];

        static bool IsFor(AgainstStepTest test, int step, ValueSource source) => test.Atom.Step == step && test.Atom.Operand == source;
    }

    /// <summary>Whether some choice of events tells the sequence.</summary>
    /// <param name="fits">Of one contact, sorted.</param>
    public bool IsTold(ReadOnlySpan<Fit> fits)
    {
        Forget();
        for (int first = 0, end; first < fits.Length; first = end)
        {
            var ticks = fits[first].Ticks;
            for (end = first + 1; end < fits.Length && fits[end].Ticks == ticks; end++)
            {
            }

            Gather(fits[first..end]);
            if (GoesOn(ticks))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same where no two events are of one instant, by trying one choice after another; null where there are too many to try.</summary>
    /// <param name="hits">Of one contact, in order of time.</param>
    public bool? IsToldApart(ReadOnlySpan<Hit> hits)
    {
        counts.AsSpan().Clear();
        foreach (var hit in hits)
        {
            counts[hit.Selector]++;
        }

        var choices = 1L;
        foreach (var count in counts)
        {
            choices = Math.Min(choices * count, TriedMax + 1L);
        }

        return choices > TriedMax ? null : TellApart(hits, step: 0, before: 0);
    }

    private bool TellApart(ReadOnlySpan<Hit> hits, int step, long before)
    {
        for (var i = 0; i < hits.Length; i++)
        {
            var hit = hits[i];
            if (step > 0 && hit.Ticks - before > within[step])
            {
                return false;
            }

            if (hit.Selector == step && (step == 0 || hit.Ticks > before) && FitsBeside(step, hit.Row))
            {
                chosen[step] = hit.Row;
                if (step == steps.Length - 1 || TellApart(hits[(i + 1)..], step + 1, hit.Ticks))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool FitsBeside(int step, int row)
    {
        if (steps[step].Is is not { } formula)
        {
            return true;
        }

        foreach (var (test, slot) in operands[step])
        {
            test.Operand = slots[slot].Column.Value(chosen[slots[slot].Step]);
        }

        return formula.Of(row) == Truth.True;
    }

    private void Forget()
    {
        foreach (var latest in told)
        {
            latest.Clear();
        }

        numbers.Clear();
        carried.Clear();
        _ = NumberOf(slots.Length == 0 ? nothingCarried : new TraitValue?[slots.Length]);
    }

    /// <summary>The events of an instant; those that no step tells apart are one, so many times.</summary>
    private void Gather(ReadOnlySpan<Fit> fits)
    {
        candidates.Clear();
        for (int first = 0, end; first < fits.Length; first = end)
        {
            var (fit, mask) = (fits[first], 0u);
            for (end = first; end < fits.Length && (fits[end].Event, fits[end].Row) == (fit.Event, fit.Row); end++)
            {
                mask |= 1u << fits[end].Step;
            }

            var candidate = new Candidate(fit.Event, fit.Row, mask, fits.Length == 1 ? 0 : NumberOf(Compared(mask, fit.Row)));
            var same = candidates.FindIndex(other => (other.Event, other.Mask, other.Values) == (candidate.Event, candidate.Mask, candidate.Values));
            if (same < 0)
            {
                candidates.Add(candidate);
            }
            else
            {
                candidates[same].Count++;
            }
        }
    }

    /// <summary>The values by which steps that compare with one another tell an event from another.</summary>
    private TraitValue?[] Compared(uint mask, int row)
    {
        if (slots.Length == 0)
        {
            return nothingCarried;
        }

        var values = new List<TraitValue?>();
        for (var step = 0; step < steps.Length; step++)
        {
            if ((mask & (1u << step)) != 0)
            {
                values.AddRange(compared[step].Select(column => column.Value(row)));
            }
        }

        return [.. values];
    }

    private bool GoesOn(long ticks)
    {
        tellings.Clear();
        tried.Clear();
        if (Tell(step: 0, carriedOn: 0))
        {
            return true;
        }

        for (var step = 1; step < steps.Length; step++)
        {
            foreach (var (carriedOn, latest) in told[step - 1])
            {
                if (ticks - latest > within[step])
                {
                    // Later events lie further away still.
                    _ = told[step - 1].Remove(carriedOn);
                }
                else if (Tell(step, carriedOn))
                {
                    return true;
                }
            }
        }

        foreach (var (step, carriedOn) in tellings)
        {
            told[step][carriedOn] = ticks;
        }

        return false;
    }

    /// <summary>Tells a step and those after it by events of this instant; true where that is the last one.</summary>
    private bool Tell(int step, int carriedOn)
    {
        if (candidates.Count > 1 && !tried.Add((step, carriedOn, string.Create(candidates.Count, candidates, static (used, all) =>
        {
            for (var i = 0; i < used.Length; i++)
            {
                used[i] = (char)all[i].Used;
            }
        }))))
        {
            return false;
        }

        foreach (var candidate in candidates)
        {
            if (candidate.Used == candidate.Count || (candidate.Mask & (1u << step)) == 0 || !Fits(step, candidate.Row, carriedOn))
            {
                continue;
            }

            if (step == steps.Length - 1)
            {
                return true;
            }

            var now = Carry(step, candidate.Row, carriedOn);
            tellings.Add((step, now));
            candidate.Used++;
            var isTold = (candidates.Count > 1 || candidate.Used < candidate.Count) && Tell(step + 1, now);
            candidate.Used--;
            if (isTold)
            {
                return true;
            }
        }

        return false;
    }

    private bool Fits(int step, int row, int carriedOn)
    {
        if (steps[step].Is is not { } formula)
        {
            return true;
        }

        foreach (var (test, slot) in operands[step])
        {
            test.Operand = carried[carriedOn][slot];
        }

        return formula.Of(row) == Truth.True;
    }

    /// <summary>What is carried on after a step: its own values, and not those that no later step compares with.</summary>
    private int Carry(int step, int row, int carriedOn)
    {
        if (slots.Length == 0)
        {
            return carriedOn;
        }

        var values = carried[carriedOn].ToArray();
        for (var slot = 0; slot < slots.Length; slot++)
        {
            values[slot] = slots[slot].LastNeeded <= step ? null : slots[slot].Step == step ? slots[slot].Column.Value(row) : values[slot];
        }

        return NumberOf(values);
    }

    private int NumberOf(TraitValue?[] values)
    {
        if (!numbers.TryGetValue(values, out var number))
        {
            numbers.Add(values, number = carried.Count);
            carried.Add(values);
        }

        return number;
    }

    /// <summary>An event of the instant in hand, or several that are alike.</summary>
    private sealed class Candidate(int @event, int row, uint mask, int values)
    {
        public int Event => @event;
        public int Row => row;

        /// <summary>The steps it may be for.</summary>
        public uint Mask => mask;

        /// <summary>The number of the values it is compared by.</summary>
        public int Values => values;
        public int Count { get; set; } = 1;
        public int Used { get; set; }
    }

    /// <summary>Lists of values that every comparison answers alike.</summary>
    private sealed class SameValues : IEqualityComparer<TraitValue?[]>
    {
        public static readonly SameValues Comparer = new();

        public bool Equals(TraitValue?[]? left, TraitValue?[]? right) => left.AsSpan().SequenceEqual(right, ValueIdentity.Comparer!);

        public int GetHashCode(TraitValue?[] values)
        {
            var hash = new HashCode();
            foreach (var value in values)
            {
                hash.Add(value is null ? 0 : ValueIdentity.Comparer.GetHashCode(value));
            }

            return hash.ToHashCode();
        }
    }
}
