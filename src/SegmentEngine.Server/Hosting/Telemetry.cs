using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SegmentEngine.Client;
using SegmentEngine.Server.Keys;

namespace SegmentEngine.Server.Hosting;

/// <summary>Metrics at <c>/metrics</c> for Prometheus, and metrics and traces to any OpenTelemetry collector that the standard variables name (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and those beside it).</summary>
public static class Telemetry
{
    private const string CollectorVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var hasCollector = builder.Configuration[CollectorVariable] is { Length: > 0 };
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource.AddService("segmentengine"))
            .WithMetrics(metrics =>
            {
                _ = metrics.AddMeter(ServerMetrics.MeterName).AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel").AddRuntimeInstrumentation().AddPrometheusExporter();
                if (hasCollector)
                {
                    _ = metrics.AddOtlpExporter();
                }
            });
        if (hasCollector)
        {
            // A path may name a contact; of a request a trace has the route, as logs have.
            _ = telemetry.WithTracing(static traces => traces.AddAspNetCoreInstrumentation(static requests => requests.EnrichWithHttpRequest = static (activity, _) =>
            {
                activity.SetTag("url.path", null);
                activity.SetTag("url.query", null);
            }).AddOtlpExporter());
        }
    }

    /// <summary>They count for every workspace of the server, so they open to keys that see beyond one.</summary>
    public static void MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint().Needs(Scopes.Jobs).ExcludeFromDescription();
}
