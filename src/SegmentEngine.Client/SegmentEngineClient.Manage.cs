namespace SegmentEngine.Client;

public sealed partial class SegmentEngineClient
{
    public Task<WorkspaceInfo> GetWorkspace(CancellationToken cancel = default) => Get("manage/workspace", WireJson.Default.WorkspaceInfo, cancel);

    public Task<ManagedSegmentList> ListManagedSegments(CancellationToken cancel = default) => Get("manage/segments", WireJson.Default.ManagedSegmentList, cancel);

    public Task<ManagedSegment> GetManagedSegment(Guid segment, CancellationToken cancel = default) =>
        Get($"manage/segments/{segment}", WireJson.Default.ManagedSegment, cancel);

    public Task<ManagedSegment> CreateSegment(SegmentInput segment, CancellationToken cancel = default) =>
        Make("manage/segments", segment, WireJson.Default.SegmentInput, WireJson.Default.ManagedSegment, cancel);

    public Task<ManagedSegment> EditSegment(Guid segment, SegmentPatch changes, CancellationToken cancel = default) =>
        Ask(HttpMethod.Patch, $"manage/segments/{segment}", changes, WireJson.Default.SegmentPatch, WireJson.Default.ManagedSegment, cancel);

    public Task<RuleChecked> CheckRule(RuleQuestion rule, CancellationToken cancel = default) =>
        Ask(HttpMethod.Post, "manage/segments/check", rule, WireJson.Default.RuleQuestion, WireJson.Default.RuleChecked, cancel);

    public Task<RulePreview> PreviewRule(RuleQuestion rule, CancellationToken cancel = default) =>
        Ask(HttpMethod.Post, "manage/segments/preview", rule, WireJson.Default.RuleQuestion, WireJson.Default.RulePreview, cancel);

    /// <summary>Puts the draft in force. Publishing with nothing drafted changes nothing.</summary>
    public Task<ManagedSegment> PublishSegment(Guid segment, CancellationToken cancel = default) =>
        Send<object, ManagedSegment>(HttpMethod.Post, $"manage/segments/{segment}/publish", body: null, bodyType: null, WireJson.Default.ManagedSegment, repeatable: true, cancel);

    /// <summary>409 while another segment, an action or an instruction uses it; the details say which.</summary>
    public Task<Written> DeleteSegment(Guid segment, CancellationToken cancel = default) => Delete($"manage/segments/{segment}", WireJson.Default.Written, cancel);

    public Task<Schema> GetSchema(CancellationToken cancel = default) => Get("manage/schema", WireJson.Default.Schema, cancel);

    /// <summary>Replaces the whole schema.</summary>
    public Task<Schema> PutSchema(Schema schema, CancellationToken cancel = default) =>
        Ask(HttpMethod.Put, "manage/schema", schema, WireJson.Default.Schema, WireJson.Default.Schema, cancel);

    public Task<KeyList> ListKeys(CancellationToken cancel = default) => Get("manage/keys", WireJson.Default.KeyList, cancel);

    public Task<Key> CreateKey(KeyInput key, CancellationToken cancel = default) => Make("manage/keys", key, WireJson.Default.KeyInput, WireJson.Default.Key, cancel);

    /// <summary>From the answer on, the key opens nothing.</summary>
    public Task<Key> RevokeKey(string publicId, CancellationToken cancel = default) => Delete($"manage/keys/{Escape(publicId)}", WireJson.Default.Key, cancel);
}
