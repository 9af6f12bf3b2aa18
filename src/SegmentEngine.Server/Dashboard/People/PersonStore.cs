using Microsoft.AspNetCore.Identity;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.People;

/// <summary>People as ASP.NET Core Identity knows them. The name to sign in with is the e-mail address.</summary>
public sealed class PersonStore(PeopleStore people) : IUserPasswordStore<Person>, IUserEmailStore<Person>, IUserSecurityStampStore<Person>, IUserLockoutStore<Person>
{
    public async Task<IdentityResult> CreateAsync(Person user, CancellationToken cancellationToken) => await people.Add(user, cancel: cancellationToken) ? IdentityResult.Success : Taken;

    public Task<IdentityResult> DeleteAsync(Person user, CancellationToken cancellationToken) => Stored(people.Remove(user.Workspace, user.Id, cancellationToken));

    public Task<IdentityResult> UpdateAsync(Person user, CancellationToken cancellationToken) => Stored(people.Save(user, cancellationToken));

    public Task<Person?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Task.FromResult(Guid.TryParse(userId, out var id) ? people.Find(id) : null);

    public Task<Person?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => Task.FromResult(people.FindByEmail(normalizedUserName));

    public Task<Person?> FindByEmailAsync(string normalizedEmail, CancellationToken cancellationToken) => FindByNameAsync(normalizedEmail, cancellationToken);

    public Task<string> GetUserIdAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.Id.ToString());

    public Task<string?> GetUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task<string?> GetNormalizedUserNameAsync(Person user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.EmailKey);

    public Task<string?> GetEmailAsync(Person user, CancellationToken cancellationToken) => GetUserNameAsync(user, cancellationToken);

    public Task<string?> GetNormalizedEmailAsync(Person user, CancellationToken cancellationToken) => GetNormalizedUserNameAsync(user, cancellationToken);

    /// <summary>Nobody is sent an e-mail: whoever has the invitation's link is who was invited.</summary>
    public Task<bool> GetEmailConfirmedAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task SetEmailConfirmedAsync(Person user, bool confirmed, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string?> GetPasswordHashAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

    public Task<bool> HasPasswordAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash is not null);

    public Task<string?> GetSecurityStampAsync(Person user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.SecurityStamp);

    public Task<DateTimeOffset?> GetLockoutEndDateAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.LockedUntil?.ToDateTimeOffset());

    public Task<int> GetAccessFailedCountAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(user.FailedTries);

    public Task<bool> GetLockoutEnabledAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task SetLockoutEnabledAsync(Person user, bool enabled, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetUserNameAsync(Person user, string? userName, CancellationToken cancellationToken) => Done(user.Email = userName!);

    public Task SetNormalizedUserNameAsync(Person user, string? normalizedName, CancellationToken cancellationToken) => Done(user.EmailKey = normalizedName!);

    public Task SetEmailAsync(Person user, string? email, CancellationToken cancellationToken) => SetUserNameAsync(user, email, cancellationToken);

    public Task SetNormalizedEmailAsync(Person user, string? normalizedEmail, CancellationToken cancellationToken) => SetNormalizedUserNameAsync(user, normalizedEmail, cancellationToken);

    public Task SetPasswordHashAsync(Person user, string? passwordHash, CancellationToken cancellationToken) => Done(user.PasswordHash = passwordHash);

    public Task SetSecurityStampAsync(Person user, string stamp, CancellationToken cancellationToken) => Done(user.SecurityStamp = stamp);

    public Task SetLockoutEndDateAsync(Person user, DateTimeOffset? lockoutEnd, CancellationToken cancellationToken) => Done(user.LockedUntil = lockoutEnd is { } end ? Instant.From(end) : null);

    public Task<int> IncrementAccessFailedCountAsync(Person user, CancellationToken cancellationToken) => Task.FromResult(++user.FailedTries);

    public Task ResetAccessFailedCountAsync(Person user, CancellationToken cancellationToken) => Done(user.FailedTries = 0);

    public void Dispose()
    {
        // The store is the server's and outlives the request.
    }

    private static IdentityResult Taken => IdentityResult.Failed(new IdentityErrorDescriber().DuplicateEmail(""));

    private static async Task<IdentityResult> Stored(Task<bool> write) => await write ? IdentityResult.Success : IdentityResult.Failed(new IdentityErrorDescriber().ConcurrencyFailure());

    private static Task Done(object? set)
    {
        _ = set;
        return Task.CompletedTask;
    }
}
