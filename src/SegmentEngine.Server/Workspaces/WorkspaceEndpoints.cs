using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Segments;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Workspaces;

/// <summary>The workspace of a key, and the schema of its traits and events.</summary>
public static class WorkspaceEndpoints
{
    private const int HistoryDaysMax = 3_650;

    public static void MapWorkspaces(this IEndpointRouteBuilder routes)
    {
        var manage = routes.MapGroup("/manage").WithTags("Workspace").Needs(Scopes.Manage);
        manage.MapGet("/workspace", Get).WithName("GetWorkspace").WithSummary("What is in the workspace, and how far reads reflect it");
        manage.MapPatch("/workspace", Change).Audited().ForAdmins().WithName("ChangeWorkspace").WithSummary("Change its settings: for how many days history is kept");
        manage.MapPost("/verification", Verify).ForAdmins().WithName("BeginVerification").WithSummary("Judge every membership by the plain interpreter, and mend what is wrong; as is done every night");
        manage.MapGet("/verification", Verified).WithName("GetVerification").WithSummary("The judgement that is under way, or the last one");
        manage.MapGet("/schema", GetSchema).WithName("GetSchema").WithSummary("The declared types of traits and event properties");
        manage.MapPut("/schema", PutSchema).Audited().WithName("PutSchema").WithSummary("Replace the schema; 422 where a rule in force would no longer fit");
    }

    private static Results<Ok<WorkspaceInfo>, Refusal> Get(Caller caller, SegmentDatabase database, WorkspaceEngines engines, AuditFindings findings, Freshness freshness)
    {
        if (database.Workspaces.Find(caller.Workspace) is not { } workspace)
        {
            return Refusal.NotFound;
        }

        var snapshot = freshness.Newest(caller);
        return TypedResults.Ok(new WorkspaceInfo
        {
            Id = workspace.Id.Value,
            Name = workspace.Name,
            TimeZone = workspace.TimeZone,
            Shards = workspace.ShardCount,
            Contacts = database.Contacts.Count(caller.Workspace),
            Segments = snapshot.Segments.Length,
            Revision = workspace.Revision,
            ReflectedRevision = snapshot.Revision,
            DirtyContacts = Enumerable.Range(0, workspace.ShardCount).Sum(shard => database.Dirty.Waiting(caller.Workspace, shard).Count),
            SelfAudit = findings.Of(caller.Workspace),
            HistoryDays = workspace.HistoryDays,
            MemoryBytes = engines.For(caller.Workspace).Bytes,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Stale = freshness.IsStale(snapshot),
        });
    }

    private static async Task<Results<Ok<WorkspaceInfo>, Refusal>> Change(
        Body<WorkspacePatch> body, Caller caller, SegmentDatabase database, WorkspaceEngines engines, AuditFindings findings, Freshness freshness, CancellationToken cancel)
    {
        if (body.Value.HistoryDays is { } days)
        {
            if (days is < 1 or > HistoryDaysMax)
            {
                return Refusal.BadRequest("$.history_days", "out_of_range", $"history_days is {days}; it must be from 1 to {HistoryDaysMax}");
            }

            _ = await database.Workspaces.KeepHistory(caller.Workspace, days, cancel);
        }

        return Get(caller, database, engines, findings, freshness);
    }

    private static Ok<Verification> Verify(Caller caller, MembershipVerification verification) => TypedResults.Ok(verification.Begin(caller.Workspace));

    private static Ok<Verification> Verified(Caller caller, MembershipVerification verification) => TypedResults.Ok(verification.Of(caller.Workspace));

    private static Results<Ok<Schema>, Refusal> GetSchema(Caller caller, SegmentDatabase database) =>
        database.Workspaces.Find(caller.Workspace) is { } workspace
            ? TypedResults.Ok(JsonElement.Parse(workspace.TraitSchema).Deserialize(WireJson.Default.Schema)! with { Revision = workspace.Revision })
            : Refusal.NotFound;

    private static async Task<Results<Ok<Schema>, Refusal>> PutSchema(
        Body<Schema> body, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, CancellationToken cancel)
    {
        var json = JsonSerializer.SerializeToElement(new Schema { Traits = body.Value.Traits ?? Nothing<string>(), Events = body.Value.Events ?? Nothing<IReadOnlyDictionary<string, string>>() }, WireJson.Default.Schema);
        if (!TraitSchema.TryParse(json, out var schema, out var problems))
        {
            return Refusal.BadRequest([.. problems.Select(static problem => new Diagnostic { Path = problem.Path, Code = "wrong_type", Message = problem.Message })]);
        }

        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        if (RulesThatWouldNotFit(caller.Workspace, schema, database, rules) is { Count: > 0 } misfits)
        {
            return Refusal.Of(StatusCodes.Status422UnprocessableEntity, "rules in force do not fit this schema", misfits);
        }

        var revision = await database.Workspaces.SetTraitSchema(caller.Workspace, schema.ToString(), cancel);
        engine.RulesChanged(caller.Workspace);
        return TypedResults.Ok(JsonElement.Parse(schema.ToString()).Deserialize(WireJson.Default.Schema)! with { Revision = revision });
    }

    private static List<Diagnostic> RulesThatWouldNotFit(WorkspaceId workspace, TraitSchema schema, SegmentDatabase database, RuleService rules)
    {
        var context = rules.Context(workspace) with { Schema = schema };
        return [.. database.Segments.Published(workspace)
            .Select(published => (published.Segment, Check: Rules.RuleChecker.Check(published.Revision.Definition, context)))
            .Where(static each => each.Check.Rule is null)
            .SelectMany(static each => ManagedSegmentAnswers.Show(each.Check.Diagnostics)
                .Where(static diagnostic => diagnostic.Severity == "error")
                .Select(diagnostic => diagnostic with { Path = $"segments/{each.Segment.Id}{diagnostic.Path[1..]}", Message = $"\"{each.Segment.Name}\": {diagnostic.Message}" }))];
    }

    private static Dictionary<string, T> Nothing<T>() => [];
}
