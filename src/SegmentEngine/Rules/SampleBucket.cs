using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SegmentEngine.Contacts;

namespace SegmentEngine.Rules;

/// <summary>Which part of a hundred a salt puts a contact in: the same wherever and whenever it is asked.</summary>
internal static class SampleBucket
{
    /// <summary>Parts in one percent.</summary>
    private const int Resolution = 1_000_000;

    /// <summary>From 0 to below 100, in millionths; null for nobody in particular, who has neither an id nor an external one.</summary>
    public static decimal? Of(Contact contact, string salt) => (contact.Id?.ToString() ?? contact.ExternalId) is { } name ? Of(salt, name) : null;

    private static decimal Of(string salt, string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}:{name}"));
        var part = ((UInt128)BinaryPrimitives.ReadUInt64BigEndian(hash) * (100 * Resolution)) >> 64;
        return (decimal)part / Resolution;
    }
}
