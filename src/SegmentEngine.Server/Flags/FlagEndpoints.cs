using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using SegmentEngine.Client;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Segments;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Flags;

/// <summary>Segments as feature flags, for any language that OpenFeature has a provider for: its remote evaluation protocol, OFREP.</summary>
public static class FlagEndpoints
{
    public static void MapFlags(this IEndpointRouteBuilder routes)
    {
        var flags = routes.MapGroup("/ofrep/v1").WithTags("Feature flags").Needs(Scopes.SegmentsRead);
        flags.MapPost("/evaluate/flags/{key}", One).WithName("EvaluateFlag").WithSummary("OpenFeature: is this flag, a segment by its id or name, on for the contact of the targeting key?")
            .Produces<FlagAnswer>();
        flags.MapPost("/evaluate/flags", All).WithName("EvaluateFlags").WithSummary("OpenFeature: every flag for the contact of the targeting key, each by the segment's name and by its id")
            .Produces<FlagList>().Produces(StatusCodes.Status304NotModified);
    }

    private static JsonHttpResult<FlagAnswer> Answer(FlagAnswer answer) => TypedResults.Json(answer, FlagJson.Default.FlagAnswer);

    private static JsonHttpResult<FlagFault> Fault(string? key, string code, string details, int status = StatusCodes.Status400BadRequest) =>
        TypedResults.Json(new FlagFault(key, code, details), FlagJson.Default.FlagFault, statusCode: status);

    private static IResult One(string key, RawBody<FlagQuestion> body, Caller caller, SegmentDatabase database, Freshness freshness, HttpContext context)
    {
        var snapshot = freshness.Newest(caller);
        var named = ContactName.FromPath(key, context);
        if (TargetingKey(body.Value, named, out var target) is { } fault)
        {
            return fault;
        }

        return SegmentAnswers.Find(named, snapshot) is { } segment
            ? Answer(FlagAnswers.Of(named, segment, Find(target, caller, database, snapshot), snapshot, freshness))
            : Fault(named, "FLAG_NOT_FOUND", "no published segment has this id or name", StatusCodes.Status404NotFound);
    }

    private static IResult All(RawBody<FlagQuestion> body, Caller caller, SegmentDatabase database, Freshness freshness, HttpContext context)
    {
        var snapshot = freshness.Newest(caller);
        if (TargetingKey(body.Value, key: null, out var target) is { } fault)
        {
            return fault;
        }

        var contact = Find(target, caller, database, snapshot);
        var tag = freshness.Tag(snapshot, contact?.Id);
        context.Response.Headers.ETag = tag;
        if (EntityTagHeaderValue.TryParseList([.. context.Request.Headers.IfNoneMatch.OfType<string>()], out var known) && known.Any(each => each.Compare(EntityTagHeaderValue.Parse(tag), useStrongComparison: false)))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        return TypedResults.Json(
            new FlagList([.. snapshot.Segments.SelectMany(segment => new[] { segment.Name, segment.Id.ToString() }.Select(key => FlagAnswers.Of(key, segment, contact, snapshot, freshness)))]),
            FlagJson.Default.FlagList);
    }

    /// <summary>The contact of a targeting key: by any name that other calls take, and else by the external id that it is, as applications have their users' ids at hand.</summary>
    private static FoundContact? Find(string target, Caller caller, SegmentDatabase database, WorkspaceSnapshot snapshot) =>
        ContactName.Find(target, caller.Workspace, database, snapshot) ?? ContactName.Find($"external_id:{target}", caller.Workspace, database, snapshot);

    private static JsonHttpResult<FlagFault>? TargetingKey(JsonElement body, string? key, out string target)
    {
        target = "";
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("context", out var context) || context.ValueKind != JsonValueKind.Object)
        {
            return Fault(key, "INVALID_CONTEXT", "\"context\" must be an object");
        }

        if (!context.TryGetProperty("targetingKey", out var named) || named.ValueKind != JsonValueKind.String)
        {
            return Fault(key, "TARGETING_KEY_MISSING", "\"context.targetingKey\" must be a text: a contact's UUID or external id, or external_id:… or email:…");
        }

        try
        {
            target = named.GetString()!;
            return target.Length > 0 ? null : Fault(key, "TARGETING_KEY_MISSING", "\"context.targetingKey\" is empty");
        }
        catch (InvalidOperationException)
        {
            return Fault(key, "INVALID_CONTEXT", "\"context.targetingKey\" holds half a surrogate pair");
        }
    }
}

/// <summary>What is asked; other attributes of the context are passed over.</summary>
public sealed record FlagQuestion(FlagContext Context);

public sealed record FlagContext([property: JsonPropertyName("targetingKey")] string TargetingKey);
