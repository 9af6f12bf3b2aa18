using SegmentEngine.Client;

namespace SegmentEngine.Server.Tests.Security;

/// <summary>What a call needs and answers.</summary>
/// <param name="Scope">The one scope that opens it; null: any key does.</param>
/// <param name="Ok">The status with that scope and ids that exist.</param>
/// <param name="Body">What is sent; <c>{segment}</c>, <c>{contact}</c> and other kinds stand for ids.</param>
/// <param name="Query">What comes after the path.</param>
/// <param name="UnknownIsOk">An id that is unknown is no error of the whole call.</param>
/// <param name="Creates">What is named and not there is made.</param>
/// <param name="MediaType">Of the body.</param>
internal sealed record Access(string? Scope, int Ok = 200, string? Body = null, string Query = "", bool UnknownIsOk = false, bool Creates = false, string MediaType = "application/json");

/// <summary>One line for each endpoint by its name. A new endpoint without a line fails the tests.</summary>
internal static class AccessTable
{
    private const string Rule = """{"definition":{"or":[{"and":[{"type":"all_contacts"}]}]}}""";

    public static readonly IReadOnlyDictionary<string, Access> Rows = new Dictionary<string, Access>
    {
        ["ListContactSegments"] = new(Scopes.SegmentsRead),
        ["GetContactSegment"] = new(Scopes.SegmentsRead),
        ["ListSegmentsForContact"] = new(Scopes.SegmentsRead),
        ["CheckContactInSegment"] = new(Scopes.SegmentsRead),
        ["CheckContactInSegmentByQuery"] = new(Scopes.SegmentsRead, Query: "?contact_id={contact}"),
        ["ExplainMembership"] = new(Scopes.SegmentsRead),
        ["ListHistoryOfSegment"] = new(Scopes.SegmentsRead),
        ["ListHistoryOfContact"] = new(Scopes.SegmentsRead),
        ["SizesOfSegment"] = new(Scopes.SegmentsRead),
        ["CheckMany"] = new(Scopes.SegmentsRead, Body: """{"checks":[{"segment_id":"{segment}","contact_id":"{contact}"}]}""", UnknownIsOk: true),
        ["ListMembers"] = new(Scopes.SegmentsRead),
        ["EvaluateFlag"] = new(Scopes.SegmentsRead, Body: """{"context":{"targetingKey":"{contact}"}}""", UnknownIsOk: true),
        ["EvaluateFlags"] = new(Scopes.SegmentsRead, Body: """{"context":{"targetingKey":"{contact}"}}""", UnknownIsOk: true),

        ["ResolveGates"] = new(Scopes.GatingRead, Body: """{"contact_id":"{contact}"}"""),
        ["AuthorizeAction"] = new(Scopes.GatingRead, Body: """{"contact_id":"{contact}","action_id":"{action}"}"""),
        ["ListActions"] = new(Scopes.GatingRead),
        ["GetAction"] = new(Scopes.GatingRead),
        ["CreateAction"] = new(Scopes.Manage, 201, """{"name":"look up"}"""),
        ["EditAction"] = new(Scopes.Manage, Body: """{"description":"what it does"}"""),
        ["DeleteAction"] = new(Scopes.Manage),
        ["ListInstructions"] = new(Scopes.GatingRead),
        ["GetInstruction"] = new(Scopes.GatingRead),
        ["CreateInstruction"] = new(Scopes.Manage, 201, """{"title":"Tone","content":"Be kind."}"""),
        ["EditInstruction"] = new(Scopes.Manage, Body: """{"content":"Be brief."}"""),
        ["ReplaceInstruction"] = new(Scopes.Manage, Body: """{"title":"Tone","content":"Be brief.","directory_id":"{directory}"}"""),
        ["DeleteInstruction"] = new(Scopes.Manage),
        ["ListDirectories"] = new(Scopes.GatingRead),
        ["GetDirectory"] = new(Scopes.GatingRead),
        ["CreateDirectory"] = new(Scopes.Manage, 201, """{"name":"Tone"}"""),
        ["EditDirectory"] = new(Scopes.Manage, Body: """{"name":"Style"}"""),
        ["DeleteDirectory"] = new(Scopes.Manage),

        ["ListContacts"] = new(Scopes.ContactsRead),
        ["GetContact"] = new(Scopes.ContactsRead),
        ["SaveContact"] = new(Scopes.ContactsWrite, 200, """{"id":"{contact}","custom_data":{"plan":"pro"}}""", UnknownIsOk: true, Creates: true),
        ["SaveContacts"] = new(Scopes.ContactsWrite, 200, """{"contacts":[{"external_id":"one of a batch"}]}"""),
        ["UpdateContact"] = new(Scopes.ContactsWrite, Body: """{"name":"Ada"}"""),
        ["DeleteContact"] = new(Scopes.ContactsWrite),
        ["Track"] = new(Scopes.ContactsWrite, Body: """{"userId":"somebody","event":"order"}"""),
        ["Identify"] = new(Scopes.ContactsWrite, Body: """{"userId":"somebody","traits":{"plan":"pro"}}"""),
        ["SendEvents"] = new(Scopes.ContactsWrite, Body: """{"batch":[{"type":"track","userId":"somebody","event":"order"}]}"""),
        ["CountSuppressions"] = new(Scopes.Manage),
        ["LiftSuppression"] = new(Scopes.Manage, 204),

        ["ListManagedSegments"] = new(Scopes.Manage),
        ["CreateSegment"] = new(Scopes.Manage, 201, """{"name":"{name}","definition":{"or":[{"and":[{"type":"all_contacts"}]}]}}"""),
        ["GetManagedSegment"] = new(Scopes.Manage),
        ["EditSegment"] = new(Scopes.Manage, Body: """{"description":"who they are"}"""),
        ["DeleteSegment"] = new(Scopes.Manage),
        ["CheckRule"] = new(Scopes.Manage, Body: Rule),
        ["PreviewRule"] = new(Scopes.Manage, Body: """{"segment_id":"{segment}","definition":{"or":[{"and":[{"type":"all_contacts"}]}]}}"""),
        ["PreviewContacts"] = new(Scopes.Manage, Body: """{"segment_id":"{segment}","definition":{"or":[{"and":[{"type":"all_contacts"}]}]}}"""),
        ["PreviewContact"] = new(Scopes.Manage, Body: """{"segment_id":"{segment}","definition":{"or":[{"and":[{"type":"all_contacts"}]}]}}"""),
        ["PublishSegment"] = new(Scopes.Manage),
        ["PauseSegment"] = new(Scopes.Manage),
        ["ResumeSegment"] = new(Scopes.Manage),
        ["ArchiveSegment"] = new(Scopes.Manage),
        ["DuplicateSegment"] = new(Scopes.Manage, 201, """{"name":"{name}"}"""),
        ["ListRevisions"] = new(Scopes.Manage),
        ["RestoreRevision"] = new(Scopes.Manage),
        ["CompareRevisions"] = new(Scopes.Manage),
        ["OverlapOfSegments"] = new(Scopes.Manage, Query: "?segment_ids={segment},{second}"),
        ["ListLists"] = new(Scopes.Manage),
        ["ListContactsOfList"] = new(Scopes.Manage),
        ["WriteList"] = new(Scopes.Manage, 200, """{"contacts":["{contact}"]}""", "?mode=append", UnknownIsOk: true, Creates: true),
        ["DeleteList"] = new(Scopes.Manage),
        ["ListContactsOfSegmentList"] = new(Scopes.Manage),
        ["WriteSegmentList"] = new(Scopes.Manage, 200, """{"contacts":[]}""", "?mode=append"),

        ["ListWebhooks"] = new(Scopes.Manage),
        ["CreateWebhook"] = new(Scopes.Manage, 201, """{"url":"https://example.com/hook","segment_id":"{segment}"}"""),
        ["GetWebhook"] = new(Scopes.Manage),
        ["ChangeWebhook"] = new(Scopes.Manage, Body: """{"is_active":false}"""),
        ["DeleteWebhook"] = new(Scopes.Manage, 204),
        ["TestWebhook"] = new(Scopes.Manage),
        ["ListWebhookDeliveries"] = new(Scopes.Manage),
        ["ListDeadLetters"] = new(Scopes.Manage),
        ["ReplayDeadLetters"] = new(Scopes.Manage),

        ["GetWorkspace"] = new(Scopes.Manage),
        ["ChangeWorkspace"] = new(Scopes.Manage, Body: """{"history_days":365}"""),
        ["BeginVerification"] = new(Scopes.Manage),
        ["GetVerification"] = new(Scopes.Manage),
        ["GetSchema"] = new(Scopes.Manage),
        ["PutSchema"] = new(Scopes.Manage, Body: """{"traits":{"plan":"string"}}"""),
        ["ListAudit"] = new(Scopes.Manage),
        ["VerifyAudit"] = new(Scopes.Manage),
        ["ListKeys"] = new(Scopes.Manage),
        ["CreateKey"] = new(Scopes.Manage, 201, """{"name":"a key","scopes":["segments:read"]}"""),
        ["RotateKey"] = new(Scopes.Manage, 201),
        ["RevokeKey"] = new(Scopes.Manage),
    };
}
