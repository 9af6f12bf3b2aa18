using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Dashboard.Tests.Support;

/// <summary>The browser that pages are tried in: Debian's chromium, or the one that CHROMIUM names.</summary>
internal static class Browser
{
    public static string Path { get; } = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";

    /// <summary>Why pages cannot be tried here; null where they can, and on a build server, where that is a failure.</summary>
    public static string? Absent => File.Exists(Path) || Environment.GetEnvironmentVariable("CI") == "true" ? null : $"needs a browser at {Path} (apt-get install chromium), or another named by CHROMIUM";
}

/// <summary>A test in a browser; skipped with a message where there is none.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Browser.Absent;
}

/// <summary>A test in a browser over the shop's data; skipped with a message where either is missing.</summary>
public sealed class ShopFactAttribute : FactAttribute
{
    public ShopFactAttribute() => Skip = Browser.Absent ?? Shared.Absent;
}

/// <inheritdoc cref="BrowserFactAttribute"/>
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Browser.Absent;
}
