using SegmentEngine.Contacts;

namespace SegmentEngine.Storage;

/// <summary>The stored memberships of a workspace as of one moment, however much is written meanwhile. For any thread, one at a time; disposed soon, since the database's log cannot be shortened under it.</summary>
public sealed class MembershipMoment : IDisposable
{
    private readonly Lock turn = new();
    private readonly ReaderPool readers;
    private readonly SqlSession session;
    private readonly long workspace;
    private bool isOver;

    internal MembershipMoment(ReaderPool readers, long workspace)
    {
        (this.readers, this.workspace) = (readers, workspace);
        session = readers.Rent();

        // The moment is that of the first statement to read.
        session.Execute("begin");
        using var shards = session.Prepare("select min(revision), min(evaluated_at), count(*) - count(evaluated_at) from shards where workspace = ?1").Set(1, workspace);
        if (shards.Step() && shards.Integer(2) == 0)
        {
            (Revision, EvaluatedAt) = (shards.Integer(0), shards.InstantAt(1));
        }
    }

    /// <summary>The workspace's revision that all of them reflect.</summary>
    public long Revision { get; }

    /// <summary>When the shard was brought up to date that was last a longest time ago; null where one never was.</summary>
    public Instant? EvaluatedAt { get; }

    /// <summary>A contact's number; null where there was none of this id.</summary>
    /// <exception cref="ObjectDisposedException">The moment is over.</exception>
    public long? Find(ContactId contact) => Ask(() =>
    {
        using var row = session.Prepare("select number from contacts where workspace = ?1 and id = ?2").Set(1, workspace).Set(2, contact.ToString());
        return row.Step() ? row.Integer(0) : (long?)null;
    });

    /// <summary>The numbers of the segments a contact was in.</summary>
    /// <exception cref="ObjectDisposedException">The moment is over.</exception>
    public IReadOnlyList<long> SegmentsOf(long contact) => Ask(() =>
    {
        using var rows = session.Prepare("select segment_no from segments cross join memberships on segment_no = segments.number and contact_no = ?2 where segments.workspace = ?1").Set(1, workspace).Set(2, contact);
        var segments = new List<long>();
        while (rows.Step())
        {
            segments.Add(rows.Integer(0));
        }

        return segments;
    });

    /// <exception cref="ObjectDisposedException">The moment is over.</exception>
    public bool IsMember(long segment, long contact) => Ask(() =>
    {
        using var row = session.Prepare("select 1 from memberships where segment_no = ?1 and contact_no = ?2").Set(1, segment).Set(2, contact);
        return row.Step();
    });

    /// <summary>How many members a segment had, counted in the rows.</summary>
    /// <exception cref="ObjectDisposedException">The moment is over.</exception>
    public long Count(long segment) => Ask(() =>
    {
        using var row = session.Prepare("select count(*) from memberships where segment_no = ?1").Set(1, segment);
        return row.Step() ? row.Integer(0) : 0;
    });

    public void Dispose()
    {
        lock (turn)
        {
            if (!isOver)
            {
                isOver = true;
                session.Execute("commit");
                readers.Return(session);
            }
        }
    }

    private T Ask<T>(Func<T> question)
    {
        lock (turn)
        {
            ObjectDisposedException.ThrowIf(isOver, this);
            return question();
        }
    }
}
