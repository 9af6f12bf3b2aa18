using System.Globalization;
using Spectre.Console;

namespace SegmentEngine.Cli.Importing;

/// <summary>Shows how an import gets on: a bar that moves where a person looks on, a plain line every few seconds where not.</summary>
internal sealed class ImportProgress(string what, LineSource source, ImportReport report, Terminal terminal)
{
    private static readonly TimeSpan refresh = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan lineEvery = TimeSpan.FromSeconds(5);

    private readonly long started = terminal.Clock.GetTimestamp();

    public TimeSpan Elapsed => terminal.Clock.GetElapsedTime(started);

    public string Rate => string.Create(CultureInfo.InvariantCulture, $"{report.Lines / Math.Max(Elapsed.TotalSeconds, 0.001):N0} lines/s");

    /// <summary>From 0 to 1, by the bytes that were read; null where nobody knows how many there are.</summary>
    private double? Share => source.File.PackedBytes is { } all and > 0 ? Math.Min(1, (double)source.File.PackedBytesRead / all) : null;

    /// <summary>Shows the progress until the work ends, and ends as the work does.</summary>
    /// <param name="work">The import.</param>
    /// <param name="every">Called now and then, while it is shown.</param>
    public async Task Watch(Task work, Action every)
    {
        if (terminal.IsInteractive)
        {
            var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(terminal.Canvas) });
            await console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async context =>
            {
                var bar = context.AddTask(what, new ProgressTaskSettings { MaxValue = 1 });
                while (await IsRunning(work, refresh))
                {
                    bar.IsIndeterminate = Share is null;
                    bar.Value = Share ?? 0;
                    bar.Description = string.Create(CultureInfo.InvariantCulture, $"{what}: {Counted.Of(report.Lines, "line")}, {Rate}");
                    every();
                }
            });
        }
        else
        {
            for (var next = lineEvery; await IsRunning(work, refresh); every())
            {
                if (Elapsed >= next)
                {
                    next = Elapsed + lineEvery;
                    await terminal.Error.WriteLineAsync(Line);
                }
            }
        }

        await work;
    }

    private string Line => string.Create(CultureInfo.InvariantCulture, $"{what}: {Counted.Of(report.Lines, "line")}, {Rate}{(Share is { } share and > 0 ? $", {share:P0}, about {Elapsed.TotalSeconds * ((1 / share) - 1):N0} s left" : "")}");

    private async Task<bool> IsRunning(Task work, TimeSpan wait)
    {
        _ = await Task.WhenAny(work, Task.Delay(wait, terminal.Clock));
        return !work.IsCompleted;
    }
}
