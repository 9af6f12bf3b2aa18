using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>
/// One contact of a million against a thousand segments: all of it anew, by the compiled predicates and by the contact machine, and one number trait of it that changes, to the memberships that turn.
/// </summary>
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 2, iterationCount: 9)]
[MemoryDiagnoser]
public class OneContactBenchmarks
{
    private const int Asked = 20_000;
    private const int Step = ManySegments.Contacts / Asked;

    private ManySegments many = null!;
    private ShardEvaluator evaluator = null!;
    private MembershipRows.View members = null!;
    private int[] slots = [];
    private NumberColumn number = null!;
    private int round;

    [GlobalSetup]
    public void Fill()
    {
        many = new();
        evaluator = new(many.Plan, many.Columns);
        var rows = new MembershipRows();
        foreach (var (slot, rule) in evaluator.Run(ManySegments.Now, static _ => null).Rules.Index())
        {
            rows.Change(slot, ContactSet.Empty, rule.Members);
        }

        members = rows.Now();
        slots = [.. Enumerable.Range(0, many.Plan.Segments.Length)];
        number = many.Number("number3");
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Asked)]
    public int Predicates_AllSegments()
    {
        var contacts = evaluator.At(ManySegments.Now, static _ => null);
        var truths = new Truth[many.Plan.Segments.Length];
        var held = 0;
        for (var i = 0; i < Asked; i++)
        {
            contacts.Ask(new(i * Step), truths);
            held += truths.AsSpan().Count(Truth.True);
        }

        return held;
    }

    /// <summary>Contacts far apart: for each another lines of columns and of memberships are needed.</summary>
    [Benchmark(OperationsPerInvoke = Asked)]
    public int Machine_AllSegments_FarApart() => AllSegments(Step);

    /// <summary>Neighbours, as contacts that came in together are.</summary>
    [Benchmark(OperationsPerInvoke = Asked)]
    public int Machine_AllSegments_Neighbours() => AllSegments(1);

    /// <summary>The column is written, and who enters and leaves is known; the sets stay as they were.</summary>
    [Benchmark(OperationsPerInvoke = Asked)]
    public int OneTrait_ToTheDelta()
    {
        var follower = new ContactFollower(evaluator);
        round++;
        for (var i = 0; i < Asked; i++)
        {
            follower.Changing(new(i * Step));
            number.Set(i * Step, new Contacts.TraitValue.Number(new(i * 7919L * round % 1_000_000 / 100m)));
        }

        return follower.Follow(ManySegments.Now, static _ => null, members, slots).Sum(static turn => turn.Entered.Count + turn.Left.Count);
    }

    private int AllSegments(int step)
    {
        var follower = new ContactFollower(evaluator);
        for (var i = 0; i < Asked; i++)
        {
            follower.Unseen(new(i * step));
        }

        return follower.Follow(ManySegments.Now, static _ => null, members, slots).Count;
    }
}
