using Microsoft.AspNetCore.Components.Authorization;
using SegmentEngine.Client;
using SegmentEngine.Server.Dashboard.People;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.Frame;

/// <summary>Whoever has the page open, and the API in their name. A page gets it started.</summary>
public sealed class Session(AuthenticationStateProvider authentication, LocalServer local, SegmentDatabase database) : IDisposable
{
    private HttpClient? http;

    public Person Person { get; private set; } = null!;
    public Workspace Workspace { get; private set; } = null!;
    public SegmentEngineClient Client { get; private set; } = null!;

    public bool MayEdit => Person.Role >= PersonRole.Editor;
    public bool IsAdmin => Person.Role == PersonRole.Admin;

    /// <summary>The workspace's time zone, by which days in rules begin.</summary>
    public TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(Workspace.TimeZone);

    /// <summary>False where nobody is signed in.</summary>
    public async Task<bool> Start()
    {
        if (http is not null)
        {
            return true;
        }

        if (PersonClaims.Of((await authentication.GetAuthenticationStateAsync()).User, database.People) is not { } person || database.Workspaces.Find(person.Workspace) is not { } workspace)
        {
            return false;
        }

        (Person, Workspace) = (person, workspace);
        http = new HttpClient(local.For(person.Id, person.SecurityStamp)) { BaseAddress = new("http://localhost/") };
        Client = new(http, keptAnswersMax: 0);
        return true;
    }

    /// <summary>After its name or zone was changed.</summary>
    public void ReadWorkspaceAgain() => Workspace = database.Workspaces.Find(Workspace.Id) ?? Workspace;

    public void Dispose() => http?.Dispose();
}
