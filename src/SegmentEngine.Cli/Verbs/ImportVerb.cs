using System.CommandLine;
using System.Globalization;
using SegmentEngine.Cli.Importing;
using SegmentEngine.Client;

namespace SegmentEngine.Cli.Verbs;

/// <summary><c>segment import</c>: contacts or events of a file into a running server. Lines that are refused are reported; the rest goes in.</summary>
internal sealed class ImportVerb(ImportKind kind, Terminal terminal)
{
    private readonly Argument<string> file = new("FILE") { Description = "CSV with a header, or JSON Lines; may be packed with gzip; - is standard input" };
    private readonly Option<string> server = Connection.Server();
    private readonly Option<string> key = Connection.Key("a key with the scope contacts:write");
    private readonly Option<string> map = new("--map") { HelpName = "MAP.json", Description = "which column becomes which field; what it does not name goes by the columns' names" };
    private readonly Option<string> format = new("--format") { HelpName = "csv|jsonl", Description = "how the file is written, where its name does not say" };
    private readonly Option<int> batch = new("--batch") { HelpName = "N", Description = $"lines in one request, at most {ImportLimits.BatchItemsMax}", DefaultValueFactory = static _ => ImportLimits.BatchItemsDefault };
    private readonly Option<string> report = new("--report") { HelpName = "FILE", Description = "gets every refused line with its number and the reason" };
    private readonly Option<bool> resume = new("--resume") { Description = "go on where an import of this file was broken off" };

    public static Command Create(Terminal terminal) => new("import", "Bring contacts or events of a file into a server. Exit 0: all lines are in; 1: some were refused; 2: it could not be done.")
    {
        new ImportVerb(ImportKind.Contacts, terminal).Command(),
        new ImportVerb(ImportKind.Events, terminal).Command(),
    };

