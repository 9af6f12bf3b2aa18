namespace SegmentEngine.Storage;

/// <summary>Who enters and who leaves a segment, both ascending.</summary>
internal sealed record RowChange(long Segment, int Emptied, MembershipCause Cause, ReadOnlyMemory<long> Entered, ReadOnlyMemory<long> Left)
{
    public int Count => Entered.Length + Left.Length;
}

/// <summary>Rows of a commit that are written in one transaction.</summary>
internal sealed record MembershipPiece(List<RowChange> Changes)
{
    /// <summary>Deltas cut into pieces: a segment at a time over all its shards, and within one ascending, entering and leaving side by side, so that a piece touches pages that lie together.</summary>
    public static List<MembershipPiece> Of(IEnumerable<SegmentDelta> deltas)
    {
        var pieces = new List<MembershipPiece>();
        var room = 0;
        foreach (var of in deltas.GroupBy(static delta => (delta.Segment, delta.Emptied, delta.Cause)))
        {
            ReadOnlyMemory<long> entered = ContactNumbers.Ascending(of.Select(static delta => delta.Entered));
            ReadOnlyMemory<long> left = ContactNumbers.Ascending(of.Select(static delta => delta.Left));
            while (entered.Length + left.Length > 0)
            {
                if (room == 0)
                {
                    pieces.Add(new([]));
                    room = StorageLimits.CommitRowsMax;
                }

                var (entering, leaving) = Lowest(entered.Span, left.Span, room);
                var change = new RowChange(of.Key.Segment, of.Key.Emptied, of.Key.Cause, entered[..entering], left[..leaving]);
                pieces[^1].Changes.Add(change);
                room -= change.Count;
                (entered, left) = (entered[entering..], left[leaving..]);
            }
        }

        return pieces;
    }

    /// <summary>How many of each are among the lowest of both.</summary>
    private static (int First, int Second) Lowest(ReadOnlySpan<long> first, ReadOnlySpan<long> second, int count)
    {
        if (first.Length + second.Length <= count)
        {
            return (first.Length, second.Length);
        }

        var (i, j) = (0, 0);
        while (i + j < count)
        {
            if (j == second.Length || (i < first.Length && first[i] <= second[j]))
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return (i, j);
    }
}
