using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Insight;

/// <summary>How often each event of a workspace happened on each day.</summary>
internal sealed record EventTable(IReadOnlyDictionary<string, EventDays> Events, bool IsComplete);

/// <param name="Days">A day on which it did not happen is not here.</param>
/// <param name="Last">When it happened last.</param>
internal sealed record EventDays(IReadOnlyDictionary<DateOnly, long> Days, Instant? Last);

/// <summary>
/// Counts a workspace's events by name and day. The first time it goes back from the newest until it has met many events in a row that are older than the days asked for; from then on it goes through those that came in since.
/// Events come in about as they happen, so what lies further back is older still. For one thread.
/// </summary>
internal sealed class EventCounts(WorkspaceId workspace, SegmentDatabase database, TimeZoneInfo zone, Instant madeAt)
{
    /// <summary>Older events in a row after which none that is new enough is expected.</summary>
    private const int OldMax = 100_000;

    /// <summary>Offsets from UTC are whole quarters of an hour.</summary>
    private const long Quarter = 15 * TimeSpan.TicksPerMinute;

    private readonly Dictionary<string, Counted> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<long, DateOnly> dayOfQuarter = [];
    private long? reached;
    private bool isComplete = true;

    public Instant Asked { get; set; }

    public bool IsGood(string zoneName, Instant now) => zone.Id == zoneName && now < madeAt.Plus(InsightLimits.CountedAnew) && now >= madeAt;

    public EventTable Advance(Instant now, CancellationToken stop)
    {
        var newest = database.Events.LastNumber();
        if (reached is not { } from)
        {
            GoBack(newest, now, stop);
        }
        else
        {
            for (; from < newest; from += InsightLimits.EventReadMax)
            {
                stop.ThrowIfCancellationRequested();
                database.Events.Read(workspace, from, Math.Min(newest, from + InsightLimits.EventReadMax), Add);
            }
        }

        reached = newest;
        return new(
            database.Events.Names(workspace).ToDictionary(static name => name, name => byName.TryGetValue(name, out var counted)
                ? new EventDays(counted.Days.ToDictionary(), counted.Last ?? database.Events.LastOf(workspace, name))
                : new(new Dictionary<DateOnly, long>(), database.Events.LastOf(workspace, name)), StringComparer.Ordinal),
            isComplete);
    }

    private void GoBack(long newest, Instant now, CancellationToken stop)
    {
        var oldest = now.Plus(-TimeSpan.FromDays(InsightLimits.Days + 1));
        var old = 0L;
        for (var upTo = newest; upTo > 0 && old < OldMax; upTo -= InsightLimits.EventReadMax)
        {
            if (newest - upTo >= InsightLimits.EventsCountedMax)
            {
                isComplete = false;
                break;
            }

            stop.ThrowIfCancellationRequested();
            var hasNew = false;
            database.Events.Read(workspace, Math.Max(0, upTo - InsightLimits.EventReadMax), upTo, (name, at) =>
            {
                Add(name, at);
                hasNew |= at >= oldest;
                old++;
            });
            old = hasNew ? 0 : old;
        }
    }

    private void Add(string name, Instant at)
    {
        if (!byName.TryGetValue(name, out var counted))
        {
            byName[name] = counted = new();
        }

        // A little more than is shown, whatever the zone; of what is older not all is looked at, and who knows of what is yet to come.
        if (at < madeAt.Plus(InsightLimits.CountedAnew + InsightLimits.CountedAnew))
        {
            counted.Last = at < counted.Last ? counted.Last : at;
            if (at > madeAt.Plus(-TimeSpan.FromDays(InsightLimits.Days + 1)))
            {
                var day = DayOf(at);
                counted.Days[day] = counted.Days.GetValueOrDefault(day) + 1;
            }
        }
    }

    private DateOnly DayOf(Instant at)
    {
        var quarter = at.Ticks / Quarter;
        if (!dayOfQuarter.TryGetValue(quarter, out var day))
        {
            dayOfQuarter[quarter] = day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(new Instant(quarter * Quarter).ToDateTimeOffset(), zone).DateTime);
        }

        return day;
    }

    private sealed class Counted
    {
        public Dictionary<DateOnly, long> Days { get; } = [];
        public Instant? Last { get; set; }
    }
}
