using System.Net.Http.Headers;
using System.Text;
using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.Dashboard;
using Hangfire.InMemory;
using SegmentEngine.Client;
using SegmentEngine.Server.Dashboard.People;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Hosting;

/// <summary>Background jobs: a Hangfire server in the process. Its storage is in memory, for the tables are the truth and jobs are nudges.</summary>
public static class JobServer
{
    public const string Path = "/jobs";

    /// <summary>How long finished jobs can be looked at: a busy server finishes hundreds a second, and each takes some 2 KB.</summary>
    private static readonly TimeSpan finishedFor = TimeSpan.FromMinutes(1);

    public static void AddJobs(this WebApplicationBuilder builder)
    {
        // A storage and an activator of its own for each server: Hangfire's usual way shares them between all servers of a process, which then run each other's jobs.
        builder.Services.AddSingleton<JobStorage>(static _ => new InMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = finishedFor }));
        builder.Services.AddSingleton<JobActivator>(static services => new AspNetCoreJobActivator(services.GetRequiredService<IServiceScopeFactory>()));
        builder.Services.AddHangfire(static (services, hangfire) => hangfire
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings()
            .UseLogProvider(new JobLog(services.GetRequiredService<ILoggerFactory>())));
        builder.Services.AddHangfireServer(static server => server.WorkerCount = Math.Max(2, Environment.ProcessorCount));
        builder.Services.AddTransient<MembershipJobs>();
        builder.Services.AddSingleton<WorkspaceEngines>();
        builder.Services.AddHostedService<MembershipStart>();
    }

    /// <summary>Hangfire's own pages, where they are switched on: to admins who are signed in at the dashboard, and to keys with a scope of their own, since they show the jobs of every workspace. A browser asks for the key as a password; any user name will do.</summary>
    public static void UseJobsDashboard(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<ServerOptions>().JobsDashboard)
        {
            return;
        }

        _ = app.UseWhen(static context => context.Request.Path.StartsWithSegments(Path), branch => branch.Use(static async (context, next) =>
        {
            var services = context.RequestServices;
            if ((KeyOf(context.Request) is { } key && services.GetRequiredService<KeyRing>().Find(key)?.May(Scopes.Jobs) == true)
                || PersonClaims.Of(context.User, services.GetRequiredService<SegmentDatabase>().People) is { Role: PersonRole.Admin })
            {
                await next();
                return;
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"jobs: a key with the scope jobs as password\"";
        }));
        _ = app.UseHangfireDashboard(Path, new DashboardOptions { Authorization = [new CheckedBefore()], DashboardTitle = "SegmentEngine jobs", DisplayStorageConnectionString = false });
    }

    private static string? KeyOf(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) || header.Parameter is not { } parameter)
        {
            return null;
        }

        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return parameter;
        }

        var bytes = new byte[parameter.Length];
        return header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && Convert.TryFromBase64String(parameter, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [_, var password] ? password : null
            : null;
    }

    /// <summary>The request got here past the key.</summary>
    private sealed class CheckedBefore : IDashboardAuthorizationFilter
    {
        public bool Authorize(DashboardContext context) => true;
    }
}
