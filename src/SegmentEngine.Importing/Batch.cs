using System.Buffers;

namespace SegmentEngine.Importing;

/// <summary>Lines on their way to the server in one request.</summary>
/// <param name="list">The field of the body that holds them.</param>
/// <param name="before">How far the file was done with before its first line.</param>
internal sealed class Batch(string list, Mark before)
{
    private readonly ArrayBufferWriter<byte> items = new(1 << 16);
    private readonly List<int> ends = [];
    private readonly List<long> lines = [];

    public Mark Before { get; } = before;

    /// <summary>The number of each item's line.</summary>
    public IReadOnlyList<long> Lines => lines;

    public int Bytes => items.WrittenCount;

    public void Add(long line, ReadOnlySpan<byte> item)
    {
        items.Write(item);
        ends.Add(items.WrittenCount);
        lines.Add(line);
    }

    /// <summary>The request's body with some of the items.</summary>
    public byte[] Body(int first, int count)
    {
        var start = first == 0 ? 0 : ends[first - 1];
        var head = System.Text.Encoding.UTF8.GetBytes($"{{\"{list}\":[");
        var body = new byte[head.Length + ends[first + count - 1] - start + count - 1 + 2];
        head.CopyTo(body, 0);
        var at = head.Length;
        for (var i = first; i < first + count; i++)
        {
            if (i > first)
            {
                body[at++] = (byte)',';
            }

            items.WrittenSpan[start..ends[i]].CopyTo(body.AsSpan(at));
            at += ends[i] - start;
            start = ends[i];
        }

        body[at] = (byte)']';
        body[at + 1] = (byte)'}';
        return body;
    }
}

/// <summary>A place in the file: everything up to and including this line.</summary>
internal readonly record struct Mark(long Line, string Fingerprint);
