using System.Diagnostics.CodeAnalysis;

namespace SegmentEngine.Contacts;

/// <summary>
/// A version as SemVer 2.0 orders it (semver.org, section 11). A leading <c>v</c> and one- or two-part versions are taken and padded, before a pre-release too;
/// build metadata is dropped. Nothing else is: no capital V, no leading zeros, no blanks.
/// </summary>
public sealed class SemanticVersion : IEquatable<SemanticVersion>, IComparable<SemanticVersion>
{
    private readonly string[] core;
    private readonly string[] preRelease;

    private SemanticVersion(string[] core, string[] preRelease)
    {
        this.core = core;
        this.preRelease = preRelease;
    }

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SemanticVersion? version)
    {
        version = null;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var rest = text[0] == 'v' ? text[1..] : text;
        var plus = rest.IndexOf('+', StringComparison.Ordinal);
        if (plus >= 0 && !Identifiers(rest[(plus + 1)..], leadingZeros: true))
        {
            return false;
        }

        rest = plus < 0 ? rest : rest[..plus];
        var dash = rest.IndexOf('-', StringComparison.Ordinal);
        if (dash >= 0 && !Identifiers(rest[(dash + 1)..], leadingZeros: false))
        {
            return false;
        }

        var parts = (dash < 0 ? rest : rest[..dash]).Split('.');
        if (parts.Length > 3 || !Array.TrueForAll(parts, static part => IsNumber(part) && !HasLeadingZero(part)))
        {
            return false;
        }

        version = new([parts[0], parts.Length > 1 ? parts[1] : "0", parts.Length > 2 ? parts[2] : "0"], dash < 0 ? [] : rest[(dash + 1)..].Split('.'));
        return true;
    }

    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        for (var i = 0; i < 3; i++)
        {
            if (CompareNumbers(core[i], other.core[i]) is var order && order != 0)
            {
                return order;
            }
        }

        // A version without a pre-release comes after all of its pre-releases.
        if (preRelease.Length == 0 || other.preRelease.Length == 0)
        {
            return other.preRelease.Length.CompareTo(preRelease.Length) switch { 0 => 0, _ => preRelease.Length == 0 ? 1 : -1 };
        }

        for (var i = 0; i < Math.Min(preRelease.Length, other.preRelease.Length); i++)
        {
            if (CompareIdentifiers(preRelease[i], other.preRelease[i]) is var order && order != 0)
            {
                return order;
            }
        }

        return preRelease.Length.CompareTo(other.preRelease.Length);
    }

    public bool Equals(SemanticVersion? other) => other is not null && CompareTo(other) == 0;
    public override bool Equals(object? obj) => Equals(obj as SemanticVersion);
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The padded form without build metadata: equal versions print the same.</summary>
    public override string ToString() => string.Join('.', core) + (preRelease.Length == 0 ? "" : "-" + string.Join('.', preRelease));

    public static bool operator ==(SemanticVersion? left, SemanticVersion? right) => left is null ? right is null : left.Equals(right);
    public static bool operator !=(SemanticVersion? left, SemanticVersion? right) => !(left == right);
    public static bool operator <(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) < 0;
    public static bool operator <=(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) <= 0;
    public static bool operator >(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) > 0;
    public static bool operator >=(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) >= 0;

    private static int CompareIdentifiers(string left, string right) => (IsNumber(left), IsNumber(right)) switch
    {
        (true, true) => CompareNumbers(left, right),
        (true, false) => -1,
        (false, true) => 1,
        _ => Math.Sign(string.CompareOrdinal(left, right)),
    };

    /// <summary>Numbers of any length, without leading zeros: the longer is the larger.</summary>
    private static int CompareNumbers(string left, string right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : Math.Sign(string.CompareOrdinal(left, right));

    private static bool Identifiers(string text, bool leadingZeros) =>
        Array.TrueForAll(text.Split('.'), part =>
            part.Length > 0
            && part.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && (leadingZeros || !IsNumber(part) || !HasLeadingZero(part)));

    private static bool IsNumber(string part) => part.Length > 0 && part.All(char.IsAsciiDigit);

    private static bool HasLeadingZero(string part) => part.Length > 1 && part[0] == '0';
}
