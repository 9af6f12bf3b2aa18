using System.Runtime.CompilerServices;

namespace SegmentEngine.Client;

/// <remarks>Reads take <c>atLeast</c>: the revision of a write that the answer must reflect. The server waits briefly for it, then answers 409 <c>stale</c>.</remarks>
public sealed partial class SegmentEngineClient
{
    public Task<SegmentPage> ListSegments(long? page = null, int? limit = null, long? atLeast = null, CancellationToken cancel = default) =>
        Get($"contacts/segments{Query(("page", page), ("limit", limit), ("at_least", atLeast))}", WireJson.Default.SegmentPage, cancel);

    public Task<Segment> GetSegment(Guid segment, long? atLeast = null, CancellationToken cancel = default) =>
        Get($"contacts/segments/{segment}{Query(("at_least", atLeast))}", WireJson.Default.Segment, cancel);

    public Task<SegmentsOfContact> SegmentsOf(string contact, long? atLeast = null, CancellationToken cancel = default) =>
        Get($"contacts/segments/contacts/{Escape(contact)}{Query(("at_least", atLeast))}", WireJson.Default.SegmentsOfContact, cancel);

    public Task<MembershipCheck> Check(Guid segment, string contact, long? atLeast = null, CancellationToken cancel = default) =>
        Get($"contacts/segments/{segment}/contacts/{Escape(contact)}{Query(("at_least", atLeast))}", WireJson.Default.MembershipCheck, cancel);

    public Task<CheckBatchAnswer> CheckMany(CheckBatch checks, long? atLeast = null, CancellationToken cancel = default) =>
        Ask(HttpMethod.Post, $"contacts/segments/check{Query(("at_least", atLeast))}", checks, WireJson.Default.CheckBatch, WireJson.Default.CheckBatchAnswer, cancel);

    public Task<MemberPage> ListMembers(Guid segment, string? cursor = null, int? limit = null, long? atLeast = null, CancellationToken cancel = default) =>
        Get($"contacts/segments/{segment}/contacts{Query(("cursor", cursor), ("limit", limit), ("at_least", atLeast))}", WireJson.Default.MemberPage, cancel);

    /// <summary>Why the contact is, or is not, in the segment.</summary>
    public Task<MembershipExplanation> Explain(Guid segment, string contact, long? atLeast = null, CancellationToken cancel = default) =>
        Get($"contacts/segments/{segment}/contacts/{Escape(contact)}/explain{Query(("at_least", atLeast))}", WireJson.Default.MembershipExplanation, cancel);

    /// <summary>How large a segment was.</summary>
    public Task<SegmentSizeList> SizesOfSegment(Guid segment, DateTimeOffset? from = null, DateTimeOffset? to = null, CancellationToken cancel = default) =>
        Get($"contacts/segments/{segment}/sizes{Query(("from", from), ("to", to))}", WireJson.Default.SegmentSizeList, cancel);

    /// <summary>Who entered and left a segment, newest first.</summary>
    public Task<HistoryPage> HistoryOfSegment(Guid segment, string? cursor = null, int? limit = null, CancellationToken cancel = default) =>
        Get($"contacts/segments/{segment}/history{Query(("cursor", cursor), ("limit", limit))}", WireJson.Default.HistoryPage, cancel);

    /// <summary>What a contact entered and left, newest first.</summary>
    public Task<HistoryPage> HistoryOf(string contact, string? cursor = null, int? limit = null, CancellationToken cancel = default) =>
        Get($"contacts/segments/contacts/{Escape(contact)}/history{Query(("cursor", cursor), ("limit", limit))}", WireJson.Default.HistoryPage, cancel);

    /// <summary>All members, page by page. Who enters or leaves meanwhile may or may not be seen; nobody is seen twice.</summary>
    public async IAsyncEnumerable<Member> AllMembers(Guid segment, long? atLeast = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        for (string? cursor = null; ;)
        {
            var page = await ListMembers(segment, cursor, limit: 1_000, atLeast, cancel).ConfigureAwait(false);
            foreach (var member in page.Items)
            {
                yield return member;
            }

            if ((cursor = page.Next) is null)
            {
                yield break;
            }
        }
    }
}
