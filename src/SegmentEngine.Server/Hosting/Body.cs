using System.Buffers;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Metadata;
using SegmentEngine.Client;

namespace SegmentEngine.Server.Hosting;

#pragma warning disable CA1000 // The framework finds BindAsync and PopulateMetadata on the parameter's own type.

/// <summary>A request's JSON body as a wire record. What does not fit is refused with the place where it does not.</summary>
/// <typeparam name="T">A record of <see cref="WireJson"/>.</typeparam>
public sealed class Body<T>(T value) : IEndpointParameterMetadataProvider where T : class
{
    public T Value => value;

    public static async ValueTask<Body<T>?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        new(JsonBody.Read<T>(JsonBody.Parse(await JsonBody.Bytes(context), RequestLimits.JsonDepthMax)));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(JsonBody.Accepts<T>());
}

/// <summary>A body that may be left out.</summary>
/// <typeparam name="T">A record of <see cref="WireJson"/>.</typeparam>
public sealed class OptionalBody<T>(T? value) : IEndpointParameterMetadataProvider where T : class
{
    public T? Value => value;

    public static async ValueTask<OptionalBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        context.Request is { ContentType: null, ContentLength: null or 0 } ? new(null) : new((await Body<T>.BindAsync(context, parameter))!.Value);

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T), isOptional: true));
}

/// <summary>A body with a rule in it, which may be nested deeper; nested too deep it is a refused rule, not a refused request.</summary>
public sealed class RuleBody<T>(T value) : IEndpointParameterMetadataProvider where T : class
{
    public T Value => value;

    public static async ValueTask<RuleBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        try
        {
            return new(JsonBody.Read<T>(JsonBody.Parse(await JsonBody.Bytes(context), RequestLimits.RuleJsonDepthMax)));
        }
        catch (RefusedException refused) when (refused.Refusal.Body.Details is [{ Code: JsonFaults.TooDeep } tooDeep])
        {
            throw new RefusedException(Refusal.BadRule([tooDeep with { Path = "$.definition", Severity = "error" }]));
        }
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(JsonBody.Accepts<T>());
}

/// <summary>
/// A body whose items are looked at one by one, or which comes in more than one form. It is described as <typeparamref name="TDescribed"/>. Its memory is lent: nothing of it may be used once the request is answered.
/// </summary>
public sealed class RawBody<TDescribed>(JsonElement value) : IEndpointParameterMetadataProvider
{
    public JsonElement Value => value;

    public static async ValueTask<RawBody<TDescribed>?> BindAsync(HttpContext context, ParameterInfo parameter) => new(await JsonBody.Rented(context, RequestLimits.JsonDepthMax));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(JsonBody.Accepts<TDescribed>());
}

#pragma warning restore CA1000

/// <summary>Reads bodies. All refusals are <see cref="RefusedException"/>.</summary>
public static class JsonBody
{
    public static AcceptsMetadata Accepts<T>() => new(["application/json"], typeof(T));

    public static async ValueTask<byte[]> Bytes(HttpContext context)
    {
        var body = await Whole(context);
        var bytes = body.ToArray();
        context.Request.BodyReader.AdvanceTo(body.End);
        return bytes;
    }

    /// <summary>Reads a body into memory that goes back when the request is over. A batch is a large object, and to make one for each would have the collector walk through all that lives, again and again.</summary>
    public static async ValueTask<JsonElement> Rented(HttpContext context, int depthMax)
    {
        var body = await Whole(context);
        var length = (int)body.Length;
        var rented = new RentedBytes(length);
        context.Response.RegisterForDispose(rented);
        body.CopyTo(rented.Bytes);
        context.Request.BodyReader.AdvanceTo(body.End);
        return Checked(rented.Bytes.AsMemory(0, length), depthMax, json =>
        {
            var document = JsonDocument.Parse(json, new() { MaxDepth = depthMax, AllowDuplicateProperties = false });
            context.Response.RegisterForDispose(document);
            return document.RootElement;
        });
    }

    public static JsonElement Parse(byte[] json, int depthMax) => Checked(json, depthMax, json => JsonElement.Parse(json.Span, new() { MaxDepth = depthMax, AllowDuplicateProperties = false }));

    private static async ValueTask<ReadOnlySequence<byte>> Whole(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new RefusedException(Refusal.Of(StatusCodes.Status415UnsupportedMediaType, "the body must be application/json"));
        }

        if (LargeBody.IsAnnounced(context))
        {
            throw new RefusedException(LargeBody.Refusal);
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
            else if (read.Buffer.IsEmpty)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw new RefusedException(Refusal.BadRequest("$", "empty", "the body is empty"));
            }
            else
            {
                return read.Buffer;
            }
        }
    }

    private static JsonElement Checked(ReadOnlyMemory<byte> json, int depthMax, Func<ReadOnlyMemory<byte>, JsonElement> parse)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw new RefusedException(Refusal.BadRequest("$", "malformed", "the body is not UTF-8"));
        }

        try
        {
            return parse(json);
        }
        catch (JsonException fault)
        {
            throw new RefusedException(Refusal.BadRequest([JsonFaults.Malformed(fault, json.Span, depthMax)]));
        }
        catch (InvalidOperationException)
        {
            // The reader could not make text of a field's name.
            throw new RefusedException(Refusal.BadRequest([JsonFaults.HalfPair("$")]));
        }
    }

    public static T Read<T>(JsonElement json) where T : class =>
        TryRead<T>(json, "$", out var faults) ?? throw new RefusedException(Refusal.BadRequest(faults));

    /// <summary>A refusal where a list holds null, which the JSON reader lets pass; null where it holds none.</summary>
    public static Refusal? NullIn<T>(IReadOnlyList<T>? list, string path) where T : class =>
        (list ?? []).Index().Where(static each => each.Item is null).Select(each => Refusal.BadRequest($"{path}[{each.Index}]", "wrong_type", "this must not be null")).FirstOrDefault();

    /// <summary>Reads one item of a body; what is wrong with it goes back to the caller, with paths that start at the item's own.</summary>
    public static T? TryRead<T>(JsonElement item, string path, out IReadOnlyList<Diagnostic> faults) where T : class
    {
        if (JsonFaults.HasHalfPair(JsonMarshal.GetRawUtf8Value(item)))
        {
            faults = [JsonFaults.HalfPair(path)];
            return null;
        }

        try
        {
            faults = [];
            if (item.Deserialize(WireJson.Default.GetTypeInfo(typeof(T))!) is T read)
            {
                return read;
            }

            faults = [new() { Path = path, Code = "wrong_type", Message = "expected an object, found null" }];
        }
        catch (JsonException fault)
        {
            faults = [.. JsonFaults.Unfit(fault).Select(each => each with { Path = path + each.Path[1..] })];
        }

        return null;
    }

    /// <summary>Bytes of the pool, at least so many, given back once.</summary>
    private sealed class RentedBytes(int length) : IDisposable
    {
        public byte[] Bytes { get; } = ArrayPool<byte>.Shared.Rent(length);

        public void Dispose() => ArrayPool<byte>.Shared.Return(Bytes);
    }
}
