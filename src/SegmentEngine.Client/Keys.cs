using System.Text.Json.Serialization;

namespace SegmentEngine.Client;

/// <summary>What a key may do.</summary>
public static class Scopes
{
    public const string SegmentsRead = "segments:read";

    /// <summary>Reserved; it has no effect, as in OpenCX.</summary>
    public const string SegmentsWrite = "segments:write";
    public const string ContactsRead = "contacts:read";
    public const string ContactsWrite = "contacts:write";
    public const string GatingRead = "gating:read";
    public const string Manage = "manage";

    /// <summary>Shows and steers the background jobs, which are those of every workspace of a server. No key can give it, <see cref="Manage"/> or not: only whoever has the database file.</summary>
    public const string Jobs = "jobs";

    /// <summary>All that a key may do in its workspace; <see cref="Jobs"/> goes beyond it.</summary>
    public static IReadOnlyList<string> All { get; } = [SegmentsRead, SegmentsWrite, ContactsRead, ContactsWrite, GatingRead, Manage];
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record KeyInput
{
    public required string Name { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>A key is to be replaced by one with the same name and scopes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record KeyRotation
{
    /// <summary>For how long the key that is replaced still opens what it did: an hour where nothing is said, up to 30 days. 0: no longer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? OverlapSeconds { get; init; }
}

/// <summary>A key, without its secret.</summary>
public sealed record Key
{
    /// <summary>The public id: the middle part of <c>sk_…_…</c>.</summary>
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required IReadOnlyList<string> Scopes { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The whole key; only in the answer that makes it, never again.</summary>
    [JsonPropertyName("key"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }
}

public sealed record KeyList
{
    public required IReadOnlyList<Key> Data { get; init; }
}
