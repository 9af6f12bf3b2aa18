using System.Collections.Frozen;
using System.Reflection;
using SegmentEngine.Client;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Keys;

/// <summary>Whose request it is, a key's or a person's: which workspace, and what it may do there. An endpoint that takes one has a <see cref="RequiredScope"/>.</summary>
public sealed class Caller(WorkspaceId workspace, string keyId, IEnumerable<string> scopes)
{
    private static readonly string[] viewing = [Scopes.SegmentsRead, Scopes.ContactsRead, Scopes.GatingRead, Scopes.Manage];
    private static readonly string[] editing = [.. viewing, Scopes.ContactsWrite];

    private readonly FrozenSet<string> scopes = scopes.ToFrozenSet(StringComparer.Ordinal);

    public WorkspaceId Workspace => workspace;

    /// <summary>What it is called in the audit log: the key's id, or a person's e-mail address after <c>person:</c>.</summary>
    public string KeyId => keyId;

    /// <summary>Null for a key.</summary>
    public PersonRole? Role { get; private init; }

    /// <summary>Somebody at the dashboard.</summary>
    public static Caller Of(Person person) => new(person.Workspace, $"person:{person.Email}", person.Role == PersonRole.Viewer ? viewing : editing) { Role = person.Role };

    public bool May(string scope) => scopes.Contains(scope);

    /// <summary>Whether a role allows it: a viewer changes nothing, and what opens doors is an admin's.</summary>
    public bool MayByRole(Endpoint endpoint) =>
        Role is not { } role
        || (role >= PersonRole.Admin || endpoint.Metadata.GetMetadata<AdminsOnly>() is null)
            && (role >= PersonRole.Editor || endpoint.Metadata.GetMetadata<AuditedEndpoint>() is null);

    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) => new(context.Features.Get<Caller>());
}
