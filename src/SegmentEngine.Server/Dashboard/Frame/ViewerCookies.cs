namespace SegmentEngine.Server.Dashboard.Frame;

/// <summary>What a browser remembers of its viewer's taste. Set by dashboard.js; nothing depends on their being true.</summary>
public static class ViewerCookies
{
    public const string Language = "segmentengine-language";
    public const string Theme = "segmentengine-theme";
    public const string Zone = "segmentengine-zone";

    /// <summary>The viewer's own time zone; UTC where the browser has not told a known one.</summary>
    public static TimeZoneInfo ZoneOf(string? cookie) => cookie is not null && TimeZoneInfo.TryFindSystemTimeZoneById(Uri.UnescapeDataString(cookie), out var zone) ? zone : TimeZoneInfo.Utc;
}
