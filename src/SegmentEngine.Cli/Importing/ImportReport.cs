using System.Globalization;

namespace SegmentEngine.Cli.Importing;

/// <summary>What became of the lines so far: how many went in, and which were refused and why. Thread-safe.</summary>
internal sealed class ImportReport : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<string> shown = [];
    private readonly TextWriter? file;
    private readonly TextWriter error;
    private readonly string? path;
    private long refused;
    private long accepted;
    private long duplicates;

    /// <param name="path">A file that gets every refused line at once; null for the first few on the screen only.</param>
    /// <param name="goesOn">Whether the file is continued.</param>
    /// <param name="error">The screen.</param>
    public ImportReport(string? path, bool goesOn, TextWriter error)
    {
        this.path = path;
        this.error = error;
        file = path is null ? null : new StreamWriter(path, append: goesOn) { AutoFlush = true };
    }

    public long Accepted => Interlocked.Read(ref accepted);

    /// <summary>Events that were stored already.</summary>
    public long Duplicates => Interlocked.Read(ref duplicates);

    public long Refused => Interlocked.Read(ref refused);

    public long Lines => Accepted + Duplicates + Refused;

    public void Took(int count, int alreadyThere)
    {
        _ = Interlocked.Add(ref accepted, count);
        _ = Interlocked.Add(ref duplicates, alreadyThere);
    }

    public void Refuse(long line, string reason)
    {
        lock (gate)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"line {line}: {reason}");
            file?.WriteLine(text);
            if (++refused <= ImportLimits.RefusedShownMax)
            {
                shown.Add(text);
            }
        }
    }

    /// <summary>Shows the first refused lines, and says where the others are. Not before the end: a bar may be drawn meanwhile.</summary>
    public void Done()
    {
        foreach (var line in shown)
        {
            error.WriteLine(line);
        }

        if (refused > ImportLimits.RefusedShownMax)
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{refused - ImportLimits.RefusedShownMax:N0} more lines were refused; {(path is null ? "--report FILE lists them all" : $"'{path}' lists them all")}"));
        }
    }

    public void Dispose() => file?.Dispose();
}
