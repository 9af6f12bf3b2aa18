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

    [GeneratedRegex(@"\[[:.=]\^?[A-Za-z]+[:.=]\]", RegexOptions.CultureInvariant)]
    private static partial Regex PosixClass();
}
