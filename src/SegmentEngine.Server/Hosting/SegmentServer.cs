using SegmentEngine.Contacts;
using SegmentEngine.Server.Contacts;
using SegmentEngine.Server.Dashboard;
using SegmentEngine.Server.Events;
using SegmentEngine.Server.Flags;
using SegmentEngine.Server.Gating;
using SegmentEngine.Server.Insight;
using SegmentEngine.Server.Keys;
using SegmentEngine.Server.Mcp;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Segments;
using SegmentEngine.Server.Webhooks;
using SegmentEngine.Server.Workspaces;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Hosting;

/// <summary>Puts the server together. The table of contents of what runs and what answers.</summary>
public static class SegmentServer
{
    /// <param name="args">The command line.</param>
    /// <param name="clock">What the server takes for the time; the machine's clock where none is given.</param>
    /// <exception cref="DatabaseRefusedException">The database file cannot be opened; the message is for whoever starts the server.</exception>
    public static WebApplication Build(string[] args, TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory, ApplicationName = typeof(SegmentServer).Assembly.GetName().Name });
        var options = ServerOptions.Read(builder, args);
        builder.Services.AddSingleton(options);
        builder.KeepContactsOutOfLogs();
        builder.AddRequestLimits();
        builder.AddOpenApiDescription();
        builder.AddWireJson();
        builder.Services.Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddSingleton(static services => SegmentDatabase.Open(
            services.GetRequiredService<ServerOptions>().Database, Instant.From(services.GetRequiredService<TimeProvider>().GetUtcNow())));
        builder.Services.AddSingleton<KeyRing>();
        builder.Services.AddSingleton<KeyLimits>();
        builder.Services.AddSingleton<RuleService>();
        builder.Services.AddSingleton<MembershipView>();
        builder.Services.AddSingleton<Freshness>();
        builder.Services.AddSingleton<MembershipAnswers>();
        builder.Services.AddSingleton<MembershipExplainer>();
        builder.Services.AddSingleton<GatedItems>();
        builder.Services.AddSingleton<GatedItemWrites>();
        builder.Services.AddSingleton<MessageMemberships>();
        builder.Services.AddSingleton<ContactWriter>();
        builder.Services.AddSingleton<GatingAnswers>();
        builder.Services.AddSingleton<MembershipJudge>();
        builder.Services.AddSingleton<AuditFindings>();
        builder.Services.AddSingleton<ServerMetrics>();
        builder.Services.AddSingleton<HistoryKeeper>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<HistoryKeeper>());
        builder.Services.AddSingleton<MembershipAuditor>();
        builder.Services.AddHostedService<MembershipAudit>();
        builder.Services.AddSingleton<MembershipVerification>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<MembershipVerification>());
        builder.Services.AddSingleton<WebhookSender>();
        builder.Services.AddHostedService<WebhookOutbox>();
        builder.Services.AddSingleton<InsightThread>();
        builder.Services.AddSingleton<TraitInsight>();
        builder.Services.AddSingleton<EventInsight>();
        builder.Services.AddSingleton<ContactSearch>();
        builder.Services.AddSingleton<SegmentAuthors>();
        builder.Services.AddSingleton<ContactTimeline>();
        builder.AddJobs();
        builder.AddTelemetry();
        builder.AddMcp();
        builder.AddDashboard(options);

        var app = builder.Build();
        _ = app.Services.GetRequiredService<ServerMetrics>();
        app.UseMiddleware<ErrorBodies>();
        app.UseRouting();
        app.UseDashboard();
        app.UseMiddleware<KeyCheck>();
        app.UseJobsDashboard();
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapReference();
        app.MapMetrics();
        app.MapHealth();
        app.MapWorkspaces();
        app.MapAudit();
        app.MapKeys();
        app.MapContacts();
        app.MapEvents();
        app.MapSegments();
        app.MapMemberships();
        app.MapManagedSegments();
        app.MapSegmentLife();
        app.MapPreviews();
        app.MapOverlap();
        app.MapLists();
        app.MapWebhooks();
        app.MapGating();
        app.MapFlags();
        app.MapMcpServer();
        app.MapActions();
        app.MapInstructions();
        app.MapDirectories();
        app.MapDashboard();
        return app;
    }
}
