using System.Text.Unicode;

namespace SegmentEngine.Importing;

/// <summary>The lines of a file as UTF-8, without copying them: a byte-order mark, carriage returns and blank lines are passed over, and counted.</summary>
internal sealed class LineReader(InputFile file, int lineBytesMax)
{
    private byte[] buffer = new byte[1 << 16];
    private int start;
    private int end;
    private bool atEnd;

    /// <summary>The number of the line last read, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Why the line last read cannot be used, whatever it says; null where it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>The next line that is not blank; false at the end.</summary>
    /// <param name="line">Valid until the next call.</param>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        while (Next(out line))
        {
            Number++;
            if (Number == 1 && line.Span.StartsWith("\uFEFF"u8))
            {
                line = line[3..];
            }

            line = line[..line.Span.TrimEnd(" \t\r"u8).Length];
            if (Fault is not null || !line.IsEmpty)
            {
                Fault ??= Utf8.IsValid(line.Span) ? null : "is not UTF-8";
                return true;
            }
        }

        return false;
    }

    private bool Next(out ReadOnlyMemory<byte> line)
    {
        Fault = null;
        for (var searched = start; ; searched = end, Fill())
        {
            var length = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (length >= 0 || atEnd)
            {
                var stop = length >= 0 ? searched + length : end;
                line = buffer.AsMemory(start, stop - start);
                Fault ??= TooLong(stop - start);
                var any = length >= 0 || stop > start || Fault is not null;
                start = length >= 0 ? stop + 1 : end;
                line = Fault is null ? line : default;
                return any;
            }

            Fault ??= TooLong(end - start);
            if (Fault is not null)
            {
                // Nothing of this line is kept; only its end is looked for.
                (start, end) = (0, 0);
            }
            else if (start > 0 && end == buffer.Length)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }
            else if (end == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private string? TooLong(int bytes) => bytes > lineBytesMax ? $"is longer than {lineBytesMax >> 10} KiB" : null;

    private void Fill()
    {
        try
        {
            var read = file.Read(buffer.AsSpan(end));
            atEnd = read == 0;
            end += read;
        }
        catch (RefusedException broken)
        {
            throw new RefusedException($"{broken.Message}, after line {Number}");
        }
    }
}
