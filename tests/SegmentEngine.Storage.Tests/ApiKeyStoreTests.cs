namespace SegmentEngine.Storage.Tests;

public sealed class SqliteApiKeyStoreTests : ApiKeyStoreTests<SqliteTestDatabase>;

public abstract class ApiKeyStoreTests<TDatabase> : StoreTests<TDatabase>
    where TDatabase : TestDatabase, new()
{
    [Fact]
    public async Task A_key_opens_its_workspace_with_its_scopes()
    {
        var (key, text) = await Store.Keys.Create(Workspace, "bot", ["segments:read", "gating:read"], Some.Now);
        Assert.StartsWith($"sk_{key.PublicId}_", text, StringComparison.Ordinal);
        var found = Store.Keys.Authenticate(text, Some.Now)!;
        Assert.Equal((Workspace, "bot"), (found.Workspace, found.Name));
        Assert.Equal(["segments:read", "gating:read"], found.Scopes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sk_")]
    [InlineData("sk_unknown_secret")]
    [InlineData("pk_{public}_{secret}")]
    [InlineData("sk_{public}_{secret}x")]
    [InlineData("sk_{public}_")]
    [InlineData("sk_{public}_{secret}_")]
    public async Task A_text_that_is_not_a_key_opens_nothing(string form)
    {
        var (_, text) = await Store.Keys.Create(Workspace, "bot", [], Some.Now);
        var parts = text.Split('_');
        Assert.Null(Store.Keys.Authenticate(form.Replace("{public}", parts[1], StringComparison.Ordinal).Replace("{secret}", parts[2], StringComparison.Ordinal), Some.Now));
    }

    [Fact]
    public async Task A_key_ends_when_it_expires_and_when_it_is_revoked()
    {
        var (_, expiring) = await Store.Keys.Create(Workspace, "short", [], Some.Now, expiresAt: Some.Now.Plus(Some.Minute));
        Assert.NotNull(Store.Keys.Authenticate(expiring, Some.Now));
        Assert.Null(Store.Keys.Authenticate(expiring, Some.Now.Plus(Some.Minute)));

        var (key, text) = await Store.Keys.Create(Workspace, "long", [], Some.Now);
        Assert.False(await Store.Keys.Revoke(Stranger, key.PublicId, Some.Now));
        Assert.NotNull(Store.Keys.Authenticate(text, Some.Now));
        Assert.True(await Store.Keys.Revoke(Workspace, key.PublicId, Some.Now));
        Assert.Null(Store.Keys.Authenticate(text, Some.Now));
        Assert.Empty(Store.Keys.List(Stranger));
        Assert.Equal(2, Store.Keys.List(Workspace).Count);
    }

    [Fact]
    public async Task Use_is_noted_at_most_once_a_minute()
    {
        var (key, _) = await Store.Keys.Create(Workspace, "bot", [], Some.Now);
        foreach (var seconds in new[] { 0, 30, 59 })
        {
            await Store.Keys.Touch(key.PublicId, Some.Now.Plus(TimeSpan.FromSeconds(seconds)));
        }

        Assert.Equal(Some.Now, Store.Keys.List(Workspace)[0].LastUsedAt);
        await Store.Keys.Touch(key.PublicId, Some.Now.Plus(Some.Minute));
        Assert.Equal(Some.Now.Plus(Some.Minute), Store.Keys.List(Workspace)[0].LastUsedAt);
    }
}
