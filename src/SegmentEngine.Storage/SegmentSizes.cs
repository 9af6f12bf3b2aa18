using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <param name="At">When it was counted.</param>
/// <param name="Members">How many there were.</param>
public readonly record struct SegmentSize(Instant At, long Members);

/// <summary>How large segments were: by the hour of late, by the day before that.</summary>
public sealed class SegmentSizes
{
    private readonly WorkspaceStore workspaces;
    private readonly ReaderPool readers;
    private readonly WriteQueue writer;

    internal SegmentSizes(WorkspaceStore workspaces, ReaderPool readers, WriteQueue writer) => (this.workspaces, this.readers, this.writer) = (workspaces, readers, writer);

    /// <summary>In the order of time, both ends included. Empty where there is no such segment.</summary>
    public IReadOnlyList<SegmentSize> Of(WorkspaceId workspace, SegmentId segment, Instant from, Instant to)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var rows = session.Prepare(
                """
                select at, members from segment_sizes where segment_no = (select number from segments where workspace = ?1 and id = ?2) and at between ?3 and ?4 order by at
                """).Set(1, number).Set(2, segment.ToString()).Set(3, from.Ticks).Set(4, to.Ticks);
            var sizes = new List<SegmentSize>();
            while (rows.Step())
            {
                sizes.Add(new(rows.InstantAt(0), rows.Integer(1)));
            }

            return sizes;
        });
    }

    /// <summary>When the sizes of a workspace were counted last.</summary>
    public Instant? Last(WorkspaceId workspace)
    {
        var number = workspaces.Key(workspace).Number;
        return readers.Read(session =>
        {
            using var last = session.Prepare("select max((select max(at) from segment_sizes where segment_no = segments.number)) from segments where workspace = ?1").Set(1, number);
            return last.Step() ? last.InstantOrNull(0) : null;
        });
    }

    /// <summary>Notes the sizes of segments, by their numbers; those that are gone meanwhile are passed over.</summary>
    public Task<bool> Add(WorkspaceId workspace, Instant at, IReadOnlyCollection<(long Segment, long Members)> sizes, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                using var add = tx.Prepare("insert or replace into segment_sizes (segment_no, at, members) select number, ?3, ?4 from segments where workspace = ?1 and number = ?2").Set(1, number).Set(3, at.Ticks);
                foreach (var (segment, members) in sizes)
                {
                    _ = add.Set(2, segment).Set(4, members).Run();
                }

                return true;
            },
            cancel);
    }

    /// <summary>Of each day before an instant the first size stays, and none before another.</summary>
    public Task<bool> Thin(WorkspaceId workspace, Instant dailyBefore, Instant noneBefore, CancellationToken cancel = default)
    {
        var number = workspaces.Key(workspace).Number;
        return writer.Run(
            tx =>
            {
                using var thin = tx.Prepare(
                    """
                    delete from segment_sizes where segment_no in (select number from segments where workspace = ?1) and (at < ?3 or (at < ?2 and exists (
                      select 1 from segment_sizes as earlier where earlier.segment_no = segment_sizes.segment_no and earlier.at < segment_sizes.at and earlier.at >= segment_sizes.at - segment_sizes.at % 864000000000)))
                    """).Set(1, number).Set(2, dailyBefore.Ticks).Set(3, noneBefore.Ticks);
                return thin.Run() > 0;
            },
            cancel);
    }
}
