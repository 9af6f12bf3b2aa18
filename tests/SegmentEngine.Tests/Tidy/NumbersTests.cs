using System.Text.RegularExpressions;
using SegmentEngine.Tests.Cases;

namespace SegmentEngine.Tests.Tidy;

/// <summary>Every number of the contract of the rule language has a test named after it: <c>R7_…</c>, <c>R7_A29_…</c>.</summary>
public sealed partial class NumbersTests
{
    private static readonly string contract = Path.Combine(DataSet.Shared, "design");

    [ContractFact]
    public void Every_number_has_a_test_named_after_it()
    {
        var numbers = Numbered().Matches(File.ReadAllText(Path.Combine(contract, "rules.md"))).Concat(Rows().Matches(File.ReadAllText(Path.Combine(contract, "rules-details.md")))).Select(static match => match.Groups[1].Value).ToHashSet();
        Assert.Superset(new HashSet<string> { "R1", "R18", "H3", "A01", "A19b", "A60" }, numbers);
        var named = Tree.Files("tests", "*.cs").SelectMany(static file => Tests().Matches(File.ReadAllText(file))).SelectMany(static test => test.Groups[1].Value.TrimEnd('_').Split('_')).ToHashSet();
        Kindly.Nothing(numbers.Except(named).Order(StringComparer.Ordinal).Select(static number => $"{number}: no test is named after it; write one whose name begins {number}_"));
    }

    [GeneratedRegex(@"^\*\*(R\d+) ", RegexOptions.Multiline)]
    private static partial Regex Numbered();

    [GeneratedRegex(@"^\| ([AH]\d+[a-z]?) \|", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex(@"^    public (?:async )?(?:void|Task) ((?:[RAH]\d+[a-z]?_)+)", RegexOptions.Multiline)]
    private static partial Regex Tests();

    /// <summary>A test over the contract beside the repository. Where it is not there it is skipped; under CI it fails instead.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class ContractFactAttribute : FactAttribute
    {
        public ContractFactAttribute()
        {
            if (!Directory.Exists(contract) && Environment.GetEnvironmentVariable("CI") != "true")
            {
                Skip = $"the contract is not here: {contract}";
            }
        }
    }
}
