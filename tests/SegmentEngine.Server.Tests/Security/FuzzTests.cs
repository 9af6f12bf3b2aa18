using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Routing;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Tests.Support;
using Xunit.Abstractions;

namespace SegmentEngine.Server.Tests.Security;

/// <summary>Bodies, paths and queries that nobody should send, to every endpoint that is mapped.</summary>
public sealed class FuzzTests(TestServer server, ITestOutputHelper output) : IClassFixture<TestServer>
{
    private const int Requests = 10_000;
    private const int Lanes = 8;
    private const long GrowthMax = 64 << 20;

    private static readonly string[] values =
    [
        "null", "true", "[]", "{}", "0", "-1", "1e400", "-1e-400", "9223372036854775808", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\"", "\"‮\"", "\"a\\r\\nb: c\"", "\"';drop table contacts;--\"", "\"=cmd|' /C calc'!A0\"", "[null]", "[[[[]]]]", "{\"\":1}",
        "\"00000000-0000-0000-0000-000000000000\"", "\"2024-02-30T00:00:00Z\"", "0.1e1", "01", "NaN", "'x'", "\"\ud83d\ude00\"", "{\"a\":1,\"a\":2}", "\"external_id:\"", "\"email:@\"",
    ];

    [Fact]
    public async Task Nothing_but_refusals_comes_of_it_and_the_server_lives_on()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SEGMENT_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var endpoints = server.Endpoints.Where(static endpoint => endpoint.Metadata.GetMetadata<RequiredScope>() is { Scope: not null } && endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is not null).ToList();
        _ = await server.Client.SaveContact(Some.Contact("pro", "u"));
        _ = await server.Publish(Some.Name("pros"), Some.ProRule);
        var http = server.Http(key: null);
        var before = Memory();
        var statuses = new SortedDictionary<int, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Lanes), new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (lane, cancel) =>
        {
            var random = new Random(seed + lane);
            for (var i = 0; i < Requests / Lanes; i++)
            {
                var endpoint = endpoints[random.Next(endpoints.Count)];
                using var request = Request(endpoint, random);
                var shown = $"seed {seed}, lane {lane}, request {i}: {request.Method} {request.RequestUri}";
                HttpStatusCode status;
                try
                {
                    using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
                    status = answer.StatusCode;
                }
                catch (HttpRequestException cut) when (request.Content?.Headers.ContentLength > 1 << 20)
                {
                    // Refused before all of it was sent, and so cut off.
                    Assert.NotNull(cut);
                    status = HttpStatusCode.RequestEntityTooLarge;
                }

                Assert.True((int)status is < 500 or 507, $"{shown}: {(int)status}");
                lock (statuses)
                {
                    statuses[(int)status] = statuses.GetValueOrDefault((int)status) + 1;
                }
            }
        });

        var grown = Memory() - before;
        output.WriteLine($"{statuses.Values.Sum():N0} requests: {string.Join(", ", statuses.Select(static each => $"{each.Value:N0} × {each.Key}"))}; the heap grew by {grown >> 20} MB");
        Assert.Equal(Requests, statuses.Values.Sum());
        Assert.True(statuses.Where(static each => each.Key >= 400).Sum(static each => each.Value) > Requests / 2, "most of it should be refused");
        Assert.True(grown < GrowthMax, $"the heap grew by {grown >> 20} MB");
        Assert.Equal("ready", (await server.Client.Ready()).Status);
    }

    private static long Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private HttpRequestMessage Request(RouteEndpoint endpoint, Random random)
    {
        var row = AccessTable.Rows[endpoint.Metadata.GetRequiredMetadata<IEndpointNameMetadata>().EndpointName];
        var path = string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => segment.Parts is [Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal] ? literal.Content : Uri.EscapeDataString(PathPart(random))));
        var query = random.Next(3) == 0 ? $"?{Uri.EscapeDataString(Pick(random, "limit", "page", "cursor", "at_least", "format", "mode", "contact_id", "from", "segment_ids"))}={Uri.EscapeDataString(Pick(random, values))}" : row.Query;
        var request = new HttpRequestMessage(new(endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods[0]), new Uri($"{path}{query}", UriKind.Relative))
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", server.Key) },
        };
        if (row.Body is not null || random.Next(10) == 0)
        {
            request.Content = new ByteArrayContent(Body(row.Body ?? "{}", random, out var encoding));
            request.Content.Headers.ContentType = new(random.Next(12) == 0 ? Pick(random, "text/plain", "application/xml", "text/csv", "application/json; charset=utf-16") .Split(';')[0] : "application/json");
            if (encoding is not null)
            {
                request.Content.Headers.ContentEncoding.Add(encoding);
            }
        }

        return request;
    }

    private static byte[] Body(string valid, Random random, out string? encoding)
    {
        encoding = null;
        var json = valid;
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            json = random.Next(9) switch
            {
                0 => json[..random.Next(json.Length + 1)],
                1 => Replaced(json, random),
                2 => json.Replace("}", $",\"{Pick(random, "id", "name", "definition", "contacts", "checks", "type", "x")}\":{Pick(random, values)}}}", StringComparison.Ordinal),
                3 => json.Insert(random.Next(json.Length + 1), Pick(random, values)),
                4 => new string('[', random.Next(1, 5_000)) + json,
                5 => json.Replace("{", "{\"and\":[{", StringComparison.Ordinal),
                6 => json.Replace(":\"", ":\"" + new string((char)random.Next(32, 0xd000), random.Next(1, 300)), StringComparison.Ordinal),
                7 => Pick(random, values),
                _ => json + json,
            };
            json = json.Length > 1 << 16 ? json[..(1 << 16)] : json;
        }

        switch (random.Next(200))
        {
            case 0:
                return Encoding.UTF8.GetBytes($"{{\"name\":\"{new string('x', 10 << 20)}\"}}");
            case 1:
                encoding = "gzip";
                using (var bomb = new MemoryStream())
                {
                    using (var zip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
                    {
                        zip.Write(new byte[32 << 20]);
                    }

                    return bomb.ToArray();
                }

            case < 20:
                var noise = new byte[random.Next(2_000)];
                random.NextBytes(noise);
                return noise;
            default:
                return Encoding.UTF8.GetBytes(json);
        }
    }

    private static string Replaced(string json, Random random)
    {
        var colons = Enumerable.Range(0, json.Length).Where(at => json[at] == ':').ToList();
        if (colons.Count == 0)
        {
            return json;
        }

        var from = colons[random.Next(colons.Count)] + 1;
        var to = json.IndexOfAny([',', '}', ']'], from);
        return to < 0 ? json : json[..from] + Pick(random, values) + json[to..];
    }

    private static string PathPart(Random random) => random.Next(6) switch
    {
        0 => Guid.NewGuid().ToString(),
        1 => "external_id:u",
        2 => random.Next(int.MinValue, int.MaxValue).ToString(CultureInfo.InvariantCulture),
        3 => new string('a', random.Next(1, 3_000)),
        4 => Pick(random, "..", "%2e%2e", "%00", "\r\n", "‮", "é", "email:x@y.z", "' or 1=1", "include", "1"),
        _ => Pick(random, values),
    };

    private static T Pick<T>(Random random, params T[] among) => among[random.Next(among.Length)];
}
