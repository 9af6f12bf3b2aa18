using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Rules;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Gating;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Segments;

/// <summary>What a rule would change, before anybody is concerned. Nothing is stored.</summary>
public static class PreviewEndpoints
{
    private const int SampleMax = 10;

    public static void MapPreviews(this IEndpointRouteBuilder routes)
    {
        var previews = routes.MapGroup("/manage/segments/preview").WithTags("Segment management").Needs(Scopes.Manage);
        previews.MapPost("", Preview).WithName("PreviewRule").WithSummary("Who would be in, enter and leave, and what else would change; nothing is stored");
        previews.MapPost("/contacts", Contacts).WithName("PreviewContacts").WithSummary("All who would be in, enter or leave, as a stream; nothing is stored");
        previews.MapPost("/contacts/{contact_id}", Contact).WithName("PreviewContact").WithSummary("What a rule would make of one contact, and why; nothing is stored");
    }

    private static async ValueTask<Results<Ok<MembershipThought>, Refusal>> Contact(
        string contact_id, RuleBody<RuleQuestion> body, Caller caller, SegmentDatabase database, RuleService rules, MembershipExplainer explainer, HttpContext context, CancellationToken cancel)
    {
        StoredSegment? edited = null;
        if (body.Value.SegmentId is { } id && (edited = database.Segments.Find(caller.Workspace, new(id))) is null)
        {
            return Refusal.NotFound;
        }

        var check = rules.Check(caller.Workspace, body.Value.Definition, edited?.Id);
        return check.Rule is not { } rule ? ManagedSegmentEndpoints.Refused(check)
            : await explainer.Think(caller, rule, edited, ContactName.FromPath(contact_id, context), cancel) is { } thought ? TypedResults.Ok(thought)
            : Refusal.NotFound;
    }

    private static async Task<Results<Ok<RulePreview>, Refusal>> Preview(
        RuleBody<RuleQuestion> body, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, GatedItems items, Freshness freshness, CancellationToken cancel)
    {
        // One and the same before and after: what is found of an item goes by its place.
        var set = items.Of(caller.Workspace);
        var (thought, check, refused) = Think(body.Value, caller, database, rules, set);
        if (refused is not null)
        {
            return refused;
        }

        var impact = await engine.Preview(caller.Workspace, thought!, SampleMax, cancel);
        PreviewedContacts Named(SampledContacts of) => new(of.Count, [.. database.Contacts.ByNumbers(caller.Workspace, of.Sample).Select(ContactEndpoints.Show)]);
        var members = Named(impact.Members);
        return TypedResults.Ok(new RulePreview
        {
            Count = members.Count,
            Sample = members.Sample,
            Entering = Named(impact.Entering),
            Leaving = Named(impact.Leaving),
            Conditions = [.. impact.Conditions.Select(static condition => new ConditionCount(condition.Path, condition.Count, condition.Missing))],
            Groups = [.. impact.Groups.Select(static group => new GroupCount(group.Path, group.Count))],
            Segments = [.. impact.Segments.Select(segment => new PreviewedSegment(segment.Segment.Value, impact.Snapshot.SegmentsById.GetValueOrDefault(segment.Segment)?.Name ?? "", segment.Entering, segment.Leaving))],
            Actions = Changed(set.Actions, static action => action.Name, impact.Items),
            Instructions = Changed(set.Instructions, static instruction => instruction.Title, impact.Items.Skip(set.Actions.Count)),
            Diagnostics = ManagedSegmentAnswers.Show(check.Diagnostics),
            Revision = impact.Snapshot.Revision,
            EvaluatedAt = freshness.Now.ToDateTimeOffset(),
            Stale = freshness.IsStale(impact.Snapshot),
        });
    }

    private static async Task<Results<PushStreamHttpResult, Refusal>> Contacts(
        RuleBody<RuleQuestion> body, string? part, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, GatedItems items, CancellationToken cancel)
    {
        if (!Enum.TryParse<ImpactPart>(part ?? nameof(ImpactPart.Members), ignoreCase: true, out var wanted) || !Enum.IsDefined(wanted) || part?.All(char.IsAsciiLetterLower) == false)
        {
            return Refusal.BadRequest("part", "wrong_value", "part must be members, entering or leaving");
        }

        var (thought, _, refused) = Think(body.Value, caller, database, rules, items.Of(caller.Workspace));
        if (refused is not null)
        {
            return refused;
        }

        var numbers = await engine.PreviewContacts(caller.Workspace, thought!, wanted, cancel);
        numbers.Sort();
        return ContactsExport.Stream(ContactsExport.JsonLines, numbers, caller.Workspace, database, wanted.ToString().ToLowerInvariant());
    }

    private static (RuleThought? Thought, RuleCheck Check, Refusal? Refusal) Think(RuleQuestion question, Caller caller, SegmentDatabase database, RuleService rules, GatedItemSet items)
    {
        SegmentId? edited = question.SegmentId is { } id ? new(id) : null;
        if (edited is { } segment && database.Segments.Find(caller.Workspace, segment) is null)
        {
            return (null, new(null, []), Refusal.NotFound);
        }

        var check = rules.Check(caller.Workspace, question.Definition, edited);
        return check.Rule is { } rule
            ? (new(rule, edited, [.. items.Actions.Select(static action => Restrictions(action)), .. items.Instructions.Select(instruction => Restrictions(instruction, items.DirectoryOf(instruction)))]), check, null)
            : (null, check, ManagedSegmentEndpoints.Refused(check));
    }

    private static List<IReadOnlyCollection<SegmentId>> Restrictions(params ReadOnlySpan<GatedItem?> gates)
    {
        var restrictions = new List<IReadOnlyCollection<SegmentId>>();
        foreach (var gate in gates)
        {
            if (gate is { IsRestricted: true })
            {
                restrictions.Add(gate.RestrictedToSegments);
            }
        }

        return restrictions;
    }

    private static IReadOnlyList<PreviewedItem> Changed<TItem>(IReadOnlyList<TItem> items, Func<TItem, string> name, IEnumerable<ItemImpact> impacts)
        where TItem : GatedItem =>
        [.. items.Zip(impacts).Where(static each => each.Second.Opens + each.Second.Closes > 0).Select(each => new PreviewedItem(each.First.Id, name(each.First), each.Second.Opens, each.Second.Closes))];
}
