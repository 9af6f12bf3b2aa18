using System.Diagnostics.Metrics;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Hosting;

public sealed class MetricsTests
{
    [Fact]
    public async Task The_age_of_memberships_and_the_mismatches_of_the_audit_can_be_watched()
    {
        var clock = new SteppedClock(DateTimeOffset.UtcNow);
        var server = new TestServer { Clock = clock };
        await server.InitializeAsync();
        try
        {
            var measured = new Dictionary<string, double>();
            using var listener = new MeterListener { InstrumentPublished = static (instrument, listener) => _ = instrument.Meter.Name == ServerMetrics.MeterName && instrument.IsObservable && Enable(instrument, listener) };
            listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured[instrument.Name] = Math.Max(value, measured.GetValueOrDefault(instrument.Name)));
            listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured[instrument.Name] = Math.Max(value, measured.GetValueOrDefault(instrument.Name)));
            listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured[instrument.Name] = Math.Max(value, measured.GetValueOrDefault(instrument.Name)));
            listener.Start();
            _ = await server.Publish(Some.Name("pros"), """{"type":"date","trait":"seen","value_type":"datetime","op":"in_last","amount":1,"unit":"hour"}""");
            _ = await server.Client.SaveContact(new() { ExternalId = "u", CustomData = Some.Json($$"""{"seen":"{{clock.GetUtcNow():O}}"}""") });
            listener.RecordObservableInstruments();
            Assert.Equal(
                ["segmentengine.audit.judged", "segmentengine.audit.mismatches", "segmentengine.memberships.age", "segmentengine.memberships.stale", "segmentengine.segments.failed"],
                measured.Keys.Order(StringComparer.Ordinal));

            // Nobody has looked since: the answer that has changed by itself is an hour old.
            clock.Step(TimeSpan.FromHours(2));
            listener.RecordObservableInstruments();
            Assert.InRange(measured["segmentengine.memberships.age"], 3_000, 7_200);
            Assert.InRange(measured["segmentengine.memberships.stale"], 1, int.MaxValue);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static bool Enable(Instrument instrument, MeterListener listener)
    {
        listener.EnableMeasurementEvents(instrument);
        return true;
    }
}
