using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Segments;
using SegmentEngine.Storage;
using Member = SegmentEngine.Client.Member;

namespace SegmentEngine.Server.Memberships;

/// <summary>What a snapshot says of who is in what, in the words of the wire.</summary>
public sealed class MembershipAnswers(SegmentDatabase database, Freshness freshness)
{
    public Freshness Freshness => freshness;

    /// <summary>Null where there is no such segment or no such contact.</summary>
    public MembershipCheck? Check(WorkspaceSnapshot snapshot, WorkspaceId workspace, SegmentId id, string contactName)
    {
        if (!snapshot.SegmentsById.TryGetValue(id, out var segment) || ContactName.Find(contactName, workspace, database, snapshot) is not { } contact)
        {
            return null;
        }

        var isKnown = contact.Seat is not null && segment.Readiness != Readiness.Building;
        var isMember = isKnown && snapshot.IsMember(segment, contact.Seat!.Value);
        var status = isMember ? "member" : isKnown ? "not_member" : "unknown";
        ServerMetrics.Checked(status);
        return new()
        {
            IsMember = isMember,
            SegmentId = id.Value,
            ContactId = contact.Id.Value,
            Status = status,
            Since = isMember ? Since(segment, snapshot.NumberOf(contact.Seat!.Value), snapshot).ToDateTimeOffset() : null,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Revision = snapshot.Revision,
            Stale = freshness.IsStale(snapshot, segment),
        };
    }

    public SegmentsOfContact SegmentsOf(WorkspaceSnapshot snapshot, FoundContact contact) => new()
    {
        Data = contact.Seat is { } seat ? [.. snapshot.SegmentsOf(seat).Select(segment => SegmentAnswers.Show(segment, snapshot, freshness))] : [],
        Revision = snapshot.Revision,
        EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
        Stale = freshness.IsStale(snapshot),
    };

    public MemberPage Members(WorkspaceSnapshot snapshot, WorkspaceId workspace, SegmentState segment, (int Shard, long Number)? after, int max)
    {
        var members = snapshot.Members(segment, after, max + 1);
        var page = members.Take(max).ToList();
        var externalIds = database.Contacts.ByNumbers(workspace, page.Select(static member => member.Number))
            .ToDictionary(static contact => contact.Number, static contact => contact.Contact.ExternalId);
        var since = Since(segment, [.. page.Select(static member => member.Number)], snapshot);
        return new()
        {
            Items = [.. page.Select(member => new Member
            {
                ContactId = member.Contact.Value,
                ExternalId = externalIds.GetValueOrDefault(member.Number),
                Since = since[member.Number],
            })],
            Next = members.Count > max ? $"{page[^1].Shard}.{page[^1].Number}" : null,
            Total = snapshot.Count(segment),
            Revision = snapshot.Revision,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Stale = freshness.IsStale(snapshot, segment),
        };
    }

    private Instant Since(SegmentState segment, long contact, WorkspaceSnapshot snapshot)
    {
        if (!snapshot.Since.TryGet(segment.Number, contact, out var since))
        {
            since = database.Memberships.Since(segment.Number, contact) ?? snapshot.EvaluatedAt ?? segment.UpdatedAt;
            snapshot.Since.Keep(segment.Number, contact, since);
        }

        return since;
    }

    /// <summary>A row may be gone already where the tables are a moment ahead of the snapshot; then the snapshot's own time stands in.</summary>
    private Dictionary<long, DateTimeOffset> Since(SegmentState segment, IReadOnlyCollection<long> contacts, WorkspaceSnapshot snapshot)
    {
        var since = database.Memberships.Since(segment.Number, contacts);
        return contacts.ToDictionary(static contact => contact, contact => (since.TryGetValue(contact, out var at) ? at : snapshot.EvaluatedAt ?? segment.UpdatedAt).ToDateTimeOffset());
    }
}
