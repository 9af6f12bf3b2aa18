using System.Globalization;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Rules;
using SegmentEngine.Server.Insight;
using SegmentEngine.Server.Segments;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Insight;

/// <summary>What people see of a workspace is what was sent to it, whatever it is called, and nothing that was sent to another.</summary>
public sealed class InsightTests : IAsyncLifetime
{
    private const string Odd = "<script>alert('\"')</script> 😀";

    /// <summary>So long that whatever is kept is found anew.</summary>
    private static readonly TimeSpan aWhile = TimeSpan.FromMinutes(6);

    private readonly SteppedClock clock = new(DateTimeOffset.Parse("2026-03-15T23:30:00Z", CultureInfo.InvariantCulture));
    private readonly TestServer server;

    public InsightTests() => server = new() { Clock = clock };

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    private TraitInsight TraitsOf => server.Service<TraitInsight>();
    private EventInsight EventsOf => server.Service<EventInsight>();
    private ContactSearch Search => server.Service<ContactSearch>();

    [Fact]
    public async Task Traits_are_told_with_types_samples_and_what_does_not_fit()
    {
        _ = await server.Client.PutSchema(new() { Traits = new Dictionary<string, string> { ["seats"] = "number", ["tags"] = "list<number>", ["never"] = "date" } });
        _ = await Save("a", """{"plan":"pro","seats":3,"tags":[1,"x"],"address":{"city":"Rome","a.b":1},"since":"2026-01-01","email":"inner","none":null,"ways":{}}""");
        _ = await Save("b", """{"plan":7,"seats":"many","tags":[2],"address":{"city":"Rome"},"since":"2026-01-01T00:00:00Z"}""");
        _ = await Save("c", $$"""{{{JsonSerializer.Serialize(Odd)}}:{{JsonSerializer.Serialize(Odd)}},"mixed":[1,"a"],"texts":["a"],"seats":"4"}""");
        _ = await Save("x", """{"theirs":1}""", server.OtherClient);
        var b = server.Database.Contacts.FindByExternalId(server.Workspace, "b")!.Contact.Id!.Value;
        _ = await server.Database.Ingest.Write(server.Workspace, [new ContactWrite { Id = b, NonVerifiedCustomData = Some.Json("""{"plan":"free","browser":"x"}""") }], Now, createContacts: true);

        var traits = (await TraitsOf.Traits(server.Workspace)).ToDictionary(static trait => trait.Name);
        Assert.Equal(
            ["address.a\\.b", "address.city", "browser", "created_at", "custom_data.email", "email", "external_id", "id", "last_seen_at", "mixed", "name", "never", "phone_number", "plan", "seats", "since", "tags", "texts", "updated_at", Odd],
            traits.Keys.Order(StringComparer.Ordinal).OrderBy(static name => name == Odd));
        Assert.All(traits.Values, static trait => Assert.Equal((3, 3, false), (trait.LookedAt, trait.Contacts, trait.IsSampled)));
        Assert.Equal((2L, 1L, null, "number 1,string 1", "pro,7"), Shown(traits["plan"]));
        Assert.Equal((0L, 1L, null, "", ""), Shown(traits["browser"]));
        Assert.Equal((2L, 0L, new TraitType(TraitKind.Number), "string 2,number 1", "3,4"), Shown(traits["seats"]));
        Assert.Equal([(b, "\"many\"")], traits["seats"].MisfitExamples.Select(static misfit => (misfit.Contact, misfit.Value)));
        Assert.Equal((1L, "[1,\"x\"]"), (traits["tags"].Misfits, traits["tags"].MisfitExamples.Single().Value));
        Assert.Equal("list 1,list<number> 1", Shown(traits["tags"]).Types);
        Assert.Equal("list 1", Shown(traits["mixed"]).Types);
        Assert.Equal("list<string> 1", Shown(traits["texts"]).Types);
        Assert.Equal("date 1,datetime 1", Shown(traits["since"]).Types);
        Assert.Equal([Odd], traits[Odd].Samples);
        Assert.Equal((0L, new TraitType(TraitKind.Date)), (traits["never"].Usable, traits["never"].Declared));
        Assert.Equal((3L, true), (traits["external_id"].Usable, traits["external_id"].IsBuiltIn));
        Assert.Equal((1L, false), (traits["custom_data.email"].Usable, traits["custom_data.email"].IsBuiltIn));

        // What a trait is called here, a rule calls it.
        var context = server.Service<RuleService>().Context(server.Workspace);
        Assert.All(traits.Keys, name => Assert.NotNull(RuleChecker.Check(JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["type"] = "trait", ["trait"] = name, ["op"] = "is_set" }), context).Rule));

        static (long Usable, long NonVerified, TraitType? Declared, string Types, string Samples) Shown(TraitSummary trait) =>
            (trait.Usable, trait.NonVerified, trait.Declared, string.Join(',', trait.Types.Select(static type => $"{type.Type} {type.Count}")), string.Join(',', trait.Samples));
    }

    [Fact]
    public async Task A_change_is_seen_after_a_while_and_a_new_schema_at_once()
    {
        _ = await Save("a", """{"plan":"pro"}""");
        Assert.Equal(["pro"], await Values("plan", ""));
        Assert.Contains(await TraitsOf.Traits(server.Workspace), static trait => trait.Name == "plan" && trait.Usable == 1);
        _ = await Save("b", """{"plan":"free"}""");
        Assert.Equal(["pro"], await Values("plan", ""));
        clock.Step(aWhile);
        Assert.Equal(["free", "pro"], await Values("plan", ""));
        _ = await server.Client.PutSchema(new() { Traits = new Dictionary<string, string> { ["plan"] = "number" } });
        Assert.Empty(await Values("plan", ""));
        Assert.Contains(await TraitsOf.Traits(server.Workspace), static trait => trait.Name == "plan" && trait.Misfits == 2);
    }

    [Fact]
    public async Task Values_are_counted_by_contacts_most_first()
    {
        string[] data =
        [
            """{"plan":"Pro","n":1,"ok":true,"tags":["a","b","a"],"at":{"city":"Rome"}}""",
            """{"plan":"pro","n":1.0,"ok":false,"tags":["b"],"at":{"city":"Rome"}}""",
            """{"plan":"pro","n":10,"ok":true,"tags":["b",null,{"x":1},["a"]],"at":{"city":"Riga"}}""",
            $$"""{"plan":{{JsonSerializer.Serialize(Odd)}},"n":null,"tags":"b","at":[{"city":"Oslo"}]}""",
            """{"pl\u0061n":"pro","esc":"\u0061","half":{"\ud800":1,"x":"found"}}""",
        ];
        _ = await server.Database.Ingest.Write(server.Workspace, [.. data.Select(static (json, i) => new ContactWrite { ExternalId = $"u{i}", CustomData = Some.Json(json) })], Now, createContacts: true);

        _ = await Save("other", """{"plan":"theirs"}""", server.OtherClient);
        Assert.Equal(["pro 3", $"{Odd} 1", "Pro 1"], await Counted("plan", ""));
        Assert.Equal(["pro 3", "Pro 1"], await Counted("plan", "PR"));
        Assert.Equal([$"{Odd} 1"], await Counted("plan", "<SCRIPT"));
        Assert.Equal([$"{Odd} 1"], await Counted("custom_data.plan", "😀"));
        Assert.Equal(["pro 3"], (await TraitsOf.Values(server.Workspace, "plan", "", limit: 1)).Select(static value => $"{value.Value} {value.Count}"));
        Assert.Equal(["1 2", "10 1"], await Counted("n", ""));
        Assert.Equal(["true 2", "false 1"], await Counted("ok", ""));
        Assert.Equal(["b 4", "a 1"], await Counted("tags", ""));
        Assert.Equal(["Rome 2", "Riga 1"], await Counted("at.city", "r"));
        Assert.Equal(["a 1"], await Counted("esc", ""));
        Assert.Equal(["found 1"], await Counted("half.x", ""));
        Assert.Contains(await TraitsOf.Traits(server.Workspace), static trait => trait.Name == "half.x");
        Assert.Empty(await Counted("nobody has it", ""));
        Assert.Equal(["theirs"], (await TraitsOf.Values(server.OtherWorkspace, "plan", "", limit: 9)).Select(static value => value.Value));
        await Assert.ThrowsAsync<NotInWorkspaceException>(() => TraitsOf.Values(new(Guid.NewGuid()), "plan", "", limit: 9));
    }

    [Fact]
    public async Task Values_of_built_in_traits_are_found_as_well()
    {
        _ = await server.Client.SaveContacts(new() { Contacts = [new() { ExternalId = "Ab-1", Email = "Ana@x.com", Name = "Ana", PhoneNumber = "+1" }, new() { ExternalId = "ab-2", Email = "bob@x.com", Name = "Ana", PhoneNumber = "+1" }] });
        Assert.Equal(["Ana@x.com 1"], await Counted("email", "ANA"));
        Assert.Equal(["ab-2 1", "Ab-1 1"], await Counted("external_id", "ab"));
        Assert.Equal(["Ana 2"], await Counted("name", "an"));
        Assert.Equal(["+1 2"], await Counted("phone_number", ""));
        var id = server.Database.Contacts.FindByExternalId(server.Workspace, "Ab-1")!.Contact.Id!.Value.ToString();
        Assert.Equal([$"{id} 1"], await Counted("id", id.ToUpperInvariant()));
        Assert.Empty(await Counted("created_at", ""));
    }

    [Fact]
    public void Of_too_many_different_values_the_frequent_ones_stay()
    {
        var tally = new ValueTally();
        for (var who = 0; who < 200_000; who++)
        {
            tally.Add(who, JsonSerializer.SerializeToUtf8Bytes(who % 10 == 0 ? "often" : $"once {who}"));
        }

        var counts = tally.Counts(static json => ValueTally.Read(json, type: null));
        Assert.False(tally.IsExact);
        Assert.InRange(counts.Count, 1, 50_000);
        Assert.Equal(("often", 20_000L, false), (counts[0].Value, counts[0].Count, counts[0].IsExact));
    }

    [Fact]
    public async Task Events_are_counted_by_the_days_of_the_workspace()
    {
        _ = await server.Database.Workspaces.Rename(server.Workspace, "test", "Asia/Kolkata");
        _ = await server.Client.PutSchema(new() { Events = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["declared"] = new Dictionary<string, string> { ["value"] = "number" } } });

        // In India it is the 16th already.
        _ = await Track("order", "2026-03-15T18:29:59Z");
        _ = await Track("order", "2026-03-15T18:30:00Z");
        _ = await Track("order", "2026-02-14T18:30:00Z");
        _ = await Track("order", "2026-02-14T18:29:59Z");
        _ = await Track(Odd, "2024-01-01T00:00:00Z");
        _ = await Track("theirs", "2026-03-15T18:30:00Z", client: server.OtherClient);
        _ = await server.Client.Identify(new() { UserId = "u", Traits = Some.Json("""{"plan":"pro"}""") });
        var events = (await EventsOf.Events(server.Workspace)).ToDictionary(static each => each.Name);
        Assert.Equal(["order", Odd, "declared"], events.Keys);
        var order = events["order"];
        Assert.Equal((3L, 30, true, "2026-03-15T18:30:00Z"), (order.Total, order.Days.Count, order.IsComplete, order.LastSeen.ToString()));
        Assert.Equal(
            [(new(2026, 2, 15), 1L), (new(2026, 3, 15), 1L), (new DateOnly(2026, 3, 16), 1L)],
            order.Days.Where(static day => day.Count > 0).Select(static day => (day.Day, day.Count)));
        Assert.Equal((0L, "2024-01-01T00:00:00Z"), (events[Odd].Total, events[Odd].LastSeen.ToString()));
        Assert.Equal((0L, null, true), (events["declared"].Total, events["declared"].LastSeen, events["declared"].IsDeclared));

        _ = await Track("order", "2026-03-15T23:00:00Z");
        clock.Step(aWhile);
        Assert.Equal(4, (await EventsOf.Events(server.Workspace))[0].Total);

        // Counted from the start after some hours, when a contact has taken its events along; a day later the oldest day is out.
        _ = await server.Client.DeleteContact("external_id:u");
        _ = await Track("order", "2026-03-15T23:00:00Z");
        clock.Step(TimeSpan.FromHours(7));
        Assert.Equal(1, (await EventsOf.Events(server.Workspace))[0].Total);
    }

    [Fact]
    public async Task Properties_and_their_values_come_from_the_newest_events()
    {
        _ = await server.Client.PutSchema(new() { Events = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["order"] = new Dictionary<string, string> { ["value"] = "number", ["never"] = "string" } } });
        _ = await Track("order", properties: """{"value":1,"item":{"name":"Shoe"},"tags":["a"]}""");
        _ = await Track("order", properties: """{"value":"x","item":{"name":"shirt"},"tags":["a","b"]}""");
        _ = await Track("order", properties: $$"""{"value":1.00,"item":{"name":{{JsonSerializer.Serialize(Odd)}} } }""");
        _ = await Track("order", properties: """{"value":9,"secret":1}""", client: server.OtherClient);
        var properties = await EventsOf.Properties(server.Workspace, "order");
        Assert.Equal(
            ["item.name string 3 3", "never  0 0", "tags list<string> 2 2", "value number 2,string 1 2 3"],
            properties.Select(static property => $"{property.Name} {string.Join(',', property.Types.Select(static type => $"{type.Type} {type.Count}"))} {property.Usable}{(property.Name == "value" ? $" {property.LookedAt}" : "")}").Select(static text => text.Replace("never  0", "never  0 0", StringComparison.Ordinal)));
        Assert.Equal((new TraitType(TraitKind.Number), 1L), (properties[3].Declared, properties[3].Misfits));
        Assert.Equal(["1 2"], await Of("value", ""));
        Assert.Equal(["a 2", "b 1"], await Of("tags", ""));
        Assert.Equal(["Shoe 1", "shirt 1"], await Of("item.name", "sh"));
        Assert.Equal([$"{Odd} 1"], await Of("item.name", "script"));
        Assert.Empty(await EventsOf.Properties(server.Workspace, "nobody did it"));
        Assert.Empty(await EventsOf.PropertyValues(server.Workspace, "nobody did it", "x", "", limit: 9));

        async Task<IEnumerable<string>> Of(string property, string text) => (await EventsOf.PropertyValues(server.Workspace, "order", property, text, limit: 9)).Select(static value => $"{value.Value} {value.Count}");
    }

    [Fact]
    public async Task Contacts_are_found_by_how_their_names_begin()
    {
        ContactInput[] contacts =
        [
            new() { ExternalId = "annex", Email = "zoe@x.com", Name = "Zoe" },
            new() { ExternalId = "u-2", Email = "ann@x.com", Name = "Bea" },
            new() { ExternalId = "u-3", Email = "c@x.com", Name = "ANN" },
            new() { ExternalId = "u-4", Email = "d@x.com", Name = "Annabel", PhoneNumber = "+49 1" },
            new() { ExternalId = "mIxEd-5", Email = "Joann@x.com", Name = Odd },
        ];
        _ = await server.Client.SaveContacts(new() { Contacts = contacts });
        _ = await server.OtherClient.SaveContacts(new() { Contacts = [new() { ExternalId = "ann-theirs", Email = "annie@x.com", Name = "Ann" }] });
        Assert.Equal(["u-3", "u-2", "u-4", "annex"], await Found("ann"));
        Assert.Equal(["u-4"], await Found("+49"));
        Assert.Equal(["mIxEd-5"], await Found("MIXED"));
        Assert.Equal(["mIxEd-5"], await Found("<script>alert('\""));
        Assert.Equal(["u-2", "u-3", "u-4"], await Found("u-"));
        Assert.Equal(["u-3"], await Found("C@X.COM"));
        Assert.Equal(["u-3"], await Found(server.Database.Contacts.FindByExternalId(server.Workspace, "u-3")!.Contact.Id!.Value.ToString().ToUpperInvariant()));
        Assert.Empty(await Found("%"));
        Assert.Empty(await Found(server.Database.Contacts.FindByExternalId(server.OtherWorkspace, "ann-theirs")!.Contact.Id!.Value.ToString()));
        var some = await Search.Find(server.Workspace, "ann", limit: 2);
        Assert.Equal((2, false), (some.Contacts.Count, some.Complete));
        Assert.Equal((0, false), await Search.Find(server.Workspace, " ", limit: 2) is var none ? (none.Contacts.Count, none.Complete) : default);

        async Task<IEnumerable<string?>> Found(string text)
        {
            var found = await Search.Find(server.Workspace, text, limit: 9);
            Assert.True(found.Complete);
            return found.Contacts.Select(static contact => contact.Contact.ExternalId);
        }
    }

    [Fact]
    public async Task Contacts_are_leafed_through_both_ways()
    {
        _ = await server.Client.SaveContacts(new() { Contacts = [.. Enumerable.Range(0, 5).Select(static i => new ContactInput { ExternalId = $"u{i}" })] });
        _ = await server.OtherClient.SaveContacts(new() { Contacts = [new() { ExternalId = "theirs" }] });
        Assert.Equal(["u0", "u1", "u2", "u3", "u4"], await Pages(newestFirst: false));
        Assert.Equal(["u4", "u3", "u2", "u1", "u0"], await Pages(newestFirst: true));

        async Task<List<string?>> Pages(bool newestFirst)
        {
            var (all, page) = (new List<string?>(), await Search.Page(server.Workspace, after: null, limit: 2, newestFirst));
            for (; ; page = await Search.Page(server.Workspace, page.Next, limit: 2, newestFirst))
            {
                all.AddRange(page.Contacts.Select(static contact => contact.Contact.ExternalId));
                if (page.Next is null)
                {
                    return all;
                }
            }
        }
    }

    [Fact]
    public async Task A_sample_is_spread_over_all_contacts()
    {
        await server.Database.Ingest.Write(server.Workspace, [.. Enumerable.Range(0, 2_000).Select(static i => new ContactWrite { ExternalId = $"u{i}" })], Now, createContacts: true);
        var sample = server.Database.Contacts.Sample(server.Workspace, max: 1_000);
        Assert.Equal(1_000, sample.Count);
        Assert.Equal(sample.Select(static contact => contact.Number).Distinct().Order(), sample.Select(static contact => contact.Number));
        Assert.InRange(sample[^1].Number - sample[0].Number, 1_900, 2_000);
        Assert.Equal(2_000, server.Database.Contacts.Sample(server.Workspace, max: 2_000).Count);
    }

    [Fact]
    public async Task The_last_who_changed_a_segment_is_known()
    {
        var authors = server.Service<SegmentAuthors>();
        Assert.Empty(await authors.Of(server.Workspace));
        var first = await server.Publish("first", Some.ProRule);
        var second = await server.Client.CreateSegment(new() { Name = "second", Definition = Some.Json(Some.ProRule) });
        _ = await server.Publish("theirs", Some.ProRule, server.OtherClient);
        Assert.Equal([("PublishSegment", first.Id), ("CreateSegment", second.Id)], await Known());

        clock.Step(TimeSpan.FromHours(1));
        var key = await server.NewKey(server.Workspace, [.. Scopes.All]);
        _ = await server.Connect(key).EditSegment(second.Id, new() { Description = Odd });
        var copy = await server.Client.DuplicateSegment(first.Id, "copy");
        Assert.Equal([("PublishSegment", first.Id), ("EditSegment", second.Id), ("DuplicateSegment", copy.Id)], await Known());
        var known = await authors.Of(server.Workspace);
        Assert.Equal((key.Split('_')[1], Now), (known[new(second.Id)].Actor, known[new(second.Id)].At));
        Assert.Equal(server.Key.Split('_')[1], known[new(first.Id)].Actor);

        async Task<IEnumerable<(string, Guid)>> Known() => (await authors.Of(server.Workspace)).Select(static each => (each.Value.Action, each.Key.Value)).OrderBy(each => each.Item2 == first.Id ? 0 : each.Item2 == second.Id ? 1 : 2);
    }

    [Fact]
    public async Task A_contact_s_events_are_told_newest_first()
    {
        var timeline = server.Service<ContactTimeline>();
        _ = await Track("late", "2026-03-10T00:00:00Z", """{"a":1}""");
        _ = await Track(Odd, "2026-03-12T00:00:00Z");
        _ = await Track("same", "2026-03-12T00:00:00Z");
        _ = await Track("early", "2026-03-01T00:00:00Z", $$"""{"x":{{JsonSerializer.Serialize(Odd)}}}""");
        _ = await Track("theirs", client: server.OtherClient);
        _ = await server.Client.Track(new() { UserId = "somebody else", Event = "else" });
        _ = await server.Client.Identify(new() { UserId = "u", Traits = Some.Json("""{"plan":"pro"}""") });
        var contact = server.Database.Contacts.FindByExternalId(server.Workspace, "u")!.Contact.Id!.Value;
        var all = new List<TimelineEvent>();
        for (string? before = null; ;)
        {
            var page = await timeline.Of(server.Workspace, contact, before, limit: 2);
            all.AddRange(page!.Events);
            if ((before = page.Next) is null)
            {
                break;
            }
        }

        Assert.Equal(["same", Odd, "late", "early"], all.Select(static happened => happened.Name));
        Assert.Equal(("2026-03-10T00:00:00Z", """{"a":1}"""), (all[2].At.ToString(), all[2].Properties.GetRawText()));
        Assert.Equal(Odd, all[3].Properties.GetProperty("x").GetString());
        Assert.Null(await timeline.Of(server.OtherWorkspace, contact, before: null, limit: 2));
        Assert.Null(await timeline.Of(server.Workspace, contact, before: "'; drop table events; --", limit: 2));
    }

    private Instant Now => Instant.From(clock.GetUtcNow());

    private async Task<IEnumerable<string>> Counted(string trait, string text) =>
        (await TraitsOf.Values(server.Workspace, trait, text, limit: 9)).Select(static value => $"{value.Value} {value.Count}");

    private async Task<IEnumerable<string>> Values(string trait, string text) => (await TraitsOf.Values(server.Workspace, trait, text, limit: 9)).Select(static value => value.Value);

    private Task<ContactSaved> Save(string externalId, string customData, SegmentEngineClient? client = null) =>
        (client ?? server.Client).SaveContact(new() { ExternalId = externalId, CustomData = Some.Json(customData) });

    private Task<BatchAccepted> Track(string name, string? at = null, string? properties = null, SegmentEngineClient? client = null) => (client ?? server.Client).Track(new()
    {
        UserId = "u",
        Event = name,
        Timestamp = at is null ? null : DateTimeOffset.Parse(at, CultureInfo.InvariantCulture),
        Properties = properties is null ? null : Some.Json(properties),
    });
}
