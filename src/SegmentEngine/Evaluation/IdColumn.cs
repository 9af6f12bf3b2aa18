using System.Collections.Frozen;
using SegmentEngine.Evaluation.Kernels;

namespace SegmentEngine.Evaluation;

/// <summary>The contacts' ids, for rules that name contacts.</summary>
internal sealed class IdColumn
{
    private Guid[] ids = [];
    private ulong[] present = [];

    public long Bytes => (ids.Length * 16L) + (present.Length * 8L);

    public void Grow(int capacity)
    {
        Array.Resize(ref ids, capacity);
        Array.Resize(ref present, capacity / 64);
    }

    public void Set(int row, ContactId? id)
    {
        ids[row] = id?.Value ?? default;
        if (id is null)
        {
            BitKernels.Clear(present, row);
        }
        else
        {
            BitKernels.Set(present, row);
        }
    }

    public Guid? Id(int row) => BitKernels.Contains(present, row) ? ids[row] : null;

    public void Fill(FrozenSet<Guid> among, int firstWord, Span<ulong> bits)
    {
        bits.Clear();
        foreach (var row in new RowsOf(present.AsSpan(firstWord, bits.Length)))
        {
            if (among.Contains(ids[(firstWord * 64) + row]))
            {
                BitKernels.Set(bits, row);
            }
        }
    }
}
