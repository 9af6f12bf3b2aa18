using System.Globalization;
using System.Security.Cryptography;

namespace SegmentEngine.Importing;

/// <summary>
/// Stands for everything in a file up to and including a line, packed or not. An event without a message id gets one from it, so that importing the file again, or a longer one
/// that begins the same, does not count the event twice; and an import that goes on knows whether the file is still the one it was.
/// </summary>
internal sealed class Fingerprint
{
    private const int Bytes = 16;

    private readonly byte[] state = new byte[SHA256.HashSizeInBytes];
    private byte[] buffer = new byte[1 << 10];

    public string Value => Convert.ToHexStringLower(state.AsSpan(0, Bytes));

    public void Add(ReadOnlySpan<byte> line)
    {
        if (buffer.Length < Bytes + line.Length)
        {
            buffer = new byte[(Bytes + line.Length) * 2];
        }

        state.AsSpan(0, Bytes).CopyTo(buffer);
        line.CopyTo(buffer.AsSpan(Bytes));
        _ = SHA256.HashData(buffer.AsSpan(0, Bytes + line.Length), state);
    }

    public string MessageId(long line) => string.Create(CultureInfo.InvariantCulture, $"import:{Value}:{line}");
}
