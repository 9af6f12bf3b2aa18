using System.Collections.Immutable;
using System.Text;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

/// <content>Leaves about how things went on: sequences, habits, and how long a trait has had its value.</content>
public sealed partial class Interpreter
{
    /// <summary>Whether some events can be chosen for the steps that are left, after those that were chosen for the first ones.</summary>
    private bool Continues(Condition.EventSequence leaf, ImmutableArray<ContactEvent> chosen)
    {
        if (chosen.Length == leaf.Steps.Length)
        {
            return true;
        }

        var step = leaf.Steps[chosen.Length];
        return history.Any(happened => LiesIn(leaf.Window, happened) && Follows(step, chosen, happened) && Fits(step, chosen, happened) && Continues(leaf, chosen.Add(happened)));
    }

    private static bool Follows(SequenceStep step, ImmutableArray<ContactEvent> chosen, ContactEvent happened) =>
        chosen.IsEmpty
        || (!chosen.Contains(happened, ReferenceEqualityComparer.Instance) && happened.At >= chosen[^1].At && (step.Within is not { } within || happened.At.Ticks - chosen[^1].At.Ticks <= TicksOf(within)));

    private bool Fits(SequenceStep step, ImmutableArray<ContactEvent> chosen, ContactEvent happened)
    {
        if (happened.Name != step.Choice.Names[0].Normalize(NormalizationForm.FormC))
        {
            return false;
        }

        story = chosen;
        return step.Choice.Where is not { } where || Of(where, happened) == Truth.True;
    }

    /// <summary>The value that the event chosen for an earlier step has.</summary>
    private TraitValue? OfStep(StepReference reference) => Property(story[reference.Step], reference.Property).Value;

    private Truth OfFrequency(Condition.EventFrequency leaf)
    {
        return Is(Periods(leaf) >= leaf.AtLeast);
    }

    /// <summary>How many of the last periods have such an event.</summary>
    private long Periods(Condition.EventFrequency leaf)
    {
        var period = TicksOf(leaf.Period);
        return Chosen(leaf.Choice, window: null).Select(happened => (now.Ticks - happened.At.Ticks) / period).Where(back => back < leaf.OutOf).Distinct().LongCount();
    }

    private Truth OfLifecycle(Condition.EventLifecycle leaf)
    {
        var events = Chosen(leaf.Choice, window: null).ToList();
        var active = now.Ticks - TicksOf(leaf.Active);
        var quiet = active - TicksOf(leaf.Quiet);
        var isActive = events.Any(happened => happened.At.Ticks > active);
        var wasQuiet = events.All(happened => happened.At.Ticks <= quiet || happened.At.Ticks > active);
        var hasEarlier = events.Any(happened => happened.At.Ticks <= quiet);
        return Is(leaf.State switch
        {
            LifecycleState.New => isActive && wasQuiet && !hasEarlier,
            LifecycleState.Regular => isActive && !wasQuiet,
            LifecycleState.Stopped => !isActive && !wasQuiet,
            LifecycleState.Returned => isActive && wasQuiet && hasEarlier,
            var other => throw new InvalidOperationException($"no meaning for {other}"),
        });
    }

    private Truth OfTraitAge(Condition.TraitAge leaf)
    {
        var (value, type) = Read(leaf.Subject, happened: null);
        if (value is null)
        {
            return IfMissing(leaf);
        }

        var equal = new Condition.ValueTest(leaf.Subject, TraitOperator.Eq) { Value = leaf.Value };
        var isEqual = Quantified(leaf.Subject, value, element => Holds(TraitOperator.Eq, equal, element, type));
        if (isEqual != Truth.True)
        {
            return isEqual;
        }

        if (Since(leaf, type) is not { } since)
        {
            return Truth.Unknown;
        }

        var age = now.Ticks - since.Ticks;
        return Is(leaf.Operator == TraitOperator.Gte ? age >= TicksOf(leaf.For) : age < TicksOf(leaf.For));
    }

    /// <summary>From when on every value in the trait's history has equalled the rule's; null where the last one does not, or there is none.</summary>
    private Instant? Since(Condition.TraitAge leaf, TraitType? type)
    {
        var equal = new Condition.ValueTest(leaf.Subject, TraitOperator.Eq) { Value = leaf.Value };
        var trait = TraitPath.Of(leaf.Subject.Name).InHistory;
        return history.Where(change => change.Name == ContactEvent.Traits && trait.IsSetIn(change.Properties))
            .Reverse()
            .TakeWhile(change => TraitSchema.Read(change.Properties, trait, type) is { } was && Quantified(leaf.Subject, was, element => Holds(TraitOperator.Eq, equal, element, type)) == Truth.True)
            .LastOrDefault()?.At;
    }
}
