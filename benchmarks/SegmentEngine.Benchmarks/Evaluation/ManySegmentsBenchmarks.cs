using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>
/// The whole shard as sets, against the compiled predicates asked of one contact after another; each on one core, each giving a set for every segment.
/// Times are per contact: the sets are of the whole million, the predicates are asked of every twentieth contact only, or a run would take minutes.
/// </summary>
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 2, iterationCount: 7)]
[MemoryDiagnoser]
public class ManySegmentsBenchmarks
{
    private const int Asked = 50_000;
    private const int Step = ManySegments.Contacts / Asked;

    private ManySegments many = null!;
    private ShardEvaluator evaluator = null!;

    [GlobalSetup]
    public void Fill()
    {
        many = new();
        evaluator = new(many.Plan, many.Columns);
        Console.WriteLine($"// {many.Columns.Count} contacts, {many.Plan.Segments.Length} segments, {many.Plan.Conditions} conditions, {many.Columns.Bytes / 1_000_000} MB of columns");
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Asked)]
    public long Predicates_OneContactAfterAnother()
    {
        var contacts = evaluator.At(ManySegments.Now, static _ => null);
        var truths = new Truth[many.Plan.Segments.Length];
        var members = truths.Select(static _ => new ulong[(Asked + 63) / 64]).ToArray();
        for (var i = 0; i < Asked; i++)
        {
            contacts.Ask(new(i * Step), truths);
            for (var rule = 0; rule < truths.Length; rule++)
            {
                if (truths[rule] == Truth.True)
                {
                    members[rule][i >> 6] |= 1UL << (i & 63);
                }
            }
        }

        return members.Sum(static words => (long)ContactSet.FromWords(words).Count);
    }

    [Benchmark(OperationsPerInvoke = ManySegments.Contacts)]
    public long Sets_WholeShard() => evaluator.Run(ManySegments.Now, static _ => null).Rules.Sum(static rule => (long)rule.Members.Count);
}
