using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Segments;

public sealed class SegmentLifeTests(TestServer server) : IClassFixture<TestServer>
{
    private const string FreeRule = """{"or":[{"and":[{"type":"trait","trait":"plan","op":"eq","value":"free"}]}]}""";

    [Fact]
    public async Task A_paused_segment_keeps_its_members_as_they_were_says_so_and_catches_up_when_it_is_resumed()
    {
        var (first, second) = (Some.Contact(plan: "pro"), Some.Contact(plan: "pro"));
        _ = await server.Client.SaveContact(first);
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        var readers = await server.Publish(Some.Name("readers"), Some.RuleOn(pros.Id));
        Assert.True((await server.Client.Check(readers.Id, Named(first))).IsMember);

        var paused = await server.Client.PauseSegment(pros.Id);
        Assert.Equal(("paused", true), ((await server.Client.GetSegment(pros.Id, atLeast: paused.Revision)).Status, (await server.Client.GetManagedSegment(pros.Id)).Status == "paused"));
        var saved = await server.Client.SaveContact(second);
        var later = await server.Client.Check(pros.Id, Named(second), atLeast: saved.Revision);
        Assert.Equal((false, true), (later.IsMember, later.Stale));
        Assert.Equal((true, true), (await server.Client.Check(pros.Id, Named(first)) is var kept && kept.IsMember, kept.Stale));
        Assert.False((await server.Client.Check(readers.Id, Named(first))).IsMember, "what is built on a paused segment knows nothing of it");

        await server.Restart();
        Assert.Equal((false, true), (await server.Client.Check(pros.Id, Named(second)) is var still && still.IsMember, still.Stale));
        Assert.Equal("paused", (await server.Client.PauseSegment(pros.Id)).Status);

        var resumed = await server.Client.ResumeSegment(pros.Id);
        var caughtUp = await server.Client.Check(pros.Id, Named(second), atLeast: resumed.Revision);
        Assert.Equal((true, false), (caughtUp.IsMember, caughtUp.Stale));
        Assert.True((await server.Client.Check(readers.Id, Named(second), atLeast: resumed.Revision)).IsMember);
        Assert.Equal("ready", (await server.Client.GetSegment(pros.Id)).Status);
    }

    [Fact]
    public async Task A_draft_is_neither_paused_nor_resumed()
    {
        var draft = await server.Client.CreateSegment(new() { Name = Some.Name("draft"), Definition = Some.Json(Some.ProRule) });
        Assert.Equal((409, 409, 404), (await Status(() => server.Client.PauseSegment(draft.Id)), await Status(() => server.Client.ResumeSegment(draft.Id)), await Status(() => server.OtherClient.PauseSegment(draft.Id))));
    }

    [Fact]
    public async Task A_segment_whose_members_are_being_written_is_not_paused()
    {
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        using (var raw = new SqliteConnection($"Data Source={server.File};Pooling=False"))
        {
            raw.Open();
            using var halfWritten = raw.CreateCommand();
            halfWritten.CommandText = "update segments set computed_revision = 0 where id = $id";
            _ = halfWritten.Parameters.AddWithValue("$id", pros.Id.ToString());
            Assert.Equal(1, halfWritten.ExecuteNonQuery());
        }

        Assert.Equal(409, await Status(() => server.Client.PauseSegment(pros.Id)));
    }

    [Fact]
    public async Task An_archived_segment_has_no_members_its_history_says_who_left_and_publishing_brings_it_back()
    {
        var pro = Some.Contact(plan: "pro");
        var contact = await server.Client.SaveContact(pro);
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        var user = await server.Client.CreateSegment(new() { Name = Some.Name("user"), Definition = Some.Json(Some.RuleOn(pros.Id)) });
        var used = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.ArchiveSegment(pros.Id));
        Assert.Equal((409, "used_by_segment"), (used.Status, Assert.Single(used.Details).Code));
        _ = await server.Client.DeleteSegment(user.Id);

        var archived = await server.Client.ArchiveSegment(pros.Id);
        Assert.Equal("archived", archived.Status);
        Assert.Equal(404, await Status(() => server.Client.Check(pros.Id, Named(pro), atLeast: archived.Revision)));
        var history = await server.Client.HistoryOf(Named(pro), limit: 1);
        Assert.Equal(("left", "rule", pros.Id, contact.Id), (history.Items[0].Type, history.Items[0].Cause, history.Items[0].SegmentId, history.Items[0].ContactId));
        Assert.Contains((await server.Client.ListManagedSegments(status: "archived")).Data, segment => segment.Id == pros.Id);

