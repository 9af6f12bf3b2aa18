using SegmentEngine.Client;

namespace SegmentEngine.Server.Segments;

/// <summary>The lines that two texts share, in order, and those that one of them has alone: a longest common subsequence.</summary>
internal static class LineDiff
{
    public static IReadOnlyList<DiffLine> Between(string before, string after)
    {
        var (left, right) = (before.Split('\n'), after.Split('\n'));
        var common = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
            {
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var lines = new List<DiffLine>();
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j])
            {
                lines.Add(new("same", left[i++]));
                j++;
            }
            else if (j == right.Length || (i < left.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add(new("removed", left[i++]));
            }
            else
            {
                lines.Add(new("added", right[j++]));
            }
        }

        return lines;
    }
}
