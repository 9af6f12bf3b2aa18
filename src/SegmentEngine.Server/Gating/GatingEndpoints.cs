using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;

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
        Body<GateQuestion> body, [AsParameters] Reflecting reflecting, Caller caller, GatingAnswers answers, Freshness freshness, CancellationToken cancel)
    {
        var question = body.Value;
        if ((JsonBody.NullIn(question.ActionIds, "$.action_ids") ?? JsonBody.NullIn(question.InstructionIds, "$.instruction_ids")) is { } isNull)
        {
            return isNull;
        }

        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        return behind is not null ? behind
            : answers.Resolve(question, caller, snapshot) is { } answer ? TypedResults.Ok(answer)
            : Refusal.NotFound;
    }

    private static async ValueTask<Results<Ok<AuthorizeAnswer>, Refusal>> Authorize(
        Body<AuthorizeQuestion> body, [AsParameters] Reflecting reflecting, Caller caller, GatingAnswers answers, Freshness freshness, CancellationToken cancel)
    {
        var (snapshot, behind) = await freshness.Take(caller, reflecting, cancel);
        return behind is not null ? behind
            : answers.Authorize(body.Value, caller, snapshot) is { } answer ? TypedResults.Ok(answer)
            : Refusal.NotFound;
    }
}
