using System.Text;

namespace SegmentEngine.Cli;

/// <summary>Where a verb reads and writes, and what time it is. Tests bring their own.</summary>
internal sealed class Terminal : IDisposable
{
    private static readonly UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public required Func<Stream> OpenInput { get; init; }
    public required TextWriter Output { get; init; }

    /// <summary>For what people read: whatever is written, it steers no terminal.</summary>
    public required TextWriter Error
    {
        get;
        init => (Canvas, field) = (value, new VisibleWriter(value));
    }

    /// <summary><see cref="Error"/> for what is drawn.</summary>
    public TextWriter Canvas { get; private init; } = TextWriter.Null;

    /// <summary>Whether a person looks on, so that a line may be drawn over.</summary>
    public bool IsInteractive { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public Func<string, string?> Variable { get; init; } = static _ => null;

    public static Terminal OfProcess() => new()
    {
        OpenInput = Console.OpenStandardInput,
        Output = new StreamWriter(Console.OpenStandardOutput(), utf8, bufferSize: 1 << 16),
        Error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
        IsInteractive = !Console.IsErrorRedirected,
        Variable = Environment.GetEnvironmentVariable,
    };

    public void Dispose()
    {
        Output.Dispose();
        Error.Dispose();
        Canvas.Dispose();
    }
}
