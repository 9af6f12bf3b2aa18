namespace SegmentEngine.Storage;

/// <summary>Lists of contact numbers put in order.</summary>
internal static class ContactNumbers
{
    /// <summary>All numbers of some lists in ascending order. Lists that are ascending already, as an engine's are, are merged without sorting.</summary>
    public static long[] Ascending(IEnumerable<IReadOnlyList<long>> lists)
    {
        var ascending = lists.Where(static list => list.Count > 0).Select(Ascending).ToList();
        return ascending is [] ? [] : ascending.Aggregate(Merge);
    }

    private static long[] Ascending(IReadOnlyList<long> list)
    {
        var numbers = list.ToArray();
        for (var i = 1; i < numbers.Length; i++)
        {
            if (numbers[i] < numbers[i - 1])
            {
                Array.Sort(numbers);
                break;
            }
        }

        return numbers;
    }

    private static long[] Merge(long[] left, long[] right)
    {
        var merged = new long[left.Length + right.Length];
        var (l, r) = (0, 0);
        for (var i = 0; i < merged.Length; i++)
        {
            merged[i] = r == right.Length || (l < left.Length && left[l] <= right[r]) ? left[l++] : right[r++];
        }

        return merged;
    }
}
