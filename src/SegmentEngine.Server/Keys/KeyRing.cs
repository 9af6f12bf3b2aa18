using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Keys;

/// <summary>Knows the keys that were used lately, so that a request costs one hash and no look into the database. A revoked key opens nothing from the moment <see cref="Forget"/> returns.</summary>
public sealed class KeyRing(SegmentDatabase database, TimeProvider clock)
{
    /// <summary>A key is looked up again after this long, and its use noted.</summary>
    private static readonly TimeSpan keptFor = TimeSpan.FromSeconds(30);

    /// <summary>Keys kept at once; beyond it all are forgotten and looked up again.</summary>
    private const int KeptMax = 10_000;
    private const int KeyLengthMax = 128;

    private readonly ConcurrentDictionary<string, Kept> kept = new(StringComparer.Ordinal);
    private int revocations;

    /// <summary>Whose key this is; null when it is malformed, unknown, wrong, revoked or expired.</summary>
    public Caller? Find(ReadOnlySpan<char> text)
    {
        if (text.Length > KeyLengthMax || !text.StartsWith("sk_", StringComparison.Ordinal) || text[3..].IndexOf('_') is not (var end and > 0))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[KeyLengthMax * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(text, bytes)], hash);

        var now = Instant.From(clock.GetUtcNow());
        return kept.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text.Slice(3, end), out var known)
            && CryptographicOperations.FixedTimeEquals(hash, known.Hash) && now < known.Until
            ? known.Caller
            : LookUp(text.ToString(), hash, now);
    }

    public void Forget(string publicId)
    {
        Interlocked.Increment(ref revocations);
        kept.TryRemove(publicId, out _);
    }

    private Caller? LookUp(string text, ReadOnlySpan<byte> hash, Instant now)
    {
        var before = Volatile.Read(ref revocations);
        if (database.Keys.Authenticate(text, now) is not { } key)
        {
            return null;
        }

        if (kept.Count >= KeptMax)
        {
            kept.Clear();
        }

        var caller = new Caller(key.Workspace, key.PublicId, key.Scopes);
        var until = now.Plus(keptFor);
        kept[key.PublicId] = new(hash.ToArray(), caller, key.ExpiresAt is { } expires && expires < until ? expires : until);
        if (Volatile.Read(ref revocations) != before)
        {
            // A key was revoked while this one was looked up; it may have been this one.
            kept.TryRemove(key.PublicId, out _);
        }

        _ = database.Keys.Touch(key.PublicId, now);
        return caller;
    }

    private sealed record Kept(byte[] Hash, Caller Caller, Instant Until);
}
