using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Keys;

/// <summary>The scope an endpoint asks for. An endpoint without one is open to everybody.</summary>
public sealed record RequiredScope(string Scope);

/// <summary>What it changes is noted in the audit log of the caller's workspace.</summary>
public sealed class AuditedEndpoint;

/// <summary>Lets a request through to an endpoint only with a key that has the scope the endpoint asks for.</summary>
public sealed class KeyCheck(RequestDelegate next, KeyRing keys, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    public Task Invoke(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>() is not { } required)
        {
            return next(context);
        }

        string? header = context.Request.Headers.Authorization;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || keys.Find(header.AsSpan(Scheme.Length).Trim()) is not { } caller)
        {
            return Refusal.Unauthorized.ExecuteAsync(context);
        }

        if (!caller.May(required.Scope))
        {
            return Refusal.Of(StatusCodes.Status403Forbidden, $"the key lacks the scope \"{required.Scope}\"").ExecuteAsync(context);
        }

        context.Features.Set(caller);
        if (context.GetEndpoint()!.Metadata.GetMetadata<AuditedEndpoint>() is not null)
        {
            AuditedCall.Current = new(
                caller.Workspace, caller.KeyId, context.GetEndpoint()!.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName, context.Request.Path.Value!.TrimEnd('/'), Instant.From(clock.GetUtcNow()));
        }

        return next(context);
    }
}

public static class KeyCheckExtensions
{
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, string scope) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequiredScope(scope));

    public static TBuilder Audited<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AuditedEndpoint());
}
