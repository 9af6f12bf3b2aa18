using System.Globalization;
using SegmentEngine.Client;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Memberships;

/// <summary>Who entered and left, in the words of the wire.</summary>
public static class HistoryAnswers
{
    /// <summary>Reads what page is asked for; the refusal where that is not to be had.</summary>
    public static Refusal? Refuse(string? cursor, int? limit, out HistoryCursor before, out int max)
    {
        (before, max) = (HistoryCursor.Newest, limit ?? RequestLimits.PageSizeMax);
        if (max is < 1 or > RequestLimits.MembersPageSizeMax)
        {
            return Refusal.BadRequest("limit", "out_of_range", $"limit is {max}; it must be from 1 to {RequestLimits.MembersPageSizeMax}");
        }

        return cursor is null || TryRead(cursor, out before) ? null : Refusal.BadRequest("cursor", "wrong_value", "this is not a cursor of ours");
    }

    /// <param name="found">One more than the page holds, where there is one.</param>
    /// <param name="max">What the page holds.</param>
    /// <param name="snapshot">Taken before the page was read.</param>
    /// <param name="freshness">What is said of its age.</param>
    public static HistoryPage Page(IReadOnlyList<MembershipChange> found, int max, WorkspaceSnapshot snapshot, Freshness freshness) => new()
    {
        Revision = snapshot.Revision,
        EvaluatedAt = snapshot.EvaluatedAt?.ToDateTimeOffset(),
        Stale = freshness.IsStale(snapshot),
        Items = [.. found.Take(max).Select(static change => new MembershipEvent
        {
            SegmentId = change.Segment.Value,
            ContactId = change.Contact.Value,
            Type = change.Entered ? "entered" : "left",
            At = change.At.ToDateTimeOffset(),
            Cause = Cause(change.Cause),
            Revision = change.Revision,
        })],
        Next = found.Count > max ? string.Create(CultureInfo.InvariantCulture, $"{found[max - 1].Cursor.Number}.{found[max - 1].Cursor.Contact}") : null,
    };

    private static string Cause(MembershipCause cause) => cause switch
    {
        MembershipCause.Data => "data",
        MembershipCause.Rule => "rule",
        MembershipCause.Time => "time",
        MembershipCause.List => "list",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, null),
    };

    private static bool TryRead(string text, out HistoryCursor cursor)
    {
        var read = text.Split('.') is [var number, var contact]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var entry)
            && long.TryParse(contact, NumberStyles.None, CultureInfo.InvariantCulture, out var within)
            ? new HistoryCursor(entry, within)
            : (HistoryCursor?)null;
        cursor = read ?? HistoryCursor.Newest;
        return read is not null;
    }
}
