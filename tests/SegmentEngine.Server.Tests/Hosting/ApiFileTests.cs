using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Hosting;

/// <summary><c>docs/api.http</c>, run from top to bottom: each call answers with the status that is written above it, and every call that there is stands in it.</summary>
public sealed partial class ApiFileTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Every_call_stands_in_the_file_and_answers_as_it_says()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Node.Root, "docs/api.http"));
        var answers = new Dictionary<string, (JsonNode? Body, string? Tag)>(StringComparer.Ordinal);
        var called = new HashSet<string>(StringComparer.Ordinal);
        var examples = new ApiExamples();
        var endpoints = server.Endpoints;
        foreach (var block in text.Split("### ")[1..])
        {
            var (title, name, status, request) = Read(block, answers);
            using (request)
            {
                var path = request.RequestUri!.AbsolutePath;
                var names = endpoints.Where(endpoint => IsThat(endpoint, request.Method.Method, path)).Select(Named).ToList();
                called.UnionWith(names);
                var sent = request.Content is null ? null : await request.Content.ReadAsStringAsync();
                using var answer = await Patience.Ask(() => server.Http(key: null).SendAsync(request));
                var body = await answer.Content.ReadAsStringAsync();
                Assert.True((int)answer.StatusCode == status, $"{title}: {(int)answer.StatusCode} instead of {status}: {body}");
                examples.Add(names, sent, status, body);
                if (name is not null)
                {
                    answers[name] = (JsonNode.Parse(body), answer.Headers.ETag?.ToString());
                }
            }
        }

        Assert.Equal(endpoints.Select(Named).Where(static name => name.Length > 0).Order(StringComparer.Ordinal), called.Where(static name => name.Length > 0).Order(StringComparer.Ordinal));
        examples.Approve(Path.Combine(Node.Root, "src/SegmentEngine.Server/Hosting/examples.json"));
    }

    private static string Named(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "";

    private static bool IsThat(RouteEndpoint endpoint, string method, string path)
    {
        var (segments, parts) = (endpoint.RoutePattern.PathSegments, path.Trim('/').Split('/'));
        return endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(method) == true && segments.Count == parts.Length
            && segments.Zip(parts).All(static pair => pair.First.Parts[0] switch
            {
                RoutePatternLiteralPart literal => literal.Content == pair.Second,
                RoutePatternParameterPart parameter => !parameter.ParameterPolicies.Any(static policy => policy.Content == "guid") || Guid.TryParse(pair.Second, out _),
                _ => false,
            });
    }

    private (string Title, string? Name, int Status, HttpRequestMessage Request) Read(string block, Dictionary<string, (JsonNode? Body, string? Tag)> answers)
    {
        var lines = Variable().Replace(block, variable => variable.Value switch
        {
            "{{server}}" => server.Address.ToString().TrimEnd('/'),
            "{{key}}" => server.Key,
            _ when variable.Groups["header"].Success => answers[variable.Groups["name"].Value].Tag!,
            _ => answers[variable.Groups["name"].Value].Body![variable.Groups["field"].Value]!.ToString(),
        }).Split('\n');
        var (title, name, status) = (lines[0], (string?)null, 0);
        var at = 1;
        for (; lines[at].StartsWith('#'); at++)
        {
            name = lines[at].StartsWith("# @name ", StringComparison.Ordinal) ? lines[at][8..] : name;
            status = lines[at].StartsWith("# expects ", StringComparison.Ordinal) ? int.Parse(lines[at][10..], CultureInfo.InvariantCulture) : status;
        }

        var request = new HttpRequestMessage(new(lines[at].Split(' ')[0]), new Uri(lines[at].Split(' ')[1]));
        var type = "";
        for (at++; at < lines.Length && lines[at].Length > 0; at++)
        {
            var (header, value) = (lines[at].Split(": ")[0], lines[at].Split(": ")[1]);
            _ = header == "Content-Type" ? (type = value).Length > 0 : request.Headers.TryAddWithoutValidation(header, value);
        }

        if (type.Length > 0)
        {
            request.Content = new StringContent(string.Join('\n', lines[(at + 1)..].TakeWhile(static line => !line.StartsWith("# ", StringComparison.Ordinal))).Trim() + "\n", Encoding.UTF8, type);
        }

        return (title, name, status, request);
    }

    [GeneratedRegex(@"\{\{(?<name>\w+)(\.response\.(body\.(?<field>\w+)|headers\.(?<header>\w+)))?\}\}")]
    private static partial Regex Variable();
}
