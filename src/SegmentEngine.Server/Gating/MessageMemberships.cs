using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Gating;

/// <summary>What a message is gated on: a snapshot that reflects what the message brought or asks for, and where that takes longer than a message can wait, its contact judged at once by the same rules.</summary>
public sealed class MessageMemberships(MembershipView view, MembershipJudge judge, SegmentDatabase database, ServerOptions options)
{
    /// <param name="caller">Whose workspace.</param>
    /// <param name="contactName">The contact; null for nobody in particular.</param>
    /// <param name="atLeast">The revision to reflect; null for whatever there is.</param>
    /// <param name="isData">The revision is that of the contact's own data, so that segments published since may be as the snapshot has them.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async ValueTask<(WorkspaceSnapshot Snapshot, JudgedContact? Judged, Refusal? Refusal)> Take(Caller caller, string? contactName, long? atLeast, bool isData, CancellationToken cancel)
    {
        var workspace = caller.Workspace;
        if (atLeast is not { } revision)
        {
            return (view.For(workspace), null, null);
        }

        var snapshot = await view.AtLeast(workspace, revision, options.GateWait, cancel);
        if (snapshot.Revision >= revision)
        {
            return (snapshot, null, null);
        }

        if (contactName is not null && ContactName.Find(contactName, workspace, database, snapshot) is { } contact && (isData || judge.ShowsAll(workspace, snapshot))
            && judge.AtOnce(workspace, contact.Id, snapshot) is { } judged && judged.Revision >= revision)
        {
            return (snapshot, judged, null);
        }

        snapshot = await view.AtLeast(workspace, revision, RequestLimits.RevisionWaitMax - options.GateWait, cancel);
        return (snapshot, null, snapshot.Revision < revision ? Refusal.Behind(revision, snapshot.Revision) : null);
    }
}
