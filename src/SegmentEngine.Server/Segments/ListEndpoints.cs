using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;
using ListMode = SegmentEngine.Storage.ListMode;
using ListWritten = SegmentEngine.Client.ListWritten;
using SegmentListKind = SegmentEngine.Storage.SegmentListKind;

namespace SegmentEngine.Server.Segments;

/// <summary>Static lists, and the lists that keep contacts in or out of a segment whatever its rule says.</summary>
public static class ListEndpoints
{
    private const int ListIdLengthMax = 200;

    public static void MapLists(this IEndpointRouteBuilder routes)
    {
        var lists = routes.MapGroup("/manage/lists").WithTags("Lists").Needs(Scopes.Manage);
        lists.MapGet("", List).WithName("ListLists").WithSummary("The static lists, and how many contacts are on each");
        lists.MapGet("/{list_id}/contacts", Contacts).WithName("ListContactsOfList").WithSummary("Who is on a list, as CSV or JSON Lines").Produces(StatusCodes.Status200OK, contentType: "text/csv");
        lists.MapPost("/{list_id}/contacts", Write).Audited().TakesLists().WithName("WriteList").WithSummary("Put contacts on a list or take them off, by CSV or JSON; a list that is not there is made");
        lists.MapDelete("/{list_id}", Delete).Audited().WithName("DeleteList").WithSummary("Take everybody off a list and forget it; 409 with the segments that name it");

        var own = routes.MapGroup("/manage/segments/{segment_id:guid}/lists/{kind:regex(^(include|exclude)$)}").WithTags("Lists").Needs(Scopes.Manage);
        own.MapGet("", ContactsOfSegment).WithName("ListContactsOfSegmentList").WithSummary("Who is kept in, or out of, a segment whatever its rule says, as CSV or JSON Lines").Produces(StatusCodes.Status200OK, contentType: "text/csv");
        own.MapPost("", WriteOfSegment).Audited().TakesLists().WithName("WriteSegmentList").WithSummary("Keep contacts in, or out of, a segment whatever its rule says, or leave them to the rule again; exclude goes before include");
    }

    private static Ok<ContactListList> List(Caller caller, SegmentDatabase database) =>
        TypedResults.Ok(new ContactListList { Data = [.. database.Lists.All(caller.Workspace).Select(static list => new ContactListInfo(list.Id, list.Contacts))] });

    private static Results<PushStreamHttpResult, Refusal> Contacts(string list_id, string? format, Caller caller, SegmentDatabase database, HttpContext context)
    {
        var list = ContactName.FromPath(list_id, context);
        return database.Contacts.KnownLists(caller.Workspace).Contains(list) ? Export(list, format, caller, database) : Refusal.NotFound;
    }

    private static Results<PushStreamHttpResult, Refusal> ContactsOfSegment(Guid segment_id, string kind, string? format, Caller caller, SegmentDatabase database) =>
        database.Segments.Find(caller.Workspace, new(segment_id)) is { } segment ? Export(ListStore.Of(segment.Id, Kind(kind)), format, caller, database) : Refusal.NotFound;

    private static Results<PushStreamHttpResult, Refusal> Export(string list, string? format, Caller caller, SegmentDatabase database) =>
        ContactsExport.IsKnown(format ??= "csv")
            ? ContactsExport.Stream(format, database.Lists.Members(caller.Workspace, list), caller.Workspace, database)
            : Refusal.BadRequest("format", "wrong_value", $"there is no format \"{format}\"; it is csv or jsonl");

    private static async Task<Results<Ok<ListWritten>, Refusal>> Write(
        string list_id, string? mode, ListBody body, Caller caller, SegmentDatabase database, WorkspaceEngines engine, HttpContext context, CancellationToken cancel)
    {
        var list = ContactName.FromPath(list_id, context);
        if (ListStore.IsReserved(list) || list.Length > ListIdLengthMax || list.Any(char.IsControl))
        {
            return Refusal.BadRequest("list_id", "wrong_value", $"a list's id has at most {ListIdLengthMax} characters, none of them a control character, and does not begin as those of segments do");
        }

        if (Mode(mode, out var chosen) is { } refusal)
        {
            return refusal;
        }

        var (known, unknown) = Find(body, caller, database);
        var written = await database.Lists.Write(caller.Workspace, list, known, chosen, cancel);
        engine.ContactsChanged(caller.Workspace);
        return TypedResults.Ok(Show(known, unknown, written));
    }

