using Microsoft.AspNetCore.Http.HttpResults;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Keys;

/// <summary>Making, listing and revoking the keys of a workspace.</summary>
public static class KeyEndpoints
{
    private const int NameLengthMax = 200;

    private static readonly TimeSpan overlapDefault = TimeSpan.FromHours(1);
    private static readonly TimeSpan overlapMax = TimeSpan.FromDays(30);

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/manage/keys").WithTags("Keys").Needs(Scopes.Manage).ForAdmins();
        keys.MapGet("", List).WithName("ListKeys").WithSummary("All keys, revoked ones too; no secrets");
        keys.MapPost("", Create).Audited().WithName("CreateKey").WithSummary("Make a key; its secret is in this answer and in no other");
        keys.MapPost("/{key_id}/rotate", Rotate).Audited().WithName("RotateKey").WithSummary("Replace a key by one with its name and scopes; both open the same until the overlap is over");
        keys.MapDelete("/{key_id}", Revoke).Audited().WithName("RevokeKey").WithSummary("Revoke a key, at once");
    }

    private static Ok<KeyList> List(Caller caller, SegmentDatabase database) =>
        TypedResults.Ok(new KeyList { Data = [.. database.Keys.List(caller.Workspace).Select(key => Show(key))] });

    private static async Task<Results<Created<Key>, Refusal>> Create(Body<KeyInput> body, Caller caller, SegmentDatabase database, TimeProvider clock, CancellationToken cancel)
    {
        var now = Instant.From(clock.GetUtcNow());
        var input = body.Value;
        if (Faults(input, now) is { Count: > 0 } faults)
        {
            return Refusal.BadRequest(faults);
        }

        var (key, text) = await database.Keys.Create(
            caller.Workspace, input.Name, [.. input.Scopes.Distinct()], now, input.ExpiresAt is { } expires ? Instant.From(expires) : null, cancel);
        return TypedResults.Created((string?)null, Show(key) with { Secret = text });
    }

    private static async Task<Results<Created<Key>, Refusal>> Rotate(
        string key_id, OptionalBody<KeyRotation> body, Caller caller, SegmentDatabase database, KeyRing ring, TimeProvider clock, CancellationToken cancel)
    {
        var overlap = body.Value?.OverlapSeconds is { } given ? TimeSpan.FromSeconds(given) : overlapDefault;
        if (overlap < TimeSpan.Zero || overlap > overlapMax)
        {
            return Refusal.BadRequest("$.overlap_seconds", "out_of_range", $"overlap_seconds must be from 0 to {overlapMax.TotalSeconds:0}");
        }

        if (database.Keys.List(caller.Workspace).FirstOrDefault(key => key.PublicId == key_id) is { } before && !before.Scopes.All(Scopes.All.Contains))
        {
            return Refusal.Conflict($"a key with the scope \"{Scopes.Jobs}\" sees beyond its workspace; it is replaced in the database file, with `segment key create --database`");
        }

        if (await database.Keys.Rotate(caller.Workspace, key_id, Instant.From(clock.GetUtcNow()), overlap, cancel) is not { } rotated)
        {
            return Refusal.NotFound;
        }

        ring.Forget(key_id);
        return TypedResults.Created((string?)null, Show(rotated.Key) with { Secret = rotated.Text });
    }

    private static async Task<Results<Ok<Key>, Refusal>> Revoke(string key_id, Caller caller, SegmentDatabase database, KeyRing ring, TimeProvider clock, CancellationToken cancel)
    {
        if (!await database.Keys.Revoke(caller.Workspace, key_id, Instant.From(clock.GetUtcNow()), cancel))
        {
            return Refusal.NotFound;
        }

        ring.Forget(key_id);
        return TypedResults.Ok(Show(database.Keys.List(caller.Workspace).Single(key => key.PublicId == key_id)));
    }

    private static List<Diagnostic> Faults(KeyInput input, Instant now)
    {
        var faults = new List<Diagnostic>();
        if (input.Name.Trim().Length is 0 or > NameLengthMax)
        {
            faults.Add(new() { Path = "$.name", Code = "wrong_value", Message = $"a name has 1 to {NameLengthMax} characters" });
        }

        if (input.Scopes.Count == 0)
        {
            faults.Add(new() { Path = "$.scopes", Code = "wrong_value", Message = "a key needs a scope" });
        }

        faults.AddRange(input.Scopes.Index().Where(static scope => !Scopes.All.Contains(scope.Item)).Select(static scope => new Diagnostic
        {
            Path = $"$.scopes[{scope.Index}]",
            Code = scope.Item == Scopes.Jobs ? "wrong_value" : "unknown_scope",
            Message = scope.Item == Scopes.Jobs ? $"a key with the scope \"{Scopes.Jobs}\" sees beyond its workspace; it is made in the database file, with `segment key create --database`" : $"there is no scope \"{scope.Item}\"; there are {string.Join(", ", Scopes.All)}",
        }));
        if (input.ExpiresAt is { } expires && Instant.From(expires) <= now)
        {
            faults.Add(new() { Path = "$.expires_at", Code = "wrong_value", Message = "this time has passed" });
        }

        return faults;
    }

    private static Key Show(ApiKey key) => new()
    {
        Id = key.PublicId,
        Name = key.Name,
        Scopes = key.Scopes,
        CreatedAt = key.CreatedAt.ToDateTimeOffset(),
        ExpiresAt = key.ExpiresAt?.ToDateTimeOffset(),
        LastUsedAt = key.LastUsedAt?.ToDateTimeOffset(),
        RevokedAt = key.RevokedAt?.ToDateTimeOffset(),
    };
}
