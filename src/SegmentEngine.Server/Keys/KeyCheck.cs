using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Keys;

/// <summary>The scope an endpoint asks for; null: a key, whatever its scopes. An endpoint without this is open to everybody.</summary>
public sealed record RequiredScope(string? Scope);

/// <summary>What it changes is noted in the audit log of the caller's workspace.</summary>
public sealed class AuditedEndpoint;

/// <summary>Of people at the dashboard only admins may call it; keys go by their scope.</summary>
public sealed class AdminsOnly;

/// <summary>Lets a request through to an endpoint only with a key that has the scope the endpoint asks for, or for a person whose role allows it.</summary>
public sealed class KeyCheck(RequestDelegate next, KeyRing keys, KeyLimits limits, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    public static string Lacks(string scope) => $"the key lacks the scope \"{scope}\"";

    public Task Invoke(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>() is not { } required)
        {
            return next(context);
        }

        // Only the server itself sets one: for somebody at the dashboard.
        if (context.Features.Get<Caller>() is not { } caller)
        {
            string? header = context.Request.Headers.Authorization;
            if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || keys.Find(header.AsSpan(Scheme.Length).Trim()) is not { } key)
            {
                return Refusal.Unauthorized.ExecuteAsync(context);
            }

            if (limits.Wait(key.KeyId) is { } seconds)
            {
                context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
                return Refusal.Of(StatusCodes.Status429TooManyRequests, $"this key makes more requests than it may: try again after {seconds} s").ExecuteAsync(context);
            }

            caller = key;
        }
        else if (!caller.MayByRole(context.GetEndpoint()!))
        {
            return Refusal.Of(StatusCodes.Status403Forbidden, $"the role {caller.Role!.Value.ToString().ToLowerInvariant()} does not allow this").ExecuteAsync(context);
        }

        if (required.Scope is { } scope && !caller.May(scope))
        {
            return Refusal.Of(StatusCodes.Status403Forbidden, Lacks(scope)).ExecuteAsync(context);
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

    /// <summary>Any key opens it; what it may do is asked further on.</summary>
    public static TBuilder NeedsAnyKey<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope(Scope: null));

    public static TBuilder Audited<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AuditedEndpoint());

    public static TBuilder ForAdmins<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AdminsOnly());
}
