using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Tests;
using SegmentEngine.Tests.Evaluation;

namespace SegmentEngine.Scripting.Tests;

/// <summary>The C# that is shown for a rule compiles, and answers as the rule does.</summary>
public sealed class CSharpTests
{
    private const int RulesAnAssembly = 400;

    private static readonly RuleContext free = new(Contacts.TraitSchema.Empty, TimeZoneInfo.Utc, static _ => null, AllowUnknownSegments: true);

    private delegate bool? Compiled(ReadOnlySpan<bool?> condition);

    [Fact]
    public void It_reads_as_the_rule_does()
    {
        var rule = Some.Rule(
            """{"and":[{"type":"trait","trait":"plan","op":"eq","value":"pro"},{"not":{"or":[{"type":"trait","trait":"seats","op":"gte","value":10},{"and":[{"type":"all_contacts"}]}]}},{"or":[{"type":"no_contacts"},{"type":"trait","trait":"a\u2028b","op":"is_set"}]}]}""",
            free);
        Assert.Equal(
            """
            // A method a rule, over the answers of its conditions: true, false, or null where there is none.
            // A contact is a member where the whole is true.
            using System;

            public static class Segments
            {
                // big-pro 2
                // condition[0]: plan == "pro"
                // condition[1]: seats >= 10
                // condition[2]: AllContacts()
                // condition[3]: NoContacts()
                // condition[4]: Trait("a\u2028b").IsSet()
                public static bool? BigPro2(ReadOnlySpan<bool?> condition) => condition[0] & !(condition[1] | condition[2]) & (condition[3] | condition[4]);

                // 2nd\u000d} // ?
                // condition[0]: AllContacts()
                public static bool? Rule2nd(ReadOnlySpan<bool?> condition) => condition[0];

                // big pro 2
                // condition[0]: AllContacts()
                public static bool? BigPro2_2(ReadOnlySpan<bool?> condition) => condition[0];
            }

            """,
            RuleCSharp.Write([("big-pro 2", rule), ("2nd\r} // ?", Everyone), ("big pro 2", Everyone)]));
    }

    [Fact]
    public void It_answers_as_the_interpreter_does_for_random_rules() => Dice.Throw(3, static dice =>
    {
        var world = new RandomWorld(dice, clock: dice.Chance(20));
        var made = world.Case(RulesAnAssembly, people: 12);
        var rules = made.Rules.Select(static (rule, i) => ($"rule {i}", rule.Rule)).ToList();
        var compiled = Compile(RuleCSharp.Write(rules));
        bool? Membership(SegmentId segment) => (segment.Value.ToByteArray()[0] % 3) switch { 0 => null, 1 => true, _ => false };
        for (var i = 0; i < rules.Count; i++)
        {
            var conditions = RuleCSharp.ConditionsOf(rules[i].Rule).Select(condition => rules[i].Rule.Conditions.First(each => ReferenceEquals(each.Rule.Condition, condition)).Rule).ToList();
            foreach (var person in made.People)
            {
                Truth Of(CheckedRule rule) => Interpreter.Evaluate(rule, person.Contact, person.Events, made.Now, Membership);
                var answer = compiled[i]([.. conditions.Select(condition => Nullable(Of(condition)))]);
                Assert.True(Nullable(Of(rules[i].Rule)) == answer, $"{rules[i].Rule.Canonical}: {answer}");
            }
        }
    });

    private static CheckedRule Everyone => Some.Rule("""{"type":"all_contacts"}""", free);

    private static bool? Nullable(Truth truth) => truth switch { Truth.True => true, Truth.False => false, _ => null };

    private static List<Compiled> Compile(string source)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(static path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Private.CoreLib.dll").Select(static path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("rules", [CSharpSyntaxTree.ParseText(source)], references, new(OutputKind.DynamicallyLinkedLibrary));
        using var assembly = new MemoryStream();
        var emitted = compilation.Emit(assembly);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics));
        assembly.Position = 0;
        return [.. new AssemblyLoadContext("rules", isCollectible: true).LoadFromStream(assembly).GetType("Segments")!.GetMethods(BindingFlags.Static | BindingFlags.Public).Select(static method => method.CreateDelegate<Compiled>())];
    }
}
