namespace SegmentEngine.Tests.Cases;

/// <summary>A theory over the real cases beside the repository. Where they are not there it is skipped; under CI it fails instead.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CaseTheoryAttribute : TheoryAttribute
{
    public CaseTheoryAttribute()
    {
        if (!Directory.Exists(DataSet.Cases) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = $"the real cases are not here: {DataSet.Cases}";
        }
    }
}
