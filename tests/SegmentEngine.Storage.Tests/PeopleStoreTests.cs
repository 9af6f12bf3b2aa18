namespace SegmentEngine.Storage.Tests;

public sealed class SqlitePeopleStoreTests : PeopleStoreTests<SqliteTestDatabase>;

public abstract class PeopleStoreTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task A_person_is_found_with_its_workspace_by_id_address_and_invitation()
    {
        Assert.False(Store.People.Any());
        var ada = Person("ada", PersonRole.Admin) with { InvitationHash = [1, 2, 3], InvitationEnds = Some.Now.Plus(Some.Minute) };
        Assert.True(await Store.People.Add(ada));
        Reopen();
        Assert.True(Store.People.Any());
        Assert.All([Store.People.Find(ada.Id), Store.People.FindByEmail("ADA@EXAMPLE.COM"), Store.People.FindByInvitation([1, 2, 3], Some.Now)], found =>
            Assert.Equal((ada.Id, Workspace, "ada", PersonRole.Admin, ada.SecurityStamp, Some.Now), (found!.Id, found.Workspace, found.Name, found.Role, found.SecurityStamp, found.CreatedAt)));
        Assert.Null(Store.People.FindByEmail("EVE@EXAMPLE.COM"));
        Assert.Null(Store.People.FindByInvitation([1, 2], Some.Now));
        Assert.Null(Store.People.FindByInvitation([1, 2, 3], Some.Now.Plus(Some.Minute)));
    }

    [Fact]
    public async Task An_address_is_one_person_s_and_the_first_comes_only_once()
    {
        Assert.True(await Store.People.Add(Person("ada", PersonRole.Admin), first: true));
        Assert.False(await Store.People.Add(Person("eve", PersonRole.Admin), first: true));
        Assert.False(await Store.People.Add(Person("ada", PersonRole.Viewer) with { Workspace = Stranger }));
        Assert.True(await Store.People.Add(Person("bob", PersonRole.Viewer)));
        Assert.Equal(["ada", "bob"], Store.People.List(Workspace).Select(static person => person.Name));
        Assert.Empty(Store.People.List(Stranger));
        _ = await Assert.ThrowsAsync<StoreConflictException>(() => Store.People.Save(Store.People.FindByEmail("BOB@EXAMPLE.COM")! with { EmailKey = "ADA@EXAMPLE.COM" }));
    }

    [Fact]
    public async Task What_is_saved_is_read()
    {
        var bob = Person("bob", PersonRole.Viewer);
        _ = await Store.People.Add(bob);
        var changed = Store.People.Find(bob.Id)! with { Name = "Robert", Role = PersonRole.Editor, FailedTries = 3, LockedUntil = Some.Now, LastSeenAt = Some.Now, PasswordHash = "other" };
        Assert.True(await Store.People.Save(changed));
        Assert.Equivalent(changed, Store.People.Find(bob.Id));
        Assert.True(await Store.People.Remove(Workspace, bob.Id));
        Assert.False(await Store.People.Save(changed));
    }

    [Fact]
    public async Task Of_two_changes_at_once_neither_undoes_the_other()
    {
        var bob = Person("bob", PersonRole.Viewer);
        _ = await Store.People.Add(bob);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Store.People.Change(bob.Id, person =>
        {
            (person.FailedTries, person.Role) = (person.FailedTries + 1, i == 7 ? PersonRole.Editor : person.Role);
            return true;
        })));
        Assert.False(await Store.People.Change(bob.Id, static person => (person.FailedTries = 0) > 0));
        Assert.False(await Store.People.Change(Guid.NewGuid(), static _ => true));
        var found = Store.People.Find(bob.Id)!;
        Assert.Equal((40, PersonRole.Editor, Workspace), (found.FailedTries, found.Role, found.Workspace));
    }

    [Fact]
    public async Task A_workspace_keeps_an_admin_who_can_sign_in()
    {
        var (ada, bob) = (Person("ada", PersonRole.Admin), Person("bob", PersonRole.Viewer));
        _ = await Store.People.Add(ada);
        _ = await Store.People.Add(bob);
        _ = await Store.People.Add(Person("invited", PersonRole.Admin) with { PasswordHash = null });
        _ = await Store.People.Add(Person("elsewhere", PersonRole.Admin) with { Workspace = Stranger });
        _ = await Assert.ThrowsAsync<StoreConflictException>(() => Store.People.Remove(Workspace, ada.Id));
        _ = await Assert.ThrowsAsync<StoreConflictException>(() => Store.People.Save(ada with { Role = PersonRole.Editor }));
        _ = await Assert.ThrowsAsync<StoreConflictException>(() => Store.People.Change(ada.Id, static person => (person.Role = PersonRole.Editor) == PersonRole.Editor));
        Assert.False(await Store.People.Remove(Stranger, bob.Id));
        Assert.True(await Store.People.Save(bob with { Role = PersonRole.Admin }));
        Assert.True(await Store.People.Save(ada with { Role = PersonRole.Editor }));
        Assert.True(await Store.People.Remove(Workspace, ada.Id));
    }

    private Person Person(string name, PersonRole role) => new()
    {
        Workspace = Workspace, Email = $"{name}@example.com", EmailKey = $"{name}@example.com".ToUpperInvariant(), Name = name, Role = role, PasswordHash = "hash", CreatedAt = Some.Now,
    };
}
