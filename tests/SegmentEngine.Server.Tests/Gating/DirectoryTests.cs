using System.Net;
using System.Net.Http.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Gating;

public sealed class DirectoryTests(TestServer server) : IClassFixture<TestServer>
{
    private const string FreeRule = """{"type":"trait","trait":"plan","op":"eq","value":"free"}""";

    [Fact]
    public async Task A_message_must_pass_the_directory_and_the_instruction()
    {
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        var frees = await server.Publish(Some.Name("frees"), FreeRule);
        var (pro, free) = (await server.Client.SaveContact(Some.Contact(plan: "pro")), await server.Client.SaveContact(Some.Contact(plan: "free")));
        var forPros = await server.Client.CreateDirectory(new() { Name = "for pros", RestrictedToSegments = [pros.Id] });
        var onTheWeb = await server.Client.CreateDirectory(new() { Name = "on the web", RestrictedToChannels = ["web"] });
        var open = await server.Client.CreateInstruction(new() { Title = "open", Content = "c", DirectoryId = new(forPros.Id) });
        var both = await server.Client.CreateInstruction(new() { Title = "both", Content = "c", DirectoryId = new(forPros.Id), RestrictedToSegments = [frees.Id] });
        var web = await server.Client.CreateInstruction(new() { Title = "web", Content = "c", DirectoryId = new(onTheWeb.Id), RestrictedToSegments = [frees.Id] });
        Assert.Equal(forPros.Id, open.DirectoryId);

        Assert.Equal("open kept; both not_a_member; web not_a_member", await Ask(pro.Id, "email"));
        Assert.Equal("open not_a_member in forPros; both not_a_member in forPros; web kept", await Ask(free.Id, "web"));
        Assert.Equal("open not_a_member in forPros; both not_a_member in forPros; web channel in onTheWeb", await Ask(free.Id, "email"));
        Assert.Equal("open anonymous in forPros; both anonymous; web anonymous", await Ask(null, "web"));

        // Out of the directory, its own restriction is all there is.
        Assert.Null((await server.Client.EditInstruction(both.Id, new() { DirectoryId = new(null) })).DirectoryId);
        Assert.Equal("open not_a_member in forPros; both kept; web kept", await Ask(free.Id, "web"));

        // Restricted to nobody.
        _ = await server.Client.EditDirectory(forPros.Id, new() { IsRestricted = true, RestrictedToSegments = [] });
        Assert.Equal("open segments_gone in forPros; both not_a_member; web not_a_member", await Ask(pro.Id, "web"));

        async Task<string> Ask(Guid? contact, string channel)
        {
            var revision = (await server.Client.GetWorkspace()).Revision;
            var answer = await server.Client.Resolve(new() { ContactId = contact?.ToString(), ActionIds = [], InstructionIds = [open.Id.ToString(), both.Id.ToString(), web.Id.ToString()], Channel = channel }, revision);
            string Said(Instruction each) =>
                answer.Withheld.FirstOrDefault(item => item.Id == each.Id.ToString()) is not { } item ? "kept"
                : item.Reason + (item.DirectoryId == forPros.Id ? " in forPros" : item.DirectoryId == onTheWeb.Id ? " in onTheWeb" : "");
            return string.Join("; ", new[] { open, both, web }.Select(each => $"{each.Title} {Said(each)}"));
        }
    }

