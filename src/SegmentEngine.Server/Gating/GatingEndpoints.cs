using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;

namespace SegmentEngine.Server.Gating;

/// <summary>The questions of message time. One snapshot for the whole message.</summary>
public static class GatingEndpoints
{
    private const string Contact = "contact";

    public static void MapGating(this IEndpointRouteBuilder routes)
    {
        var gating = routes.MapGroup("/gating").WithTags("Gating").Needs(Scopes.GatingRead);
        gating.MapPost("/resolve", Resolve).WithName("ResolveGates").WithSummary("What may the agent see for this message?");
        gating.MapPost("/authorize", Authorize).WithName("AuthorizeAction").WithSummary("May this action run for this contact, now?");
    }

    private static async ValueTask<Results<GateOutcome, Refusal>> Resolve(
        RawBody<GateQuestion> body, [AsParameters] Reflecting reflecting, Caller caller, GatingAnswers answers, MessageMemberships memberships, ContactWriter contacts, CancellationToken cancel)
    {
        var question = JsonBody.Read<GateQuestion>(body.Value);
        if ((JsonBody.NullIn(question.ActionIds, "$.action_ids") ?? JsonBody.NullIn(question.InstructionIds, "$.instruction_ids")) is { } isNull)
        {
            return isNull;
        }

        ContactSaved? saved = null;
        if (question.Contact is not null)
        {
            (saved, var refused) = await Save(body.Value.GetProperty(Contact), question.ContactId, caller, contacts, cancel);
            if (saved is null)
            {
                return refused!;
            }

            question = question with { ContactId = saved.Id.ToString() };
        }

        var atLeast = saved is null ? reflecting.Revision : Math.Max(saved.Revision, reflecting.Revision ?? 0);
        var (snapshot, judged, behind) = await memberships.Take(caller, question.ContactId, atLeast, isData: saved?.Revision == atLeast, cancel);
        return behind is not null ? behind
            : answers.Resolve(question, caller, snapshot, judged) is { } outcome ? outcome with { Contact = saved }
            : Refusal.NotFound;
    }

    private static async ValueTask<Results<Ok<AuthorizeAnswer>, Refusal>> Authorize(
        Body<AuthorizeQuestion> body, [AsParameters] Reflecting reflecting, Caller caller, GatingAnswers answers, MessageMemberships memberships, CancellationToken cancel)
    {
        var (snapshot, judged, behind) = await memberships.Take(caller, body.Value.ContactId, reflecting.Revision, isData: false, cancel);
        return behind is not null ? behind
            : answers.Authorize(body.Value, caller, snapshot, judged) is { } answer ? TypedResults.Ok(answer)
            : Refusal.NotFound;
    }

    private static async Task<(ContactSaved? Saved, Refusal? Refusal)> Save(JsonElement contact, string? contactName, Caller caller, ContactWriter contacts, CancellationToken cancel)
    {
        if (!caller.May(Scopes.ContactsWrite))
        {
            return (null, Refusal.Of(StatusCodes.Status403Forbidden, KeyCheck.Lacks(Scopes.ContactsWrite)));
        }

        return contactName is null ? await contacts.Save(contact, "$." + Contact, caller, cancel) : await contacts.Update(contactName, contact, "$." + Contact, caller, cancel);
    }
}
