using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Segments;

public sealed class SegmentTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task A_rule_in_many_groups_is_saved_and_published_as_any_other()
    {
        const int groups = 90;
        var leaf = """{"type":"all_contacts"}""";
        var definition = string.Concat(Enumerable.Repeat("""{"type":"group","node":""", groups)) + leaf + new string('}', groups);
        var created = await server.Client.CreateSegment(new() { Name = Some.Name("deep"), Definition = JsonElement.Parse(definition, new() { MaxDepth = groups * 2 }) });
        var published = await server.Client.PublishSegment(created.Id);
        Assert.Equal("ready", (await server.Client.GetSegment(created.Id, atLeast: published.Revision)).Status);
        Assert.Equal(published.Definition!.Value.GetRawText(), (await server.Client.GetManagedSegment(created.Id)).Definition!.Value.GetRawText());
    }

    [Fact]
    public async Task A_segment_goes_from_draft_to_published_to_edited_to_deleted()
    {
        var name = Some.Name("pros");
        var draft = await server.Client.CreateSegment(new() { Name = name, Description = "who pays", Definition = Some.Json(Some.ProRule) });
        Assert.Equal(("draft", 0), (draft.Status, draft.RuleRevision));
        Assert.Equal(Some.ProRule, draft.DraftDefinition!.Value.GetRawText());
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.GetSegment(draft.Id, atLeast: draft.Revision))).Status);

        var published = await server.Client.PublishSegment(draft.Id);
        Assert.Equal((1, true), (published.RuleRevision, published.DraftDefinition is null));
        var segment = await server.Client.GetSegment(draft.Id, atLeast: published.Revision);
        Assert.Equal((name, "who pays", "ready", 1), (segment.Name, segment.Description, segment.Status, segment.RuleRevision));
        Assert.Equal(Some.ProRule, segment.Definition.GetRawText());

        var edited = await server.Client.EditSegment(draft.Id, new() { Definition = Some.Json(Some.EveryoneRule) });
        Assert.Equal((Some.ProRule, Some.EveryoneRule), (edited.Definition!.Value.GetRawText(), edited.DraftDefinition!.Value.GetRawText()));
        Assert.Equal(2, (await server.Client.PublishSegment(draft.Id)).RuleRevision);
        Assert.Equal(2, (await server.Client.PublishSegment(draft.Id)).RuleRevision);

        var deleted = await server.Client.DeleteSegment(draft.Id);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.GetSegment(draft.Id, atLeast: deleted.Revision))).Status);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.GetManagedSegment(draft.Id))).Status);
    }

    [Fact]
    public async Task A_rule_with_errors_is_422_with_all_of_them_and_is_not_stored()
    {
        var name = Some.Name("wrong");
        var rule = """{"or":[{"and":[{"type":"trait","trait":"plan","op":"equals","value":"pro"},{"type":"nonsense"},{"type":"all_contacts","colour":"red"}]}]}""";
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.CreateSegment(new() { Name = name, Definition = Some.Json(rule) }));
        Assert.Equal(422, refused.Status);
        Assert.True(refused.Details.Count >= 3, refused.Message);
        Assert.All(refused.Details, detail => Assert.StartsWith("$.definition", detail.Path, StringComparison.Ordinal));
        Assert.DoesNotContain((await server.Client.ListManagedSegments()).Data, segment => segment.Name == name);

        var check = await server.Client.CheckRule(new() { Definition = Some.Json(rule) });
        Assert.False(check.Valid);
        Assert.Equal(refused.Details.Count, check.Diagnostics.Count);
    }

    [Fact]
    public async Task A_segment_is_named_in_one_form_so_that_whoever_uses_it_is_found()
    {
        var used = await server.Publish(Some.Name("used"), Some.ProRule);
        var check = await server.Client.CheckRule(new() { Definition = Some.Json($$"""{"type":"segment","op":"in","segment_id":"{{used.Id:N}}"}""") });
        Assert.Equal("unknown_segment", Assert.Single(check.Diagnostics).Code);
        Assert.True((await server.Client.CheckRule(new() { Definition = Some.Json($$"""{"type":"segment","op":"in","segment_id":"{{used.Id.ToString().ToUpperInvariant()}}"}""") })).Valid);
    }

    [Fact]
    public async Task A_check_warns_of_a_trait_that_many_lack_and_of_a_rule_that_is_there_already()
    {
        var (trait, name) = (Some.Name("rare"), Some.Name("taken"));
        _ = await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 20).Select(static _ => Some.Contact(plan: "pro"))] });
        _ = await server.Publish(name, $$"""{"and":[{"type":"trait","trait":"{{trait}}","op":"eq","value":"a"},{"type":"all_contacts"}]}""");
        var same = await server.Client.CheckRule(new() { Definition = Some.Json($$"""{"and":[{"type":"all_contacts"},{"type":"trait","trait":"{{trait}}","op":"eq","value":"A"}]}""") });
        Assert.True(same.Valid);
        Assert.Equal($"the segment \"{name}\" says the same; refer to it instead of keeping two alike", Assert.Single(same.Diagnostics, static diagnostic => diagnostic.Code == "same_as_another").Message);
        var negative = await server.Client.CheckRule(new() { Definition = Some.Json($$"""{"type":"trait","trait":"{{trait}}","op":"neq","value":"a"}""") });
        Assert.Equal(("$", "warning"), (Assert.Single(negative.Diagnostics).Path, Assert.Single(negative.Diagnostics).Severity));
        Assert.Contains("have no `custom_data." + trait, Assert.Single(negative.Diagnostics).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_circle_of_references_is_refused_with_its_path()
    {
        var first = await server.Client.CreateSegment(new() { Name = Some.Name("first"), Definition = Some.Json(Some.ProRule) });
        var second = await server.Client.CreateSegment(new() { Name = Some.Name("second"), Definition = Some.Json(Some.RuleOn(first.Id)) });
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.EditSegment(first.Id, new() { Definition = Some.Json(Some.RuleOn(second.Id)) }));
        Assert.Equal(422, refused.Status);
        var cycle = Assert.Single(refused.Details, detail => detail.Code == "cycle");
        Assert.Equal("$.definition.or[0].and[0].segment_id", cycle.Path);
        Assert.Contains($"\"{first.Name}\" → \"{second.Name}\" → \"{first.Name}\"", cycle.Message, StringComparison.Ordinal);

        var itself = await server.Client.CheckRule(new() { SegmentId = first.Id, Definition = Some.Json(Some.RuleOn(first.Id)) });
        Assert.Contains(itself.Diagnostics, diagnostic => diagnostic.Code == "cycle");
    }

    [Fact]
    public async Task A_rule_on_another_workspace_s_segment_is_refused()
    {
        var theirs = await server.Publish(Some.Name("theirs"), Some.EveryoneRule, server.OtherClient);
        Assert.False((await server.Client.CheckRule(new() { Definition = Some.Json(Some.RuleOn(theirs.Id)) })).Valid);
    }

    [Fact]
    public async Task A_segment_in_use_is_not_deleted_and_the_answer_says_where()
    {
        var segment = await server.Publish(Some.Name("used"), Some.ProRule);
        var reader = await server.Client.CreateSegment(new() { Name = Some.Name("reader"), Definition = Some.Json(Some.RuleOn(segment.Id)) });
        var action = await server.Client.CreateAction(new() { Name = "refund", RestrictedToSegments = [segment.Id] });
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.DeleteSegment(segment.Id));
        Assert.Equal(409, refused.Status);
        Assert.Equal([$"segments/{reader.Id}", $"actions/{action.Id}"], refused.Details.Select(detail => detail.Path));

        await server.Client.DeleteSegment(reader.Id);
        await server.Client.DeleteAction(action.Id);
        await server.Client.DeleteSegment(segment.Id);
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        var name = Some.Name("taken");
        await server.Client.CreateSegment(new() { Name = name, Definition = Some.Json(Some.ProRule) });
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.CreateSegment(new() { Name = name.ToUpperInvariant(), Definition = Some.Json(Some.ProRule) }));
        Assert.Equal(409, refused.Status);
    }

    [Fact]
    public async Task A_preview_counts_and_shows_ten_without_storing()
    {
        var plan = Some.Name("plan");
        var saved = await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 12).Select(_ => Some.Contact(plan))] });
        await server.Client.ListSegments(atLeast: saved.Revision);
        var preview = await server.Client.PreviewRule(new() { Definition = Some.Json(Some.ProRule.Replace("pro", plan, StringComparison.Ordinal)) });
        Assert.Equal((12, 10), (preview.Count, preview.Sample.Count));
        Assert.All(preview.Sample, contact => Assert.Equal(plan, contact.CustomData!.Value.GetProperty("plan").GetString()));
    }

    [Fact]
    public async Task Segments_are_listed_by_name_page_by_page()
    {
        foreach (var name in new[] { "listed b", "listed a", "listed c" })
        {
            await server.Publish(name, Some.ProRule);
        }

        var names = new List<string>();
        for (var page = 1L; ; page++)
        {
            var answer = await server.Client.ListSegments(page, limit: 2);
            names.AddRange(answer.Data.Select(segment => segment.Name));
            Assert.Equal(page > 1, answer.HasPrevious);
            if (!answer.HasNext)
            {
                Assert.Equal(answer.Total, names.Count);
                break;
            }
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(["listed a", "listed b", "listed c"], names.Where(name => name.StartsWith("listed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_schema_is_replaced_whole_and_must_fit_the_rules_in_force()
    {
        var schema = await server.Client.PutSchema(new()
        {
            Traits = new Dictionary<string, string> { ["seats_of_schema_test"] = "number" },
            Events = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["order"] = new Dictionary<string, string> { ["value"] = "number" } },
        });
        Assert.NotNull(schema.Revision);
        var read = await server.Client.GetSchema();
        Assert.Contains("number", read.Traits!.Values);
        Assert.Equal("number", read.Events!["order"]["value"]);

        await server.Publish(Some.Name("large"), """{"or":[{"and":[{"type":"trait","trait":"seats_of_schema_test","op":"gte","value":5}]}]}""");
        var misfit = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.PutSchema(new() { Traits = new Dictionary<string, string> { ["seats_of_schema_test"] = "boolean" } }));
        Assert.Equal(422, misfit.Status);
        var unknown = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.PutSchema(new() { Traits = new Dictionary<string, string> { ["x"] = "money" } }));
        Assert.Equal((400, "$.traits.x"), (unknown.Status, unknown.Details[0].Path));
    }

    [Fact]
    public async Task The_workspace_says_what_it_holds()
    {
        var saved = await server.Client.SaveContact(Some.Contact());
        await server.Client.ListSegments(atLeast: saved.Revision);
        var workspace = await server.Client.GetWorkspace();
        Assert.True(workspace.MemoryBytes > 0);
        Assert.Equal(("test", "UTC"), (workspace.Name, workspace.TimeZone));
        Assert.True(workspace.Contacts >= 1 && workspace.ReflectedRevision >= saved.Revision);
        Assert.Equal(server.Workspace.Value, workspace.Id);
    }

    [Fact]
    public async Task A_revision_that_does_not_come_is_409_stale_with_the_one_there_is()
    {
        var revision = (await server.Client.GetWorkspace()).Revision;
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.ListSegments(atLeast: revision + 1_000));
        Assert.Equal((409, "stale"), (refused.Status, refused.Body!.Message));
        Assert.True(refused.Body.Revision <= revision + 999);
    }

    [Fact]
    public async Task The_description_of_the_API_is_OpenAPI_3_1_and_knows_every_call()
    {
        using var description = JsonDocument.Parse(await server.Http(null).GetStringAsync(new Uri("openapi/v1.json", UriKind.Relative)));
        var root = description.RootElement;
        Assert.StartsWith("3.1", root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = root.GetProperty("paths");
        foreach (var path in new[] { "/contacts/segments", "/contacts/segments/{segment_id}", "/contacts/segments/{segment_id}/contacts/{contact_id}", "/contacts", "/v1/track", "/gating/resolve", "/manage/segments/{segment_id}/publish" })
        {
            foreach (var operation in paths.GetProperty(path).EnumerateObject())
            {
                Assert.False(string.IsNullOrEmpty(operation.Value.GetProperty("summary").GetString()), path);
                Assert.True(operation.Value.GetProperty("responses").TryGetProperty("401", out _), path);
                Assert.True(operation.Value.TryGetProperty("security", out _), path);
            }
        }

        var check = root.GetProperty("components").GetProperty("schemas").GetProperty("MembershipCheck").GetProperty("properties");
        Assert.Equal("integer", check.GetProperty("revision").GetProperty("type").GetString());
        Assert.Equal("date-time", check.GetProperty("evaluated_at").GetProperty("format").GetString());
        Assert.True(check.TryGetProperty("is_member", out _) && check.TryGetProperty("isMember", out _));
    }
}
