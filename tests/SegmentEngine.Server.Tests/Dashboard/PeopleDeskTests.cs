using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Dashboard.People;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Dashboard;

/// <summary>Who comes in, as what, and who stays out.</summary>
public sealed class PeopleDeskTests : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly SteppedClock clock = new(DateTimeOffset.UtcNow);
    private readonly TestServer server;
    private AsyncServiceScope scope;
    private Person ada = null!;

    public PeopleDeskTests() => server = new() { Clock = clock };

    private PeopleDesk Desk => scope.ServiceProvider.GetRequiredService<PeopleDesk>();

    private PeopleStore People => server.Database.People;

    public async Task InitializeAsync()
    {
        await server.InitializeAsync();
        scope = server.Service<IServiceScopeFactory>().CreateAsyncScope();
        ada = await Added("ada", PersonRole.Admin);
    }

    public async Task DisposeAsync()
    {
        await scope.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task An_invitation_is_found_by_its_secret_alone_and_for_seven_days()
    {
        var (secret, problem) = await Desk.Invite(ada, "bob@example.com", PersonRole.Editor);
        Assert.Null(problem);
        var bob = People.FindByInvitation(Secrets.Hash(secret!), Now)!;
        Assert.Equal((PersonRole.Editor, (string?)null), (bob.Role, bob.PasswordHash));
        Assert.Null(People.FindByInvitation(Secrets.Hash(secret + "x"), Now));
        clock.Step(TimeSpan.FromDays(7));
        Assert.Null(People.FindByInvitation(Secrets.Hash(secret!), Now));
        var (again, _) = await Desk.InviteAgain(ada, bob.Id);
        Assert.NotNull(People.FindByInvitation(Secrets.Hash(again!), Now));
        Assert.NotNull((await Desk.Invite(ada, "bob@example.com", PersonRole.Viewer)).Problem);
        Assert.NotNull((await Desk.Invite(ada, "no address", PersonRole.Viewer)).Problem);
    }

    [Theory]
    [InlineData(PersonRole.Viewer)]
    [InlineData(PersonRole.Editor)]
    public async Task Whoever_is_no_admin_changes_nobody_but_themselves(PersonRole role)
    {
        var bob = await Added("bob", role);
        Assert.NotNull((await Desk.Invite(bob, "eve@example.com", PersonRole.Admin)).Problem);
        Assert.NotNull((await Desk.InviteAgain(bob, ada.Id)).Problem);
        Assert.NotNull(await Desk.ChangeRole(bob, bob.Id, PersonRole.Admin));
        Assert.NotNull(await Desk.Unlock(bob, ada.Id));
        Assert.NotNull(await Desk.Remove(bob, ada.Id));
        Assert.NotNull(await Desk.SignOutEverywhere(bob, ada.Id));
        Assert.Null(await Desk.SignOutEverywhere(bob, bob.Id));
        Assert.Equal(role, People.Find(bob.Id)!.Role);

        // Their page may still be open; they are nobody by it.
        Assert.NotNull(await Desk.SignOutEverywhere(bob, bob.Id));
    }

    [Fact]
    public async Task Another_workspace_s_people_are_not_to_be_seen_or_changed()
    {
        var stranger = await Added("stranger", PersonRole.Viewer, server.OtherWorkspace);
        Assert.DoesNotContain(Desk.List(ada), person => person.Id == stranger.Id);
        Assert.NotNull(await Desk.ChangeRole(ada, stranger.Id, PersonRole.Admin));
        Assert.NotNull(await Desk.Remove(ada, stranger.Id));
        Assert.Equal(PersonRole.Viewer, People.Find(stranger.Id)!.Role);
    }

    [Fact]
    public async Task The_last_admin_stays_one_and_what_was_done_is_in_the_audit_log()
    {
        Assert.NotNull(await Desk.ChangeRole(ada, ada.Id, PersonRole.Viewer));
        Assert.NotNull(await Desk.Remove(ada, ada.Id));
        var bob = await Added("bob", PersonRole.Viewer);
        Assert.Null(await Desk.ChangeRole(ada, bob.Id, PersonRole.Admin));
        Assert.Null(await Desk.Remove(ada, bob.Id));
        Assert.Null(People.Find(bob.Id));
        var lines = (await server.Client.ListAudit(limit: 2)).Items;
        Assert.Equal(["RemovePerson", "ChangePerson"], lines.Select(static line => line.Action));
        Assert.All(lines, line => Assert.Equal(($"person:{ada.Email}", $"/people/{bob.Id}"), (line.Actor, line.Target)));
    }

    [Fact]
    public async Task Five_wrong_passwords_lock_for_a_quarter_of_an_hour()
    {
        for (var tries = 0; tries < 5; tries++)
        {
            Assert.NotEmpty(await Desk.ChangePassword(ada, "wrong", "another horse staple"));
        }

        var users = scope.ServiceProvider.GetRequiredService<UserManager<Person>>();
        Assert.True(await users.IsLockedOutAsync(People.Find(ada.Id)!));
        Assert.NotEmpty(await Desk.ChangePassword(ada, Password, "another horse staple"));
        Assert.Null(await Desk.Unlock(ada, ada.Id));
        Assert.Empty(await Desk.ChangePassword(ada, Password, "another horse staple"));

        // That ended every sign-in, the one it was done by among them.
        Assert.NotEqual(ada.SecurityStamp, People.Find(ada.Id)!.SecurityStamp);
        Assert.NotEmpty(await Desk.ChangePassword(ada, "another horse staple", Password));
    }

    private Instant Now => Instant.From(clock.GetUtcNow());

    private async Task<Person> Added(string name, PersonRole role, WorkspaceId? workspace = null)
    {
        var person = new Person { Workspace = workspace ?? server.Workspace, Email = $"{name}@example.com", EmailKey = $"{name}@example.com".ToUpperInvariant(), Name = name, Role = role, CreatedAt = Now };
        person.PasswordHash = scope.ServiceProvider.GetRequiredService<UserManager<Person>>().PasswordHasher.HashPassword(person, Password);
        Assert.True(await People.Add(person));
        return person;
    }
}
