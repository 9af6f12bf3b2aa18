using System.Threading.RateLimiting;
using SegmentEngine.Server.Hosting;

namespace SegmentEngine.Server.Keys;

/// <summary>How much each key may ask for: a bucket of tokens a key, a request a token, refilled ten times a second, or once where the rate has no tenth.</summary>
public sealed class KeyLimits(ServerOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> buckets = PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => new()
    {
        TokenLimit = options.RequestsAtOnce,
        TokensPerPeriod = Refill(options.RequestsPerSecond).Tokens,
        ReplenishmentPeriod = Refill(options.RequestsPerSecond).Period,
        QueueLimit = 0,
    }));

    /// <summary>So many tokens each time: the limiter looks ten times a second, and no period between two looks would be kept.</summary>
    internal static (int Tokens, TimeSpan Period) Refill(int requestsPerSecond) =>
        requestsPerSecond % 10 == 0 ? (requestsPerSecond / 10, TimeSpan.FromMilliseconds(100)) : (requestsPerSecond, TimeSpan.FromSeconds(1));

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
