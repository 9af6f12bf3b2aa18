using System.Text.Json.Nodes;
using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Hosting;

/// <summary>Clients that others wrote, or that are generated from what the server says of itself.</summary>
public sealed class OtherClientsTests(TestServer server) : IClassFixture<TestServer>
{
    private readonly string pro = Some.Name("user");
    private readonly string free = Some.Name("user");

    [NodeFact]
    public async Task OpenFeature_s_SDK_evaluates_segments_as_flags()
    {
        var segment = await World();
        var asked = JsonNode.Parse(await Node.Run("tests/javascript", "flags.mjs", server.Address.ToString().TrimEnd('/'), server.Key, segment.Name, pro, free))!;
        Assert.Equal((true, "TARGETING_MATCH", "member"), Of("member"));
        Assert.Equal((false, "DEFAULT", "not_member"), Of("other"));
        Assert.Equal((false, "DEFAULT", "unknown"), Of("nobody"));
        Assert.Equal((segment.Id.ToString(), false), ((string)asked["member"]!["flagMetadata"]!["segmentId"]!, (bool)asked["member"]!["flagMetadata"]!["stale"]!));
        Assert.Equal((false, "FLAG_NOT_FOUND"), ((bool)asked["none"]!["value"]!, (string)asked["none"]!["errorCode"]!));

        (bool, string, string) Of(string who) => ((bool)asked[who]!["value"]!, (string)asked[who]!["reason"]!, (string)asked[who]!["variant"]!);
    }

    [NodeFact]
    public async Task The_TypeScript_SDK_of_the_Model_Context_Protocol_takes_the_schemas_and_the_answers()
    {
        var segment = await World();
        var asked = JsonNode.Parse(await Node.Run("tests/javascript", "mcp.mjs", server.Address.ToString(), server.Key, segment.Name, $"external_id:{pro}"))!;
        Assert.Equal(6, asked["tools"]!.AsArray().Count);
        Assert.True((bool)asked["answers"]!["check_contact_in_segment"]!["is_member"]!);
        Assert.Equal(segment.Id.ToString(), (string)asked["answers"]!["get_segment"]!["id"]!);
        Assert.NotNull(asked["answers"]!["resolve_agent_context"]!["actions"]);
        Assert.NotNull(asked["answers"]!["explain_membership"]!["explanation"]);
    }

    [NodeFact]
    public async Task JsonLogic_s_own_evaluator_asks_for_memberships_with_the_operation_of_the_client()
    {
        var segment = await World();
        _ = await Node.Run("clients/typescript", "node_modules/typescript/bin/tsc", "-p", ".");
        var asked = JsonNode.Parse(await Node.Run("tests/javascript", "jsonlogic.mjs", server.Address.ToString().TrimEnd('/'), server.Key, segment.Id.ToString(), segment.Name, $"external_id:{pro}", $"external_id:{free}"))!;
        Assert.Equal("[true,true,false,false]", asked["member"]!.ToJsonString());
        Assert.Equal("[false,false,true,false]", asked["other"]!.ToJsonString());
        Assert.Equal("[false,false,true,false]", asked["nobody"]!.ToJsonString());
        Assert.StartsWith("the segments of the contact cannot be asked for: 404", (string)asked["unknown"]!, StringComparison.Ordinal);
        Assert.StartsWith("the segments of the contact cannot be asked for: 401", (string)asked["refused"]!, StringComparison.Ordinal);
    }

    /// <summary>SEGMENT_APPROVE=1 takes what is generated now for what is to be generated.</summary>
    [NodeFact]
    public async Task The_TypeScript_client_is_that_of_this_server_is_type_checked_and_runs()
    {
        const string folder = "clients/typescript";
        var (generated, committed) = (Path.Combine(Path.GetTempPath(), $"schema-{Guid.NewGuid()}.ts"), Path.Combine(Node.Root, folder, "src/schema.ts"));
        _ = await Node.Run(folder, "node_modules/openapi-typescript/bin/cli.js", new Uri(server.Address, "openapi/v1.json").ToString(), "-o", generated);
        if (Environment.GetEnvironmentVariable("SEGMENT_APPROVE") == "1")
        {
            File.Copy(generated, committed, overwrite: true);
        }

        Assert.True(await File.ReadAllTextAsync(committed) == await File.ReadAllTextAsync(generated), "the API is another: run this test with SEGMENT_APPROVE=1 and commit src/schema.ts");
        File.Delete(generated);

        _ = await Node.Run(folder, "node_modules/typescript/bin/tsc", "-p", ".");
        var segment = await World();
        var asked = JsonNode.Parse(await Node.Run(folder, "dist/example.js", server.Address.ToString().TrimEnd('/'), server.Key, segment.Id.ToString(), $"external_id:{pro}"))!;
        Assert.Equal((true, 404), ((bool)asked["isMember"]!, (int)asked["status"]!));
        Assert.NotEmpty(asked["names"]!.AsArray());
    }

    private async Task<Segment> World()
    {
        _ = await server.Client.SaveContact(Some.Contact("pro", pro));
        _ = await server.Client.SaveContact(Some.Contact("free", free));
        return await server.Publish(Some.Name("pros"), Some.ProRule);
    }
}
