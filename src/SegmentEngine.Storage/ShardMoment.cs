using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>
/// A shard as of one moment, however much is written meanwhile: marks, contacts and events fit together, so that no contact is read half before a write and half after it.
/// Used by one thread at a time, and disposed soon, since the database's log cannot be shortened under it.
/// </summary>
public sealed class ShardMoment : IDisposable
{
    private readonly ReaderPool readers;
    private readonly SqlSession session;
    private readonly long workspace;
    private readonly int shard;

    internal ShardMoment(ReaderPool readers, long workspace, int shard)
    {
        (this.readers, this.workspace, this.shard) = (readers, workspace, shard);
        session = readers.Rent();

        // The moment is that of the first statement to read; from here on what a method reads is the same whenever it is called.
        session.Execute("begin");
        _ = session.Number("select max(number) from workspaces");
    }

    /// <inheritdoc cref="DirtyContacts.Take(WorkspaceId, int, int)"/>
    public DirtyBatch Dirty(int max) => DirtyContacts.Take(session, workspace, shard, max);

    /// <summary>Some parts of all contacts, by their numbers, in the order they were made.</summary>
    public IEnumerable<(long Number, Contact Parts)> Contacts(ContactParts parts) => ContactStore.Stream(session, workspace, shard, parts);

    /// <summary>Those of the contacts that exist, in the order of their numbers.</summary>
    public IReadOnlyList<StoredContact> Contacts(IEnumerable<long> numbers) => ContactStore.ByNumbers(session, workspace, numbers);

    /// <summary>Of each name the events after a number, in the order of arrival. The numbers are read when the first event is asked for, and may be changed from then on.</summary>
    public IEnumerable<StoredEvent> Events(IReadOnlyDictionary<string, long> after) => EventStore.Stream(session, workspace, shard, after);

    public void Dispose()
    {
        session.Execute("commit");
        readers.Return(session);
    }
}
