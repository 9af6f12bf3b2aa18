using System.Net;
using Microsoft.AspNetCore.Http.Features;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Keys;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard.Frame;

/// <summary>
/// The server's own endpoints, asked without a socket and in a person's name. What the pages show is so what the API answers, and what a person may not do is refused where a key's refusal is made.
/// </summary>
public sealed class LocalServer
{
    private readonly IServiceScopeFactory scopes;
    private readonly PeopleStore people;
    private RequestDelegate? pipeline;

    public LocalServer(IServiceScopeFactory scopes, PeopleStore people) => (this.scopes, this.people) = (scopes, people);

    /// <summary>Endpoints that are mapped later are found all the same.</summary>
    public void Open(WebApplication app)
    {
        // The same endpoints as outside: by itself a branch has a routing of its own.
        var local = ((IApplicationBuilder)app).New();
        local.Properties["__GlobalEndpointRouteBuilder"] = app;
        local.UseMiddleware<ErrorBodies>();
        local.UseRouting();
        local.UseMiddleware<KeyCheck>();
        local.UseEndpoints(static _ => { });
        pipeline = local.Build();
    }

    /// <summary>Sends requests in a person's name for as long as the person is signed in by this stamp.</summary>
    public HttpMessageHandler For(Guid person, string stamp) => new Handler(this, person, stamp);

    /// <summary>Answers a request of the outer server by an endpoint of its own; what is answered is sent as it comes.</summary>
    public Task Forward(HttpContext outer, Person person, string path, string query)
    {
        var context = Request(outer.RequestServices, person, HttpMethods.Get, path, query);
        context.RequestAborted = outer.RequestAborted;
        context.Features.Set(outer.Features.GetRequiredFeature<IHttpResponseFeature>());
        context.Features.Set(outer.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        return pipeline!(context);
    }

    private static DefaultHttpContext Request(IServiceProvider services, Person person, string method, string path, string query)
    {
        var context = new DefaultHttpContext { RequestServices = services };
        (context.Request.Method, context.Request.Scheme, context.Request.Host) = (method, "http", new("localhost"));
        (context.Request.Path, context.Request.QueryString) = (PathString.FromUriComponent(path), new(query));
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = path + query;
        context.Features.Set<IHttpMaxRequestBodySizeFeature>(new AnySize());
        context.Features.Set(Caller.Of(person));
        return context;
    }

    private sealed class Handler(LocalServer server, Guid id, string stamp) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (server.people.Find(id) is not { } person || person.SecurityStamp != stamp)
            {
                return new(HttpStatusCode.Unauthorized) { RequestMessage = request, Content = new StringContent("""{"statusCode":401,"message":"signed out","error":"Unauthorized"}""") };
            }

            await using var scope = server.scopes.CreateAsyncScope();
            var context = Request(scope.ServiceProvider, person, request.Method.Method, request.RequestUri!.AbsolutePath, request.RequestUri.Query);
            context.RequestAborted = cancellationToken;
            foreach (var (name, values) in request.Headers)
            {
                context.Request.Headers[name] = values.ToArray();
            }

            if (request.Content is { } content)
            {
                var body = await content.ReadAsByteArrayAsync(cancellationToken);
                context.Request.Body = new MemoryStream(body, writable: false);
                (context.Request.ContentType, context.Request.ContentLength) = (content.Headers.ContentType?.ToString(), body.Length);
                context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
            }

            using var answer = new MemoryStream();
            context.Response.Body = answer;
            await server.pipeline!(context);
            await context.Response.CompleteAsync();
            var response = new HttpResponseMessage((HttpStatusCode)context.Response.StatusCode) { RequestMessage = request, Content = new ByteArrayContent(answer.ToArray()) };
            foreach (var (name, values) in context.Response.Headers)
            {
                if (!response.Headers.TryAddWithoutValidation(name, values.ToArray()))
                {
                    _ = response.Content.Headers.TryAddWithoutValidation(name, values.ToArray());
                }
            }

            return response;
        }
    }

    /// <summary>What the pages send is bounded where they are; the endpoints look at the length by themselves.</summary>
    private sealed class AnySize : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;
        public long? MaxRequestBodySize { get; set; }
    }

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}
