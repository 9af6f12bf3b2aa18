using SegmentEngine.Storage;

namespace SegmentEngine.Server.Insight;

/// <summary>An index that goes by letters finds one way of writing; these are the ways people write.</summary>
internal static class Beginnings
{
    /// <summary>The text as it is, in small letters, in capitals, and with a capital first; of a name that is indexed without regard to case only the text.</summary>
    public static IReadOnlyList<string> Of(IndexedName name, string text) => name is not IndexedName.ExternalId || text.Length == 0
        ? [text]
        : [.. new[] { text, text.ToLowerInvariant(), text.ToUpperInvariant(), text[..1].ToUpperInvariant() + text[1..].ToLowerInvariant() }.Distinct(StringComparer.Ordinal)];
}
