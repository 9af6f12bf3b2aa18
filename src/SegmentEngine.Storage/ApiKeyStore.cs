using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>
/// Keys of the form <c>sk_&lt;public id&gt;_&lt;secret&gt;</c>. Only a SHA-256 of the secret is stored: it has 190 random bits, so a slow hash would protect nothing.
/// </summary>
public sealed class ApiKeyStore
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;
    private readonly ConcurrentDictionary<string, Instant> touched = [];

    internal ApiKeyStore(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    /// <summary>Makes a key and answers with its text, which is not kept and cannot be had again.</summary>
    public async Task<(ApiKey Key, string Text)> Create(
        WorkspaceId workspace, string name, IReadOnlyList<string> scopes, Instant now, Instant? expiresAt = null, CancellationToken cancel = default)
    {
        var (key, text) = New(workspace, name, scopes, now, expiresAt);
        _ = await writer.Run(tx => Add(tx, key), cancel).ConfigureAwait(false);
        return (key, text);
    }

    /// <summary>Makes a key with the name, scopes and end of another, and has that one end soon. Null where the workspace has no such key that is still good.</summary>
    public async Task<(ApiKey Key, string Text)?> Rotate(WorkspaceId workspace, string publicId, Instant now, TimeSpan overlap, CancellationToken cancel = default)
    {
        var (fresh, text) = New(workspace, "", [], now, expiresAt: null);
        var key = await writer.Run(
            tx =>
            {
                var before = tx.Management.ApiKeys.FirstOrDefault(key => key.WorkspaceNumber == fresh.WorkspaceNumber && key.PublicId == publicId);
                if (before is not { RevokedAt: null } || before.ExpiresAt <= now)
                {
                    return null;
                }

                var end = now.Plus(overlap);
                _ = tx.Management.ApiKeys.Where(key => key.PublicId == publicId)
                    .ExecuteUpdate(set => set.SetProperty(key => key.ExpiresAt, before.ExpiresAt is { } sooner && sooner < end ? sooner : end));
                return Add(tx, fresh with { Name = before.Name, Scopes = before.Scopes, ExpiresAt = before.ExpiresAt });
            },
            cancel).ConfigureAwait(false);
        return key is null ? null : (key, text);
    }

    private (ApiKey Key, string Text) New(WorkspaceId workspace, string name, IReadOnlyList<string> scopes, Instant now, Instant? expiresAt)
    {
        var secret = RandomNumberGenerator.GetString(Letters, 32);
        var key = new ApiKey
        {
            PublicId = RandomNumberGenerator.GetString(Letters, 12),
            SecretHash = Hash(secret),
            WorkspaceNumber = workspaces.Key(workspace).Number,
            Workspace = workspace,
            Name = name,
            Scopes = scopes,
            CreatedAt = now,
            ExpiresAt = expiresAt,
        };
        return (key, $"sk_{key.PublicId}_{secret}");
    }

    private static ApiKey Add(WriteTransaction tx, ApiKey key)
    {
        _ = tx.Management.Add(key);
        _ = tx.Management.SaveChanges();
        tx.Management.ChangeTracker.Clear();
        return key;
    }

    /// <summary>The key whose text this is; null when it is malformed, unknown, wrong, revoked or expired, without telling which. Secrets are compared in constant time.</summary>
    public ApiKey? Authenticate(string text, Instant now)
    {
        if (text.Split('_') is not ["sk", var publicId, var secret])
        {
            return null;
        }

        var key = readers.Read(session => session.Management.ApiKeys
            .Join(session.Management.Workspaces, key => key.WorkspaceNumber, workspace => workspace.Number, (key, workspace) => new { Key = key, workspace.Id })
            .FirstOrDefault(found => found.Key.PublicId == publicId));
        var same = CryptographicOperations.FixedTimeEquals(Hash(secret), key?.Key.SecretHash ?? new byte[SHA256.HashSizeInBytes]);
        return same && key is { Key.RevokedAt: null } && (key.Key.ExpiresAt is not { } end || now < end) ? key.Key with { Workspace = key.Id } : null;
    }

    public IReadOnlyList<ApiKey> List(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session => session.Management.ApiKeys.Where(key => key.WorkspaceNumber == number).OrderBy(key => key.CreatedAt).ThenBy(key => key.PublicId).ToList())
            .ConvertAll(key => key with { Workspace = workspace });
    }

    /// <summary>Ends a key; false when the workspace has no such key.</summary>
    public Task<bool> Revoke(WorkspaceId workspace, string publicId, Instant now, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx => tx.Management.ApiKeys.Where(key => key.WorkspaceNumber == number && key.PublicId == publicId)
                .ExecuteUpdate(set => set.SetProperty(key => key.RevokedAt, key => key.RevokedAt ?? now)) > 0,
            cancel);
    }

    /// <summary>Notes that a key was used; writes at most once a minute a key, so it may be called on every request.</summary>
    public Task Touch(string publicId, Instant now, CancellationToken cancel = default)
    {
        var last = touched.GetOrAdd(publicId, Instant.MinValue);
        return now < last.Plus(TouchEvery) || !touched.TryUpdate(publicId, now, last)
            ? Task.CompletedTask
            : writer.Run(tx => tx.Management.ApiKeys.Where(key => key.PublicId == publicId).ExecuteUpdate(set => set.SetProperty(key => key.LastUsedAt, now)), cancel);
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
