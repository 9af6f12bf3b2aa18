using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Gating;

public sealed class GatingTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_message_gets_what_its_contact_may_see_and_the_reason_for_the_rest()
    {
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var pro = await server.Client.SaveContact(Some.Contact(plan: "pro"));
        var free = await server.Client.SaveContact(Some.Contact(plan: "free"));
        var open = await server.Client.CreateAction(new() { Name = "say hello" });
        var refund = await server.Client.CreateAction(new() { Name = "refund", Description = "gives money back", RestrictedToSegments = [segment.Id], Payload = Some.Json("""{"method":"POST"}""") });
        var call = await server.Client.CreateAction(new() { Name = "call back", RestrictedToChannels = ["phone_voice"] });
        var told = await server.Client.CreateInstruction(new() { Title = "priority", Content = "be quick", RestrictedToSegments = [segment.Id] });
        var draft = await server.Client.CreateInstruction(new() { Title = "draft", Content = "not yet", IsDraft = true });
        string[] actions = [open.Id.ToString(), refund.Id.ToString(), call.Id.ToString()];
        string[] instructions = [told.Id.ToString(), draft.Id.ToString()];

        Task<GateAnswer> Ask(string? contact) =>
            server.Client.Resolve(new() { ContactId = contact, ActionIds = actions, InstructionIds = instructions, Channel = "web" }, atLeast: free.Revision);

        var forPro = await Ask(pro.Id.ToString());
        Assert.Equal([open.Id, refund.Id], forPro.Actions.Select(action => action.Id));
        Assert.Equal("""{"method":"POST"}""", forPro.Actions[1].Payload!.Value.GetRawText());
        Assert.Equal([told.Id], forPro.Instructions.Select(instruction => instruction.Id));
        Assert.Equal([(call.Id.ToString(), "action", "channel"), (draft.Id.ToString(), "instruction", "draft")], forPro.Withheld.Select(item => (item.Id, item.Kind, item.Reason)));
        Assert.Contains(segment.Id, forPro.Segments);

        var forFree = await Ask(free.Id.ToString());
        Assert.Equal([open.Id], forFree.Actions.Select(action => action.Id));
        Assert.Equal(["not_a_member", "channel", "not_a_member", "draft"], forFree.Withheld.Select(item => item.Reason));

        var forNobody = await Ask(null);
        Assert.Equal([open.Id], forNobody.Actions.Select(action => action.Id));
        Assert.Equal(["anonymous", "channel", "anonymous", "draft"], forNobody.Withheld.Select(item => item.Reason));
        Assert.Empty(forNobody.Segments);
    }

    [Fact]
    public async Task An_answer_put_together_from_pieces_is_byte_for_byte_what_the_record_would_be()
    {
        var segment = await server.Publish(Some.Name("pros \"<é>\""), Some.ProRule);
        var directory = await server.Client.CreateDirectory(new() { Name = "d", RestrictedToSegments = [segment.Id] });
        _ = await server.Client.CreateAction(new() { Name = "refund \"<é😀>\" &", Payload = Some.Json("""{"a":[1,2.50,"é"]}"""), RestrictedToSegments = [segment.Id] });
        _ = await server.Client.CreateInstruction(new() { Title = "t\n", Content = "c", DirectoryId = new(directory.Id), EndTime = new(DateTimeOffset.UtcNow.AddDays(1)) });
        _ = await server.Client.CreateInstruction(new() { Title = "draft", Content = "c", IsDraft = true });
        var pro = await server.Client.SaveContact(Some.Contact(plan: "pro"));
        var refund = (await server.Client.ListActions())[0].Id.ToString();
        using var http = server.Http(server.Key);
        foreach (var body in new[] { $$"""{"contact_id":"{{pro.Id}}"}""", "{}", $$"""{"contact_id":"{{pro.Id}}","contact":{"name":"Ada"},"channel":"web"}""", $$"""{"action_ids":["{{refund.ToUpperInvariant()}}","no \"<such>\"","{{refund}}","{{refund}}"],"instruction_ids":[]}""" })
        {
            using var answer = await http.PostAsync(new Uri($"gating/resolve?at_least={pro.Revision}", UriKind.Relative), new StringContent(body, null, "application/json"));
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Equal("application/json; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
            Assert.Equal(JsonSerializer.Serialize(JsonSerializer.Deserialize(text, WireJson.Default.GateAnswer), WireJson.Default.GateAnswer), text);
        }
    }

    [Fact]
    public async Task All_items_are_asked_about_where_none_are_named()
    {
        var action = await server.Client.CreateAction(new() { Name = "unnamed" });
        Assert.Contains((await server.Client.Resolve(new())).Actions, each => each.Id == action.Id);
        Assert.Empty((await server.Client.Resolve(new() { ActionIds = [] })).Actions);
    }

    [Fact]
    public async Task An_unknown_or_another_workspace_s_item_is_withheld_as_not_found()
    {
        var theirs = await server.OtherClient.CreateAction(new() { Name = "theirs" });
        var answer = await server.Client.Resolve(new() { ActionIds = [theirs.Id.ToString(), "nonsense"], InstructionIds = [] });
        Assert.Empty(answer.Actions);
        Assert.Equal(["not_found", "not_found"], answer.Withheld.Select(item => item.Reason));
    }

    [Fact]
    public async Task Authorize_is_asked_again_when_the_tool_is_about_to_run()
    {
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        var contact = await server.Client.SaveContact(Some.Contact(plan: "pro"));
        var action = await server.Client.CreateAction(new() { Name = "refund", RestrictedToSegments = [segment.Id], RestrictedToChannels = ["web"] });
        async Task<(bool, string)> Ask(string? who, string? channel = null, long? atLeast = null)
        {
            var answer = await server.Client.Authorize(new() { ContactId = who, ActionId = action.Id.ToString(), Channel = channel }, atLeast);
            return (answer.Allowed, answer.Reason);
        }

        Assert.Equal((true, "member"), await Ask(contact.Id.ToString(), "web", contact.Revision));
        Assert.Equal((false, "channel"), await Ask(contact.Id.ToString(), "email"));
        Assert.Equal((false, "channel"), await Ask(contact.Id.ToString()));
        Assert.Equal((false, "anonymous"), await Ask(null, "web"));
        var changed = await server.Client.UpdateContact(contact.Id.ToString(), new() { CustomData = Some.Json("""{"plan":"free"}""") });
        Assert.Equal((false, "not_a_member"), await Ask(contact.Id.ToString(), "web", changed.Revision));

        var lifted = await server.Client.EditAction(action.Id, new() { RestrictedToSegments = [] });
        Assert.Equal((true, "unrestricted"), await Ask(null, "web", lifted.Revision));
        await server.Client.DeleteAction(action.Id);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => Ask(null))).Status);
    }

    [Fact]
    public async Task What_is_restricted_to_channels_is_withheld_where_the_question_names_none()
    {
        var call = await server.Client.CreateAction(new() { Name = "call back", RestrictedToChannels = ["phone_voice"] });
        var told = await server.Client.CreateInstruction(new() { Title = "be brief", Content = "on the phone", RestrictedToChannels = ["phone_voice"] });
        Task<GateAnswer> Ask(string? channel) => server.Client.Resolve(new() { ActionIds = [call.Id.ToString()], InstructionIds = [told.Id.ToString()], Channel = channel });

        var withheld = await Ask(null);
        Assert.Equal((0, 0), (withheld.Actions.Count, withheld.Instructions.Count));
        Assert.Equal(["channel", "channel"], withheld.Withheld.Select(item => item.Reason));
        Assert.Empty((await Ask("phone_voice")).Withheld);
    }

    [Fact]
    public async Task An_action_on_a_draft_segment_admits_nobody()
    {
        var segment = await server.Client.CreateSegment(new() { Name = Some.Name("draft"), Definition = Some.Json(Some.EveryoneRule) });
        var contact = await server.Client.SaveContact(Some.Contact());
        var action = await server.Client.CreateAction(new() { Name = "shut", RestrictedToSegments = [segment.Id] });
        var answer = await server.Client.Authorize(new() { ContactId = contact.Id.ToString(), ActionId = action.Id.ToString() }, atLeast: contact.Revision);
        Assert.Equal((false, "segments_gone"), (answer.Allowed, answer.Reason));
    }

    [Fact]
    public async Task Sending_back_what_was_read_opens_nothing_whose_segments_are_gone()
    {
        var segment = await server.Publish(Some.Name("soon gone"), Some.EveryoneRule);
        var action = await server.Client.CreateAction(new() { Name = "refund", RestrictedToSegments = [segment.Id] });
        var instruction = await server.Client.CreateInstruction(new() { Title = "t", Content = "c", RestrictedToSegments = [segment.Id] });
        await server.Database.Segments.Delete(server.Workspace, new(segment.Id));

        var readAction = await server.Client.GetAction(action.Id);
        var readInstruction = await server.Client.GetInstruction(instruction.Id);
        Assert.Equal((true, 0, true, 0), (readAction.IsRestricted, readAction.RestrictedToSegments.Count, readInstruction.IsRestricted, readInstruction.RestrictedToSegments.Count));
        foreach (bool? isRestricted in new bool?[] { null, true })
        {
            Assert.True((await server.Client.EditAction(action.Id, new() { Name = "refund", IsRestricted = isRestricted, RestrictedToSegments = readAction.RestrictedToSegments })).IsRestricted);
            Assert.True((await server.Client.EditInstruction(instruction.Id, new() { IsRestricted = isRestricted, RestrictedToSegments = readInstruction.RestrictedToSegments })).IsRestricted);
        }

        Assert.False((await server.Client.EditAction(action.Id, new() { IsRestricted = false })).IsRestricted);
        Assert.False((await server.Client.EditInstruction(instruction.Id, new() { IsRestricted = false, RestrictedToSegments = [] })).IsRestricted);
        Assert.True((await server.Client.Authorize(new() { ActionId = action.Id.ToString() })).Allowed);
    }

    [Fact]
    public async Task What_is_restricted_to_no_segment_is_shut_to_everyone()
    {
        var contact = await server.Client.SaveContact(Some.Contact());
        var action = await server.Client.CreateAction(new() { Name = "shut", IsRestricted = true });
        Assert.True(action.IsRestricted);
        Assert.False((await server.Client.Authorize(new() { ContactId = contact.Id.ToString(), ActionId = action.Id.ToString() }, contact.Revision)).Allowed);

        var segment = await server.Publish(Some.Name("everyone"), Some.EveryoneRule);
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.EditAction(action.Id, new() { IsRestricted = false, RestrictedToSegments = [segment.Id] }));
        Assert.Equal((400, "$.is_restricted"), (refused.Status, refused.Details[0].Path));
        Assert.Equal((true, 1), await server.Client.EditAction(action.Id, new() { RestrictedToSegments = [segment.Id] }) is var edited ? (edited.IsRestricted, edited.RestrictedToSegments.Count) : default);
    }

    [Fact]
    public async Task A_contact_nobody_knows_is_404_and_not_anonymous()
    {
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.Resolve(new() { ContactId = "external_id:nobody" }));
        Assert.Equal(404, refused.Status);
    }

    [Fact]
    public async Task Actions_and_instructions_are_changed_by_what_is_given()
    {
        var action = await server.Client.CreateAction(new() { Name = "before", Description = "kept" });
        var edited = await server.Client.EditAction(action.Id, new() { Name = "after" });
        Assert.Equal(("after", "kept", false), (edited.Name, edited.Description, edited.IsRestricted));
        Assert.True(edited.Revision > action.Revision);
        Assert.Equal("after", (await server.Client.GetAction(action.Id)).Name);
        Assert.Contains(await server.Client.ListActions(), each => each.Name == "after" && each.Id == action.Id);

        var instruction = await server.Client.CreateInstruction(new() { Title = "t", Content = "c" });
        Assert.Equal("SCENARIO_SPECIFIC", instruction.Type);
        Assert.Equal("c2", (await server.Client.EditInstruction(instruction.Id, new() { Content = "c2" })).Content);
        Assert.Contains(await server.Client.ListInstructions(), each => each.Id == instruction.Id);
        await server.Client.DeleteInstruction(instruction.Id);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.GetInstruction(instruction.Id))).Status);
    }

    [Fact]
    public async Task All_that_is_wrong_with_an_item_is_said_at_once()
    {
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.CreateInstruction(new() { Title = "t", Type = "LOUD", RestrictedToChannels = ["web", "pigeon"] }));
        Assert.Equal(["$.content", "$.restricted_to_channels[1]", "$.type"], refused.Details.Select(detail => detail.Path));
        var unknown = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.CreateAction(new() { Name = "n", RestrictedToSegments = [Guid.NewGuid()] }));
        Assert.Equal((400, "$.restricted_to_segments"), (unknown.Status, unknown.Details[0].Path));
    }
}
