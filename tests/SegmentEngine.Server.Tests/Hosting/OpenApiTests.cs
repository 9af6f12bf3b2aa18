using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Hosting;

/// <summary>The description at <c>/openapi/v1.json</c>, as a program that generates a client would read it.</summary>
public sealed partial class OpenApiTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly string[] always = ["401", "403", "429", "500"];

    [Fact]
    public async Task It_is_OpenAPI_3_1_without_a_fault()
    {
        var text = await Text();
        Assert.StartsWith("3.1.", JsonNode.Parse(text)!["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        var read = OpenApiDocument.Parse(text, OpenApiConstants.Json);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic!.SpecificationVersion);
        Assert.Empty(read.Diagnostic.Errors.Select(static error => error.ToString()));
        Assert.Empty(read.Diagnostic.Warnings.Select(static warning => warning.ToString()));
    }

    [Fact]
    public async Task Every_reference_leads_somewhere()
    {
        var root = JsonNode.Parse(await Text())!;
        var references = References(root).Distinct().ToList();
        Assert.True(references.Count > 20, $"only {references.Count} references were found");
        Assert.All(references, reference => Assert.StartsWith("#/", reference, StringComparison.Ordinal));
        Assert.All(references, reference => Assert.NotNull(reference[2..].Split('/').Aggregate((JsonNode?)root, static (node, name) => node?[name])));
    }

    [Fact]
    public async Task Every_endpoint_is_there_with_a_name_and_what_it_is_for()
    {
        var described = (await Operations()).ToDictionary(static each => (each.Method, each.Path), static each => each.Operation);
        var mapped = server.Endpoints
            .Where(static endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription != true && !endpoint.RoutePattern.RawText!.StartsWith("{**", StringComparison.Ordinal))
            .SelectMany(static endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => (method, Path(endpoint))));
        Assert.Equal(mapped.Order(), described.Keys.Order());
        Assert.All(described, static each => Assert.False(string.IsNullOrWhiteSpace(each.Value.Summary), each.Key.Path));
        Assert.All(described, static each => Assert.False(string.IsNullOrWhiteSpace(each.Value.OperationId), each.Key.Path));
        Assert.Equal(described.Count, described.Values.Select(static operation => operation.OperationId).Distinct().Count());
    }

    [Fact]
    public async Task Every_operation_that_needs_a_key_says_so_and_names_its_errors()
    {
        var scopes = server.Endpoints
            .Where(static endpoint => endpoint.Metadata.GetMetadata<RequiredScope>() is not null && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription != true)
            .SelectMany(static endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => (Key: (method, Path(endpoint)), endpoint.Metadata.GetRequiredMetadata<RequiredScope>().Scope)))
            .ToDictionary(static each => each.Key, static each => each.Scope);
        foreach (var (method, path, operation) in await Operations())
        {
            var name = $"{method} {path}";
            var errors = operation.Responses!.Where(static response => response.Key[0] is '4' or '5').ToDictionary();
            if (!scopes.TryGetValue((method, path), out var scope))
            {
                Assert.True(path.StartsWith("/health/", StringComparison.Ordinal), $"{name} is open to everybody");
                Assert.Null(operation.Security);
                continue;
            }

            Assert.Contains($"`{scope}`", operation.Description!, StringComparison.Ordinal);
            var scheme = Assert.Single(Assert.Single(operation.Security!)).Key;
            Assert.Equal((SecuritySchemeType.Http, "bearer"), (scheme.Type, scheme.Scheme));
            Assert.Superset(always.ToHashSet(), errors.Keys.ToHashSet());
            Assert.True(!path.Contains('{', StringComparison.Ordinal) || errors.ContainsKey("404"), $"{name} names no 404");
            Assert.True(operation.RequestBody is null || (errors.ContainsKey("400") && errors.ContainsKey("413") && errors.ContainsKey("415")), $"{name} names no 400, 413 or 415");
            Assert.True(operation.Parameters?.Any(static parameter => parameter.Name == "at_least") != true || (errors.ContainsKey("409") && errors.ContainsKey("503")), $"{name} names no 409 or 503");
            Assert.All(errors.Values, error => Assert.Equal("ErrorBody", Assert.IsType<OpenApiSchemaReference>(error.Content!["application/json"].Schema).Reference.Id));
            Assert.All(errors.Values, error => Assert.False(string.IsNullOrWhiteSpace(error.Description), name));
        }
    }

    [Fact]
    public async Task Every_body_and_every_answer_has_an_example()
    {
        var without = (await Operations()).SelectMany(static each => (each.Operation.Responses ?? []).Select(static response => (What: response.Key, Content: response.Value.Content))
            .Append((What: "the body", Content: each.Operation.RequestBody is { Required: true } body ? body.Content : null))
            .Where(static part => part.Content?.TryGetValue("application/json", out var json) == true && json.Example is null)
            .Select(part => $"{each.Method} {each.Path}: {part.What}"));
        Assert.Empty(without);
    }

    [Fact]
    public async Task The_page_asks_no_other_server()
    {
        using var answer = await server.Http(key: null).GetAsync(new Uri("docs/", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("default-src 'self';", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("bearerAuth", page, StringComparison.Ordinal);
        Assert.DoesNotContain("://", page.Replace(server.Address.ToString(), "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private Task<string> Text() => server.Http(key: null).GetStringAsync(new Uri("openapi/v1.json", UriKind.Relative));

    private async Task<IReadOnlyList<(string Method, string Path, OpenApiOperation Operation)>> Operations() =>
        [.. from path in OpenApiDocument.Parse(await Text(), OpenApiConstants.Json).Document!.Paths
            from operation in path.Value.Operations!
            select (operation.Key.Method, path.Key, operation.Value)];

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject inner => inner.SelectMany(static field => field.Key == "$ref" ? [field.Value!.GetValue<string>()] : References(field.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    /// <summary>A route as OpenAPI writes it: without the kinds of its parameters.</summary>
    private static string Path(RouteEndpoint endpoint) => "/" + Kind().Replace(endpoint.RoutePattern.RawText!, "}").Trim('/');

    [GeneratedRegex(":[^}]+}")]
    private static partial Regex Kind();
}