    private Command Command()
    {
        var verb = kind == ImportKind.Contacts
            ? new Command("contacts", "Create contacts, or bring them up to date.")
            : new Command("events", "Bring events in. One that is in already, by its message id or by an earlier import of the same file, does not count twice.");
        verb.Add(file);
        foreach (var option in new Option[] { server, key, map, format, batch, report, resume })
        {
            verb.Add(option);
        }

        verb.SetAction(Run);
        return verb;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        var path = parsed.GetRequiredValue(file);
        var items = parsed.GetValue(batch) is >= 1 and <= ImportLimits.BatchItemsMax and var given ? given : throw new RefusedException($"--batch is from 1 to {ImportLimits.BatchItemsMax}");
        var address = Connection.Address(parsed.GetValue(server)!);
        using var http = Connection.Open(address, parsed.GetValue(key), terminal);
        var isPiped = InputFile.IsStandardInput(path);
        if (isPiped && parsed.GetValue(resume))
        {
            throw new RefusedException("standard input cannot be resumed: import the file by its name");
        }

        Given.RefuseTwoStandardInputs(path, parsed.GetValue(map));
        var mapping = parsed.GetValue(map) is { } mappingPath ? Mapping.Read(mappingPath, kind, terminal.OpenInput) : null;
        using var source = Open(path, parsed.GetValue(format), mapping);
        var statePath = isPiped ? null : ImportState.PathFor(path);
        var start = parsed.GetValue(resume) ? GoOn(source, statePath!, address) : new(0, source.Fingerprint.Value);
        using var refused = new PrintedReport(parsed.GetValue(report), goesOn: start.Line > 0, terminal.Error);
        var import = new Import(source, kind, new SegmentEngineClient(http), refused, items, start);
        var progress = new ImportProgress(kind == ImportKind.Contacts ? "contacts" : "events", source, refused, terminal);
        var keeper = new StateKeeper(statePath, mark => new(address.ToString(), kind, mark.Line, mark.Fingerprint), terminal);
        try
        {
            await progress.Watch(import.Run(cancel), () => keeper.Keep(import.Done));
            keeper.Forget();
        }
        catch (Exception failed) when (failed is HttpRequestException or SegmentEngineException or OperationCanceledException or RefusedException)
        {
            keeper.Keep(import.Done, atOnce: true);
            refused.Done();
            var reason = cancel.IsCancellationRequested ? "stopped" : failed is RefusedException ? failed.Message : Connection.Sentence(failed, address);
            throw new RefusedException(string.Join('\n', reason, Said(import.Done, isPiped)));
        }

        refused.Done();
        if (source.NeverMet is { Count: > 0 } never)
        {
            await terminal.Error.WriteLineAsync($"the mapping names {string.Join(", ", never.Select(static column => $"\"{column}\""))}, which no line has");
        }

        await terminal.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{Counted.Of(refused.Lines, "line")}: {refused.Accepted:N0} taken, {refused.Duplicates:N0} in already, {refused.Refused:N0} refused, in {progress.Elapsed.TotalSeconds:N1} s ({progress.Rate}); revision {import.Revision}"));
        return refused.Refused == 0 ? ExitCode.Fine : ExitCode.SomeRefused;
    }

    private static string Said(Mark done, bool isPiped) => done.Line == 0 ? "no line is done with" : string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(done.Line, "line")} {(done.Line == 1 ? "is" : "are")} done with{(isPiped ? "" : "; --resume goes on from there")}");

    private LineSource Open(string path, string? said, Mapping? mapping)
    {
        var isCsv = IsCsv(path, said);
        var input = InputFile.Open(path, terminal.OpenInput);
        try
        {
            return isCsv ? CsvSource.Open(input, mapping ?? Mapping.Empty, kind) : mapping is null ? new JsonLineSource(input, kind) : new MappedJsonSource(input, mapping, kind);
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    private static bool IsCsv(string path, string? said) =>
        (said ?? Path.GetExtension(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path).TrimStart('.').ToLowerInvariant()) switch
        {
            "csv" => true,
            "tsv" when said is null => true,
            "jsonl" => false,
            "ndjson" or "json" when said is null => false,
            _ when said is not null => throw new RefusedException($"there is no format \"{said}\"; there are csv and jsonl"),
            _ => throw new RefusedException($"'{path}' does not say by its name how it is written: add --format csv or --format jsonl"),
        };

    /// <summary>Passes over the lines that an earlier import is done with, if the file still holds the same ones.</summary>
    private Mark GoOn(LineSource source, string statePath, Uri address)
    {
        if (ImportState.Read(statePath) is not { } state)
        {
            terminal.Error.WriteLine($"no import of '{source.File.Name}' was broken off; starting with its first line");
            return new(0, source.Fingerprint.Value);
        }

        if (state.Kind != kind || state.Server != address.ToString())
        {
            throw new RefusedException($"the import that was broken off brought {state.Kind.ToString().ToLowerInvariant()} to {state.Server}; leave --resume out to begin a new one");
        }

        while (source.Number < state.Line && source.TryRead())
        {
        }

        return source.Number == state.Line && source.Fingerprint.Value == state.Fingerprint
            ? new(state.Line, state.Fingerprint)
            : throw new RefusedException($"'{source.File.Name}' is not the file it was: it differs before line {state.Line + 1}; leave --resume out to import it from the start");
    }

    /// <summary>Writes down how far the import has come, at most once a second.</summary>
    private sealed class StateKeeper(string? path, Func<Mark, ImportState> stateOf, Terminal terminal)
    {
        private static readonly TimeSpan keepEvery = TimeSpan.FromSeconds(1);

        private long kept = terminal.Clock.GetTimestamp();
        private bool isHopeless;

        public void Keep(Mark mark, bool atOnce = false)
        {
            if (path is null || isHopeless || mark.Line == 0 || (!atOnce && terminal.Clock.GetElapsedTime(kept) < keepEvery))
            {
                return;
            }

            kept = terminal.Clock.GetTimestamp();
            try
            {
                stateOf(mark).Write(path);
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                isHopeless = true;
                terminal.Error.WriteLine($"this import cannot be resumed if it is broken off: {failed.Message.TrimEnd('.')}");
            }
        }

        public void Forget()
        {
            if (path is not null && !isHopeless)
            {
                File.Delete(path);
            }
        }
    }
}
