namespace SegmentEngine.Importing;

/// <summary>What became of the lines so far: how many went in, and which were refused and why. Thread-safe.</summary>
internal abstract class ImportReport
{
    private readonly Lock gate = new();
    private long refused;
    private long accepted;
    private long duplicates;

    public long Accepted => Interlocked.Read(ref accepted);

    /// <summary>Events that were stored already.</summary>
    public long Duplicates => Interlocked.Read(ref duplicates);

    public long Refused => Interlocked.Read(ref refused);

    public long Lines => Accepted + Duplicates + Refused;

    public void Took(int count, int alreadyThere)
    {
        _ = Interlocked.Add(ref accepted, count);
        _ = Interlocked.Add(ref duplicates, alreadyThere);
    }

    public void Refuse(long line, string reason)
    {
        lock (gate)
        {
            Note(line, reason, ++refused);
        }
    }

    /// <summary>One at a time.</summary>
    /// <param name="line">The line's number.</param>
    /// <param name="reason">Why.</param>
    /// <param name="count">The how manieth it is.</param>
    protected abstract void Note(long line, string reason, long count);
}
