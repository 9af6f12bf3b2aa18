using System.Collections.Frozen;
using System.Reflection;

namespace SegmentEngine.Server.Keys;

/// <summary>Whoever holds the key of this request: which workspace, and what it may do there. An endpoint that takes one has a <see cref="RequiredScope"/>.</summary>
public sealed class Caller(WorkspaceId workspace, string keyId, IEnumerable<string> scopes)
{
    private readonly FrozenSet<string> scopes = scopes.ToFrozenSet(StringComparer.Ordinal);

    public WorkspaceId Workspace => workspace;
    public string KeyId => keyId;

    public bool May(string scope) => scopes.Contains(scope);

    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) => new(context.Features.Get<Caller>());
}
