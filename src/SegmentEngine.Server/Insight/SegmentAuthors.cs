using System.Collections.Concurrent;
using System.Collections.Immutable;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Insight;

/// <param name="Actor">The public id of the key, or whatever the audit log has.</param>
/// <param name="Action">What was called.</param>
/// <param name="At">When.</param>
public sealed record SegmentAuthor(string Actor, string Action, Instant At);

/// <summary>Who changed each segment last, by the audit log. The log is read once; from then on only what was added to it.</summary>
public sealed class SegmentAuthors(SegmentDatabase database)
{
    private const string Segments = "/manage/segments/";
    private const string Duplicate = "DuplicateSegment";
    private const int PageMax = 5_000;

    private readonly ConcurrentDictionary<WorkspaceId, Known> known = [];

    /// <summary>Of every segment that the log tells of, those that are gone too.</summary>
    public Task<IReadOnlyDictionary<SegmentId, SegmentAuthor>> Of(WorkspaceId workspace, CancellationToken cancel = default) => Task.Run<IReadOnlyDictionary<SegmentId, SegmentAuthor>>(
        () =>
        {
            var before = known.GetValueOrDefault(workspace) ?? new(0, ImmutableDictionary<SegmentId, SegmentAuthor>.Empty);
            var after = Follow(workspace, before, cancel);
            if (after != before)
            {
                // Whoever read further wins.
                _ = known.AddOrUpdate(workspace, after, (_, other) => other.Newest > after.Newest ? other : after);
            }

            return after.Authors;
        },
        cancel);

    private Known Follow(WorkspaceId workspace, Known before, CancellationToken cancel)
    {
        var found = new Dictionary<SegmentId, SegmentAuthor>();
        long? newest = null;
        for (long? from = long.MaxValue; from is { } upTo;)
        {
            cancel.ThrowIfCancellationRequested();
            var size = newest is null && before.Newest > 0 ? 1 : PageMax;
            var page = database.Audit.Page(workspace, upTo, size);
            newest ??= page is [var first, ..] ? first.Number : 0;
            foreach (var entry in page.TakeWhile(entry => entry.Number > before.Newest))
            {
                if (SegmentOf(entry) is { } segment)
                {
                    _ = found.TryAdd(segment, new(entry.Actor, entry.Action, entry.At));
                }
            }

            from = page.Count == size && page[^1].Number > before.Newest ? page[^1].Number : null;
        }

        return newest > before.Newest ? new(newest.Value, before.Authors.SetItems(found)) : before;
    }

    /// <summary>A duplicate is named after the segment it was made from.</summary>
    private static SegmentId? SegmentOf(AuditEntry entry)
    {
        if (!entry.Target.StartsWith(Segments, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var parts = entry.Target[Segments.Length..].Split('/');
        return SegmentId.TryParse(entry.Action == Duplicate ? parts[^1] : parts[0], out var segment) ? segment : null;
    }

    private sealed record Known(long Newest, ImmutableDictionary<SegmentId, SegmentAuthor> Authors);
}
