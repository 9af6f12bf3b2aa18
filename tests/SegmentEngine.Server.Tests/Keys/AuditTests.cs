using Microsoft.Data.Sqlite;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Keys;

/// <summary>Who changed what is noted, of ids alone, and cannot be changed unseen.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private readonly TestServer server = new();

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Changes_are_noted_with_the_key_and_reads_and_refusals_are_not()
    {
        var segment = await server.Client.CreateSegment(new() { Name = "secret name", Definition = Some.Json(Some.ProRule) });
        var published = await server.Client.PublishSegment(segment.Id);
        _ = await server.Client.PreviewRule(new() { Definition = Some.Json(Some.EveryoneRule), SegmentId = segment.Id });
        _ = await server.Client.ListManagedSegments();
        _ = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.CreateSegment(new() { Name = "secret name", Definition = Some.Json(Some.ProRule) }));
        _ = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.DeleteSegment(Guid.NewGuid()));
        var saved = await server.Client.SaveContact(new() { Email = "somebody@example.com" });
        _ = await server.Client.DeleteContact("email:somebody@example.com");
        var key = await server.Client.CreateKey(new() { Name = "secret key", Scopes = [Scopes.SegmentsRead] });
        _ = await server.Client.RevokeKey(key.Id);
        _ = await server.Client.PutSchema(new() { Traits = new Dictionary<string, string> { ["plan"] = "string" } });
        var action = await server.Client.CreateAction(new() { Name = "secret action", RestrictedToSegments = [segment.Id] });
        _ = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.DeleteSegment(segment.Id));

        var log = (await server.Client.ListAudit()).Items;
        Assert.Equal(
            [
                ("CreateAction", $"/actions/{action.Id}"),
                ("PutSchema", "/manage/schema"),
                ("RevokeKey", $"/manage/keys/{key.Id}"),
                ("CreateKey", $"/manage/keys/{key.Id}"),
                ("DeleteContact", $"/contacts/{saved.Id}"),
                ("PublishSegment", $"/manage/segments/{segment.Id}/publish"),
                ("CreateSegment", $"/manage/segments/{segment.Id}"),
            ],
            log.Select(static line => (line.Action, line.Target)));
        Assert.All(log, line => Assert.Equal(server.Key.Split('_')[1], line.Actor));
        Assert.Equal(published.Revision, log[5].Revision);
        Assert.Equal((true, 7, null), (await server.Client.VerifyAudit()) is var verdict ? (verdict.Intact, verdict.Entries, verdict.FirstBroken) : default);

        var paged = new List<long>();
        string? cursor = null;
        do
        {
            var page = await server.Client.ListAudit(cursor, limit: 3);
            paged.AddRange(page.Items.Select(static line => line.Number));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(log.Select(static line => line.Number), paged);
        Assert.Empty((await server.OtherClient.ListAudit()).Items);
    }

    [Theory]
    [InlineData("update audit_log set actor = 'another' where number = 2", 2)]
    [InlineData("delete from audit_log where number = 2", 3)]
    [InlineData("update audit_log set revision = revision + 1 where number = 3", 3)]
    public async Task What_is_changed_or_taken_out_by_hand_breaks_the_chain(string sql, long broken)
    {
        for (var i = 0; i < 3; i++)
        {
            _ = await server.Client.CreateSegment(new() { Name = Some.Name("audited"), Definition = Some.Json(Some.ProRule) });
        }

        using (var raw = new SqliteConnection($"Data Source={server.File};Pooling=False"))
        {
            raw.Open();
            using var command = raw.CreateCommand();
#pragma warning disable CA2100 // The statements of the theory above.
            command.CommandText = sql;
#pragma warning restore CA2100
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        var verdict = await server.Client.VerifyAudit();
        Assert.Equal((false, broken), (verdict.Intact, verdict.FirstBroken));
    }
}
