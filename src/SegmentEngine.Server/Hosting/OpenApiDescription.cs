using System.Globalization;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using SegmentEngine.Client;
using SegmentEngine.Server.Keys;

namespace SegmentEngine.Server.Hosting;

/// <summary>The description of the API at <c>/openapi/v1.json</c>: OpenAPI 3.1, written from the endpoints themselves.</summary>
public static class OpenApiDescription
{
    private const string Scheme = "bearerAuth";

    public static void AddOpenApiDescription(this WebApplicationBuilder builder) => builder.Services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new()
            {
                Title = "SegmentEngine",
                Version = "1.0-beta",
                Description = "Who is in which segment, right now; and what an agent may therefore see and do. The read-only segment calls are OpenCX's, field by field.",
                License = new() { Name = "Apache-2.0", Identifier = "Apache-2.0" },
            };
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key, as `sk_…`, with the scope the call asks for." },
            };
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(static (schema, context, _) =>
        {
            var type = context.JsonTypeInfo.Type;
            if (Emptied(type) is { } emptied)
            {
                schema.Type = JsonSchemaType.String | JsonSchemaType.Null;
                schema.Format = emptied == typeof(Guid) ? "uuid" : "date-time";
            }
            else if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTimeOffset))
            {
                schema.Type = JsonSchemaType.String | (Nullable.GetUnderlyingType(type) is null ? 0 : JsonSchemaType.Null);
                schema.Format = "date-time";
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            operation.Responses ??= [];
            if (metadata.OfType<RequiredScope>().FirstOrDefault()?.Scope is { } scope)
            {
                operation.Description = $"Scope `{scope}`.";
                operation.Security = [new() { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
                var error = new OpenApiSchemaReference(nameof(ErrorBody), context.Document);
                foreach (var (status, description) in Refusals(operation, context.Description.HttpMethod, scope))
                {
                    operation.Responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
                    {
                        Description = description,
                        Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = error } },
                    });
                }
            }

            OpenApiExamples.AddTo(operation);
            return Task.CompletedTask;
        });
    });

    /// <summary>The description as a page at <c>/docs</c>, with a form to try each call. All of it comes from this server, and the browser is told to ask no other: keys are typed into it.</summary>
    public static void MapReference(this WebApplication app)
    {
        _ = app.UseWhen(static context => context.Request.Path.StartsWithSegments("/docs"), static page => page.Use(static (context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        }));
        _ = app.MapScalarApiReference("/docs", static page =>
        {
            page.Title = "SegmentEngine API";
            page.OpenApiRoutePattern = "/openapi/{documentName}.json";
            page.DefaultFonts = false;
            page.Telemetry = false;
            page.HideClientButton = true;
            _ = page.HideDeveloperTools().DisableAgent().DisableMcp().AddPreferredSecuritySchemes(Scheme);
        });
    }

    /// <summary>What a field of a change holds that null empties; null for every other type.</summary>
    private static Type? Emptied(Type type) => type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(Given<>) ? type.GetGenericArguments()[0] : null;

    private static IEnumerable<(int Status, string Description)> Refusals(OpenApiOperation operation, string? method, string scope)
    {
        yield return (StatusCodes.Status401Unauthorized, "no key, or not a valid one");
        yield return (StatusCodes.Status403Forbidden, "the key lacks the scope");
        if (operation.Parameters?.Count > 0 || operation.RequestBody is not null)
        {
            yield return (StatusCodes.Status400BadRequest, "the request is wrong; `details` says where");
        }

        if (operation.Parameters?.Any(static parameter => parameter.In == ParameterLocation.Path) == true)
        {
            yield return (StatusCodes.Status404NotFound, "unknown, or another workspace's");
        }

        if (method is not "GET" || operation.Parameters?.Any(static parameter => parameter.Name == "at_least") == true)
        {
            yield return (StatusCodes.Status409Conflict, "a conflict, or `stale`: the revision asked for is not reflected yet");
        }

        if (operation.RequestBody is not null)
        {
            yield return (StatusCodes.Status413PayloadTooLarge, "the body is larger than this call takes");
            yield return (StatusCodes.Status415UnsupportedMediaType, "the body is not application/json");
            yield return (StatusCodes.Status422UnprocessableEntity, "a rule with diagnostics");
        }

        yield return (StatusCodes.Status429TooManyRequests, "the key makes more requests than it may; `Retry-After` says when to come back");
        yield return (StatusCodes.Status500InternalServerError, "a fault of ours");
        if (scope is not (Scopes.ContactsRead or Scopes.ContactsWrite))
        {
            yield return (StatusCodes.Status503ServiceUnavailable, "memberships are still being loaded; `Retry-After` says when to come back");
        }
    }
}
