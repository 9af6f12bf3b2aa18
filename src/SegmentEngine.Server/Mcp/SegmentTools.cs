using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Server;
using SegmentEngine.Client;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Gating;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Segments;
using SegmentEngine.Storage;
using SegmentPage = SegmentEngine.Client.SegmentPage;

namespace SegmentEngine.Server.Mcp;

/// <summary>What an agent may ask over the Model Context Protocol: the same questions as over HTTP, with the same scopes and the same answers. None of them changes anything.</summary>
[McpServerToolType]
internal sealed class SegmentTools(IHttpContextAccessor http, Freshness freshness, MembershipAnswers memberships, MembershipExplainer explainer, GatingAnswers gating, SegmentDatabase database)
{
    private const string ContactForm = "a contact: its UUID, or external_id:… or email:…";
    private const string SegmentForm = "a segment: its UUID, or its name, letter for letter";

    [McpServerTool(Name = "list_segments", Title = "List segments", ReadOnly = true, Idempotent = true, Destructive = false, OpenWorld = false, UseStructuredContent = true)]
    [Description("The published segments of contacts, by name, with what defines each and how many members it has.")]
    public SegmentPage ListSegments([Description("from 1")] long page = 1, [Description("how many at once, 1 to 100")] int limit = RequestLimits.PageSizeDefault)
    {
        var snapshot = Snapshot(Scopes.SegmentsRead);
        return page is >= 1 and <= RequestLimits.PageMax && limit is >= 1 and <= RequestLimits.PageSizeMax
            ? SegmentAnswers.Page(snapshot, page, limit, freshness)
            : throw new McpException($"page must be 1 or more, and limit from 1 to {RequestLimits.PageSizeMax}");
    }

    [McpServerTool(Name = "get_segment", Title = "Get a segment", ReadOnly = true, Idempotent = true, Destructive = false, OpenWorld = false, UseStructuredContent = true)]
    [Description("One published segment: what defines it, how many members it has, how fresh that is.")]
    public Segment GetSegment([Description(SegmentForm)] string segment)
    {
        var snapshot = Snapshot(Scopes.SegmentsRead);
        return SegmentAnswers.Show(Find(segment, snapshot), snapshot, freshness);
    }

    [McpServerTool(Name = "list_segments_for_contact", Title = "List the segments of a contact", ReadOnly = true, Idempotent = true, Destructive = false, OpenWorld = false, UseStructuredContent = true)]
    [Description("The published segments a contact is in.")]
    public SegmentsOfContact ListSegmentsForContact([Description(ContactForm)] string contact)
    {
        var snapshot = Snapshot(Scopes.SegmentsRead);
        return ContactName.Find(contact, Caller.Workspace, database, snapshot) is { } found ? memberships.SegmentsOf(snapshot, found) : throw NoContact;
    }

    [McpServerTool(Name = "check_contact_in_segment", Title = "Check a contact in a segment", ReadOnly = true, Idempotent = true, Destructive = false, OpenWorld = false, UseStructuredContent = true)]
    [Description("Whether a contact is in a segment, since when, and how fresh the answer is. The status unknown does not mean no.")]
    public MembershipCheck CheckContactInSegment([Description(SegmentForm)] string segment, [Description(ContactForm)] string contact)
    {
        var snapshot = Snapshot(Scopes.SegmentsRead);
        return memberships.Check(snapshot, Caller.Workspace, Find(segment, snapshot).Id, contact) ?? throw NoContact;
    }

    [McpServerTool(Name = "explain_membership", Title = "Explain a membership", ReadOnly = true, Idempotent = true, Destructive = false, OpenWorld = false, UseStructuredContent = true)]
    [Description("Why a contact is, or is not, in a segment: each condition with its answer, and when it changes by itself. What was seen of the contact is told to keys with contacts:read only.")]
    public async Task<MembershipExplanation> ExplainMembership([Description(SegmentForm)] string segment, [Description(ContactForm)] string contact, CancellationToken cancel)
    {
        var snapshot = Snapshot(Scopes.SegmentsRead);
        return await explainer.Explain(Caller, Find(segment, snapshot).Id, contact, cancel) ?? throw NoContact;
    }

    [McpServerTool(Name = "resolve_agent_context", Title = "Resolve what an agent may use", ReadOnly = true, Idempotent = true, Destructive = false, OpenWorld = false, UseStructuredContent = true)]
    [Description("The actions an agent may take and the instructions it is given for a contact, and what is withheld and why. Ask again before an action runs: POST /gating/authorize.")]
    public GateAnswer ResolveAgentContext(
        [Description($"{ContactForm}; leave it out for somebody who is nobody in particular")] string? contact = null, [Description("where the message came in, such as web or email")] string? channel = null) =>
        gating.Resolve(new() { ContactId = contact, Channel = channel }, Caller, Snapshot(Scopes.GatingRead))?.Show() ?? throw NoContact;

    private static McpException NoContact => new("there is no such contact");

    private Caller Caller => http.HttpContext?.Features.Get<Caller>() ?? throw new McpException("no key");

    private WorkspaceSnapshot Snapshot(string scope) => Caller.May(scope) ? freshness.Newest(Caller) : throw new McpException(KeyCheck.Lacks(scope));

    private static SegmentState Find(string segment, WorkspaceSnapshot snapshot) => SegmentAnswers.Find(segment, snapshot) ?? throw new McpException("there is no such published segment");
}
