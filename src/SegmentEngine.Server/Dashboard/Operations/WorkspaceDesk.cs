using Microsoft.Extensions.Localization;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Dashboard.Frame;
using SegmentEngine.Server.Dashboard.People;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.Operations;

/// <summary>What a workspace is called and by which clock its days begin; an admin may change it.</summary>
public sealed class WorkspaceDesk(PeopleStore people, SegmentDatabase database, WorkspaceEngines engines, IStringLocalizer<Texts> texts, TimeProvider clock)
{
    /// <summary>Answers with why it was not done, in the viewer's language; null where it was. Rules are evaluated again, for their days may begin at other instants.</summary>
    public async Task<string?> Rename(Person by, string name, string timeZone, CancellationToken cancel = default)
    {
        if (people.Find(by.Id) is not { } now || now.SecurityStamp != by.SecurityStamp)
        {
            return texts["SignedOutMeanwhile"];
        }

        if (now.Role != PersonRole.Admin)
        {
            return texts["AdminsOnly"];
        }

        if (name is not { Length: > 0 and <= SignInRules.NameLengthMax })
        {
            return texts["NeedsWorkspaceName"];
        }

        if (!Zones.IsKnown(timeZone))
        {
            return texts["UnknownZone", timeZone];
        }

        AuditedCall.Current = new(now.Workspace, Caller.Of(now).KeyId, "ChangeWorkspace", "/manage/workspace", Instant.From(clock.GetUtcNow()));
        _ = await database.Workspaces.Rename(now.Workspace, name, timeZone, cancel);
        engines.RulesChanged(now.Workspace);
        return null;
    }
}
