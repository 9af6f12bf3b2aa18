using System.Buffers.Binary;
using System.Numerics;
using Dapper;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>The right to write a shard's memberships, until another takes it. The epoch grows with every taking, and the commit checks it.</summary>
public sealed record ShardLease(WorkspaceId Workspace, int Shard, long Epoch);

/// <param name="Generation">Counts the membership commits of the shard.</param>
/// <param name="Revision">The workspace's revision up to which the stored memberships reflect the data.</param>
public sealed record ShardState(int Shard, long Generation, long Revision, Instant? EvaluatedAt, string? LeaseOwner, long LeaseEpoch, Instant LeaseUntil);

/// <summary>The parts of a workspace that are evaluated, written and placed each on its own.</summary>
public sealed class ShardStore
{
    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal ShardStore(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    /// <summary>The shard of a contact: the same on every machine and for all time, and even for ids that count up.</summary>
    public static int Of(ContactId contact, int shardCount)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = contact.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        var mixed = Mix(BinaryPrimitives.ReadUInt64BigEndian(bytes)) ^ BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);

        // The remainder of a division, which for a power of two need not be made.
        return (int)(BitOperations.IsPow2(shardCount) ? Mix(mixed) & (ulong)(shardCount - 1) : Mix(mixed) % (ulong)shardCount);
    }

    public IReadOnlyList<ShardState> All(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session => session.Connection.Query<Row>(
            "select shard, generation, revision, evaluated_at, lease_owner, lease_epoch, lease_until from shards where workspace = @number order by shard", new { number }))
            .Select(row => new ShardState(
                (int)row.Shard, row.Generation, row.Revision, row.Evaluated_At is { } at ? new Instant(at) : null, row.Lease_Owner, row.Lease_Epoch, new(row.Lease_Until)))
            .ToList();
    }

    /// <summary>Takes the right to write a shard, with a new epoch; null while another owner holds it. The same owner may take it again, which ends its own earlier lease.</summary>
    public Task<ShardLease?> TakeLease(WorkspaceId workspace, int shard, string owner, Instant now, TimeSpan duration, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx => tx.Session.Connection.QueryFirstOrDefault<long?>(
                """
                update shards set lease_owner = @owner, lease_epoch = lease_epoch + 1, lease_until = @until
                where workspace = @number and shard = @shard and (lease_owner is null or lease_owner = @owner or lease_until <= @now) returning lease_epoch
                """,
                new { number, shard, owner, now = now.Ticks, until = now.Plus(duration).Ticks }) is { } epoch
                ? new ShardLease(workspace, shard, epoch)
                : null,
            cancel);
    }

    /// <summary>Holds a lease for longer; false when another has taken it.</summary>
    public Task<bool> Renew(ShardLease lease, Instant now, TimeSpan duration, CancellationToken cancel = default)
    {
        var number = workspaces.Key(lease.Workspace).Number;
        return writer.Run(
            tx => tx.Session.Connection.Execute(
                "update shards set lease_until = @until where workspace = @number and shard = @Shard and lease_epoch = @Epoch and lease_owner is not null",
                new { number, lease.Shard, lease.Epoch, until = now.Plus(duration).Ticks }) > 0,
            cancel);
    }

    /// <summary>Gives a lease up, so that the next owner need not wait for its end.</summary>
    public Task<bool> Release(ShardLease lease, CancellationToken cancel = default)
    {
        var number = workspaces.Key(lease.Workspace).Number;
        return writer.Run(
            tx => tx.Session.Connection.Execute(
                "update shards set lease_owner = null, lease_until = 0 where workspace = @number and shard = @Shard and lease_epoch = @Epoch", new { number, lease.Shard, lease.Epoch }) > 0,
            cancel);
    }

    /// <summary>The finaliser of MurmurHash3: every bit of the input moves half of the output's.</summary>
    private static ulong Mix(ulong x)
    {
        unchecked
        {
            x = (x ^ (x >> 33)) * 0xff51afd7ed558ccd;
            x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53;
            return x ^ (x >> 33);
        }
    }

    private sealed record Row(long Shard, long Generation, long Revision, long? Evaluated_At, string? Lease_Owner, long Lease_Epoch, long Lease_Until);
}
