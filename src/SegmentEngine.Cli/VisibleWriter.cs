using System.Buffers;
using System.Globalization;
using System.Text;

namespace SegmentEngine.Cli;

/// <summary>Writes what people read. Characters that would steer the terminal, or turn the direction of what follows, are shown by their numbers: a message may quote a file that somebody else made.</summary>
/// <param name="output">Where it goes; its owner disposes of it.</param>
internal sealed class VisibleWriter(TextWriter output) : TextWriter(CultureInfo.InvariantCulture)
{
    /// <summary>All controls but tab, line feed and carriage return, and the marks and overrides of direction.</summary>
    private static readonly SearchValues<char> steering = SearchValues.Create(
        [.. Enumerable.Range(0, 0xa0).Select(static code => (char)code).Where(static letter => char.IsControl(letter) && letter is not ('\t' or '\n' or '\r')), .. "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"]);

    public override Encoding Encoding => output.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(ReadOnlySpan<char> buffer)
    {
        while (buffer.IndexOfAny(steering) is >= 0 and var at)
        {
            output.Write(buffer[..at]);
            output.Write(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)buffer[at]:x4}"));
            buffer = buffer[(at + 1)..];
        }

        output.Write(buffer);
    }

    public override void Flush() => output.Flush();
}
