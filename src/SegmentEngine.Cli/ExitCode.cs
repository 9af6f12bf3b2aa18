namespace SegmentEngine.Cli;

/// <summary>What the process answers its caller.</summary>
internal static class ExitCode
{
    public const int Fine = 0;

    /// <summary>An import went through, but some lines were refused.</summary>
    public const int SomeRefused = 1;

    /// <summary>A verification found memberships that were wrong.</summary>
    public const int SomeWrong = 1;

    /// <summary>A rule, a file or an option was refused, or the work could not be finished.</summary>
    public const int Refused = 2;
}
