using SegmentEngine.Client;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>What a message may use, in the words of the wire, whoever asks. Each answer comes from one snapshot.</summary>
public sealed class GatingAnswers(GatedItems items, SegmentDatabase database, Freshness freshness, ServerOptions options)
{
    private const string Action = "action";
    private const string Instruction = "instruction";

    /// <summary>Null where the contact that is named is nobody.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="caller">Whose workspace.</param>
    /// <param name="snapshot">Answers.</param>
    /// <param name="judged">The contact's memberships where they are not to be the snapshot's.</param>
    public GateAnswer? Resolve(GateQuestion question, Caller caller, WorkspaceSnapshot snapshot, JudgedContact? judged = null)
    {
        if (!TryFind(question.ContactId, caller, snapshot, out var contact))
        {
            return null;
        }

        var sheet = items.Of(caller.Workspace).For(snapshot.Shown);
        var gate = new MessageGate(sheet, snapshot, contact, question.Channel, freshness.Now, options, judged);
        var withheld = new List<WithheldItem>();
        var actions = Kept(question.ActionIds, sheet.Actions, sheet.Action, gate.WhyNot, ActionEndpoints.Show, Action, withheld);
        var instructions = Kept(question.InstructionIds, sheet.Instructions, sheet.Instruction, gate.WhyNot, InstructionEndpoints.Show, Instruction, withheld);
        Count(actions.Count, instructions.Count, withheld);
        return new()
        {
            Actions = actions,
            Instructions = instructions,
            Withheld = withheld,
            Segments = [.. (judged is not null ? snapshot.Shown.Among(judged.Row) : contact?.Seat is { } seat ? snapshot.SegmentsOf(seat) : []).Select(static segment => segment.Id.Value)],
            Revision = judged?.Revision ?? snapshot.Revision,
            EvaluatedAt = (judged?.At ?? snapshot.EvaluatedAt)?.ToDateTimeOffset(),
            Stale = judged is null && freshness.IsStale(snapshot),
            JudgedAtOnce = judged is not null,
        };
    }

    /// <summary>Null where there is no such action, or the contact that is named is nobody.</summary>
    public AuthorizeAnswer? Authorize(AuthorizeQuestion question, Caller caller, WorkspaceSnapshot snapshot, JudgedContact? judged = null)
    {
        var sheet = items.Of(caller.Workspace).For(snapshot.Shown);
        if (sheet.Action(question.ActionId) is not { } action || !TryFind(question.ContactId, caller, snapshot, out var contact))
        {
            return null;
        }

        var gate = new MessageGate(sheet, snapshot, contact, question.Channel, freshness.Now, options, judged);
        var decision = gate.Decide(action);
        var wrongChannel = gate.OnChannel(action.Item);
        ServerMetrics.Gated(Action, decision.IsOpen && wrongChannel is null ? "kept" : wrongChannel ?? MessageGate.Name(decision.Reason), items: 1);
        return new()
        {
            Allowed = decision.IsOpen && wrongChannel is null,
            Reason = wrongChannel ?? MessageGate.Name(decision.Reason),
            Revision = judged?.Revision ?? snapshot.Revision,
            EvaluatedAt = (judged?.At ?? snapshot.EvaluatedAt)?.ToDateTimeOffset(),
            Stale = judged is null && freshness.IsStale(snapshot),
            JudgedAtOnce = judged is not null,
        };
    }

    private static void Count(int actions, int instructions, List<WithheldItem> withheld)
    {
        ServerMetrics.Gated(Action, "kept", actions);
        ServerMetrics.Gated(Instruction, "kept", instructions);
        foreach (var ((kind, reason), items) in withheld.CountBy(static item => (item.Kind, item.Reason)))
        {
            ServerMetrics.Gated(kind, reason, items);
        }
    }

    /// <summary>False for a name that is nobody's. No name at all is nobody in particular, which is somebody to ask about.</summary>
    private bool TryFind(string? name, Caller caller, WorkspaceSnapshot snapshot, out FoundContact? contact)
    {
        contact = name is null ? null : ContactName.Find(name, caller.Workspace, database, snapshot);
        return name is null || contact is not null;
    }

    /// <summary>The items whose gate is open, in the order they were asked for; the rest, with the reason, is added to what is withheld.</summary>
    private static List<TShown> Kept<TItem, TShown>(
        IReadOnlyList<string>? asked, IReadOnlyList<Gated<TItem>> all, Func<string, Gated<TItem>?> find, Func<Gated<TItem>, Withholding?> whyNot, Func<TItem, TShown> show, string kind, List<WithheldItem> withheld)
        where TItem : GatedItem
    {
        var kept = new List<TShown>();
        foreach (var (id, item) in asked?.Distinct().Select(id => (id, find(id))) ?? all.Select(static item => (item.Item.Id.ToString(), (Gated<TItem>?)item)))
        {
            if (item is null)
            {
                withheld.Add(new(id, kind, "not_found"));
            }
            else if (whyNot(item) is { } withholding)
            {
                withheld.Add(new(id, kind, withholding.Reason, withholding.DirectoryId));
            }
            else
            {
                kept.Add(show(item.Item));
            }
        }

        return kept;
    }
}
