using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SegmentEngine.Rules;

namespace SegmentEngine.Server.Hosting;

/// <summary>How much one caller may ask for at once.</summary>
public static class RequestLimits
{
    /// <summary>Room for the largest rule (256 KiB) and the largest contact many times over.</summary>
    public const long BodyBytesMax = 1 << 20;

    /// <summary>Segment's own limit for a batch is 500 KB; an import is quicker with more.</summary>
    public const long BatchBodyBytesMax = 4 << 20;

    /// <summary>Keeps one write transaction under a few tens of milliseconds.</summary>
    public const int BatchItemsMax = 2_500;

    /// <summary>A million contacts by their UUIDs, and room to spare.</summary>
    public const long ListBodyBytesMax = 64 << 20;

    /// <summary>Segment's own limit for a message.</summary>
    public const int EventBytesMax = 32 << 10;

    /// <summary>As an event's, since a contact is held in memory whole while it is merged.</summary>
    public const int ContactBytesMax = 256 << 10;

    /// <summary>A thousand bit tests and lookups: about a millisecond.</summary>
    public const int ChecksMax = 1_000;

    /// <summary>System.Text.Json's own default: deeper than any rule or trait, far from the end of the stack.</summary>
    public const int JsonDepthMax = 64;

    /// <summary>A rule's own limit on nesting, and the body around it.</summary>
    public const int RuleJsonDepthMax = Limits.JsonNestingMax + 2;

    public const int PageSizeDefault = 20;
    public const int PageSizeMax = 100;
    public const int MembersPageSizeMax = 1_000;

    /// <summary>The largest whole number that JavaScript holds exactly; OpenCX's bound too.</summary>
    public const long PageMax = 9_007_199_254_740_991;

    /// <summary>How long a read waits for the revision it asked for.</summary>
    public static readonly TimeSpan RevisionWaitMax = TimeSpan.FromSeconds(2);

    public static void AddRequestLimits(this WebApplicationBuilder builder) => builder.Services.Configure<KestrelServerOptions>(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        kestrel.Limits.MaxConcurrentConnections = 10_000;
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 << 10;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(10));
    });

    /// <summary>Lets this endpoint take <see cref="BatchBodyBytesMax"/>.</summary>
    public static TBuilder TakesBatches<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequestSizeLimitAttribute(BatchBodyBytesMax));

    /// <summary>Lets this endpoint take <see cref="ListBodyBytesMax"/>.</summary>
    public static TBuilder TakesLists<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequestSizeLimitAttribute(ListBodyBytesMax));
}
