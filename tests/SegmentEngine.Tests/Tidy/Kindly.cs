namespace SegmentEngine.Tests.Tidy;

internal static class Kindly
{
    /// <summary>Fails with every finding on a line of its own, each in a sentence that says what to do instead.</summary>
    public static void Nothing(IEnumerable<string> findings)
    {
        var found = findings.Distinct().ToList();
        if (found.Count > 0)
        {
            Assert.Fail($"{found.Count} {(found.Count == 1 ? "thing" : "things")} to put right:{Environment.NewLine}{string.Join(Environment.NewLine, found)}");
        }
    }
}
