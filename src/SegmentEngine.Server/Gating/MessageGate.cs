using SegmentEngine.Gating;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>Decides for one message, on one snapshot, what its contact may see. Null reasons are open gates.</summary>
/// <param name="contact">Null: nobody in particular.</param>
/// <param name="channel">Null: one that is not known, which opens nothing that is restricted to channels.</param>
public sealed class MessageGate(WorkspaceSnapshot snapshot, FoundContact? contact, string? channel, Freshness freshness, ServerOptions options)
{
    private readonly Gate forActions = new(options.StaleAfter);
    private readonly Gate forInstructions = new(options.InstructionsWhenStale ? null : options.StaleAfter);
    private readonly TimeSpan behind = snapshot.Behind(freshness.Now);

    public string? WhyNot(StoredAction action) => OnChannel(action) ?? Shut(Decide(forActions, action));

    public string? WhyNot(StoredInstruction instruction) =>
        instruction.IsDraft ? "draft" : OnChannel(instruction) ?? Shut(Decide(forInstructions, instruction));

    public GateDecision Decide(StoredAction action) => Decide(forActions, action);

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

    private static string? Shut(GateDecision decision) => decision.IsOpen ? null : Name(decision.Reason);

    private GateDecision Decide(Gate gate, GatedItem item)
    {
        var restriction = item.IsRestricted ? new Restriction(IsRestricted: true, [.. item.RestrictedToSegments]) : Restriction.None;
        return contact is null ? Gate.DecideForAnonymous(restriction) : gate.Decide(restriction, Seen);
    }

    private StandingSeen Seen(SegmentId id)
    {
        if (!snapshot.SegmentsById.TryGetValue(id, out var segment))
        {
            return new(Standing.Gone, behind);
        }

        if (segment.Readiness == Readiness.Building || contact?.Seat is not { } seat)
        {
            return new(Standing.Building, behind);
        }

        // A segment that could not be evaluated is behind since its last good evaluation.
        var age = segment.Readiness == Readiness.Failed && segment.EvaluatedAt is { } at && at < freshness.Now ? new TimeSpan(freshness.Now.Ticks - at.Ticks) : behind;
        return new(snapshot.IsMember(segment, seat) ? Standing.Member : Standing.NotMember, age);
    }
}
