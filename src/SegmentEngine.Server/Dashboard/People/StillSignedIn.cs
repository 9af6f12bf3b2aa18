using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.People;

/// <summary>Looks now and then whether whoever has a page open is still signed in.</summary>
public sealed class StillSignedIn(ILoggerFactory logs, PeopleStore people) : RevalidatingServerAuthenticationStateProvider(logs)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(10);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Task.FromResult(PersonClaims.Of(authenticationState.User, people) is not null);
}
