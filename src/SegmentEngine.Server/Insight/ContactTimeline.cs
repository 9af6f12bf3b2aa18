using System.Globalization;
using System.Text.Json;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Insight;

/// <param name="Name">Not escaped for any page.</param>
/// <param name="At">When it happened, by its own account.</param>
/// <param name="Properties">A JSON object. Where it came from is not stored of an event.</param>
public readonly record struct TimelineEvent(string Name, Instant At, JsonElement Properties);

/// <param name="Events">Newest first.</param>
/// <param name="Next">What the next page is asked for by; null where there is none.</param>
public sealed record TimelinePage(IReadOnlyList<TimelineEvent> Events, string? Next);

/// <summary>What a contact did, newest first. Of a contact with more than 10,000 events, those that came in last.</summary>
public sealed class ContactTimeline(SegmentDatabase database)
{
    /// <summary>Null where there is no such contact, or the cursor is none of ours.</summary>
    public Task<TimelinePage?> Of(WorkspaceId workspace, ContactId contact, string? before, int limit, CancellationToken cancel = default) => Task.Run(
        () =>
        {
            limit = Math.Clamp(limit, 1, InsightLimits.PageMax);
            var cursor = before is null ? null : Read(before);
            if ((before is not null && cursor is null) || database.Contacts.Numbers(workspace, [new ContactKey.Id(contact)]) is not [{ } number])
            {
                return null;
            }

            var page = database.Events.PageBack(workspace, number, cursor, limit + 1, InsightLimits.TimelineEvents);
            return new TimelinePage(
                [.. page.Take(limit).Select(static happened => new TimelineEvent(happened.Name, happened.At, happened.Properties))],
                page.Count > limit ? string.Create(CultureInfo.InvariantCulture, $"{page[limit - 1].At.Ticks}.{page[limit - 1].Number}") : null);
        },
        cancel);

    private static (Instant At, long Number)? Read(string cursor) =>
        cursor.Split('.') is [var at, var number] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? (new(ticks), last)
            : null;
}
