namespace SegmentEngine.Tests.Conformance;

/// <summary>A theory over other products' suites beside the repository. Where they are not there it is skipped; under CI it fails instead.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SuiteTheoryAttribute : TheoryAttribute
{
    public SuiteTheoryAttribute() => Skip = Suite.Absent;
}

/// <inheritdoc cref="SuiteTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SuiteFactAttribute : FactAttribute
{
    public SuiteFactAttribute() => Skip = Suite.Absent;
}
