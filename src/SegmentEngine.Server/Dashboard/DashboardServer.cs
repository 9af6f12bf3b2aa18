using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Localization;
using MudBlazor.Services;
using SegmentEngine.Server.Dashboard.Builder;
using SegmentEngine.Server.Dashboard.Operations;
using SegmentEngine.Server.Dashboard.People;
using SegmentEngine.Server.Dashboard.Frame;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Dashboard;

/// <summary>The pages for people: Blazor, rendered on the server. They ask the same endpoints as everybody else, in the process and in the name of whoever is signed in.</summary>
public static class DashboardServer
{
    public const string Path = "/dashboard";
    public const string SignInPath = Path + "/sign-in";

    /// <summary>The languages there are texts in; the first is for those who read none of them.</summary>
    public static readonly string[] Languages = ["en", "de"];

    private const int TriesMax = 5;

    /// <summary>A draft of a rule comes over the circuit at once: as large as the largest body of a request.</summary>
    private const long MessageBytesMax = RequestLimits.BodyBytesMax;

    private static readonly TimeSpan lockedFor = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan signedInFor = TimeSpan.FromDays(14);
    private static readonly PathString[] paths = [Path, "/_blazor", "/_framework", "/_content", JobServer.Path];

    public static void AddDashboard(this WebApplicationBuilder builder, ServerOptions options)
    {
        Data.Uploads.RemoveAll(options.Database);
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddSingleton(static services => services.GetRequiredService<SegmentDatabase>().People);
        builder.Services.AddSingleton<SetUpLink>();
        builder.Services.AddSingleton<LocalServer>();
        builder.Services.AddSingleton<Drafting>();
        builder.Services.AddSingleton<FactsReader>();
        builder.Services.AddScoped<Session>();
        builder.Services.AddScoped<PeopleDesk>();
        builder.Services.AddScoped<WorkspaceDesk>();
        builder.Services.AddLocalization();
        builder.Services.AddMudServices();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(static hub => hub.MaximumReceiveMessageSize = MessageBytesMax);
        builder.Services.AddDataProtection().SetApplicationName(nameof(SegmentEngine)).PersistKeysToFileSystem(CookieKeys(options.Database));
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error); // that the keys lie as plain as the database beside them
        builder.Services.AddIdentityCore<Person>(static identity =>
            {
                identity.Password.RequiredLength = SignInRules.PasswordLengthMin;
                identity.Password.RequireDigit = identity.Password.RequireLowercase = identity.Password.RequireUppercase = identity.Password.RequireNonAlphanumeric = false;
                identity.User.RequireUniqueEmail = true;
                identity.User.AllowedUserNameCharacters = ""; // an e-mail address; its own check says what may be in it
                identity.Lockout.MaxFailedAccessAttempts = TriesMax;
                identity.Lockout.DefaultLockoutTimeSpan = lockedFor;
            })
            .AddUserStore<PersonStore>().AddClaimsPrincipalFactory<PersonClaims>().AddSignInManager();
        builder.Services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies(static cookies => cookies.ApplicationCookie!.Configure(static cookie =>
        {
            cookie.Cookie.Name = "segmentengine";
            cookie.Cookie.SameSite = SameSiteMode.Lax; // strict would ask whoever follows a link from a chat to sign in again
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = signedInFor;
            cookie.LoginPath = cookie.AccessDeniedPath = SignInPath;
        }));

        // Whoever was signed out everywhere is out with the next page.
        builder.Services.Configure<SecurityStampValidatorOptions>(static stamps => stamps.ValidationInterval = TimeSpan.Zero);
        builder.Services.AddAuthorization();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services.AddScoped<AuthenticationStateProvider, StillSignedIn>();
        builder.Services.AddAntiforgery(static antiforgery =>
        {
            antiforgery.Cookie.Name = "segmentengine-form";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
    }

    /// <summary>Before the check of keys: what the pages need and the API does not.</summary>
    public static void UseDashboard(this WebApplication app)
    {
        // The host would put both before everything else, the API's calls included.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseWhen(static context => context.Request.Path == "/" || Array.Exists(paths, path => context.Request.Path.StartsWithSegments(path)), static pages => pages
            .Use(static (context, next) =>
            {
                if (!context.Request.Path.StartsWithSegments(JobServer.Path))
                {
                    PageHeaders(context);
                }

                return next(context);
            })
            .UseRequestLocalization(static localization =>
            {
                localization.SetDefaultCulture(Languages[0]).AddSupportedCultures(Languages).AddSupportedUICultures(Languages);
                localization.RequestCultureProviders = [new CookieRequestCultureProvider { CookieName = ViewerCookies.Language }, new AcceptLanguageHeaderRequestCultureProvider()];
            })
            .UseAuthentication()
            .UseAuthorization()
            .UseAntiforgery());
    }

    public static void MapDashboard(this WebApplication app)
    {
        app.Services.GetRequiredService<LocalServer>().Open(app);
        app.MapGet("/", static () => TypedResults.LocalRedirect($"~{Path}")).ExcludeFromDescription();
        app.MapPost($"{Path}/sign-out", static async (SignInManager<Person> signIn, IAntiforgery antiforgery, HttpContext context) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return (IResult)TypedResults.BadRequest();
            }

            await signIn.SignOutAsync();
            return TypedResults.LocalRedirect($"~{SignInPath}");
        }).ExcludeFromDescription();
        app.MapGet($"{Path}/download/{{**path}}", static (string path, HttpContext context, LocalServer local, PeopleStore people) =>
            // Files only: whatever else is asked is asked by the pages.
            !context.Request.Query.ContainsKey("format") || PersonClaims.Of(context.User, people) is not { } person
                ? Refusal.NotFound.ExecuteAsync(context)
                : local.Forward(context, person, $"/{path}", context.Request.QueryString.Value ?? "")).RequireAuthorization().ExcludeFromDescription();
        app.MapStaticAssets().WithMetadata(new ExcludeFromDescriptionAttribute());
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(static render => render.ContentSecurityFrameAncestorsPolicy = null).ExcludeFromDescription();
    }

    /// <summary>What cookies are sealed with: beside the database, and like it only its owner's to read.</summary>
    private static DirectoryInfo CookieKeys(string database)
    {
        var path = database + ".cookies";
        return OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>No script but ours, nothing from elsewhere, in nobody's frame. Styles may be written at an element, for MudBlazor places its menus so.</summary>
    private static void PageHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
    }
}
