namespace SegmentEngine.Server.Tests.Support;

/// <summary>A clock that began at some other time and runs as fast as the machine's.</summary>
internal sealed class ShiftedClock(DateTimeOffset start) : TimeProvider
{
    private readonly TimeSpan shift = start - System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
}
