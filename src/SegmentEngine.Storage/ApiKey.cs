using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>What is kept of a key. The secret itself is not among it.</summary>
public sealed record ApiKey
{
    internal byte[] SecretHash { get; init; } = [];
    internal long WorkspaceNumber { get; init; }
    public required string PublicId { get; init; }
    public WorkspaceId Workspace { get; init; }
    public required string Name { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }
    public required Instant CreatedAt { get; init; }
    public Instant? ExpiresAt { get; init; }
    public Instant? RevokedAt { get; init; }
    public Instant? LastUsedAt { get; init; }
}
