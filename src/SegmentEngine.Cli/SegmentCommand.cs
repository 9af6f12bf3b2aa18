using System.CommandLine;
using SegmentEngine.Cli.Verbs;

namespace SegmentEngine.Cli;

/// <summary>The <c>segment</c> command: its verbs, and what becomes of everything that goes wrong in them.</summary>
internal static class SegmentCommand
{
    public static async Task<int> Run(string[] args, Terminal terminal, CancellationToken cancel)
    {
        var root = new RootCommand("Who is in which segment, right now, and why.")
        {
            EvaluateVerb.Create(terminal),
            ExplainVerb.Create(terminal),
            CheckVerb.Create(terminal),
            ConvertVerb.Create(terminal),
            ImportVerb.Create(terminal),
            KeyVerb.Create(terminal),
            BackupVerb.Create(terminal),
            BackupVerb.CreateRestore(terminal),
            VerifyVerb.Create(terminal),
            McpVerb.Create(terminal),
        };
        var parsed = root.Parse(args, new() { ResponseFileTokenReplacer = null });
        try
        {
            if (parsed.Errors.Count > 0)
            {
                throw new RefusedException(Faults(parsed));
            }

            return await parsed.InvokeAsync(new() { Output = terminal.Output, Error = terminal.Error, EnableDefaultExceptionHandler = false }, cancel);
        }
        catch (RefusedException refused)
        {
            await terminal.Error.WriteLineAsync(refused.Message);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            await terminal.Error.WriteLineAsync(Sentence(failed.Message));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await terminal.Error.WriteLineAsync("stopped");
        }
        finally
        {
            await terminal.Output.FlushAsync(CancellationToken.None);
        }

        return ExitCode.Refused;
    }

    private static string Faults(ParseResult parsed) => string.Join('\n', parsed.Errors.Select(static error => Sentence(error.Message)).Append("segment --help says what there is"));

    /// <summary>A message of another library in our manner: no capital, no stop.</summary>
    private static string Sentence(string message) => char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.', '\n', '\r');
}
