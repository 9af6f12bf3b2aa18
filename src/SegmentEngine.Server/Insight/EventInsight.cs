using System.Runtime.InteropServices;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Insight;

/// <summary>How often an event happened of late.</summary>
/// <param name="Name">Its name; not escaped for any page.</param>
/// <param name="Total">How often in the last 30 days of the workspace's zone, today included.</param>
/// <param name="Days">Each of these days, the oldest first.</param>
/// <param name="LastSeen">When it happened last, by the events' own account; null for one that is declared and never came in.</param>
/// <param name="IsDeclared">Whether the schema has it.</param>
/// <param name="IsComplete">False where so many came in that not all of these days were gone through.</param>
public sealed record EventSummary(string Name, long Total, IReadOnlyList<DayCount> Days, Instant? LastSeen, bool IsDeclared, bool IsComplete);

/// <param name="Day">In the workspace's zone.</param>
public readonly record struct DayCount(DateOnly Day, long Count);

/// <summary>What is known of a property of an event.</summary>
/// <param name="Name">As rules name it.</param>
/// <param name="Declared">Null where the schema does not say.</param>
/// <param name="Types">What its values look like, most frequent first; empty where no event looked at has it.</param>
/// <param name="Usable">How many of the events looked at have a value that rules can use.</param>
/// <param name="LookedAt">How many were looked at: those that came in last.</param>
/// <param name="Samples">A few different values, as text; not escaped for any page.</param>
/// <param name="Misfits">How many values do not fit the declared type.</param>
public sealed record PropertySummary(string Name, TraitType? Declared, IReadOnlyList<TypeCount> Types, long Usable, long LookedAt, IReadOnlyList<string> Samples, long Misfits);

/// <summary>
/// What events there are and what they carry, for people who write rules. Events are counted in the background, from the newest back, and from then on only those that are new; what they carry is told from a sample of
/// those that came in last.
/// </summary>
public sealed class EventInsight
{
    private readonly SegmentDatabase database;
    private readonly TimeProvider clock;
    private readonly RecentAnswers<(string Zone, DateOnly Today), EventTable> counts;
    private readonly RecentAnswers<string, IReadOnlyList<StoredEvent>> samples;

    /// <summary>Touched by the thread alone.</summary>
    private readonly Dictionary<WorkspaceId, EventCounts> counted = [];

    public EventInsight(SegmentDatabase database, InsightThread thread, TimeProvider clock)
    {
        (this.database, this.clock) = (database, clock);
        counts = new(database, clock, (workspace, day) => thread.Run(stop => Count(workspace, day.Zone, stop)), static table => table.Events.Count * InsightLimits.Days, weightMax: 1_000_000);
        samples = new(database, clock, (workspace, name) => Task.Run(() => database.Events.Recent(workspace, name, InsightLimits.SampleEvents, InsightLimits.SampleEventBytes)),
            static sample => sample.Sum(static each => JsonMarshal.GetRawUtf8Value(each.Properties).Length + 100L), weightMax: 8 * InsightLimits.SampleEventBytes);
    }

    /// <summary>Every event that came in or is declared, most frequent of late first.</summary>
    public async Task<IReadOnlyList<EventSummary>> Events(WorkspaceId workspace, CancellationToken cancel = default)
    {
        var settings = Settings(workspace);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).DateTime);
        var table = await counts.Get(workspace, (settings.TimeZone, today), cancel);
        var declared = TraitInsight.Schema(settings.TraitSchema).Events.ToHashSet(StringComparer.Ordinal);
        var days = Enumerable.Range(0, InsightLimits.Days).Select(day => today.AddDays(day + 1 - InsightLimits.Days)).ToList();
        EventSummary Summarise(string name)
        {
            var of = table.Events.GetValueOrDefault(name);
            List<DayCount> byDay = [.. days.Select(day => new DayCount(day, of?.Days.GetValueOrDefault(day) ?? 0))];
            return new(name, byDay.Sum(static day => day.Count), byDay, of?.Last, declared.Contains(name), table.IsComplete);
        }

        return [.. table.Events.Keys.Union(declared, StringComparer.Ordinal).Select(Summarise).OrderByDescending(static each => each.Total).ThenBy(static each => each.Name, StringComparer.Ordinal)];
    }

    /// <summary>Every property of an event that is declared, or that one of the newest 5,000 has, by name.</summary>
    public async Task<IReadOnlyList<PropertySummary>> Properties(WorkspaceId workspace, string eventName, CancellationToken cancel = default)
    {
        var sample = await samples.Get(workspace, eventName, cancel);
        var schema = TraitInsight.Schema(Settings(workspace).TraitSchema);
        return await Task.Run<IReadOnlyList<PropertySummary>>(
            () =>
            {
                var places = new SeenPlaces(TraitPath.OfProperty, path => schema.TypeOf(eventName, path));
                foreach (var happened in sample)
                {
                    places.See(happened.Properties);
                }

                var seen = places.Places.Where(static place => !place.IsWayOnly).ToList();
                var known = seen.Select(static place => place.Path).ToHashSet();
                return [.. seen.Concat(schema.Properties(eventName).Where(property => !known.Contains(property.Key)).Select(static property => new SeenPlace(property.Key, property.Value)))
                    .Select(place => new PropertySummary(place.Path.ToString(), place.Declared, place.Types, place.Usable, sample.Count, place.Samples, place.Misfits))
                    .OrderBy(static property => property.Name, StringComparer.OrdinalIgnoreCase).ThenBy(static property => property.Name, StringComparer.Ordinal)];
            },
            cancel);
    }

    /// <summary>The values of a property that hold a text, whatever its case, most frequent first, each with how many of the newest 5,000 events have it, alone or in a list.</summary>
    public async Task<IReadOnlyList<ValueCount>> PropertyValues(WorkspaceId workspace, string eventName, string property, string prefix, int limit, CancellationToken cancel = default)
    {
        var sample = await samples.Get(workspace, eventName, cancel);
        var path = TraitPath.OfProperty(property);
        var type = TraitInsight.Schema(Settings(workspace).TraitSchema).TypeOf(eventName, path);
        return await Task.Run<IReadOnlyList<ValueCount>>(
            () =>
            {
                var (tally, reader) = (new ValueTally(), new PathReader(path, type));
                foreach (var happened in sample)
                {
                    reader.Count(tally, happened.Number, JsonMarshal.GetRawUtf8Value(happened.Properties));
                }

                return TraitInsight.Holding(tally.Counts(json => ValueTally.Read(json, type)), prefix, Math.Clamp(limit, 0, InsightLimits.PageMax));
            },
            cancel);
    }

    private Workspace Settings(WorkspaceId workspace) => database.Workspaces.Find(workspace) ?? throw new NotInWorkspaceException($"no workspace {workspace}");

    private EventTable Count(WorkspaceId workspace, string zone, CancellationToken stop)
    {
        var now = Instant.From(clock.GetUtcNow());
        if (!counted.TryGetValue(workspace, out var events) || !events.IsGood(zone, now))
        {
            counted[workspace] = events = new(workspace, database, TimeZoneInfo.FindSystemTimeZoneById(zone), now);
        }

        events.Asked = now;
        foreach (var (other, _) in counted.OrderByDescending(static each => each.Value.Asked).Skip(InsightLimits.WorkspacesCounted).ToList())
        {
            _ = counted.Remove(other);
        }

        try
        {
            return events.Advance(now, stop);
        }
        catch
        {
            // Half of what is new may have been counted.
            _ = counted.Remove(workspace);
            throw;
        }
    }
}