        var back = await server.Client.PublishSegment(pros.Id, "wanted again");
        Assert.Equal(2, back.RuleRevision);
        Assert.True((await server.Client.Check(pros.Id, Named(pro), atLeast: back.Revision)).IsMember);
    }

    [Fact]
    public async Task Revisions_keep_author_and_note_are_compared_and_gone_back_to()
    {
        var segment = await server.Client.CreateSegment(new() { Name = Some.Name("moving"), Definition = Some.Json(Some.ProRule) });
        _ = await server.Client.PublishSegment(segment.Id, "who pays");
        _ = await server.Client.EditSegment(segment.Id, new() { Definition = Some.Json(FreeRule) });

        var drafted = await server.Client.CompareRevisions(segment.Id);
        Assert.Equal(("1", "draft", false), (drafted.From, drafted.To, drafted.Same));
        Assert.Contains(drafted.Lines, static line => line.Change == "removed" && line.Text.Contains("pro", StringComparison.Ordinal));
        Assert.Contains(drafted.Lines, static line => line.Change == "added" && line.Text.Contains("free", StringComparison.Ordinal));

        _ = await server.Client.PublishSegment(segment.Id, "who does not");
        _ = await server.Client.EditSegment(segment.Id, new() { Definition = Some.Json(Some.EveryoneRule) });
        var back = await server.Client.RollBackSegment(segment.Id, 1);
        Assert.Equal((3, Some.ProRule, Some.EveryoneRule), (back.RuleRevision, back.Definition!.Value.GetRawText(), back.DraftDefinition!.Value.GetRawText()));
        var revisions = (await server.Client.ListRevisions(segment.Id)).Data;
        Assert.Equal([(3, "back to revision 1"), (2, "who does not"), (1, "who pays")], revisions.Select(static revision => (revision.Number, revision.Note)));
        Assert.All(revisions, revision => Assert.Equal(server.Key.Split('_')[1], revision.Author));
        Assert.True((await server.Client.CompareRevisions(segment.Id, "1", "3")) is { Same: true } same && same.Lines.All(static line => line.Change == "same"));

        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.CompareRevisions(segment.Id, "1", "9"));
        Assert.Equal((400, "to"), (refused.Status, Assert.Single(refused.Details).Path));
        Assert.Equal((404, 404), (await Status(() => server.Client.RollBackSegment(segment.Id, 9)), await Status(() => server.OtherClient.ListRevisions(segment.Id))));
        Assert.Equal("too_long", Assert.Single((await server.Refused(HttpMethod.Post, $"/manage/segments/{segment.Id}/publish", $$"""{"note":"{{new string('n', 4_001)}}"}""")).Details!).Code);
    }

    [Fact]
    public async Task Publishing_takes_no_body_too()
    {
        var segment = await server.Client.CreateSegment(new() { Name = Some.Name("bare"), Definition = Some.Json(Some.ProRule) });
        using var answer = await server.Http(server.Key).PostAsync(new Uri($"/manage/segments/{segment.Id}/publish", UriKind.Relative), null);
        Assert.Equal(1, (await answer.Content.ReadFromJsonAsync(WireJson.Default.ManagedSegment))!.RuleRevision);
    }

    [Fact]
    public async Task A_copy_is_a_draft_of_its_own()
    {
        var original = await server.Client.CreateSegment(new() { Name = Some.Name("original"), Description = "who pays", Tags = ["Sales", " sales ", "Paris"], Definition = Some.Json(Some.ProRule) });
        Assert.Equal(["Sales", "Paris"], original.Tags);
        _ = await server.Client.PublishSegment(original.Id);
        var name = Some.Name("copy");
        var copy = await server.Client.DuplicateSegment(original.Id, name);
        Assert.Equal((name, "who pays", "draft", Some.ProRule), (copy.Name, copy.Description, copy.Status, copy.DraftDefinition!.Value.GetRawText()));
        Assert.NotEqual(original.Id, copy.Id);
        Assert.Equal(409, await Status(() => server.Client.DuplicateSegment(original.Id, name.ToUpperInvariant())));
        Assert.Equal(404, await Status(() => server.OtherClient.DuplicateSegment(original.Id, name)));

        _ = await server.Client.EditSegment(copy.Id, new() { Tags = [] });
        Assert.Equal([original.Id], (await server.Client.ListManagedSegments(tag: "paris")).Data.Select(static segment => segment.Id));
        Assert.Equal("$.tags[1]", Assert.Single((await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.EditSegment(copy.Id, new() { Tags = ["a", " "] }))).Details).Path);
    }

    private static string Named(ContactInput contact) => $"external_id:{contact.ExternalId}";

    private static async Task<int> Status(Func<Task> call) => (await Assert.ThrowsAsync<SegmentEngineException>(call)).Status;
}
