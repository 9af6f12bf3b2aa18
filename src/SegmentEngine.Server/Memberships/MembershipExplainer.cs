using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;
using SegmentEngine.Rules;
using SegmentEngine.Scripting;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Segments;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>Says why a contact is, or is not, in a segment: the interpreter over what the tables hold of the contact, beside what reads answer.</summary>
public sealed class MembershipExplainer(SegmentDatabase database, MembershipAnswers answers, MembershipView view, RuleService rules)
{
    /// <summary>Null where there is no such published segment or no such contact.</summary>
    public async ValueTask<MembershipExplanation?> Explain(Caller caller, SegmentId id, string contactName, CancellationToken cancel)
    {
        var workspace = caller.Workspace;
        if (!view.For(workspace).SegmentsById.TryGetValue(id, out var asked) || ContactName.Find(contactName, workspace, database, view.For(workspace)) is not { } contact)
        {
            return null;
        }

        var rule = RulesInForce.RuleOf(id, asked.Definition.GetRawText(), asked.HasLists, rules.Context(workspace));
        if (database.Contacts.Moment(workspace, contact.Id, rule?.Reads.Events ?? []) is not { } moment)
        {
            return null;
        }

        // So that both speak of the same data, as far as it can be waited for.
        var snapshot = await view.AtLeast(workspace, moment.Revision, RequestLimits.RevisionWaitMax, cancel);
        if (answers.Check(snapshot, workspace, id, contact.Id.ToString()) is not { } check)
        {
            return null;
        }

        // Another rule came into force meanwhile: it is the one that the membership follows from.
        if (snapshot.SegmentsById[id].RuleRevision != asked.RuleRevision)
        {
            return await Explain(caller, id, contactName, cancel);
        }

        return new()
        {
            IsMember = check.IsMember,
            SegmentId = check.SegmentId,
            ContactId = check.ContactId,
            Status = check.Status,
            Since = check.Since,
            RuleRevision = asked.RuleRevision,
            Explanation = rule is null ? null : Explain(rule, moment, snapshot, caller),
            Revision = check.Revision,
            EvaluatedAt = check.EvaluatedAt,
            Stale = check.Stale,
        };
    }

    /// <summary>What a rule that is not published would make of a contact. Null where there is no such contact.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="edited">The segment that it would be published in; null for a new one.</param>
    /// <param name="contactName">The contact.</param>
    /// <param name="cancel">Ends the call.</param>
    public async ValueTask<MembershipThought?> Think(Caller caller, CheckedRule rule, StoredSegment? edited, string contactName, CancellationToken cancel)
    {
        var workspace = caller.Workspace;
        if (ContactName.Find(contactName, workspace, database, view.For(workspace)) is not { } contact || database.Contacts.Moment(workspace, contact.Id, rule.Reads.Events) is not { } moment)
        {
            return null;
        }

        var snapshot = await view.AtLeast(workspace, moment.Revision, RequestLimits.RevisionWaitMax, cancel);
        var explained = Explain(edited is { HasLists: true } ? RulesInForce.WithLists(rule, edited.Id) : rule, moment, snapshot, caller);
        return new()
        {
            ContactId = contact.Id.Value,
            IsMember = edited is not null && snapshot.SegmentsById.TryGetValue(edited.Id, out var state) && snapshot.TryFindSeat(contact.Id, out var seat) && snapshot.IsMember(state, seat),
            WouldBeMember = explained.Truth == Name(Truth.True),
            Explanation = explained,
            Revision = snapshot.Revision,
            EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
            Stale = answers.Freshness.IsStale(snapshot),
        };
    }

    private ExplainedCondition Explain(CheckedRule rule, ContactMoment moment, WorkspaceSnapshot snapshot, Caller caller) => Show(
        Explainer.Explain(
            rule,
            moment.Contact.Contact,
            [.. moment.Events.Select(static stored => new ContactEvent(stored.Name, stored.At, stored.Number, stored.Properties))],
            answers.Freshness.Now,
            segment => Membership(snapshot, segment, moment.Contact.Contact.Id!.Value)),
        snapshot,
        caller.May(Scopes.ContactsRead));

    /// <summary>Null while nothing good is known of the segment.</summary>
    private static bool? Membership(WorkspaceSnapshot snapshot, SegmentId segment, ContactId contact) =>
        snapshot.SegmentsById.TryGetValue(segment, out var state) && state.Readiness == Readiness.Ready && snapshot.TryFindSeat(contact, out var seat) ? snapshot.IsMember(state, seat) : null;

    private static ExplainedCondition Show(Explanation explained, WorkspaceSnapshot snapshot, bool withValues) => new()
    {
        Path = explained.Path,
        Condition = explained.Parts.IsEmpty ? RuleService.Stored(RuleJson.Print(explained.Condition)) : null,
        Text = explained.Parts.IsEmpty ? RuleText.PrintPart(explained.Condition) : null,
        Segment = explained.Condition is Condition.InSegment { SegmentId: var named } && SegmentId.TryParse(named, out var id) ? snapshot.SegmentsById.GetValueOrDefault(id)?.Name : null,
        Of = explained.Parts.IsEmpty ? null : explained.Condition switch
        {
            Condition.AnyOf => "any",
            Condition.Negation => "not",
            _ => "all",
        },
        Truth = Name(explained.Truth),
        Reason = explained.Reason == Reason.None ? null : JsonNamingPolicy.SnakeCaseLower.ConvertName(explained.Reason.ToString()),
        Seen = withValues ? explained.Seen : null,
        NextChange = explained.NextChange?.ToDateTimeOffset(),
        NextTruth = explained.NextTruth is { } next ? Name(next) : null,
        ForeseenUntil = explained.ForeseenUntil?.ToDateTimeOffset(),
        Parts = [.. explained.Parts.Select(part => Show(part, snapshot, withValues))],
    };

    private static string Name(Truth truth) => truth switch
    {
        Truth.True => "true",
        Truth.False => "false",
        _ => "unknown",
    };
}
