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
    public GateOutcome? Resolve(GateQuestion question, Caller caller, WorkspaceSnapshot snapshot, JudgedContact? judged = null)
    {
        if (!TryFind(question.ContactId, caller, snapshot, out var contact))
        {
            return null;
        }

        var sheet = items.Of(caller.Workspace).For(snapshot.Shown);
        var gate = new MessageGate(sheet, snapshot, contact, question.Channel, freshness.Now, options, judged);
        var withheld = new List<WithheldPiece>();
        var actions = Kept(question.ActionIds, sheet.Actions, sheet.Action, gate.WhyNot, Action, withheld);
        var actionsWithheld = withheld.Count;
        var instructions = Kept(question.InstructionIds, sheet.Instructions, sheet.Instruction, gate.WhyNot, Instruction, withheld);
        Count(actions.Count, instructions.Count, withheld, actionsWithheld);
        return new()
        {
            Actions = actions,
            Instructions = instructions,
            Withheld = withheld,
            Segments = judged is not null ? snapshot.Shown.Among(judged.Row) : contact?.Seat is { } seat ? snapshot.SegmentsOf(seat) : [],
            Revision = judged?.Revision ?? snapshot.Revision,
            EvaluatedAt = judged?.At ?? snapshot.EvaluatedAt,
            IsStale = judged is null && freshness.IsStale(snapshot),
            IsJudgedAtOnce = judged is not null,
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

    private static void Count(int actions, int instructions, List<WithheldPiece> withheld, int actionsWithheld)
    {
        ServerMetrics.Gated(Action, "kept", actions);
        ServerMetrics.Gated(Instruction, "kept", instructions);
        Span<int> counts = stackalloc int[MessageGate.Reasons.Length];
        for (var i = 0; i <= withheld.Count; i++)
        {
            // The actions come first.
            if (i == actionsWithheld || i == withheld.Count)
            {
                for (var reason = 0; reason < counts.Length; reason++)
                {
                    if (counts[reason] > 0)
                    {
                        ServerMetrics.Gated(i == actionsWithheld ? Action : Instruction, MessageGate.Reasons[reason], counts[reason]);
                    }
                }

                counts.Clear();
            }

            if (i < withheld.Count)
            {
                counts[withheld[i].Reason]++;
            }
        }
    }

    /// <summary>False for a name that is nobody's. No name at all is nobody in particular, which is somebody to ask about.</summary>
    private bool TryFind(string? name, Caller caller, WorkspaceSnapshot snapshot, out FoundContact? contact)
    {
        contact = name is null ? null : ContactName.Find(name, caller.Workspace, database, snapshot);
        return name is null || contact is not null;
    }

    /// <summary>The items whose gate is open, in the order they were asked for; the rest, with the reason, is added to what is withheld.</summary>
    private static List<Gated<TItem>> Kept<TItem>(
        IReadOnlyList<string>? asked, IReadOnlyList<Gated<TItem>> all, Func<string, Gated<TItem>?> find, Func<Gated<TItem>, Withholding?> whyNot, string kind, List<WithheldPiece> withheld)
        where TItem : GatedItem
    {
        var kept = new List<Gated<TItem>>();
        if (asked is null)
        {
            foreach (var item in all)
            {
                Sort(item, item.Id);
            }
        }
        else
        {
            foreach (var id in asked.Distinct())
            {
                Sort(find(id), id);
            }
        }

        return kept;

        void Sort(Gated<TItem>? item, string id)
        {
            if (item is null)
            {
                withheld.Add(new(new(id, kind, MessageGate.NotFound)));
            }
            else if (whyNot(item) is { } withholding)
            {
                // The id as it was asked for, which may be written otherwise.
                withheld.Add(id == item.Id ? item.Withheld(kind, withholding) : new(new(id, kind, withholding.Reason, withholding.DirectoryId)));
            }
            else
            {
                kept.Add(item);
            }
        }
    }
}
