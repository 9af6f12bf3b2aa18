using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Hosting;

/// <summary>
/// 200 with a value that is the same for as long as its tag is: whoever has it already, and says so with <c>If-None-Match</c>, is answered 304. Caches must ask each time, so that none of them gives what is no longer so.
/// Written in one piece and with its length.
/// </summary>
/// <typeparam name="T">A record of <see cref="WireJson"/>.</typeparam>
public sealed class Tagged<T>(T value, string tag) : IResult, IEndpointMetadataProvider
{
    private const string Json = "application/json; charset=utf-8";
    private const string AskEachTime = "private, no-cache";

    private static readonly JsonTypeInfo<T> type = (JsonTypeInfo<T>)WireJson.Default.GetTypeInfo(typeof(T))!;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.ETag = tag;
        response.Headers.CacheControl = AskEachTime;
        if (httpContext.Request.Headers.IfNoneMatch is { Count: > 0 } known && IsAmong(known))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        response.ContentType = Json;
        response.ContentLength = body.Length;
        return response.BodyWriter.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }

#pragma warning disable CA1000 // The framework finds it on the result's own type.
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified));
    }

#pragma warning restore CA1000

    private bool IsAmong(StringValues known) =>
        EntityTagHeaderValue.TryParseList(known.OfType<string>().ToList(), out var tags) && tags.Any(each => each.Equals(EntityTagHeaderValue.Any) || each.Compare(EntityTagHeaderValue.Parse(tag), useStrongComparison: false));
}
