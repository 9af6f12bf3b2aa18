using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>The way in for contacts and events. What is stored, the marks it leaves and the message ids it uses up are one transaction.</summary>
public sealed class IngestStore
{
    private readonly WorkspaceStore workspaces;
    private readonly WriteQueue writer;

    internal IngestStore(WorkspaceStore workspaces, WriteQueue writer) => (this.workspaces, this.writer) = (workspaces, writer);

    /// <summary>Stores items in order, each seeing those before it. A refused item leaves the others alone. Answers once all is on disk.</summary>
    /// <param name="createContacts">An event of an unknown user makes a contact with that external id; otherwise it is refused.</param>
    public Task<IngestReceipt> Write(WorkspaceId workspace, IReadOnlyList<IngestItem> items, Instant now, bool createContacts, CancellationToken cancel = default)
    {
        var key = workspaces.Key(workspace);
        return writer.Run(
            tx =>
            {
                var batch = new IngestBatch(tx, key, now, createContacts);
                var results = new IngestResult[items.Count];
                for (var i = 0; i < results.Length; i++)
                {
                    results[i] = batch.Store(items[i]);
                }

                return new IngestReceipt(batch.Finish(), results);
            },
            cancel);
    }
}
