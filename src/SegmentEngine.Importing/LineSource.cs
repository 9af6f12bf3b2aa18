using System.Text;

namespace SegmentEngine.Importing;

/// <summary>The lines of a file, each made into the JSON of a contact or a message, or refused.</summary>
internal abstract class LineSource : IDisposable
{
    protected LineSource(InputFile file) => File = file;

    public InputFile File { get; }

    /// <summary>Where the line last read begins, from 1.</summary>
    public long Number { get; protected set; }

    public Fingerprint Fingerprint { get; } = new();

    /// <summary>Why the line last read is refused; null where it is not.</summary>
    public string? Fault { get; protected set; }

    /// <summary>What to send of the line last read. Valid until the next one.</summary>
    public ReadOnlyMemory<byte> Message { get; protected set; }

    /// <summary>The same for all lines of one contact.</summary>
    public int Contact { get; protected set; }

    /// <summary>At the end: columns that the mapping names and no line had.</summary>
    public virtual IReadOnlyList<string> NeverMet => [];

    /// <summary>Goes to the next line; false at the end.</summary>
    public abstract bool TryRead();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => File.Dispose();

    protected static int HashOf(ReadOnlySpan<byte> text)
    {
        var hash = new HashCode();
        hash.AddBytes(text);
        return hash.ToHashCode();
    }

    protected static int HashOf(string text) => HashOf(Encoding.UTF8.GetBytes(text));
}
