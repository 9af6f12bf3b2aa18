using System.Collections.Concurrent;
using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Segments;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>What was found of one contact.</summary>
/// <param name="Contact">As it is stored.</param>
/// <param name="Pairs">A pair each for the segments that could be judged.</param>
/// <param name="At">What had been written when it was looked at.</param>
public sealed record Judgement(StoredContact Contact, IReadOnlyList<JudgedPair> Pairs, WrittenLast At);

/// <param name="Segment">The segment.</param>
/// <param name="Expected">What the plain interpreter says.</param>
/// <param name="Answered">What reads answer.</param>
/// <param name="Stored">What the tables hold.</param>
public readonly record struct JudgedPair(SegmentState Segment, bool Expected, bool Answered, bool Stored)
{
    public bool IsRight => Expected == Answered && Expected == Stored;
}

/// <summary>A contact's memberships as its data and the rules make them at one moment, whether or not the tables and snapshots have them yet.</summary>
/// <param name="Row">As <see cref="WorkspaceSnapshot.RowOf"/>.</param>
/// <param name="Revision">The workspace's revision that the contact was read at.</param>
/// <param name="At">When.</param>
public sealed record JudgedContact(ulong[] Row, long Revision, Instant At);

/// <summary>Judges a contact's memberships by what the tables hold of it and by the plain interpreter, which shares nothing with the evaluation that made them.</summary>
public sealed class MembershipJudge(SegmentDatabase database, MembershipView view, RuleService rules, TimeProvider clock)
{
    private readonly ConcurrentDictionary<WorkspaceId, RulesOf> known = [];

    /// <summary>Null where nothing can be said just now: the contact is gone, or its data and the answers are not of one moment. What changes while it is looked at may seem wrong once, and not again.</summary>
    public async ValueTask<Judgement?> Judge(WorkspaceId workspace, ContactId contact, CancellationToken cancel)
    {
        var last = database.Memberships.WrittenLast(workspace);
        var judged = Rules(workspace, view.For(workspace).Shown);
        if (database.Contacts.Moment(workspace, contact, judged.Events) is not { } moment)
        {
            return null;
        }

        var snapshot = await view.AtLeast(workspace, moment.Revision, RequestLimits.RevisionWaitMax, cancel);
        var now = Instant.From(clock.GetUtcNow());
        if (snapshot.Revision < moment.Revision || snapshot.Shown != judged.Shown || snapshot.Behind(now) > TimeSpan.Zero || !snapshot.TryFindSeat(contact, out var seat))
        {
            return null;
        }

        bool? Membership(SegmentId segment) => snapshot.SegmentsById.TryGetValue(segment, out var state) && state.Readiness == Readiness.Ready ? snapshot.IsMember(state, seat) : null;
        var events = EventsOf(moment);
        return new(moment.Contact, [.. judged.Rules.Select(each => new JudgedPair(
            each.Segment,
            Interpreter.Evaluate(each.Rule, moment.Contact.Contact, events, now, Membership) == Truth.True,
            snapshot.IsMember(each.Segment, seat),
            database.Memberships.Since(each.Segment.Number, moment.Contact.Number) is not null))], last);
    }

    /// <summary>
    /// For a message that cannot wait until a snapshot reflects what it brought: the contact as it is stored now, under the rules of the segments that the snapshot shows. Segments that are paused or failed keep the members they have there. Null where there is no such contact.
    /// </summary>
    public JudgedContact? AtOnce(WorkspaceId workspace, ContactId contact, WorkspaceSnapshot snapshot)
    {
        var judged = Rules(workspace, snapshot.Shown);
        if (database.Contacts.Moment(workspace, contact, judged.Events) is not { } moment)
        {
            return null;
        }

        var now = Instant.From(clock.GetUtcNow());
        var events = EventsOf(moment);
        var row = new ulong[(snapshot.Shown.InOrder.Select(static segment => segment.Slot).DefaultIfEmpty().Max() / 64) + 1];
        var byId = judged.Rules.ToDictionary(static each => each.Segment.Id);
        var known = new Dictionary<SegmentId, bool?>();
        var seat = snapshot.TryFindSeat(contact, out var found) ? found : (Seat?)null;
        foreach (var segment in snapshot.Shown.InOrder)
        {
            var isMember = segment.Readiness is Readiness.Paused or Readiness.Failed ? seat is { } there && snapshot.IsMember(segment, there) : Membership(segment.Id) == true;
            row[segment.Slot / 64] |= isMember ? 1UL << (segment.Slot % 64) : 0;
        }

        return new(row, moment.Revision, now);

        // Published rules go in no circle.
        bool? Membership(SegmentId segment)
        {
            if (!known.TryGetValue(segment, out var membership))
            {
                membership = byId.TryGetValue(segment, out var each) ? Interpreter.Evaluate(each.Rule, moment.Contact.Contact, events, now, Membership) == Truth.True : null;
                known[segment] = membership;
            }

            return membership;
        }
    }

    /// <summary>Whether a snapshot shows the segments as they are published now, evaluated or not.</summary>
    public bool ShowsAll(WorkspaceId workspace, WorkspaceSnapshot snapshot) =>
        database.Segments.Published(workspace) is var published && published.Count == snapshot.Shown.InOrder.Length
        && published.All(each => snapshot.Shown.ById.TryGetValue(each.Segment.Id, out var shown) && shown.Number == each.Segment.Number && shown.RuleRevision == each.Revision.Number && shown.HasLists == each.Segment.HasLists
            && shown.Readiness == Readiness.Paused == (each.Segment.Status == SegmentStatus.Paused));

    private static ImmutableArray<ContactEvent> EventsOf(ContactMoment moment) => [.. moment.Events.Select(static stored => new ContactEvent(stored.Name, stored.At, stored.Number, stored.Properties))];

    /// <summary>Read again when anything about the segments is another.</summary>
    private RulesOf Rules(WorkspaceId workspace, ShownSegments shown)
    {
        if (known.TryGetValue(workspace, out var of) && of.Shown == shown)
        {
            return of;
        }

        var context = rules.Context(workspace);
        return known[workspace] = new(shown, [.. shown.InOrder.Where(static segment => segment.Readiness == Readiness.Ready)
            .Select(segment => (Segment: segment, Rule: RulesInForce.RuleOf(segment.Id, segment.Definition.GetRawText(), segment.HasLists, context))).Where(static each => each.Rule is not null).Select(static each => (each.Segment, each.Rule!))]);
    }

    private sealed record RulesOf(ShownSegments Shown, ImmutableArray<(SegmentState Segment, CheckedRule Rule)> Rules)
    {
        public ImmutableHashSet<string> Events { get; } = [.. Rules.SelectMany(static each => each.Rule.Reads.Events)];
    }
}