    private static async Task<Results<Ok<ListWritten>, Refusal>> WriteOfSegment(
        Guid segment_id, string kind, string? mode, ListBody body, Caller caller, SegmentDatabase database, WorkspaceEngines engine, CancellationToken cancel)
    {
        if (Mode(mode, out var chosen) is { } refusal)
        {
            return refusal;
        }

        var (known, unknown) = Find(body, caller, database);
        if (await database.Lists.Write(caller.Workspace, new(segment_id), Kind(kind), known, chosen, cancel) is not { } written)
        {
            return Refusal.NotFound;
        }

        engine.RulesChanged(caller.Workspace);
        return TypedResults.Ok(Show(known, unknown, written));
    }

    private static async Task<Results<Ok<Written>, Refusal>> Delete(
        string list_id, Caller caller, SegmentDatabase database, RuleService rules, WorkspaceEngines engine, HttpContext context, CancellationToken cancel)
    {
        var list = ContactName.FromPath(list_id, context);
        using var turn = await rules.TakeTurn(caller.Workspace, cancel);
        if (database.Segments.Naming(caller.Workspace, list) is { Count: > 0 } users)
        {
            return Refusal.Conflict(
                $"the list is used by {users.Count} segment{(users.Count == 1 ? "" : "s")}",
                [.. users.Select(static segment => new Diagnostic { Path = $"$.segments.{segment.Id}", Code = "used_by_segment", Message = $"segment \"{segment.Name}\" names it" })]);
        }

        if (await database.Lists.Delete(caller.Workspace, list, cancel) is not { } revision)
        {
            return Refusal.NotFound;
        }

        engine.ContactsChanged(caller.Workspace);
        return TypedResults.Ok(new Written { Revision = revision });
    }

    private static (HashSet<long> Known, List<UnknownContact> Unknown) Find(ListBody body, Caller caller, SegmentDatabase database)
    {
        var (known, unknown) = (new HashSet<long>(), new List<UnknownContact>());
        var (exact, spaced) = (database.Contacts.Numbers(caller.Workspace, body.Contacts.Select(static contact => contact.Key)), new Dictionary<string, long?>(StringComparer.Ordinal));
        foreach (var (number, contact) in exact.Zip(body.Contacts))
        {
            // Spaces around an id are mostly nobody's id.
            if (number is null && contact.Key is ContactKey.ExternalId id && id.Value.Trim() is { Length: > 0 } trimmed && trimmed.Length < id.Value.Length && !spaced.ContainsKey(id.Value))
            {
                spaced[id.Value] = database.Contacts.Numbers(caller.Workspace, [new ContactKey.ExternalId(trimmed)])[0];
            }

            if ((number ?? (contact.Key as ContactKey.ExternalId is { } named ? spaced.GetValueOrDefault(named.Value) : null)) is { } found)
            {
                _ = known.Add(found);
            }
            else
            {
                unknown.Add(new(contact.Row, contact.Name));
            }
        }

        return (known, unknown);
    }

    private static ListWritten Show(HashSet<long> known, List<UnknownContact> unknown, Storage.ListWritten written) =>
        new() { Named = known.Count, Added = written.Added, Removed = written.Removed, Unknown = unknown, Revision = written.Revision };

    private static Refusal? Mode(string? text, out ListMode mode)
    {
        mode = text switch
        {
            "replace" => ListMode.Replace,
            "remove" => ListMode.Remove,
            _ => ListMode.Append,
        };
        return text is "append" or "replace" or "remove" ? null
            : Refusal.BadRequest("mode", "required", "say what becomes of the list: ?mode=append puts those named on it, replace takes all others off too, remove takes those named off");
    }

    private static SegmentListKind Kind(string kind) => kind == "include" ? SegmentListKind.Include : SegmentListKind.Exclude;
}
