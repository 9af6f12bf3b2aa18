using System.Collections.Frozen;
using System.Text;

namespace SegmentEngine.Rules;

/// <summary>The words of the rule language and the enums they stand for: snake_case of the member's name.</summary>
internal static class RuleNames
{
    public static readonly string[] LeafTypes =
    [
        "all_contacts", "no_contacts", "contact_id_in", "contacts_created_at_between", "contacts_email_domain_name_in", "contacts_affected_by_sequence", "trait", "date", "trait_age",
        "event", "event_first", "event_last", "event_aggregate", "event_sequence", "event_frequency", "event_lifecycle", "segment", "list", "sample", "property", "group", "unsupported",
    ];

    public static string Of<T>(T value) where T : struct, Enum => Words<T>.ByValue[value];

    public static bool TryFind<T>(string word, out T value) where T : struct, Enum => Words<T>.ByWord.TryGetValue(word, out value);

    public static IEnumerable<string> All<T>() where T : struct, Enum => Words<T>.ByWord.Keys;

    /// <summary>The nearest of some words, when it is near enough to be a slip of the hand.</summary>
    public static string? Nearest(string word, IEnumerable<string> among)
    {
        var nearest = among.Select(candidate => (candidate, distance: Distance(word, candidate))).OrderBy(static pair => pair.distance).ThenBy(static pair => pair.candidate, StringComparer.Ordinal).FirstOrDefault();
        return nearest.candidate is not null && nearest.distance <= Math.Max(1, word.Length / 3) ? $"`{nearest.candidate}`" : null;
    }

    /// <summary>Levenshtein's distance, over lower-cased words, capped by a length nobody types by accident.</summary>
    private static int Distance(string left, string right)
    {
        const int lengthMax = 64;
        if (left.Length > lengthMax || right.Length > lengthMax)
        {
            return lengthMax;
        }

        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substitute = diagonal + (char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitute, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }

    private static string Snake(string name)
    {
        var word = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && word.Length > 0)
            {
                word.Append('_');
            }

            word.Append(char.ToLowerInvariant(letter));
        }

        return word.ToString();
    }

    private static class Words<T> where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> ByValue = Enum.GetValues<T>().ToFrozenDictionary(static value => value, static value => Snake(value.ToString()));
        public static readonly FrozenDictionary<string, T> ByWord = ByValue.ToFrozenDictionary(static pair => pair.Value, static pair => pair.Key, StringComparer.Ordinal);
    }
}
