using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Memberships;

/// <summary>200 with a check: the same as any other answer, but written in one piece and with its length, since it is asked for a thousand times a second.</summary>
public sealed class AnsweredCheck(MembershipCheck check) : IResult, IEndpointMetadataProvider
{
    private const string Json = "application/json; charset=utf-8";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(check, WireJson.Default.MembershipCheck);
        var response = httpContext.Response;
        response.ContentType = Json;
        response.ContentLength = body.Length;
        return response.BodyWriter.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(MembershipCheck), ["application/json"]));
}
