using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Dashboard.Frame;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Tests.Security;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;
using Xunit.Abstractions;

namespace SegmentEngine.Server.Tests.Dashboard;

/// <summary>What people may do is settled where the API answers, whatever a page shows or hides.</summary>
public sealed partial class RolesTests(TestServer server, ITestOutputHelper output) : IClassFixture<TestServer>
{
    private static readonly string[] scopesOfViewers = [Scopes.SegmentsRead, Scopes.ContactsRead, Scopes.GatingRead, Scopes.Manage];

    [Theory]
    [InlineData(PersonRole.Viewer)]
    [InlineData(PersonRole.Editor)]
    [InlineData(PersonRole.Admin)]
    public async Task Every_endpoint_is_refused_exactly_where_the_role_does_not_allow_it(PersonRole role)
    {
        using var http = await Person(role);
        var (refused, let) = (0, 0);
        foreach (var endpoint in server.Endpoints.Where(static endpoint => endpoint.Metadata.GetMetadata<RequiredScope>() is { Scope: not null } && endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is not null))
        {
            var name = endpoint.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName;
            var row = AccessTable.Rows[name];
            using var request = new HttpRequestMessage(new(endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0]), Parameter().Replace(endpoint.RoutePattern.RawText!, static parameter => parameter.Groups[1].Value switch { "kind" => "include", "number" => "1", _ => Guid.NewGuid().ToString() }));
            request.Content = row.Body is null ? null : new StringContent("{}", Encoding.UTF8, "application/json");
            using var answer = await http.SendAsync(request);
            var mayNot = (role == PersonRole.Viewer && (endpoint.Metadata.GetMetadata<AuditedEndpoint>() is not null || !scopesOfViewers.Contains(row.Scope)))
                || (role == PersonRole.Editor && row.Scope == Scopes.SegmentsWrite)
                || (role != PersonRole.Admin && endpoint.Metadata.GetMetadata<AdminsOnly>() is not null);
            Assert.True(mayNot == (answer.StatusCode == HttpStatusCode.Forbidden), $"{name} for a {role}: {answer.StatusCode}");
            _ = mayNot ? refused++ : let++;
        }

        output.WriteLine($"{role}: {let} endpoints answered, {refused} refused");
        Assert.True(let > 20 && (refused > 0 || role == PersonRole.Admin));
    }

    [Fact]
    public async Task What_changes_something_is_noted_with_the_person_and_whoever_is_signed_out_is_nobody()
    {
        using var http = await Person(PersonRole.Editor);
        var client = new SegmentEngineClient(http, keptAnswersMax: 0);
        var made = await client.CreateSegment(new() { Name = Some.Name("by a person"), Definition = Some.Json(Some.ProRule) });
        var line = (await server.Client.ListAudit(limit: 1)).Items[0];
        Assert.Equal(("CreateSegment", true), (line.Action, line.Actor.StartsWith("person:", StringComparison.Ordinal)));
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => new SegmentEngineClient(http, 0).GetManagedSegment((Guid)server.OtherWorkspace.Value))).Status);
        Assert.Equal(made.Id, (await client.GetManagedSegment(made.Id)).Id);

        var person = server.Database.People.FindByEmail(line.Actor["person:".Length..].ToUpperInvariant())!;
        _ = await server.Database.People.Save(person with { SecurityStamp = "another" });
        Assert.Equal(401, (await Assert.ThrowsAsync<SegmentEngineException>(() => client.GetManagedSegment(made.Id))).Status);
    }

    private async Task<HttpClient> Person(PersonRole role)
    {
        var email = $"{Some.Name("somebody").Replace(' ', '-')}@example.com";
        var person = new Person { Workspace = server.Workspace, Email = email, EmailKey = email.ToUpperInvariant(), Name = "Somebody", Role = role, PasswordHash = "hash", CreatedAt = Instant.From(DateTimeOffset.UtcNow) };
        Assert.True(await server.Database.People.Add(person));
        return new(server.Service<LocalServer>().For(person.Id, person.SecurityStamp)) { BaseAddress = server.Address };
    }

    [GeneratedRegex(@"\{(\w+)(:[^{}]*(\([^)]*\))?)?\}")]
    private static partial Regex Parameter();
}
