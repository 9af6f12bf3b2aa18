using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>The questions of message time. One snapshot for the whole message.</summary>
public static class GatingEndpoints
{
    public static void MapGating(this IEndpointRouteBuilder routes)
    {
        var gating = routes.MapGroup("/gating").WithTags("Gating").Needs(Scopes.GatingRead);
        gating.MapPost("/resolve", Resolve).WithName("ResolveGates").WithSummary("What may the agent see for this message?");
        gating.MapPost("/authorize", Authorize).WithName("AuthorizeAction").WithSummary("May this action run for this contact, now?");
    }

    private static async ValueTask<Results<Ok<GateAnswer>, Refusal>> Resolve(
        Body<GateQuestion> body, [AsParameters] Reflecting reflecting, Caller caller,
        GatedItems items, SegmentDatabase database, Freshness freshness, ServerOptions options, CancellationToken cancel)
    {
        var question = body.Value;
        if ((JsonBody.NullIn(question.ActionIds, "$.action_ids") ?? JsonBody.NullIn(question.InstructionIds, "$.instruction_ids")) is { } isNull)
        {
            return isNull;
        }

        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        if (behind is not null)
        {
            return behind;
        }

        if (!TryFind(question.ContactId, caller, database, snapshot, out var contact))
        {
            return Refusal.NotFound;
        }

        var sheet = items.Of(caller.Workspace).For(snapshot.Shown);
        var gate = new MessageGate(sheet, snapshot, contact, question.Channel, freshness.Now, options);
        var withheld = new List<WithheldItem>();
        return TypedResults.Ok(new GateAnswer
        {
            Actions = Kept(question.ActionIds, sheet.Actions, sheet.Action, gate.WhyNot, ActionEndpoints.Show, "action", withheld),
            Instructions = Kept(question.InstructionIds, sheet.Instructions, sheet.Instruction, gate.WhyNot, InstructionEndpoints.Show, "instruction", withheld),
            Withheld = withheld,
            Segments = contact?.Seat is { } seat ? [.. snapshot.SegmentsOf(seat).Select(static segment => segment.Id.Value)] : [],
            Revision = snapshot.Revision,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Stale = freshness.IsStale(snapshot),
        });
    }

    private static async ValueTask<Results<Ok<AuthorizeAnswer>, Refusal>> Authorize(
        Body<AuthorizeQuestion> body, [AsParameters] Reflecting reflecting, Caller caller,
        GatedItems items, SegmentDatabase database, Freshness freshness, ServerOptions options, CancellationToken cancel)
    {
        var question = body.Value;
        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        if (behind is not null)
        {
            return behind;
        }

        var sheet = items.Of(caller.Workspace).For(snapshot.Shown);
        if (sheet.Action(question.ActionId) is not { } action || !TryFind(question.ContactId, caller, database, snapshot, out var contact))
        {
            return Refusal.NotFound;
        }

        var gate = new MessageGate(sheet, snapshot, contact, question.Channel, freshness.Now, options);
        var decision = gate.Decide(action);
        var wrongChannel = gate.OnChannel(action.Item);
        return TypedResults.Ok(new AuthorizeAnswer
        {
            Allowed = decision.IsOpen && wrongChannel is null,
            Reason = wrongChannel ?? MessageGate.Name(decision.Reason),
            Revision = snapshot.Revision,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Stale = freshness.IsStale(snapshot),
        });
    }

    /// <summary>False for a name that is nobody's. No name at all is nobody in particular, which is somebody to ask about.</summary>
    private static bool TryFind(string? name, Caller caller, SegmentDatabase database, WorkspaceSnapshot snapshot, out FoundContact? contact)
    {
        contact = name is null ? null : ContactName.Find(name, caller.Workspace, database, snapshot);
        return name is null || contact is not null;
    }

    /// <summary>The items whose gate is open, in the order they were asked for; the rest, with the reason, is added to what is withheld.</summary>
    private static List<TShown> Kept<TItem, TShown>(
        IReadOnlyList<string>? asked, IReadOnlyList<Gated<TItem>> all, Func<string, Gated<TItem>?> find, Func<Gated<TItem>, string?> whyNot, Func<TItem, TShown> show, string kind, List<WithheldItem> withheld)
        where TItem : GatedItem
    {
        var kept = new List<TShown>();
        foreach (var (id, item) in asked?.Distinct().Select(id => (id, find(id))) ?? all.Select(static item => (item.Item.Id.ToString(), (Gated<TItem>?)item)))
        {
            if (item is null)
            {
                withheld.Add(new(id, kind, "not_found"));
            }
            else if (whyNot(item) is { } reason)
            {
                withheld.Add(new(id, kind, reason));
            }
            else
            {
                kept.Add(show(item.Item));
            }
        }

        return kept;
    }
}
