using System.Globalization;

namespace SegmentEngine.Cli.Files;

/// <summary>Says on standard error which lines were left out and why: the first few in full, of the others how many there were.</summary>
internal sealed class Notes(TextWriter error, string file)
{
    private const int ShownMax = 20;

    private long count;

    public void LeftOut(long line, string reason)
    {
        if (++count <= ShownMax)
        {
            error.WriteLine($"{file}, line {line}: left out: {reason}");
        }
    }

    public void Done()
    {
        if (count > ShownMax)
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {count - ShownMax:N0} more {(count == ShownMax + 1 ? "line was" : "lines were")} left out"));
        }
    }
}
