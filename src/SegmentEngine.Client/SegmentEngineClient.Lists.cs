namespace SegmentEngine.Client;

public sealed partial class SegmentEngineClient
{
    public Task<ContactListList> ListLists(CancellationToken cancel = default) => Get("manage/lists", WireJson.Default.ContactListList, cancel);

    /// <summary>Puts contacts on a static list or takes them off; a list that is not there is made.</summary>
    /// <param name="list">Its id.</param>
    /// <param name="contacts">Each by its UUID, or <c>external_id:…</c>, or <c>email:…</c>.</param>
    /// <param name="mode">What becomes of them.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task<ListWritten> WriteList(string list, IReadOnlyList<string> contacts, ListMode mode, CancellationToken cancel = default) =>
        Ask(HttpMethod.Post, $"manage/lists/{Escape(list)}/contacts?mode={Name(mode)}", new() { Contacts = contacts }, WireJson.Default.ListInput, WireJson.Default.ListWritten, cancel);

    /// <summary>Puts contacts on a segment's own list or takes them off.</summary>
    /// <param name="segment">Whose list.</param>
    /// <param name="kind">Which of the two.</param>
    /// <param name="contacts">Each by its UUID, or <c>external_id:…</c>, or <c>email:…</c>.</param>
    /// <param name="mode">What becomes of them.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task<ListWritten> WriteSegmentList(Guid segment, SegmentListKind kind, IReadOnlyList<string> contacts, ListMode mode, CancellationToken cancel = default) =>
        Ask(
            HttpMethod.Post, $"manage/segments/{segment}/lists/{(kind == SegmentListKind.Include ? "include" : "exclude")}?mode={Name(mode)}",
            new() { Contacts = contacts }, WireJson.Default.ListInput, WireJson.Default.ListWritten, cancel);

    /// <summary>Takes everybody off a list and forgets it. 409 while a segment names it; the details say which.</summary>
    public Task<Written> DeleteList(string list, CancellationToken cancel = default) => Delete($"manage/lists/{Escape(list)}", WireJson.Default.Written, cancel);

    private static string Name(ListMode mode) => mode switch
    {
        ListMode.Append => "append",
        ListMode.Replace => "replace",
        _ => "remove",
    };
}
