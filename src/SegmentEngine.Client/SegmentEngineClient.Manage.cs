namespace SegmentEngine.Client;

public sealed partial class SegmentEngineClient
{
    public Task<WorkspaceInfo> GetWorkspace(CancellationToken cancel = default) => Get("manage/workspace", WireJson.Default.WorkspaceInfo, cancel);

    public Task<WorkspaceInfo> ChangeWorkspace(WorkspacePatch changes, CancellationToken cancel = default) =>
        Ask(HttpMethod.Patch, "manage/workspace", changes, WireJson.Default.WorkspacePatch, WireJson.Default.WorkspaceInfo, cancel);

    /// <param name="tag">Only those with this tag.</param>
    /// <param name="status">Only those of this status.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task<ManagedSegmentList> ListManagedSegments(string? tag = null, string? status = null, CancellationToken cancel = default) =>
        Get($"manage/segments{Query(("tag", tag), ("status", status))}", WireJson.Default.ManagedSegmentList, cancel);

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

    /// <summary>What a rule would make of one contact, and why.</summary>
    /// <param name="rule">The rule, and the segment that it would be published in.</param>
    /// <param name="contact">A UUID, or <c>external_id:…</c>, or <c>email:…</c>.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task<MembershipThought> PreviewContact(RuleQuestion rule, string contact, CancellationToken cancel = default) =>
        Ask(HttpMethod.Post, $"manage/segments/preview/contacts/{Escape(contact)}", rule, WireJson.Default.RuleQuestion, WireJson.Default.MembershipThought, cancel);

    /// <summary>Puts the draft in force. Publishing with nothing drafted changes nothing.</summary>
    public Task<ManagedSegment> PublishSegment(Guid segment, string? note = null, CancellationToken cancel = default) =>
        Ask(HttpMethod.Post, $"manage/segments/{segment}/publish", new PublishInput { Note = note }, WireJson.Default.PublishInput, WireJson.Default.ManagedSegment, cancel);

    /// <summary>Stops the evaluation: the members stay as they are, and count as stale.</summary>
    public Task<ManagedSegment> PauseSegment(Guid segment, CancellationToken cancel = default) => Order(segment, "pause", cancel);

    /// <summary>Has a paused segment evaluated again.</summary>
    public Task<ManagedSegment> ResumeSegment(Guid segment, CancellationToken cancel = default) => Order(segment, "resume", cancel);

    /// <summary>Puts a segment out of use; publishing brings it back. 409 while another segment, an action or an instruction uses it; the details say which.</summary>
    public Task<ManagedSegment> ArchiveSegment(Guid segment, CancellationToken cancel = default) => Order(segment, "archive", cancel);

    /// <summary>A new segment with the same draft, or the same published rule as its draft.</summary>
    public Task<ManagedSegment> DuplicateSegment(Guid segment, string name, CancellationToken cancel = default) =>
        Make($"manage/segments/{segment}/duplicate", new DuplicateInput { Name = name }, WireJson.Default.DuplicateInput, WireJson.Default.ManagedSegment, cancel);

    public Task<SegmentRevisionList> ListRevisions(Guid segment, CancellationToken cancel = default) =>
        Get($"manage/segments/{segment}/revisions", WireJson.Default.SegmentRevisionList, cancel);

    /// <summary>Publishes an earlier revision's definition, as a new revision.</summary>
    public Task<ManagedSegment> RollBackSegment(Guid segment, int revision, string? note = null, CancellationToken cancel = default) =>
        Make($"manage/segments/{segment}/revisions/{revision}/restore", new PublishInput { Note = note }, WireJson.Default.PublishInput, WireJson.Default.ManagedSegment, cancel);

    /// <param name="segment">Whose definitions.</param>
    /// <param name="from">A revision's number, or <c>draft</c>; null for the published one.</param>
    /// <param name="to">A revision's number, or <c>draft</c>; null for the draft.</param>
    /// <param name="cancel">Ends the call.</param>
    public Task<SegmentDiff> CompareRevisions(Guid segment, string? from = null, string? to = null, CancellationToken cancel = default) =>
        Get($"manage/segments/{segment}/diff{Query(("from", from), ("to", to))}", WireJson.Default.SegmentDiff, cancel);

    /// <summary>409 while another segment, an action or an instruction uses it; the details say which.</summary>
    public Task<Written> DeleteSegment(Guid segment, CancellationToken cancel = default) => Delete($"manage/segments/{segment}", WireJson.Default.Written, cancel);

    public Task<Schema> GetSchema(CancellationToken cancel = default) => Get("manage/schema", WireJson.Default.Schema, cancel);

    /// <summary>Replaces the whole schema.</summary>
    public Task<Schema> PutSchema(Schema schema, CancellationToken cancel = default) =>
        Ask(HttpMethod.Put, "manage/schema", schema, WireJson.Default.Schema, WireJson.Default.Schema, cancel);

    public Task<KeyList> ListKeys(CancellationToken cancel = default) => Get("manage/keys", WireJson.Default.KeyList, cancel);

    /// <summary>Makes a key with the name, scopes and end of another, which ends after the overlap. The new one's secret is in this answer and in no other.</summary>
    public Task<Key> RotateKey(string publicId, TimeSpan? overlap = null, CancellationToken cancel = default) =>
        Make($"manage/keys/{Escape(publicId)}/rotate", new() { OverlapSeconds = overlap is { } given ? (int)given.TotalSeconds : null }, WireJson.Default.KeyRotation, WireJson.Default.Key, cancel);

    public Task<Key> CreateKey(KeyInput key, CancellationToken cancel = default) => Make("manage/keys", key, WireJson.Default.KeyInput, WireJson.Default.Key, cancel);

    /// <summary>From the answer on, the key opens nothing.</summary>
    public Task<Key> RevokeKey(string publicId, CancellationToken cancel = default) => Delete($"manage/keys/{Escape(publicId)}", WireJson.Default.Key, cancel);

    /// <summary>How much two or three published segments have in common.</summary>
    public Task<SegmentOverlap> Overlap(IReadOnlyList<Guid> segments, long? atLeast = null, CancellationToken cancel = default) =>
        Get($"manage/segments/overlap{Query(("segment_ids", string.Join(',', segments)), ("at_least", atLeast))}", WireJson.Default.SegmentOverlap, cancel);

    /// <summary>Who changed what, newest first.</summary>
    public Task<AuditPage> ListAudit(string? cursor = null, int? limit = null, CancellationToken cancel = default) =>
        Get($"manage/audit{Query(("cursor", cursor), ("limit", limit))}", WireJson.Default.AuditPage, cancel);

    /// <summary>Has every membership judged, unless that is under way already.</summary>
    public Task<Verification> BeginVerification(CancellationToken cancel = default) =>
        Send(HttpMethod.Post, "manage/verification", static () => null, WireJson.Default.Verification, repeatable: true, cancel);

    /// <summary>The judgement that is under way, or the last one.</summary>
    public Task<Verification> GetVerification(CancellationToken cancel = default) => Get("manage/verification", WireJson.Default.Verification, cancel);

    /// <summary>Works the chain of the audit log out anew.</summary>
    public Task<AuditVerdict> VerifyAudit(CancellationToken cancel = default) => Get("manage/audit/verify", WireJson.Default.AuditVerdict, cancel);

    private Task<ManagedSegment> Order(Guid segment, string verb, CancellationToken cancel) =>
        Send<object, ManagedSegment>(HttpMethod.Post, $"manage/segments/{segment}/{verb}", body: null, bodyType: null, WireJson.Default.ManagedSegment, repeatable: true, cancel);
}
