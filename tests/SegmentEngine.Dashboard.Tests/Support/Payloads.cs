namespace SegmentEngine.Dashboard.Tests.Support;

/// <summary>Texts that would run somewhere, were they written into a page as they are. Each would speak up through a dialog.</summary>
internal static class Payloads
{
    private static readonly string[] wrappers =
    [
        "<script>{0}</script>", "<img src=x onerror={0}>", "<svg onload={0}>", "\"><script>{0}</script>", "'><img src=x onerror={0}>", "</textarea><script>{0}</script>", "</title><script>{0}</script>", "<iframe src=\"javascript:{0}\">",
        "<a href=\"javascript:{0}\">x</a>", "<body onload={0}>", "<details open ontoggle={0}>", "<input autofocus onfocus={0}>", "<video><source onerror={0}></video>", "<math><mi xlink:href=\"javascript:{0}\">x</mi></math>",
        "<style>@import 'javascript:{0}';</style>", "<object data=\"javascript:{0}\">", "<embed src=\"javascript:{0}\">", "<marquee onstart={0}>", "<select autofocus onfocus={0}>", "<form action=\"javascript:{0}\"><input type=submit></form>",
        "{{{{constructor.constructor('{0}')()}}}}", "${{{0}}}", "<%= {0} %>", "--><script>{0}</script><!--", "]]><script>{0}</script>",
    ];

    /// <summary>Fifty different ones.</summary>
    public static IReadOnlyList<string> Scripts { get; } =
        [.. wrappers.SelectMany(static wrapper => new[] { "alert(1)", "confirm`2`" }.Select(script => wrapper.Replace("{0}", script, StringComparison.Ordinal).Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal)))];
}
