using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;

namespace SegmentEngine.Importing;

/// <summary>A file to read from start to end, or standard input (<c>-</c>); gzip is unpacked, whatever the name. What cannot be read is a <see cref="RefusedException"/> with the file's name.</summary>
internal sealed class InputFile : Stream
{
    private const string StandardInput = "-";

    private readonly Stream raw;
    private readonly Stream content;

    // A packed file that was cut off would otherwise end as if it were whole.
    static InputFile() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    private InputFile(string name, Stream raw, Stream content) => (Name, this.raw, this.content) = (name, raw, content);

    /// <summary>As a message calls it.</summary>
    public string Name { get; }

    /// <summary>The bytes there are to read, packed if they are packed; null where that is not known.</summary>
    public long? PackedBytes => raw.CanSeek ? raw.Length : null;

    /// <summary>How many of <see cref="PackedBytes"/> have been read.</summary>
    public long PackedBytesRead => raw.CanSeek ? raw.Position : 0;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static bool IsStandardInput(string path) => path == StandardInput;

    public static InputFile Open(string path, Func<Stream> standardInput)
    {
        if (IsStandardInput(path))
        {
            var piped = standardInput();
            return Guarded("standard input", () => Unpacked("standard input", piped));
        }

        if (Directory.Exists(path))
        {
            throw new RefusedException($"'{path}' is a folder; a file was expected");
        }

        if (!File.Exists(path))
        {
            throw new RefusedException($"there is no file '{path}'");
        }

        return Guarded(path, () => Unpacked(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16, FileOptions.SequentialScan)));
    }

    /// <summary>The whole of a file that should be small; of a larger one only so much that it is seen to be too large.</summary>
    public static byte[] ReadAll(string path, int bytesMax, Func<Stream> standardInput)
    {
        using var file = Open(path, standardInput);
        using var all = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (int read; all.Length <= bytesMax && (read = file.Read(buffer)) > 0;)
        {
            all.Write(buffer, 0, read);
        }

        return all.GetBuffer() is var bytes && bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes[3..(int)all.Length] : bytes[..(int)all.Length];
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return content.Read(buffer);
        }
        catch (Exception failed) when (failed is IOException or InvalidDataException)
        {
            throw CannotRead(Name, failed);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
            raw.Dispose();
        }

        base.Dispose(disposing);
    }

    private static InputFile Unpacked(string name, Stream raw)
    {
        var (readable, packed) = Peek(raw);
        return new(name, raw, packed ? new GZipStream(readable, CompressionMode.Decompress) : readable);
    }

    /// <summary>Whether gzip's two magic bytes come first, and a stream that still begins with them.</summary>
    private static (Stream Readable, bool Packed) Peek(Stream raw)
    {
        if (raw.CanSeek)
        {
            var packed = raw.ReadByte() == 0x1F && raw.ReadByte() == 0x8B;
            raw.Position = 0;
            return (raw, packed);
        }

        var pipe = PipeReader.Create(raw);
        var head = pipe.ReadAtLeastAsync(2).AsTask().GetAwaiter().GetResult().Buffer;
        var isPacked = head.Slice(0, Math.Min(2, head.Length)).ToArray() is [0x1F, 0x8B];
        pipe.AdvanceTo(head.Start);
        return (pipe.AsStream(), isPacked);
    }

    private static T Guarded<T>(string name, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw CannotRead(name, failed);
        }
    }

    private static RefusedException CannotRead(string name, Exception failed) => new($"cannot read '{name}': {failed.Message.TrimEnd('.')}");
}
