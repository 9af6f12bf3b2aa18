using System.Text;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Contacts;

/// <summary>What is left of a contact in the files once it is deleted.</summary>
public sealed class ErasureTests
{
    private const string Canary = "zyzzyva";
    private const int Others = 400;

    [Fact]
    public async Task A_deleted_contact_is_in_no_file_after_a_minute_and_does_not_come_back_where_it_is_suppressed()
    {
        var server = new TestServer();
        await server.InitializeAsync();
        try
        {
            var segment = await server.Publish("pros", Some.ProRule);
            await Fill(server);
            var contact = (await server.Client.GetContact($"external_id:{Canary}-user")).Id;
            Assert.NotEmpty(Remains(server, contact));

            var deleted = await server.Client.DeleteContact($"external_id:{Canary}-user", suppress: true);
            _ = await Patience.Ask(() => server.Client.GetSegment(segment.Id, atLeast: deleted.Revision));
            var waited = System.Diagnostics.Stopwatch.StartNew();
            while (Remains(server, contact).Count > 0 && waited.Elapsed < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(200);
            }

            Assert.Empty(Remains(server, contact));
            Assert.True(server.Database.IsIntact(out _));

            // Under none of its names: as a contact, and by its events.
            Assert.Equal(409, await Status(() => server.Client.SaveContact(new() { ExternalId = $"{Canary}-user" })));
            Assert.Equal(409, await Status(() => server.Client.SaveContact(new() { ExternalId = "somebody else", Email = $"{Canary.ToUpperInvariant()}@example.com" })));
            Assert.Equal(409, await Status(() => server.Client.SaveContact(new() { Id = contact })));
            Assert.Equal(400, await Status(() => server.Client.Track(new() { UserId = $"{Canary}-user", Event = "order" })));
            Assert.Equal(400, await Status(() => server.Client.Track(new() { UserId = contact.ToString(), Event = "order" })));
            Assert.Equal(400, await Status(() => server.Client.Identify(new() { UserId = contact.ToString(), Traits = Some.Json("""{"plan":"pro"}""") })));
            Assert.Equal(404, await Status(() => server.Client.GetContact($"external_id:{Canary}-user")));
            Assert.NotEqual(Guid.Empty, (await server.OtherClient.SaveContact(new() { ExternalId = $"{Canary}-user" })).Id);

            await server.Restart();
            using var lifted = await server.Http(server.Key).DeleteAsync(new Uri($"manage/suppressions/external_id:{Canary}-user", UriKind.Relative));
            Assert.True(lifted.IsSuccessStatusCode);
            Assert.True((await server.Client.SaveContact(new() { ExternalId = $"{Canary}-user" })).Created);
            Assert.DoesNotContain((await server.Client.ListAudit()).Items, static line => line.Target.Contains(Canary, StringComparison.Ordinal));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_contact_that_is_deleted_without_suppression_may_come_back()
    {
        var server = new TestServer();
        await server.InitializeAsync();
        try
        {
            _ = await server.Client.SaveContact(new() { ExternalId = "u" });
            _ = await server.Client.DeleteContact("external_id:u");
            Assert.True((await server.Client.SaveContact(new() { ExternalId = "u" })).Created);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>One among others, so that what is deleted lies between what stays; changed a few times, and large enough for pages of its own.</summary>
    private static async Task Fill(TestServer server)
    {
        for (var i = 0; i < Others; i++)
        {
            var isOne = i % (Others / 4) == Others / 8;
            var user = isOne ? $"{Canary}-user" : $"user {i}";
            _ = await server.Client.SaveContact(new()
            {
                ExternalId = user,
                Email = isOne ? $"{Canary}@example.com" : null,
                Name = isOne ? $"Ann {Canary}" : "Ann",
                Lists = isOne ? ["press"] : null,
                CustomData = Some.Json($$"""{"plan":"{{(i % 2 == 0 ? "pro" : "free")}}","note":"{{(isOne ? $"{Canary} {i} {new string('x', 20_000)}" : i)}}"}"""),
            });
            _ = await server.Client.Track(new() { UserId = user, Event = "order", Properties = Some.Json($$"""{"of":"{{(isOne ? Canary : "things")}}"}""") });
        }
    }

    /// <summary>Files in which any name or value of the contact can be read. The audit log has its id: who deleted it must be told.</summary>
    private static List<string> Remains(TestServer server, Guid contact)
    {
        var found = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(server.File)!).Where(static file => !file.EndsWith(".owner-lock", StringComparison.Ordinal)))
        {
            using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            open.CopyTo(bytes);
            var text = Encoding.Latin1.GetString(bytes.ToArray());
            var ids = text.Split(contact.ToString(), StringSplitOptions.None).Length - 1;
            var audited = text.Split($"/contacts/{contact}", StringSplitOptions.None).Length - 1;
            if (text.Contains(Canary, StringComparison.OrdinalIgnoreCase) || ids > audited)
            {
                found.Add(Path.GetFileName(file));
            }
        }

        return found;
    }

    private static async Task<int> Status(Func<Task> call) => (await Assert.ThrowsAsync<SegmentEngineException>(call)).Status;
}
