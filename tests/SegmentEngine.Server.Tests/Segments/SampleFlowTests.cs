using System.Text;
using System.Text.Json;
using SegmentEngine.Client;
using SegmentEngine.Rules;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Tests.Samples;

namespace SegmentEngine.Server.Tests.Segments;

/// <summary>A server at the time of the samples.</summary>
public sealed class SampleServer : IAsyncLifetime
{
    internal static readonly DateTimeOffset Now = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    internal TestServer Running { get; } = new() { Clock = new StoppedClock(Now) };

    internal Dictionary<string, WorkspaceId> Workspaces { get; } = [];

    /// <summary>A server that starts loads all its workspaces; one that is made later would keep its first reader waiting.</summary>
    public async Task InitializeAsync()
    {
        await Running.InitializeAsync();
        foreach (var sample in Sample.Names.Select(Sample.Read))
        {
            Workspaces.Add(sample.Name, (await Running.Database.Workspaces.Create(sample.Name, sample.Zone.Id, sample.Now)).Id);
        }

        await Running.Restart();
    }

    public Task DisposeAsync() => Running.DisposeAsync();
}

/// <summary>Every file of <c>rules-samples/</c> over the wire, each in a workspace of its own: its events and contacts in, its segment made, checked and published, its members asked for.</summary>
public sealed class SampleFlowTests(SampleServer server) : IClassFixture<SampleServer>
{
    public static TheoryData<string> Taken => [.. Sample.Names.Where(static name => !Sample.IsRefused(name))];

    public static TheoryData<string> Refused => [.. Sample.Names.Where(Sample.IsRefused)];

    [Theory, MemberData(nameof(Taken))]
    public async Task Its_members_are_those_that_the_server_finds(string name)
    {
        var sample = Sample.Read(name);
        var client = await Prepare(sample);
        var segment = await Publish(name, sample, client, []);

        var members = await client.ListMembers(segment.Id, atLeast: segment.Revision);
        Assert.Equal(sample.Members, members.Items.Select(static member => member.ExternalId!).Order(StringComparer.Ordinal));
        Assert.Equal(sample.Members.Length, (await client.GetSegment(segment.Id)).MemberCount);

        var contacts = sample.Contacts.Select(static contact => contact.ExternalId!).ToList();
        var checks = await client.CheckMany(new() { Checks = [.. contacts.Select(contact => new CheckItem($"{segment.Id}", $"external_id:{contact}"))] });
        Assert.Equal(contacts.Select(contact => sample.Members.Contains(contact)), checks.Results.Select(static result => result.Check!.IsMember));
        foreach (var contact in contacts)
        {
            Assert.Equal(sample.Members.Contains(contact), (await client.SegmentsOf($"external_id:{contact}")).Data.Any(each => each.Id == segment.Id));
        }
    }

    [Theory, MemberData(nameof(Refused))]
    public async Task A_rule_that_is_refused_is_refused_by_the_server_too(string name)
    {
        var sample = Sample.Read(name);
        var client = await Prepare(sample);
        var check = await client.CheckRule(new() { Definition = sample.Definition });
        Assert.False(check.Valid);
        Assert.Equal(sample.Diagnostics, check.Diagnostics.Select(Told));
        var refused = await Assert.ThrowsAsync<SegmentEngineException>(() => client.CreateSegment(new() { Name = name, Definition = sample.Definition }));
        Assert.Equal((422, check.Diagnostics.Count), (refused.Status, refused.Details.Count));
    }

    /// <summary>A workspace with the sample's schema, zone, contacts and events. The events come first: what a contact says of itself today begins no new history then.</summary>
    private async Task<SegmentEngineClient> Prepare(Sample sample)
    {
        Assert.Equal(SampleServer.Now, sample.Now.ToDateTimeOffset());
        var client = server.Running.Connect(await server.Running.NewKey(server.Workspaces[sample.Name], [.. Scopes.All]));
        _ = await client.PutSchema(Sample.SchemaOf(sample.Name).Deserialize(WireJson.Default.Schema)!);
        if (Sample.EventsOf(sample.Name) is var events && events.GetArrayLength() > 0)
        {
            Assert.Empty((await client.SendEventsJson(Json($$"""{"batch":{{events}}}"""))).Refused);
        }

        var saved = await client.SaveContactsJson(Json($$"""{"contacts":{{Sample.ContactsOf(sample.Name)}}}"""));
        Assert.Empty(saved.Refused);
        _ = await Patience.Ask(() => client.ListSegments(atLeast: saved.Revision));
        return client;
    }

    /// <summary>The segments that a sample is built on come first; another is named by its id then.</summary>
    private static async Task<ManagedSegment> Publish(string name, Sample sample, SegmentEngineClient client, Dictionary<string, ManagedSegment> published)
    {
        var rule = RuleJson.Print(RuleJson.Read(Sample.DefinitionOf(name)).Condition!);
        foreach (var reference in Sample.ReferencesOf(name))
        {
            var other = published.TryGetValue(reference, out var done) ? done : await Publish(reference, sample, client, published);
            rule = rule.Replace($"\"segment_id\":\"{reference}\"", $"\"segment_id\":\"{other.Id}\"", StringComparison.Ordinal);
        }

        var definition = JsonElement.Parse(rule);
        var check = await client.CheckRule(new() { Definition = definition });
        Assert.True(check.Valid);
        if (name == sample.Name)
        {
            // What hangs on the contacts that are there, only a server can say.
            Assert.Equal(sample.Diagnostics, check.Diagnostics.Where(static each => each.Code != "many_lack_it").Select(Told));
        }

        var created = await client.CreateSegment(new() { Name = name, Definition = definition });
        var segment = published[name] = await client.PublishSegment(created.Id);
        Assert.True(JsonElement.DeepEquals(definition, segment.Definition!.Value), $"{segment.Definition}");
        Assert.Equal("ready", (await Patience.Ask(() => client.GetSegment(segment.Id, atLeast: segment.Revision))).Status);
        return segment;
    }

    private static string Told(Diagnostic diagnostic) => $"{diagnostic.Path} {diagnostic.Code} {diagnostic.Severity}";

    private static byte[] Json(string json) => Encoding.UTF8.GetBytes(json);
}
