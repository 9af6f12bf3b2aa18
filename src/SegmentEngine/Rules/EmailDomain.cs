using System.Globalization;

namespace SegmentEngine.Rules;

/// <summary>The domain of an e-mail address: what follows the last <c>@</c>, in IDNA's ASCII form, lower-cased. Nothing is trimmed and subdomains are domains of their own.</summary>
internal static class EmailDomain
{
    /// <summary>The domain of an address, or null where there is none.</summary>
    public static string? Of(string? email)
    {
        var at = email?.LastIndexOf('@') ?? -1;
        return at < 0 ? null : Canonical(email![(at + 1)..]);
    }

    /// <summary>A domain's canonical form, or null for what is no domain.</summary>
    public static string? Canonical(string domain)
    {
        if (domain.Length == 0)
        {
            return null;
        }

        try
        {
            return new IdnMapping().GetAscii(domain).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
