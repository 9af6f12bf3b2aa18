using System.Numerics;

namespace SegmentEngine.Evaluation;

/// <summary>The rows whose bits are set, in order, for <c>foreach</c>.</summary>
internal ref struct RowsOf(ReadOnlySpan<ulong> words)
{
    private readonly ReadOnlySpan<ulong> words = words;
    private ulong rest;
    private int word = -1;

    public int Current { get; private set; }

    public readonly RowsOf GetEnumerator() => this;

    public bool MoveNext()
    {
        while (rest == 0)
        {
            if (++word >= words.Length)
            {
                return false;
            }

            rest = words[word];
        }

        Current = (word << 6) | BitOperations.TrailingZeroCount(rest);
        rest &= rest - 1;
        return true;
    }
}
