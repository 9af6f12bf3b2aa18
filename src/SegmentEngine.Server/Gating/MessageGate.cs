using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Gating;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>Decides for one message, on one snapshot, what its contact may see. Null reasons are open gates.</summary>
public sealed class MessageGate
{
    /// <summary>Why something may be withheld, in words of the wire.</summary>
    public static readonly ImmutableArray<string> Reasons = ["anonymous", "not_a_member", "segments_gone", "building", "stale", "channel", "draft", "not_started", "ended", NotFound];

    /// <summary>What is asked for is not there.</summary>
    public const string NotFound = "not_found";

    private readonly GateSheet sheet;
    private readonly bool isAnonymous;
    private readonly string? channel;
    private readonly Instant now;
    private readonly Gate forActions;
    private readonly Gate forInstructions;

    /// <summary>The contact's memberships; null where they are not known yet.</summary>
    private readonly ulong[]? row;
    private readonly TimeSpan behind;

    /// <param name="sheet">The items, for the segments of the snapshot.</param>
    /// <param name="snapshot">Answers every question of the message.</param>
    /// <param name="contact">Null: nobody in particular.</param>
    /// <param name="channel">Null: one that is not known, which opens nothing that is restricted to channels.</param>
    /// <param name="now">When the message came.</param>
    /// <param name="options">How old an answer may be.</param>
    /// <param name="judged">The contact's memberships where they are not to be the snapshot's.</param>
    public MessageGate(GateSheet sheet, WorkspaceSnapshot snapshot, FoundContact? contact, string? channel, Instant now, ServerOptions options, JudgedContact? judged = null)
    {
        if (sheet.Segments != snapshot.Shown)
        {
            throw new ArgumentException("the sheet is made for the segments of another snapshot", nameof(sheet));
        }

        (this.sheet, isAnonymous, this.channel, this.now) = (sheet, contact is null, channel, now);
        forActions = new(options.StaleAfter);
        forInstructions = new(options.InstructionsWhenStale ? null : options.StaleAfter);
        row = judged?.Row ?? (contact?.Seat is { } seat ? snapshot.RowOf(seat) : null);
        behind = judged is null ? snapshot.Behind(now) : TimeSpan.Zero;
    }

    public GateSheet Sheet => sheet;

    public Withholding? WhyNot(Gated<StoredAction> action) => Own(forActions, action) is { } reason ? new(reason) : null;

    public Withholding? WhyNot(Gated<StoredInstruction> instruction) =>
        instruction.Item.IsDraft ? new("draft")
        : now < instruction.Item.StartTime ? new("not_started")
        : now >= instruction.Item.EndTime ? new("ended")
        : Own(forInstructions, instruction) is { } reason ? new(reason)
        : instruction.Directory is { } directory && Own(forInstructions, directory) is { } directoryReason ? new(directoryReason, directory.Item.Id)
        : null;

    public GateDecision Decide(Gated<StoredAction> action) => Decide(forActions, action);

    /// <summary>Null where the item may be used on this channel.</summary>
    public string? OnChannel(GatedItem item) =>
        item.RestrictedToChannels.Count == 0 || item.RestrictedToChannels.Contains(channel, StringComparer.Ordinal) ? null : "channel";

    public static string Name(GateReason reason) => reason switch
    {
        GateReason.Unrestricted => "unrestricted",
        GateReason.Member => "member",
        GateReason.Anonymous => "anonymous",
        GateReason.NotMember => "not_a_member",
        GateReason.SegmentsGone => "segments_gone",
        GateReason.Building => "building",
        GateReason.Stale => "stale",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "no such reason"),
    };

    /// <summary>What of the item's own restrictions keeps the message out; null where nothing does.</summary>
    private string? Own<TItem>(Gate gate, Gated<TItem> gated)
        where TItem : GatedItem =>
        OnChannel(gated.Item) ?? (Decide(gate, gated) is { IsOpen: false } decision ? Name(decision.Reason) : null);

    private GateDecision Decide<TItem>(Gate gate, Gated<TItem> gated)
        where TItem : GatedItem =>
        !gated.Item.IsRestricted ? new(GateReason.Unrestricted)
        : isAnonymous ? new(GateReason.Anonymous)
        : gate.DecideRestricted(gated.Segments.AsSpan(), new Standings(row, behind, now));

    private readonly ref struct Standings(ulong[]? row, TimeSpan behind, Instant now) : IStandings<NamedSegment>
    {
        public StandingSeen See(in NamedSegment segment)
        {
            if (segment.Standing is { } standing)
            {
                return new(standing, behind);
            }

            if (row is null)
            {
                return new(Standing.Building, behind);
            }

            // A segment that could not be evaluated is behind since its last good evaluation.
            var age = segment.GoodUntil is { } at && at < now ? new TimeSpan(now.Ticks - at.Ticks) : behind;
            return new(segment.Slot / 64 < row.Length && ((row[segment.Slot / 64] >> (segment.Slot % 64)) & 1) != 0 ? Standing.Member : Standing.NotMember, age);
        }
    }
}

/// <param name="Reason">In a word of the wire.</param>
/// <param name="DirectoryId">The directory that keeps the message out, where the item does not itself.</param>
public readonly record struct Withholding(string Reason, Guid? DirectoryId = null);
