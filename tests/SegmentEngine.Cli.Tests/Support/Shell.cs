using System.Text;

namespace SegmentEngine.Cli.Tests.Support;

/// <summary>Runs the command as a shell would, in this process.</summary>
internal static class Shell
{
    public static Task<Answer> Run(params string[] args) => RunWith(new(), args);

    public static async Task<Answer> RunWith(Given given, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var terminal = new Terminal
        {
            OpenInput = () => new Piped(given.Input),
            Output = output,
            Error = error,
            Clock = given.Clock,
            Variable = name => given.Variables.GetValueOrDefault(name),
        };
        var exit = await SegmentCommand.Run(args, terminal, given.Cancel);
        return new(exit, output.ToString(), error.ToString());
    }

    /// <summary>What surrounds the command.</summary>
    internal sealed record Given
    {
        public byte[] Input { get; init; } = [];
        public TimeProvider Clock { get; init; } = TimeProvider.System;
        public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();
        public CancellationToken Cancel { get; init; }

        public static Given Text(string input) => new() { Input = Encoding.UTF8.GetBytes(input) };
    }

    internal sealed record Answer(int Exit, string Output, string Error)
    {
        /// <summary>Refused: exit 2, nothing but sentences on standard error.</summary>
        public void IsRefused(string because)
        {
            Assert.Contains(because, Error, StringComparison.Ordinal);
            Assert.Equal(ExitCode.Refused, Exit);
            Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", Error, StringComparison.Ordinal);
        }

        public void IsFine(string output)
        {
            Assert.Equal("", Error);
            Assert.Equal(output, Output);
            Assert.Equal(ExitCode.Fine, Exit);
        }
    }

    /// <summary>Gives a few bytes at a time and cannot go back, as a pipe.</summary>
    private sealed class Piped(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(buffer.Length, 7)], cancellationToken);
    }
}
