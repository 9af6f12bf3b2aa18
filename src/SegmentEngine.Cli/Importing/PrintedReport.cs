using System.Globalization;

namespace SegmentEngine.Cli.Importing;

/// <summary>A report on the screen, and in a file where one is named.</summary>
internal sealed class PrintedReport : ImportReport, IDisposable
{
    /// <summary>Refused lines shown on the screen; the report file has all.</summary>
    private const int ShownMax = 20;

    private readonly List<string> shown = [];
    private readonly TextWriter? file;
    private readonly TextWriter error;
    private readonly string? path;

    /// <param name="path">A file that gets every refused line at once; null for the first few on the screen only.</param>
    /// <param name="goesOn">Whether the file is continued.</param>
    /// <param name="error">The screen.</param>
    public PrintedReport(string? path, bool goesOn, TextWriter error)
    {
        this.path = path;
        this.error = error;
        file = path is null ? null : new StreamWriter(path, append: goesOn) { AutoFlush = true };
    }

    /// <summary>Shows the first refused lines, and says where the others are. Not before the end: a bar may be drawn meanwhile.</summary>
    public void Done()
    {
        foreach (var line in shown)
        {
            error.WriteLine(line);
        }

        if (Refused > ShownMax)
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Refused - ShownMax:N0} more lines were refused; {(path is null ? "--report FILE lists them all" : $"'{path}' lists them all")}"));
        }
    }

    public void Dispose() => file?.Dispose();

    protected override void Note(long line, string reason, long count)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"line {line}: {reason}");
        file?.WriteLine(text);
        if (count <= ShownMax)
        {
            shown.Add(text);
        }
    }
}
