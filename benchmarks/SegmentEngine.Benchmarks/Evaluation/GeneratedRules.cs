using System.Diagnostics;
using System.Globalization;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using SegmentEngine.Evaluation;

namespace SegmentEngine.Benchmarks.Evaluation;

/// <summary>
/// A catalogue of rules compiled by Roslyn into one collectible assembly: a method for sixty-four rules, which reads the answers of their conditions without a jump and gives a bit a rule.
/// The conditions' operands are no part of the code, only where their answers stand.
/// </summary>
internal sealed class GeneratedRules
{
    private readonly Words words;

    public GeneratedRules(IReadOnlyList<Clause> clauses)
    {
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        var resident = process.WorkingSet64;
        var clock = Stopwatch.StartNew();
        words = Compile(Source(clauses));
        words(new byte[1 + clauses.SelectMany(static clause => clause.Slots).Max()], new ulong[(clauses.Count + 63) / 64]);
        var taken = clock.Elapsed;
        process.Refresh();
        Console.WriteLine($"// {clauses.Count} rules compiled in {taken.TotalMilliseconds:F0} ms, {(process.WorkingSet64 - resident) / 1e6:F0} MB more of memory, {(GC.GetTotalMemory(forceFullCollection: true) - memory) / 1e6:F0} MB of them of objects that stay");
    }

    private delegate void Words(ReadOnlySpan<byte> answers, Span<ulong> members);

    /// <summary>A bit a rule: whether it is TRUE.</summary>
    public void Decide(ReadOnlySpan<byte> answers, Span<ulong> members) => words(answers, members);

    private static string Source(IReadOnlyList<Clause> clauses)
    {
        var text = new StringBuilder(
            """
            using System;
            using System.Runtime.CompilerServices;
            using System.Runtime.InteropServices;
            public static class Rules
            {
                [MethodImpl(MethodImplOptions.AggressiveInlining)] private static bool T(ref byte a, int i) => Unsafe.Add(ref a, i) == 2;
                [MethodImpl(MethodImplOptions.AggressiveInlining)] private static bool F(ref byte a, int i) => Unsafe.Add(ref a, i) == 0;
                [MethodImpl(MethodImplOptions.AggressiveInlining)] private static ulong B(bool b) => Unsafe.BitCast<bool, byte>(b);

            """);
        var all = new StringBuilder();
        foreach (var (word, rules) in clauses.Chunk(64).Index())
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"    [MethodImpl(MethodImplOptions.AggressiveOptimization)] private static ulong W{word}(ref byte a) => {string.Join("\n        | ", rules.Select(static (rule, i) => $"B({Expression(rule)}) << {i}"))};\n");
            _ = all.Append(CultureInfo.InvariantCulture, $"        members[{word}] = W{word}(ref a);\n");
        }

        return text.Append("    public static void Decide(ReadOnlySpan<byte> answers, Span<ulong> members)\n    {\n        ref var a = ref MemoryMarshal.GetReference(answers);\n").Append(all).Append("    }\n}\n").ToString();
    }

    private static string Expression(Clause clause) => clause switch
    {
        Clause.Leaf leaf => $"{((leaf.Slot & 1) == 0 ? "T" : "F")}(ref a, {leaf.Slot >> 1})",
        Clause.All all => $"({string.Join(" & ", all.Of.Select(Expression))})",
        Clause.Any any => $"({string.Join(" | ", any.Of.Select(Expression))})",
        _ => "false",
    };

    private static Words Compile(string source)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Private.CoreLib.dll" or "System.Runtime.InteropServices.dll" or "System.Memory.dll").Select(static path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("rules", [CSharpSyntaxTree.ParseText(source)], references, new(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        using var assembly = new MemoryStream();
        var emitted = compilation.Emit(assembly);
        assembly.Position = 0;
        return emitted.Success
            ? new AssemblyLoadContext("rules", isCollectible: true).LoadFromStream(assembly).GetType("Rules")!.GetMethod("Decide")!.CreateDelegate<Words>()
            : throw new InvalidOperationException(string.Join('\n', emitted.Diagnostics));
    }
}
