using System.CommandLine;
using SegmentEngine.Client;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Cli.Verbs;

/// <summary><c>segment key create</c>: a key, in a database file that no server has open, or through a server.</summary>
internal sealed class KeyVerb(Terminal terminal)
{
    private static readonly string[] known = [.. Scopes.All, Scopes.Jobs];

    private readonly Option<string> database = new("--database") { HelpName = "FILE", Description = "the database file, while no server runs on it" };
    private readonly Option<string> workspace = new("--workspace") { HelpName = "NAME", Description = "with --database: whose key it is, by name or id" };
    private readonly Option<bool> makes = new("--create-workspace") { Description = "with --database: make the workspace, and the file, where there is none" };
    private readonly Option<string> server = Connection.Server(required: false);
    private readonly Option<string> key = Connection.Key("with --server: a key with the scope manage");
    private readonly Option<string> name = new("--name") { HelpName = "NAME", Description = "what the list of keys calls it", DefaultValueFactory = static _ => "segment key create" };
    private readonly Option<string[]> scopes = new("--scope") { HelpName = "SCOPE", Description = $"what it may do, once or more: {string.Join(", ", known)}; {Scopes.Jobs} with --database only", Required = true, AllowMultipleArgumentsPerToken = true };
    private readonly Option<string> expires = new("--expires") { HelpName = "INSTANT", Description = "when it ends; never, where this is not given" };

    public static Command Create(Terminal terminal) => new("key", "API keys.") { new KeyVerb(terminal).Command() };

    private Command Command()
    {
        var verb = new Command("create", "Make a key and print it: it is shown once and cannot be had again.") { database, workspace, makes, server, key, name, scopes, expires };
        verb.SetAction(Run);
        return verb;
    }

    private async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        if (parsed.GetValue(database) is null == parsed.GetValue(server) is null)
        {
            throw new RefusedException("say where with exactly one of --database and --server");
        }

        var asked = parsed.GetRequiredValue(scopes).SelectMany(static scope => scope.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct().ToList();
        if (asked.Find(static scope => !known.Contains(scope)) is { } unknown)
        {
            throw new RefusedException($"there is no scope \"{unknown}\"; there are {string.Join(", ", known)}");
        }

        Instant? until = parsed.GetValue(expires) is { } text ? Given.ReadInstant("--expires", text) : null;
        if (until <= Now)
        {
            throw new RefusedException($"--expires: {until} has passed");
        }

        var made = parsed.GetValue(database) is { } file
            ? await InFile(file, parsed, asked, until, cancel)
            : await ThroughServer(Connection.Address(parsed.GetValue(server)!), parsed, asked, until, cancel);
        await terminal.Output.WriteLineAsync(made);
        return ExitCode.Fine;
    }

    private Instant Now => Instant.From(terminal.Clock.GetUtcNow());

    private async Task<string> InFile(string path, ParseResult parsed, IReadOnlyList<string> asked, Instant? until, CancellationToken cancel)
    {
        var called = parsed.GetValue(workspace) ?? throw new RefusedException("--database needs --workspace: its name or id");
        if (Directory.Exists(path))
        {
            throw new RefusedException($"'{path}' is a folder; a database file was expected");
        }

        if (!File.Exists(path) && !parsed.GetValue(makes))
        {
            throw new RefusedException($"there is no file '{path}'; --create-workspace makes one");
        }

        try
        {
            using var opened = SegmentDatabase.Open(path, Now);
            var owner = await Workspace(opened, called, parsed.GetValue(makes), cancel);
            return (await opened.Keys.Create(owner.Id, parsed.GetValue(name)!, asked, Now, until, cancel)).Text;
        }
        catch (DatabaseInUseException used)
        {
            throw new RefusedException($"{used.Message}; ask the server for a key instead: --server URL --key KEY");
        }
        catch (DatabaseRefusedException refused)
        {
            throw new RefusedException(refused.Message);
        }
    }

    private async Task<Workspace> Workspace(SegmentDatabase opened, string called, bool mayMake, CancellationToken cancel)
    {
        var all = opened.Workspaces.All();
        var found = all.Where(each => each.Name == called || (Guid.TryParse(called, out var id) && each.Id.Value == id)).ToList();
        return found switch
        {
            [var only] => only,
            [_, ..] => throw new RefusedException($"{found.Count} workspaces are called \"{called}\"; name one by its id: {string.Join(", ", found.Select(static each => each.Id))}"),
            [] when mayMake => await opened.Workspaces.Create(called, "UTC", Now, cancel: cancel),
            [] => throw new RefusedException($"there is no workspace \"{called}\"; {(all.Count == 0 ? "the file holds none" : $"there are {string.Join(", ", all.Select(static each => $"\"{each.Name}\""))}")}"),
        };
    }

    private async Task<string> ThroughServer(Uri address, ParseResult parsed, IReadOnlyList<string> asked, Instant? until, CancellationToken cancel)
    {
        if ((parsed.GetValue(workspace) is not null) || parsed.GetValue(makes))
        {
            throw new RefusedException("--workspace and --create-workspace go with --database: through a server a key is for the workspace of --key");
        }

        using var http = Connection.Open(address, parsed.GetValue(key), terminal);
        try
        {
            var made = await new SegmentEngineClient(http).CreateKey(new() { Name = parsed.GetValue(name)!, Scopes = asked, ExpiresAt = until?.ToDateTimeOffset() }, cancel);
            return made.Secret ?? throw new RefusedException($"{address} made a key but did not say it");
        }
        catch (Exception failed) when (failed is HttpRequestException or SegmentEngineException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new RefusedException(Connection.Sentence(failed, address));
        }
    }
}
