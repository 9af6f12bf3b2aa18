using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Demo;

/// <summary>Fills a file with the demo's workspace, through the same stores as the API. Stopped half-way, it goes on where it was: everything has an id, and is written once.</summary>
internal sealed class DemoSeed(SegmentDatabase database, Instant now, TextWriter output)
{
    public static readonly WorkspaceId Workspace = new(new Guid("5e9e6f4a-0000-4c7d-9b1e-7a2f3c4d5e6f"));

    private const string Name = "Demo support desk";
    private const string NameWhileMade = "Demo support desk, being made";
    private const int BatchMax = 2_500;

    /// <summary>Makes what is not there yet.</summary>
    public async Task Run(CancellationToken cancel)
    {
        var workspace = database.Workspaces.Find(Workspace) ?? await database.Workspaces.Create(NameWhileMade, "Europe/Berlin", now, id: Workspace, cancel: cancel);

        // INVARIANT: it gets its name last, so once it has one everything was there; what its user changed since stays changed.
        if (workspace.Name != NameWhileMade)
        {
            return;
        }

        await output.WriteLineAsync("Making a support desk: nothing of it is real.");
        var desk = DemoDesk.Founded(workspace.CreatedAt);
        _ = await database.Workspaces.SetTraitSchema(Workspace, DemoSegments.Schema, cancel);
        await Write("contacts", desk.Contacts, cancel);
        await Write("events", desk.Events, cancel);
        await Publish(cancel);
        await Restrict(cancel);
        _ = await database.Workspaces.Rename(Workspace, Name, workspace.TimeZone, cancel);
    }

    private async Task Write(string what, IReadOnlyList<IngestItem> items, CancellationToken cancel)
    {
        var written = 0;
        foreach (var batch in items.Chunk(BatchMax))
        {
            var receipt = await database.Ingest.Write(Workspace, batch, now, createContacts: true, cancel);
            if (receipt.Results.Select(static result => result.Reason).FirstOrDefault(static reason => reason is not null) is { } refused)
            {
                throw new InvalidOperationException($"the demo's own {what} were refused: {refused}");
            }

            written += batch.Length;
            if (written % (items.Count / 4) < batch.Length)
            {
                await output.WriteLineAsync($"  {written,7:N0} of {items.Count:N0} {what}");
            }
        }
    }

    private async Task Publish(CancellationToken cancel)
    {
        foreach (var segment in DemoSegments.All)
        {
            if (database.Segments.Find(Workspace, segment.Id) is null)
            {
                _ = await database.Segments.Create(Workspace, segment.Name, segment.Description, segment.Definition, now, segment.Id, cancel: cancel);
            }

            if (database.Segments.Find(Workspace, segment.Id) is { PublishedRevision: null })
            {
                _ = await database.Segments.Publish(Workspace, segment.Id, segment.Definition, "demo", $"rules-samples/{segment.Sample}.json", now, cancel: cancel);
            }
        }

        await output.WriteLineAsync($"  {DemoSegments.All.Count,7:N0} segments published");
    }

    private async Task Restrict(CancellationToken cancel)
    {
        foreach (var action in DemoAgent.Actions.Where(action => database.Actions.Find(Workspace, action.Id) is null))
        {
            _ = await database.Actions.Create(Workspace, action, now, cancel);
        }

        foreach (var instruction in DemoAgent.Instructions.Where(instruction => database.Instructions.Find(Workspace, instruction.Id) is null))
        {
            _ = await database.Instructions.Create(Workspace, instruction, now, cancel);
        }

        await output.WriteLineAsync($"  {DemoAgent.Actions.Count,7:N0} actions and {DemoAgent.Instructions.Count} instructions");
    }
}
