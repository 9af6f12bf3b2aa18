using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>Who asked for the writes of the current call, and with what. The first of them that does something is noted in the log, in its own transaction.</summary>
/// <param name="workspace">Whose log it goes into.</param>
/// <param name="actor">The public id of the key.</param>
/// <param name="action">What was called.</param>
/// <param name="target">What it was called on: a path of ids, never names or data. What is made by the call is added.</param>
/// <param name="at">When.</param>
public sealed class AuditedCall(WorkspaceId workspace, string actor, string action, string target, Instant at)
{
    private static readonly AsyncLocal<AuditedCall?> current = new();

    private bool isNoted;

    /// <summary>Of this flow of control; null where the writes are not somebody's.</summary>
    public static AuditedCall? Current
    {
        get => current.Value;
        set => current.Value = value;
    }

    internal WorkspaceId Workspace => workspace;
    internal string Actor => actor;
    internal string Action => action;
    internal Instant At => at;

    /// <summary>The same call, on something else.</summary>
    public AuditedCall On(string other) => new(workspace, actor, action, other, at);

    /// <summary>What was written has nothing to say where it is null, false, or a tuple that begins with null: nothing was changed.</summary>
    internal void Note(WriteTransaction tx, object? written)
    {
        if (isNoted || written is null or false or ITuple { Length: > 0 } and not [not null, ..])
        {
            return;
        }

        isNoted = true;
        var made = written switch
        {
            Written<StoredSegment> segment => segment.Value.Id.ToString(),
            Written<StoredAction> item => item.Value.Id.ToString(),
            Written<StoredInstruction> item => item.Value.Id.ToString(),
            Written<StoredDirectory> item => item.Value.Id.ToString(),
            ApiKey key => key.PublicId,
            _ => "",
        };
        AuditLog.Add(tx, this, target.Contains(made, StringComparison.OrdinalIgnoreCase) ? target : $"{target}/{made}");
    }
}

/// <param name="Number">Only grows.</param>
/// <param name="Revision">The workspace's revision after it.</param>
/// <param name="Hash">SHA-256 over the hash before it and this entry: nothing can be changed or taken out without breaking the chain.</param>
public sealed record AuditEntry(long Number, Instant At, string Actor, string Action, string Target, long? Revision, byte[] Hash);

/// <summary>Whether the chain of a workspace's log holds.</summary>
/// <param name="Entries">How many there are.</param>
/// <param name="FirstBroken">The number of the first that does not follow from the one before it; null where all do.</param>
public readonly record struct AuditCheck(long Entries, long? FirstBroken);

/// <summary>Who changed what in a workspace: ids only, each entry chained to the one before it by a hash. The last entries can be cut off unseen, unless somebody has kept a later hash.</summary>
public sealed class AuditLog
{
    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;

    internal AuditLog(WorkspaceStore workspaces, ReaderPool readers) => (this.workspaces, this.readers) = (workspaces, readers);

    /// <summary>Newest first, before a number.</summary>
    public IReadOnlyList<AuditEntry> Page(WorkspaceId workspace, long before, int limit)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var rows = session.Prepare("select number, at, actor, action, target, revision, hash from audit_log where workspace = ?1 and number < ?2 order by number desc limit ?3")
                .Set(1, number).Set(2, before).Set(3, limit);
            return Read(rows).ToList();
        });
    }

    /// <summary>Works every hash out anew.</summary>
    public AuditCheck Check(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.ReadTogether(session =>
        {
            using var rows = session.Prepare("select number, at, actor, action, target, revision, hash from audit_log where workspace = ?1 order by number").Set(1, number);
            byte[] last = [];
            var entries = 0L;
            long? broken = null;
            foreach (var entry in Read(rows))
            {
                entries++;
                broken ??= Hash(last, workspace, entry).AsSpan().SequenceEqual(entry.Hash) ? null : entry.Number;
                last = entry.Hash;
            }

            return new AuditCheck(entries, broken);
        });
    }

    internal static void Add(WriteTransaction tx, AuditedCall call, string target)
    {
        using var owner = tx.Prepare("select number, revision, (select coalesce(max(number), 0) + 1 from audit_log) from workspaces where id = ?1").Set(1, call.Workspace.Value.ToString());
        if (!owner.Step())
        {
            return;
        }

        using var newest = tx.Prepare("select hash from audit_log where workspace = ?1 order by number desc limit 1").Set(1, owner.Integer(0));
        byte[] last = newest.Step() ? newest.Bytes(0).ToArray() : [];
        var entry = new AuditEntry(owner.Integer(2), call.At, call.Actor, call.Action, target, owner.Integer(1), []);
        using var insert = tx.Prepare("insert into audit_log (number, workspace, at, actor, action, target, revision, hash) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
            .Set(1, entry.Number).Set(2, owner.Integer(0)).Set(3, entry.At.Ticks).Set(4, entry.Actor).Set(5, entry.Action).Set(6, entry.Target).Set(7, entry.Revision).SetBlob(8, Hash(last, call.Workspace, entry));
        _ = insert.Run();
    }

    private static IEnumerable<AuditEntry> Read(Statement rows)
    {
        while (rows.Step())
        {
            yield return new(rows.Integer(0), rows.InstantAt(1), rows.Text(2)!, rows.Text(3)!, rows.Text(4)!, rows.IntegerOrNull(5), rows.Bytes(6).ToArray());
        }
    }

    /// <summary>Each text with its length before it, so that no two entries have the same bytes.</summary>
    private static byte[] Hash(byte[] last, WorkspaceId workspace, AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (var part in new[] { last, workspace.Value.ToByteArray(), Encoding.UTF8.GetBytes(entry.Actor), Encoding.UTF8.GetBytes(entry.Action), Encoding.UTF8.GetBytes(entry.Target) })
        {
            BinaryPrimitives.WriteInt64BigEndian(number, part.Length);
            hash.AppendData(number);
            hash.AppendData(part);
        }

        foreach (var value in new[] { entry.Number, entry.At.Ticks, entry.Revision ?? -1 })
        {
            BinaryPrimitives.WriteInt64BigEndian(number, value);
            hash.AppendData(number);
        }

        return hash.GetHashAndReset();
    }
}
