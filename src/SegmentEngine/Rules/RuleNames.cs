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

    /// <summary>What other languages call our operators.</summary>
    private static readonly FrozenDictionary<string, string> foreign = new Dictionary<string, string>
    {
        ["="] = "eq", ["=="] = "eq", ["==="] = "eq", ["equals"] = "eq", ["equal"] = "eq", ["is"] = "eq",
        ["!="] = "neq", ["<>"] = "neq", ["!=="] = "neq", ["ne"] = "neq", ["not_equals"] = "neq", ["not_equal"] = "neq", ["is_not"] = "neq",
        ["<"] = "lt", ["<="] = "lte", [">"] = "gt", [">="] = "gte", ["less_than"] = "lt", ["greater_than"] = "gt",
        ["exists"] = "is_set", ["not_exists"] = "is_not_set", ["regex"] = "matches", ["begins_with"] = "starts_with", ["includes"] = "contains", ["one_of"] = "in", ["within_last"] = "in_last",
    }.ToFrozenDictionary();

    /// <summary>What an author means by a word that is none of ours: what it is called here, or else the nearest.</summary>
    public static string? Meant(string word, IReadOnlyCollection<string> among) =>
        foreign.TryGetValue(word.ToLowerInvariant(), out var ours) && among.Contains(ours) ? $"`{ours}`" : Nearest(word, among);

    /// <summary>The nearest of some words, when it is near enough to be a slip of the hand.</summary>
    public static string? Nearest(string word, IEnumerable<string> among)
    {
        var distanceMax = Math.Max(1, word.Length / 3);
        var nearest = among.Where(candidate => Math.Abs(candidate.Length - word.Length) <= distanceMax).Select(candidate => (candidate, distance: Distance(word, candidate))).OrderBy(static pair => pair.distance).ThenBy(static pair => pair.candidate, StringComparer.Ordinal).FirstOrDefault();
        return nearest.candidate is not null && nearest.distance <= distanceMax ? $"`{nearest.candidate}`" : null;
    }

    /// <summary>How many letters are left out, put in, mistaken or swapped with the next, capital or not; capped by a length nobody types by accident.</summary>
    private static int Distance(string left, string right)
    {
        const int lengthMax = 64;
        if (left.Length > lengthMax || right.Length > lengthMax)
        {
            return lengthMax;
        }

        (left, right) = (left.ToLowerInvariant(), right.ToLowerInvariant());
        var (beforeLast, last) = (new int[right.Length + 1], Enumerable.Range(0, right.Length + 1).ToArray());
        for (var i = 1; i <= left.Length; i++)
        {
            var row = new int[right.Length + 1];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                row[j] = Math.Min(last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1), Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            (beforeLast, last) = (last, row);
        }

        return last[^1];
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
