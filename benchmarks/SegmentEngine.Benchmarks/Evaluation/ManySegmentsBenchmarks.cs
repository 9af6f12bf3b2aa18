using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>The whole shard as sets, against the compiled predicates asked of every contact; each on one core, each giving a set and a count for every segment.</summary>
[SimpleJob(RunStrategy.Monitoring, launchCount: 1, warmupCount: 1, iterationCount: 5)]
[MemoryDiagnoser]
public class ManySegmentsBenchmarks
{
    private ManySegments many = null!;
    private ShardEvaluator evaluator = null!;

    [GlobalSetup]
    public void Fill()
    {
        many = new();
        evaluator = new(many.Plan, many.Columns);
        Console.WriteLine($"// {many.Columns.Count} contacts, {many.Plan.Segments.Length} segments, {many.Plan.Conditions} conditions, {many.Columns.Bytes / 1_000_000} MB of columns");
    }

    [Benchmark(Baseline = true)]
    public long Predicates_OneContactAfterAnother()
    {
        var contacts = evaluator.At(ManySegments.Now, static _ => null);
        var truths = new Truth[many.Plan.Segments.Length];
        var members = truths.Select(static _ => new ulong[(ManySegments.Contacts + 63) / 64]).ToArray();
        for (var seat = 0; seat < ManySegments.Contacts; seat++)
        {
            contacts.Ask(new(seat), truths);
            for (var rule = 0; rule < truths.Length; rule++)
            {
                if (truths[rule] == Truth.True)
                {
                    members[rule][seat >> 6] |= 1UL << (seat & 63);
                }
            }
        }

        return members.Sum(static words => (long)ContactSet.FromWords(words).Count);
    }

    [Benchmark]
    public long Sets_WholeShard() => evaluator.Run(ManySegments.Now, static _ => null).Rules.Sum(static rule => (long)rule.Members.Count);
}
