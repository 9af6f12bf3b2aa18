using System.Threading.RateLimiting;
using SegmentEngine.Server.Hosting;

namespace SegmentEngine.Server.Keys;

/// <summary>How much each key may ask for: a bucket of tokens a key, a request a token, refilled ten times a second.</summary>
public sealed class KeyLimits(ServerOptions options) : IDisposable
{
    private static readonly TimeSpan refill = TimeSpan.FromMilliseconds(100);

    private readonly PartitionedRateLimiter<string> buckets = PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => new()
    {
        TokenLimit = options.RequestsAtOnce,
        TokensPerPeriod = Math.Max(1, options.RequestsPerSecond / 10),
        ReplenishmentPeriod = options.RequestsPerSecond >= 10 ? refill : TimeSpan.FromSeconds(1.0 / options.RequestsPerSecond),
        QueueLimit = 0,
    }));

    /// <summary>Null where the key may go on; else for how many seconds it is to wait.</summary>
    public int? Wait(string keyId)
    {
        using var lease = buckets.AttemptAcquire(keyId);
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds))
            : 1;
    }

    public void Dispose() => buckets.Dispose();
}
