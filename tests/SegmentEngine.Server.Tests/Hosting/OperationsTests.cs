using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Hosting;

public sealed partial class OperationsTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task The_table_has_every_setting_and_no_other()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Node.Root, "docs/operations.md"));
        Assert.Equal(
            typeof(ServerOptions).GetProperties().Where(static setting => setting.CanWrite).Select(static setting => setting.Name).Order(StringComparer.Ordinal),
            Setting().Matches(text).Select(static row => row.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    /// <summary>What a panel asks for is what the server has to say, once something of each kind has happened.</summary>
    [Fact]
    public async Task Each_metric_of_the_dashboard_is_one_of_the_server()
    {
        var contact = await server.Client.SaveContact(Some.Contact("pro"));
        _ = await server.Client.SaveContacts(new() { Contacts = [Some.Contact("pro")] });
        var segment = await server.Publish(Some.Name("pros"), Some.ProRule);
        _ = await server.Client.Check(segment.Id, contact.Id.ToString(), atLeast: contact.Revision);
        _ = await server.Client.CreateAction(new() { Name = Some.Name("action") });
        _ = await server.Client.Resolve(new() { ContactId = contact.Id.ToString() });
        var metrics = await server.Http(await server.NewKey(server.Workspace, [Scopes.Jobs])).GetStringAsync(new Uri("metrics", UriKind.Relative));
        var there = Line().Matches(metrics).Select(static line => line.Groups[1].Value).ToHashSet();
        var panels = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Node.Root, "docs/grafana/segmentengine.json")))!["panels"]!.AsArray();
        var asked = panels.SelectMany(static panel => panel!["targets"]!.AsArray()).SelectMany(static target => Metric().Matches((string)target!["expr"]!).Select(static match => match.Value)).Distinct().ToList();
        Assert.True(asked.Count >= 8, $"the dashboard asks for {asked.Count} metrics");
        Assert.All(asked, metric => Assert.Contains(metric, there));
    }

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Setting();

    [GeneratedRegex(@"^([a-z_]+)[ {]", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"(segmentengine|http_server)_\w+")]
    private static partial Regex Metric();
}
