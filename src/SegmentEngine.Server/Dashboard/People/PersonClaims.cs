using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.People;

/// <summary>What the cookie says: who, and by which stamp. What a person may do is asked of the store each time, for it may have changed since.</summary>
public sealed class PersonClaims : IUserClaimsPrincipalFactory<Person>
{
    private const string Stamp = "AspNet.Identity.SecurityStamp";

    public Task<ClaimsPrincipal> CreateAsync(Person user) => Task.FromResult(new ClaimsPrincipal(new ClaimsIdentity(
        [new(ClaimTypes.NameIdentifier, user.Id.ToString()), new(ClaimTypes.Name, user.Email), new(Stamp, user.SecurityStamp)], IdentityConstants.ApplicationScheme)));

    /// <summary>Who it is now; null where it is nobody, or has been signed out everywhere since.</summary>
    public static Person? Of(ClaimsPrincipal principal, PeopleStore people) =>
        Guid.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), out var id) && people.Find(id) is { } person && person.SecurityStamp == principal.FindFirstValue(Stamp) ? person : null;
}
