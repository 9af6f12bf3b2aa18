using Microsoft.Data.Sqlite;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Memberships;

/// <summary>Wrong memberships are found and mended, and right ones are left alone.</summary>
public sealed class SelfAuditTests : IAsyncLifetime
{
    private readonly TestServer server = new() { Options = ["--SelfAuditsPerSecond", "500"] };

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_row_that_is_wrong_is_found_listed_and_mended()
    {
        var (pro, free) = (Some.Contact(plan: "pro"), Some.Contact(plan: "free"));
        var saved = new[] { await server.Client.SaveContact(pro), await server.Client.SaveContact(free) };
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        using (var raw = new SqliteConnection($"Data Source={server.File};Pooling=False"))
        {
            raw.Open();
            using var swap = raw.CreateCommand();
            swap.CommandText = "update memberships set contact_no = (select number from contacts where external_id = $free) where contact_no = (select number from contacts where external_id = $pro)";
            _ = swap.Parameters.AddWithValue("$free", free.ExternalId);
            _ = swap.Parameters.AddWithValue("$pro", pro.ExternalId);
            Assert.Equal(1, swap.ExecuteNonQuery());
        }

        var audit = await Until(static audit => audit.Mismatches >= 2);
        Assert.Equal(2, audit.Mismatches);
        Assert.Equal(
            saved.Select(static contact => contact.Id).Zip([(true, true, false), (false, false, true)]).OrderBy(static pair => pair.First),
            audit.Latest.Select(static found => (found.ContactId, (found.Expected, found.Answered, found.Stored))).OrderBy(static pair => pair.ContactId));
        Assert.All(audit.Latest, found => Assert.Equal(pros.Id, found.SegmentId));
        var seen = (await server.Client.GetWorkspace()).SelfAudit!.Judged;
        _ = await Until(audit => audit.Judged > seen + 20);
        Assert.Equal(2, (await server.Client.GetWorkspace()).SelfAudit!.Mismatches);
        Assert.Equal([saved[0].Id], server.Database.Memberships.Members(server.Workspace, new(pros.Id), 0, 10).Select(static member => member.Contact.Value));
    }

    [Fact]
    public async Task Nothing_is_found_wrong_while_everything_changes()
    {
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        _ = await server.Publish(Some.Name("others"), $$"""{"not":{{Some.RuleOn(pros.Id)}}}""");
        var random = new Random(3);
        for (var until = DateTime.UtcNow.AddSeconds(5); DateTime.UtcNow < until;)
        {
            _ = await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 20).Select(_ => new ContactInput { ExternalId = $"u{random.Next(40)}", CustomData = Some.Json($$"""{"plan":"{{(random.Next(2) == 0 ? "pro" : "free")}}"}""") }).DistinctBy(static contact => contact.ExternalId)] });
            if (random.Next(10) == 0)
            {
                _ = await server.Client.EditSegment(pros.Id, new() { Definition = Some.Json(Some.ProRule.Replace("pro", random.Next(2) == 0 ? "free" : "pro", StringComparison.Ordinal)) });
                _ = await server.Client.PublishSegment(pros.Id);
            }
        }

        var audit = await Until(static audit => audit.Judged > 50);
        Assert.Equal(0, audit.Mismatches);
    }

    private async Task<SelfAudit> Until(Func<SelfAudit, bool> enough)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            if ((await server.Client.GetWorkspace()).SelfAudit is { } audit && enough(audit))
            {
                return audit;
            }

            await Task.Delay(50);
        }

        throw new InvalidOperationException("the audit found not enough in half a minute");
    }
}
