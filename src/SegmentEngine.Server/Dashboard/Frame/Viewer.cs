namespace SegmentEngine.Server.Dashboard.Frame;

/// <summary>How whoever looks at the page likes it.</summary>
/// <param name="IsDark">When the page was opened.</param>
/// <param name="Zone">Of the browser.</param>
public sealed record Viewer(bool IsDark, TimeZoneInfo Zone);
