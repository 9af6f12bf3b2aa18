using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace SegmentEngine.Rules;

/// <summary>Regular expressions as rules may use them: matched in linear time, no POSIX classes, no look-around, no back-references.</summary>
internal static partial class RulePattern
{
    public static bool TryCompile(string pattern, bool caseSensitive, [NotNullWhen(true)] out Regex? regex, out string refused)
    {
        regex = null;
        refused = "";
        if (pattern.Length > Limits.PatternLengthMax)
        {
            refused = $"the pattern is longer than {Limits.PatternLengthMax} characters";
            return false;
        }

        if (PosixClass().IsMatch(pattern))
        {
            refused = $"the pattern has a POSIX class ({PosixClass().Match(pattern).Value}); write \\p{{L}}, \\d or \\s instead";
            return false;
        }

        if (HasNestedCounts(pattern))
        {
            refused = "the pattern repeats a counted repetition (such as (a{1,9}){1,9}) a counted number of times, which takes too long to match; count once";
            return false;
        }

        try
        {
            regex = new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (caseSensitive ? RegexOptions.None : RegexOptions.IgnoreCase), Limits.MatchTimeout);
            return true;
        }
        catch (RegexParseException malformed)
        {
            refused = $"the pattern does not compile: {malformed.Message.TrimEnd('.')}";
        }
        catch (NotSupportedException)
        {
            refused = "the pattern uses look-around, a back-reference or an atomic group, which cannot be matched in linear time";
        }

        return false;
    }

    /// <summary>
    /// Whether something counted, <c>{m,n}</c>, lies within something counted. Matching without backtracking takes time linear in the text, but the automaton of such a pattern grows with the product of the counts,
    /// and is built while matching, where the time-out does not reach it: <c>((a{1,9}){1,9})*$</c> takes seconds on 4 KB.
    /// </summary>
    private static bool HasNestedCounts(string pattern)
    {
        // For each open group, and the pattern as a whole: whether it holds a count.
        var groups = new Stack<bool>([false]);
        var inClass = false;
        var closed = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var wasClosed = closed;
            closed = false;
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[' when !inClass:
                    inClass = true;

                    // A bracket that comes first stands for itself.
                    i += pattern.AsSpan(i + 1).StartsWith("^]") ? 2 : pattern.AsSpan(i + 1).StartsWith("]") ? 1 : 0;
                    break;
                case ']' when inClass:
                    inClass = false;
                    break;
                case '(' when !inClass:
                    groups.Push(false);
                    break;
                case ')' when !inClass && groups.Count > 1:
                    closed = groups.Pop();
                    groups.Push(groups.Pop() || closed);
                    break;
                case '{' when !inClass && Count().IsMatch(pattern.AsSpan(i)):
                    if (wasClosed)
                    {
                        return true;
                    }

                    _ = groups.Pop();
                    groups.Push(true);
                    break;
            }
        }

        return false;
    }

    [GeneratedRegex(@"^\{\d+(,\d*)?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Count();

    [GeneratedRegex(@"\[[:.=]\^?[A-Za-z]+[:.=]\]", RegexOptions.CultureInvariant)]
    private static partial Regex PosixClass();
}
