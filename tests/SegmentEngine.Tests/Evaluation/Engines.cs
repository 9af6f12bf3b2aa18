using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Tests.Evaluation;

/// <summary>Every way to run a rule, side by side.</summary>
internal static class Engines
{
    public static Truth Answer(CheckedRule rule, Person person, Instant now, Func<SegmentId, bool?> membership)
    {
        return Interpreter.Evaluate(rule, person.Contact, [.. person.Events.Select(static (happened, i) => happened with { Sequence = i })], now, membership);
    }
}
