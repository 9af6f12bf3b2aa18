using BenchmarkDotNet.Attributes;
using SegmentEngine.Evaluation;
using SegmentEngine.Evaluation.Kernels;
using SegmentEngine.Rules;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>
/// From the answers of a contact's two thousand conditions to its membership in a thousand segments: composed delegates, the tables of a flat program, and code that Roslyn compiled. What finds the answers is the same for all.
/// </summary>
[SimpleJob(warmupCount: 3, iterationCount: 7)]
[MemoryDiagnoser]
public class GeneratedCodeBenchmarks
{
    private const int Asked = 256;

    private byte[][] answers = [];
    private Func<int, Truth>[] delegates = [];
    private RuleProgram program = null!;
    private ContactMachine machine = null!;
    private GeneratedRules generated = null!;
    private byte[] inHand = [];

    [GlobalSetup]
    public void Fill()
    {
        var many = new ManySegments(100_000);
        var atoms = many.Plan.Atoms;
        var evaluator = new ShardEvaluator(many.Plan, many.Columns);
        machine = evaluator.Machine;
        var clauses = many.Plan.Rules.Select(static rule => rule.Clause).ToList();
        program = new(clauses, static atom => atom, static _ => false, atoms.Length);
        generated = new(clauses);
        delegates = [.. many.Plan.Rules.Select(rule => Predicates.Compile(rule.Formula, atom => many.Plan.NumberOf(atom) is var number ? _ => (Truth)inHand[number] : throw new InvalidOperationException()))];

        // Any answers do, as long as they are those of conditions: one in twelve TRUE, one in ten UNKNOWN.
        var random = new Random(42);
        answers = [.. Enumerable.Range(0, Asked).Select(_ => Enumerable.Range(0, atoms.Length).Select(_ => (byte)(random.Next(12) == 0 ? Truth.True : random.Next(10) == 0 ? Truth.Unknown : Truth.False)).ToArray())];
        if (Closures() != FlatProgram() || FlatProgram() != Generated())
        {
            throw new InvalidOperationException($"{Closures()}, {FlatProgram()} and {Generated()} memberships");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Asked)]
    public int Closures()
    {
        var members = 0;
        foreach (var contact in answers)
        {
            inHand = contact;
            foreach (var rule in delegates)
            {
                members += rule(0) == Truth.True ? 1 : 0;
            }
        }

        return members;
    }

    [Benchmark(OperationsPerInvoke = Asked)]
    public int FlatProgram()
    {
        Span<ulong> words = stackalloc ulong[(delegates.Length + 63) / 64];
        var members = 0;
        foreach (var contact in answers)
        {
            program.HoldAll(contact, machine, words);
            members += BitKernels.Count(words);
        }

        return members;
    }

    [Benchmark(OperationsPerInvoke = Asked)]
    public int Generated()
    {
        Span<ulong> words = stackalloc ulong[(delegates.Length + 63) / 64];
        var members = 0;
        foreach (var contact in answers)
        {
            generated.Decide(contact, words);
            members += BitKernels.Count(words);
        }

        return members;
    }
}
