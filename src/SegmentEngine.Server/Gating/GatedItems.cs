using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Gating;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>The actions and instructions of every workspace, held so that a message costs no look into the database. Whoever writes one calls <see cref="Forget"/> after.</summary>
public sealed class GatedItems(SegmentDatabase database)
{
    private readonly ConcurrentDictionary<WorkspaceId, Lazy<GatedItemSet>> sets = [];

    public GatedItemSet Of(WorkspaceId workspace) =>
        sets.GetOrAdd(workspace, static (workspace, database) => new(() => new(database.Actions.List(workspace), database.Instructions.List(workspace), database.Directories.List(workspace)), LazyThreadSafetyMode.PublicationOnly), database).Value;

    public void Forget(WorkspaceId workspace) => sets.TryRemove(workspace, out _);
}

/// <summary>A workspace's actions and instructions at one moment.</summary>
public sealed class GatedItemSet(IReadOnlyList<StoredAction> actions, IReadOnlyList<StoredInstruction> instructions, IReadOnlyList<StoredDirectory> directories)
{
    private volatile GateSheet? sheet;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<StoredAction> Actions => actions;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<StoredInstruction> Instructions => instructions;

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<StoredDirectory> Directories => directories;

    /// <summary>Null for an instruction that is in none. One that was deleted while the items were read lets nobody pass until they are read again.</summary>
    public StoredDirectory? DirectoryOf(StoredInstruction instruction) =>
        instruction.DirectoryId is not { } id ? null : directories.FirstOrDefault(directory => directory.Id == id) ?? new() { Id = id, Name = "", IsRestricted = true };

    /// <summary>These items for messages that are gated on these segments, which are the same for many.</summary>
    public GateSheet For(ShownSegments segments) => sheet is { } there && there.Segments == segments ? there : sheet = new(this, segments);
}

/// <summary>Actions and instructions with the segments they name looked up, once for all messages.</summary>
public sealed class GateSheet
{
    private readonly FrozenDictionary<Guid, Gated<StoredAction>> actionsById;
    private readonly FrozenDictionary<Guid, Gated<StoredInstruction>> instructionsById;

    public GateSheet(GatedItemSet items, ShownSegments segments)
    {
        Segments = segments;
        Actions = [.. items.Actions.Select(action => Gated.Of(action, segments) with { Json = JsonSerializer.SerializeToUtf8Bytes(ActionEndpoints.Show(action), WireJson.Default.AgentAction) })];
        Instructions = [.. items.Instructions.Select(instruction => Gated.Of(instruction, segments) with
        {
            Directory = items.DirectoryOf(instruction) is { } directory ? Gated.Of(directory, segments) : null,
            Json = JsonSerializer.SerializeToUtf8Bytes(InstructionEndpoints.Show(instruction), WireJson.Default.Instruction),
        })];
        actionsById = Actions.ToFrozenDictionary(static action => action.Item.Id);
        instructionsById = Instructions.ToFrozenDictionary(static instruction => instruction.Item.Id);
    }

    public ShownSegments Segments { get; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Gated<StoredAction>> Actions { get; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<Gated<StoredInstruction>> Instructions { get; }

    public Gated<StoredAction>? Action(string id) => Guid.TryParse(id, out var guid) ? actionsById.GetValueOrDefault(guid) : null;

    public Gated<StoredInstruction>? Instruction(string id) => Guid.TryParse(id, out var guid) ? instructionsById.GetValueOrDefault(guid) : null;
}

/// <param name="Item">An action, an instruction or a directory.</param>
/// <param name="Segments">Those it is restricted to.</param>
public sealed record Gated<TItem>(TItem Item, ImmutableArray<NamedSegment> Segments)
    where TItem : GatedItem
{
    /// <summary>As answers have it.</summary>
    public string Id { get; } = Item.Id.ToString();

    /// <summary>What a message must pass too; null where the item is in none.</summary>
    public Gated<StoredDirectory>? Directory { get; init; }

    /// <summary>What was said of it when it was withheld: a few reasons, over and over.</summary>
    private ImmutableArray<WithheldPiece> withheld = [];

    /// <summary>The item as withheld for a reason.</summary>
    public WithheldPiece Withheld(string kind, Withholding why)
    {
        foreach (var piece in withheld)
        {
            if (piece.Item.Reason == why.Reason && piece.Item.DirectoryId == why.DirectoryId)
            {
                return piece;
            }
        }

        var made = new WithheldPiece(new(Id, kind, why.Reason, why.DirectoryId));
        _ = ImmutableInterlocked.Update(ref withheld, static (before, piece) => before.Add(piece), made);
        return made;
    }

    /// <summary>The item as answers show it, in UTF-8, put into words once for all messages that may use it; nothing of a directory.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }
}

/// <summary>An item that is withheld, and the same in JSON.</summary>
public sealed class WithheldPiece(WithheldItem item)
{
    public WithheldItem Item => item;

    public ReadOnlyMemory<byte> Json { get; } = JsonSerializer.SerializeToUtf8Bytes(item, WireJson.Default.WithheldItem);

    /// <summary>The place of its reason among <see cref="MessageGate.Reasons"/>.</summary>
    public int Reason { get; } = MessageGate.Reasons.IndexOf(item.Reason);
}

/// <summary>A segment that an item names, with what of it does not depend on the contact.</summary>
/// <param name="Slot">Of its bit in the contact's row.</param>
/// <param name="Standing">Everybody's: gone or building; null where it depends on the contact.</param>
/// <param name="GoodUntil">When the membership that stands in for one that could not be evaluated, or is not to be, was last good; null where it is kept up to date.</param>
public readonly record struct NamedSegment(int Slot, Standing? Standing, Instant? GoodUntil);

internal static class Gated
{
    public static Gated<TItem> Of<TItem>(TItem item, ShownSegments segments)
        where TItem : GatedItem =>
        new(item, [.. item.RestrictedToSegments.Select(id => segments.ById.TryGetValue(id, out var segment)
            ? new NamedSegment(segment.Slot, segment.Readiness == Readiness.Building ? Standing.Building : null, segment.Readiness is Readiness.Failed or Readiness.Paused ? segment.EvaluatedAt : null)
            : new NamedSegment(0, Standing.Gone, null))]);
}
