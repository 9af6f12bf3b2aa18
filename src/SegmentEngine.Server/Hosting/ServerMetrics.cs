using System.Diagnostics.Metrics;
using SegmentEngine.Contacts;
using SegmentEngine.Server.Memberships;

namespace SegmentEngine.Server.Hosting;

/// <summary>What an operator watches, as instruments of .NET's own metrics (<c>dotnet-counters monitor --counters SegmentEngine</c>, or any collector of them). Nothing in them names a contact or a segment.</summary>
public sealed class ServerMetrics : IDisposable
{
    public const string MeterName = "SegmentEngine";

    private static readonly Meter counts = new(MeterName);

    /// <summary>Checks that were answered, by what was said.</summary>
    private static readonly Counter<long> checks = counts.CreateCounter<long>("segmentengine.checks", "{check}", "Checks that were answered, by their status");

    private static readonly Counter<long> gated = counts.CreateCounter<long>("segmentengine.gate.items", "{item}", "Actions and instructions that were asked about, by kind and whether they were kept, or why not");

    private static readonly Counter<long> ingested = counts.CreateCounter<long>("segmentengine.ingest.items", "{item}", "Contacts and events that came in, by what became of them");

    private static readonly Histogram<double> evaluated = counts.CreateHistogram<double>("segmentengine.evaluation.duration", "s", "Evaluations of whole shards");

    private readonly Meter meter = new(MeterName);

    internal static void Checked(string status) => checks.Add(1, new KeyValuePair<string, object?>("status", status));

    /// <summary>Some items of one kind were kept, or withheld for one reason.</summary>
    internal static void Gated(string kind, string decision, int items)
    {
        if (items > 0)
        {
            gated.Add(items, new("kind", kind), new("decision", decision));
        }
    }

    internal static void Ingested(string outcome, int items)
    {
        if (items > 0)
        {
            ingested.Add(items, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }

    internal static void Evaluated(TimeSpan took) => evaluated.Record(took.TotalSeconds);

    public ServerMetrics(MembershipView view, AuditFindings findings, ServerOptions options, TimeProvider clock)
    {
        double Behind() => view.All.Select(snapshot => snapshot.Behind(Instant.From(clock.GetUtcNow())).TotalSeconds).DefaultIfEmpty().Max();
        _ = meter.CreateObservableGauge("segmentengine.memberships.age", Behind, "s", "How long the oldest change that memberships do not reflect waits, in the workspace where that is longest");
        _ = meter.CreateObservableGauge("segmentengine.memberships.stale", () => view.All.Count(snapshot => snapshot.Behind(Instant.From(clock.GetUtcNow())) > options.StaleAfter), "{workspace}", "Workspaces whose memberships are stale");
        _ = meter.CreateObservableCounter("segmentengine.audit.judged", () => findings.All.Sum(static found => found.Judged), "{pair}", "Pairs of a contact and a segment that were judged by the plain interpreter");
        _ = meter.CreateObservableCounter("segmentengine.audit.mismatches", () => findings.All.Sum(static found => found.Mismatches), "{pair}", "Those of them that were wrong; it must be 0");
        _ = meter.CreateObservableGauge("segmentengine.segments.failed", () => view.All.Sum(static snapshot => snapshot.Segments.Count(static segment => segment.FailureReason is not null)), "{segment}", "Segments whose rule is not run");
    }

    public void Dispose() => meter.Dispose();
}
