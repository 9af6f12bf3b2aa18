using System.Collections.Concurrent;
using System.Collections.Frozen;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>The actions and instructions of every workspace, held so that a message costs no look into the database. Whoever writes one calls <see cref="Forget"/> after.</summary>
public sealed class GatedItems(SegmentDatabase database)
{
    private readonly ConcurrentDictionary<WorkspaceId, Lazy<GatedItemSet>> sets = [];

    public GatedItemSet Of(WorkspaceId workspace) =>
        sets.GetOrAdd(workspace, static (workspace, database) => new(() => new(database.Actions.List(workspace), database.Instructions.List(workspace)), LazyThreadSafetyMode.PublicationOnly), database).Value;

    public void Forget(WorkspaceId workspace) => sets.TryRemove(workspace, out _);
}

/// <summary>A workspace's actions and instructions at one moment, oldest first.</summary>
public sealed class GatedItemSet(IReadOnlyList<StoredAction> actions, IReadOnlyList<StoredInstruction> instructions)
{
    private readonly FrozenDictionary<Guid, StoredAction> actionsById = actions.ToFrozenDictionary(static action => action.Id);
    private readonly FrozenDictionary<Guid, StoredInstruction> instructionsById = instructions.ToFrozenDictionary(static instruction => instruction.Id);

    public IReadOnlyList<StoredAction> Actions => actions;
    public IReadOnlyList<StoredInstruction> Instructions => instructions;

    public StoredAction? Action(string id) => Guid.TryParse(id, out var guid) ? actionsById.GetValueOrDefault(guid) : null;

    public StoredInstruction? Instruction(string id) => Guid.TryParse(id, out var guid) ? instructionsById.GetValueOrDefault(guid) : null;
}
