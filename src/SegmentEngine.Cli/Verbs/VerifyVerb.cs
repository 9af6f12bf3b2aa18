using System.CommandLine;
using System.Globalization;
using SegmentEngine.Client;

namespace SegmentEngine.Cli.Verbs;

/// <summary><c>segment verify</c>: has a server judge every membership of a workspace by the plain interpreter, and mend what is wrong.</summary>
internal sealed class VerifyVerb(Terminal terminal)
{
    private static readonly TimeSpan between = TimeSpan.FromMilliseconds(500);

    private readonly Option<string> server = Connection.Server();
    private readonly Option<string> key = Connection.Key("a key with the scope manage");

    public static Command Create(Terminal terminal) => new VerifyVerb(terminal).Command();

    private Command Command()
    {
        var verb = new Command("verify", "Have every membership of a workspace judged by the plain interpreter. Exit 0: all are right; 1: some were wrong, and are mended; 2: it could not be done.") { server, key };
        verb.SetAction(Run);
        return verb;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        var address = Connection.Address(parsed.GetValue(server)!);
        using var http = Connection.Open(address, parsed.GetValue(key), terminal);
        try
        {
            return await Follow(new(http), cancel);
        }
        catch (Exception failed) when (failed is SegmentEngineException or HttpRequestException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new RefusedException(Connection.Sentence(failed, address));
        }
    }

    private async Task<int> Follow(SegmentEngineClient client, CancellationToken cancel)
    {
        var run = await client.BeginVerification(cancel);
        while (run.State == VerificationState.Running)
        {
            if (terminal.IsInteractive)
            {
                await terminal.Error.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"\r{run.Judged + run.Unsure:N0} of {Counted.Of(run.Contacts, "contact")}"));
            }

            await Task.Delay(between, cancel);
            run = await client.GetVerification(cancel);
        }

        if (terminal.IsInteractive)
        {
            await terminal.Error.WriteLineAsync();
        }

        if (run.State != VerificationState.Finished)
        {
            throw new RefusedException("the verification broke off; the server's log says why");
        }

        await terminal.Output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{Counted.Of(run.Judged, "contact")} judged, each for every segment, {Counted.Of(run.Pairs, "pair")}: {run.Mismatches:N0} wrong{(run.Mismatches > 0 ? $", {run.Mended:N0} of them mended" : "")}{(run.Unsure > 0 ? $"; {Counted.Of(run.Unsure, "contact")} could not be judged: gone, or changing all the time" : "")}"));
        return run.Mismatches == 0 ? ExitCode.Fine : ExitCode.SomeWrong;
    }
}
