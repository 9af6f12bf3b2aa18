using System.Security.Cryptography;
using System.Text;
using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>
/// Contacts that were deleted and must not come back: of each name only a digest is kept, which the same name finds again and which cannot be read back, though a guess can be tried. Phone numbers, which several may share, are not among them. Whatever is written under such a name is refused.
/// </summary>
public sealed class Suppression
{
    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal Suppression(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    /// <summary>How many names are suppressed; a contact may have had three.</summary>
    public long Count(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var count = session.Prepare("select count(*) from suppressed where workspace = ?1").Set(1, number);
            _ = count.Step();
            return count.Integer(0);
        });
    }

    /// <summary>Takes a name off; false where it was not suppressed.</summary>
    public Task<bool> Lift(WorkspaceId workspace, ContactKey name, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                using var lift = tx.Prepare("delete from suppressed where workspace = ?1 and digest = ?2").Set(1, number).SetBlob(2, Digest(number, name));
                return lift.Run() > 0;
            },
            cancel);
    }

    internal static void Add(WriteTransaction tx, long workspace, IEnumerable<ContactKey> names, Instant at)
    {
        foreach (var name in names)
        {
            using var add = tx.Prepare("insert or ignore into suppressed (workspace, digest, at) values (?1, ?2, ?3)").Set(1, workspace).SetBlob(2, Digest(workspace, name)).Set(3, at.Ticks);
            _ = add.Run();
        }
    }

    /// <summary>Whether any name of the workspace is suppressed: so rarely that nothing else is asked then.</summary>
    internal static bool Any(WriteTransaction tx, long workspace)
    {
        using var any = tx.Prepare("select 1 from suppressed where workspace = ?1 limit 1").Set(1, workspace);
        return any.Step();
    }

    internal static bool Has(WriteTransaction tx, long workspace, ContactKey name)
    {
        using var find = tx.Prepare("select 1 from suppressed where workspace = ?1 and digest = ?2").Set(1, workspace).SetBlob(2, Digest(workspace, name));
        return find.Step();
    }

    /// <summary>By kind and workspace, so that the same address in another workspace has another.</summary>
    private static byte[] Digest(long workspace, ContactKey name) => SHA256.HashData(Encoding.UTF8.GetBytes(name switch
    {
        ContactKey.Id id => $"{workspace} id {id.Value}",
        ContactKey.ExternalId id => $"{workspace} external_id {id.Value}",
        ContactKey.Email email => $"{workspace} email {ContactStore.EmailKey(email.Value)}",
        _ => throw new ArgumentException($"{name.GetType().Name} names no contact", nameof(name)),
    }));
}
