using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;

namespace SegmentEngine.Evaluation;

public sealed partial class Interpreter
{
    private static Truth OfText(TraitOperator op, Condition.ValueTest leaf, string text, string part) => op switch
    {
        TraitOperator.Contains => Is(Comparable(leaf, text).Contains(Comparable(leaf, part), Casing(leaf))),
        TraitOperator.StartsWith => Is(Comparable(leaf, text).StartsWith(Comparable(leaf, part), Casing(leaf))),
        TraitOperator.EndsWith => Is(Comparable(leaf, text).EndsWith(Comparable(leaf, part), Casing(leaf))),
        TraitOperator.Matches => Matches(leaf, text, pattern: part),
        _ => throw new InvalidOperationException($"{op} asks nothing of a text"),
    };

    private static StringComparison Casing(Condition.ValueTest leaf) => leaf.CaseSensitive == true ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>The text itself, or without its combining marks where accents do not count.</summary>
    private static string Comparable(Condition.ValueTest leaf, string text) =>
        leaf.AccentSensitive == false
            ? string.Concat(text.Normalize(NormalizationForm.FormD).EnumerateRunes().Where(static rune => Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark))
            : text;

    private static Truth Matches(Condition.ValueTest leaf, string text, string pattern)
    {
        if (Encoding.UTF8.GetByteCount(text) > Limits.MatchedBytesMax)
        {
            return Truth.Unknown;
        }

        var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (leaf.CaseSensitive == true ? RegexOptions.None : RegexOptions.IgnoreCase);
        try
        {
            return Is(Regex.IsMatch(text, pattern, options, Limits.MatchTimeout));
        }
        catch (RegexMatchTimeoutException)
        {
            return Truth.Unknown;
        }
    }

    private static Truth InNetworks(Condition.ValueTest leaf, TraitValue value) =>
        value is TraitValue.Text text && Address(text.Value) is { } address
            ? Or((leaf.Values.IsDefault ? [leaf.Value] : leaf.Values).Select(written => Is(InNetwork(address, written.GetString()!))))
            : Truth.Unknown;

    /// <summary>The address's bits begin as the network's do; an address of the other family lies in none. A network of mapped IPv4 addresses is one of IPv4.</summary>
    private static bool InNetwork(IPAddress address, string network)
    {
        var parts = network.Split('/');
        var first = Bits(IPAddress.Parse(parts[0]));
        var length = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : first.Length;
        if (IPAddress.Parse(parts[0]).IsIPv4MappedToIPv6 && length >= 96)
        {
            (first, length) = (first[96..], length - 96);
        }

        return Bits(address) is var bits && bits.Length == first.Length && bits[..length] == first[..length];
    }

    private static string Bits(IPAddress address) => string.Concat(address.GetAddressBytes().Select(static octet => octet.ToString("b8", CultureInfo.InvariantCulture)));

    /// <summary>Four decimal numbers without leading zeros, or an IPv6 address without brackets or scope, where one that maps an IPv4 address is that address.</summary>
    private static IPAddress? Address(string text)
    {
        if (!text.Contains(':', StringComparison.Ordinal))
        {
            var octets = text.Split('.');
            return octets.Length == 4 && octets.All(static octet => byte.TryParse(octet, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && $"{number}" == octet)
                ? IPAddress.Parse(text)
                : null;
        }

        return text.IndexOfAny(['%', '[', ']']) < 0 && IPAddress.TryParse(text, out var address) ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address : null;
    }
}