    [Fact]
    public async Task An_instruction_holds_from_its_start_until_its_end()
    {
        var now = DateTimeOffset.UtcNow;
        async Task<string> Told(DateTimeOffset? start, DateTimeOffset? end)
        {
            var instruction = await server.Client.CreateInstruction(new() { Title = "t", Content = "c", StartTime = new(start), EndTime = new(end) });
            Assert.Equal((start, end), (instruction.StartTime, instruction.EndTime));
            var answer = await server.Client.Resolve(new() { ActionIds = [], InstructionIds = [instruction.Id.ToString()] });
            return answer.Withheld.SingleOrDefault()?.Reason ?? "kept";
        }

        Assert.Equal("kept", await Told(null, null));
        Assert.Equal("kept", await Told(now.AddMinutes(-1), now.AddMinutes(5)));
        Assert.Equal("not_started", await Told(now.AddMinutes(5), null));
        Assert.Equal("ended", await Told(null, now.AddMinutes(-1)));
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => Told(now, now));
        Assert.Equal((400, "$.end_time"), (refused.Status, Assert.Single(refused.Details).Path));
    }

    [Fact]
    public async Task What_is_given_is_changed_null_empties_and_the_rest_stays()
    {
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var directory = await server.Client.CreateDirectory(new() { Name = "before", RestrictedToChannels = ["web"] });
        var (start, end) = (DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var instruction = await server.Client.CreateInstruction(new() { Title = "t", Content = "c", DirectoryId = new(directory.Id), StartTime = new(start), EndTime = new(end), RestrictedToSegments = [segment.Id] });

        // A PUT as OpenCX describes it opens nothing and moves nothing.
        using var http = server.Http(server.Key);
        async Task<HttpResponseMessage> Put(object body) => await http.PutAsJsonAsync(new Uri($"training/{instruction.Id}", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.OK, (await Put(new { title = "t2", content = "c2" })).StatusCode);
        var put = await server.Client.GetInstruction(instruction.Id);
        Assert.Equal(("t2", "c2", directory.Id, start, end), (put.Title, put.Content, put.DirectoryId, put.StartTime, put.EndTime));
        Assert.Equal([segment.Id], put.RestrictedToSegments);
        Assert.Equal(HttpStatusCode.BadRequest, (await Put(new { title = "t3" })).StatusCode);

        var edited = await server.Client.EditInstruction(instruction.Id, new() { EndTime = new(null) });
        Assert.Equal(((Guid?)directory.Id, start, null), (edited.DirectoryId, edited.StartTime, edited.EndTime));
        foreach (var (body, path) in new[] { ("""{"directory_id":5}""", "$.directory_id"), ("""{"start_time":"noon"}""", "$.start_time"), ($$"""{"directory_id":"{{Guid.NewGuid()}}"}""", "$.directory_id") })
        {
            var answer = await http.PatchAsync(new Uri($"training/{instruction.Id}", UriKind.Relative), new StringContent(body, null, "application/json"));
            Assert.Equal((HttpStatusCode.BadRequest, path), (answer.StatusCode, (await answer.Content.ReadFromJsonAsync(WireJson.Default.ErrorBody))!.Details![0].Path));
        }

        var renamed = await server.Client.EditDirectory(directory.Id, new() { Name = "after" });
        Assert.Equal(("after", "web"), (renamed.Name, Assert.Single(renamed.RestrictedToChannels)));
        Assert.Equal("after", (await server.Client.GetDirectory(directory.Id)).Name);
        Assert.Contains(await server.Client.ListDirectories(), each => each.Id == directory.Id);
    }

    [Fact]
    public async Task A_directory_that_holds_instructions_and_a_segment_that_it_names_are_kept()
    {
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var directory = await server.Client.CreateDirectory(new() { Name = "kept", RestrictedToSegments = [segment.Id] });
        var instruction = await server.Client.CreateInstruction(new() { Title = "t", Content = "c", DirectoryId = new(directory.Id) });
        var used = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.DeleteSegment(segment.Id));
        Assert.Equal((409, "used_by_directory", $"training/directories/{directory.Id}"), (used.Status, used.Details[0].Code, used.Details[0].Path));
        var holding = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.DeleteDirectory(directory.Id));
        Assert.Equal(409, holding.Status);
        Assert.Contains("1 instruction in it", holding.Message, StringComparison.Ordinal);

        // Another workspace's directory is no directory.
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.OtherClient.GetDirectory(directory.Id))).Status);
        Assert.Equal(400, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.OtherClient.CreateInstruction(new() { Title = "t", Content = "c", DirectoryId = new(directory.Id) }))).Status);

        await server.Client.DeleteInstruction(instruction.Id);
        await server.Client.DeleteDirectory(directory.Id);
        await server.Client.DeleteSegment(segment.Id);
    }

    [Fact]
    public async Task A_preview_counts_for_whom_a_directory_opens_an_instruction()
    {
        var group = Some.Name("group");
        string Rule(string more) => $$"""{"and":[{"type":"trait","trait":"group","op":"eq","value":"{{group}}"}{{more}}]}""";
        string Least(int score) => Rule($$""",{"type":"trait","trait":"score","op":"gte","value":{{score}}}""");
        var saved = await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 10).Select(i => new ContactInput { ExternalId = Some.Name("scored"), CustomData = Some.Json($$"""{"group":"{{group}}","score":{{i}}}""") })] });
        var high = await server.Publish(Some.Name("high"), Least(7));
        var low = await server.Publish(Some.Name("not the top"), Rule(""",{"not":{"type":"trait","trait":"score","op":"eq","value":9}}"""));
        var directory = await server.Client.CreateDirectory(new() { Name = "high", RestrictedToSegments = [high.Id] });
        var own = await server.Client.CreateInstruction(new() { Title = "own", Content = "c", DirectoryId = new(directory.Id), RestrictedToSegments = [low.Id] });
        var none = await server.Client.CreateInstruction(new() { Title = "none", Content = "c", DirectoryId = new(directory.Id) });
        _ = await server.Client.GetSegment(low.Id, atLeast: saved.Revision);

        async Task<string> Preview(int score)
        {
            var preview = await server.Client.PreviewRule(new() { SegmentId = high.Id, Definition = Some.Json(Least(score)) });
            return string.Join("; ", preview.Instructions.Where(item => item.Id == own.Id || item.Id == none.Id).Select(item => $"{item.Name} {item.Opens} {item.Closes}"));
        }

        Assert.Equal("own 2 0; none 2 0", await Preview(5));
        Assert.Equal("own 0 2; none 0 2", await Preview(9));
    }
}
