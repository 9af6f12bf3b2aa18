using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Localization;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Keys;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.People;

/// <summary>Who may come in to a workspace, and as what. Only admins manage others; everybody has their own password. Each answers with why it was not done, in the viewer's language, null where it was.</summary>
public sealed class PeopleDesk(PeopleStore people, UserManager<Person> users, SignInManager<Person> signIns, IStringLocalizer<Texts> texts, TimeProvider clock)
{
    private Instant Now => Instant.From(clock.GetUtcNow());

    /// <summary>Everybody in the workspace of whoever asks.</summary>
    public IReadOnlyList<Person> List(Person by) => people.List(by.Workspace);

    /// <summary>Makes an account that opens with the link of this secret, once and for a while.</summary>
    public async Task<(string? Secret, string? Problem)> Invite(Person by, string email, PersonRole role, CancellationToken cancel = default)
    {
        if (Refuse(by) is { } refused)
        {
            return (null, refused);
        }

        if (!NewPassword.IsEmail(email))
        {
            return (null, texts["NoEmail", email]);
        }

        var (secret, now) = (Secrets.New(), Now);
        var person = new Person
        {
            Workspace = by.Workspace, Email = email, EmailKey = users.NormalizeEmail(email), Name = "", Role = role, CreatedAt = now,
            InvitationHash = Secrets.Hash(secret), InvitationEnds = Ends(now),
        };
        Note(by, "InvitePerson", person.Id);
        return await people.Add(person, cancel: cancel) ? (secret, null) : (null, texts["AddressTaken", email]);
    }

    /// <summary>Another link for somebody who has not come yet or forgot the password; the one before opens nothing any more. The password stays until the link is used.</summary>
    public async Task<(string? Secret, string? Problem)> InviteAgain(Person by, Guid id, CancellationToken cancel = default)
    {
        var secret = Secrets.New();
        var problem = await Change(by, id, "InvitePerson", person => (person.InvitationHash, person.InvitationEnds) = (Secrets.Hash(secret), Ends(Now)), cancel);
        return problem is null ? (secret, null) : (null, problem);
    }

    public Task<string?> ChangeRole(Person by, Guid id, PersonRole role, CancellationToken cancel = default) => Change(by, id, "ChangePerson", person => person.Role = role, cancel);

    /// <summary>Lets somebody try again who gave a wrong password too often.</summary>
    public Task<string?> Unlock(Person by, Guid id, CancellationToken cancel = default) =>
        Change(by, id, "ChangePerson", static person => (person.LockedUntil, person.FailedTries) = (null, 0), cancel);

    /// <summary>Ends every sign-in of somebody; everybody may end their own.</summary>
    public Task<string?> SignOutEverywhere(Person by, Guid id, CancellationToken cancel = default) => Change(by, id, "SignOutPerson", static person => person.SecurityStamp = NewStamp(), cancel, own: true);

    public async Task<string?> Remove(Person by, Guid id, CancellationToken cancel = default)
    {
        if (Refuse(by) is { } refused)
        {
            return refused;
        }

        Note(by, "RemovePerson", id);
        try
        {
            return await people.Remove(by.Workspace, id, cancel) ? null : texts["PersonGone"].Value;
        }
        catch (StoreConflictException)
        {
            return texts["LastAdmin"];
        }
    }

    /// <summary>Wrong guesses at the present password count as those at the door. Signs whoever it is out everywhere.</summary>
    public async Task<IReadOnlyList<string>> ChangePassword(Person by, string present, string next, CancellationToken cancel = default)
    {
        if (Acting(by) is not { } me)
        {
            return [texts["SignedOutMeanwhile"]];
        }

        var tried = await signIns.CheckPasswordSignInAsync(me, present, lockoutOnFailure: true);
        if (!tried.Succeeded)
        {
            return [texts[tried.IsLockedOut ? "LockedOut" : "WrongPassword"]];
        }

        if (await NewPassword.Problems(users, texts, me, next) is { Count: > 0 } problems)
        {
            return problems;
        }

        var hash = users.PasswordHasher.HashPassword(me, next);
        return await Change(by, me.Id, "ChangePerson", person => (person.PasswordHash, person.SecurityStamp, person.InvitationHash, person.InvitationEnds) = (hash, NewStamp(), null, null), cancel, own: true) is { } problem ? [problem] : [];
    }

    private static Instant Ends(Instant now) => Instant.From(now.ToDateTimeOffset() + SignInRules.InvitationOpenFor);

    private static string NewStamp() => Guid.NewGuid().ToString("N");

    private async Task<string?> Change(Person by, Guid id, string action, Action<Person> change, CancellationToken cancel, bool own = false)
    {
        if (Refuse(by, isOwn: own && by.Id == id) is { } refused)
        {
            return refused;
        }

        if (people.Find(id)?.Workspace != by.Workspace)
        {
            return texts["PersonGone"];
        }

        Note(by, action, id);
        try
        {
            return await people.Change(id, Apply, cancel) ? null : texts["PersonGone"].Value;
        }
        catch (StoreConflictException)
        {
            return texts["LastAdmin"];
        }

        bool Apply(Person person)
        {
            change(person);
            return true;
        }
    }

    /// <summary>As they are now, for a page may be open since before they were signed out or lost their role.</summary>
    private Person? Acting(Person by) => people.Find(by.Id) is { } now && now.SecurityStamp == by.SecurityStamp ? now : null;

    private string? Refuse(Person by, bool isOwn = false) => Acting(by) switch
    {
        null => texts["SignedOutMeanwhile"].Value,
        { Role: PersonRole.Admin } => null,
        _ => isOwn ? null : texts["AdminsOnly"].Value,
    };

    private void Note(Person by, string action, Guid id) => AuditedCall.Current = new(by.Workspace, Caller.Of(by).KeyId, action, $"/people/{id}", Now);
}
