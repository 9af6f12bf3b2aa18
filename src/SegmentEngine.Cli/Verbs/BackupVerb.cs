using System.CommandLine;
using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Storage;

namespace SegmentEngine.Cli.Verbs;

/// <summary><c>segment backup</c> and <c>segment restore</c>: a copy of a database file, made while a server works on it, and put back while none does.</summary>
internal sealed class BackupVerb(Terminal terminal)
{
    private readonly Option<string> database = new("--database") { HelpName = "FILE", Description = "the database file", Required = true };
    private readonly Option<bool> force = new("--force") { Description = "replace a file that is there" };
    private readonly Argument<string> target = new("BACKUP") { Description = "the file that the copy is written to" };
    private readonly Argument<string> source = new("BACKUP") { Description = "the copy, as segment backup made it" };

    public static Command Create(Terminal terminal) => new BackupVerb(terminal).Backup();

    public static Command CreateRestore(Terminal terminal) => new BackupVerb(terminal).Restore();

    private Command Backup()
    {
        var verb = new Command("backup", "Copy a database file, of one moment, while a server may work on it.") { target, database, force };
        verb.SetAction(parsed => Run(() =>
        {
            var (from, into) = (parsed.GetRequiredValue(database), parsed.GetRequiredValue(target));
            RefuseExisting(into, parsed);
            var shown = 0L;
            var report = DatabaseBackup.Write(from, into, Instant.From(terminal.Clock.GetUtcNow()), (copied, all) =>
            {
                if (terminal.IsInteractive && copied * 100 / Math.Max(1, all) is var percent && percent != shown)
                {
                    shown = percent;
                    terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{percent} %"));
                }
            });
            if (shown > 0)
            {
                terminal.Error.Write("\r     \r");
            }

            return $"'{into}': {Described(report)}, checked";
        }));
        return verb;
    }

    private Command Restore()
    {
        var verb = new Command("restore", "Put a copy in the place of a database file that no server has open; what was there stays beside it, with .replaced behind its name.") { source, database, force };
        verb.SetAction(parsed => Run(() =>
        {
            var into = parsed.GetRequiredValue(database);
            RefuseExisting(into, parsed);
            return $"'{into}': {Described(DatabaseBackup.Restore(parsed.GetRequiredValue(source), into, Instant.From(terminal.Clock.GetUtcNow())))}";
        }));
        return verb;
    }

    private int Run(Func<string> work)
    {
        try
        {
            terminal.Output.WriteLine(work());
            return ExitCode.Fine;
        }
        catch (DatabaseInUseException used)
        {
            throw new RefusedException($"{used.Message}; stop the server first");
        }
        catch (DatabaseRefusedException refused)
        {
            throw new RefusedException(refused.Message);
        }
    }

    private void RefuseExisting(string path, ParseResult parsed)
    {
        if (Directory.Exists(path))
        {
            throw new RefusedException($"'{path}' is a folder; a file was expected");
        }

        if (File.Exists(path) && !parsed.GetValue(force))
        {
            throw new RefusedException($"'{path}' is there already; --force replaces it");
        }
    }

    private static string Described(BackupReport report) =>
        string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(report.Contacts, "contact")} in {Counted.Of(report.Workspaces, "workspace")}, {report.Bytes / 1048576.0:0.0} MiB");
}
