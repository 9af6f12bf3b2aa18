using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace SegmentEngine.Benchmarks;

/// <summary>Where results go, and how they are timed where a run is more than one method.</summary>
internal static class Results
{
    /// <summary>The machine, for the end of a table, and the commit that the program was built from.</summary>
    public static string Machine
    {
        get
        {
            var processor = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[1] : null;
            return $"{Cores} cores, {processor ?? RuntimeInformation.OSArchitecture.ToString()}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; commit {Commit}";
        }
    }

    private static readonly int Cores = Environment.ProcessorCount;

    /// <summary>The SDK writes it behind the version.</summary>
    private static string Commit => typeof(Results).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, { Length: >= 8 } hash] ? hash[..8] : "unknown";

    /// <summary>Keeps this process to one core.</summary>
    public static void UseOneCore()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            _ = Cores;
            using var process = Process.GetCurrentProcess();
            process.ProcessorAffinity = 1 << (Cores - 1);
        }
    }

    /// <summary>The median of some runs, in seconds.</summary>
    public static double Time(int runs, Action run, int warmUps = 0)
    {
        var times = new List<double>();
        for (var i = 0; i < warmUps + runs; i++)
        {
            var watch = Stopwatch.StartNew();
            run();
            if (i >= warmUps)
            {
                times.Add(watch.Elapsed.TotalSeconds);
            }
        }

        times.Sort();
        return times[times.Count / 2];
    }

    /// <summary>Writes a file beside the other results, from wherever in the repository it is run.</summary>
    public static void Write(string name, string text)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SegmentEngine.sln")))
        {
            folder = folder.Parent;
        }

        var path = Path.Combine(folder?.FullName ?? throw new InvalidOperationException("run it inside the repository"), "benchmarks", "results", name);
        File.WriteAllText(path, text);
        Console.WriteLine($"{path}\n{text}");
    }

    /// <summary>Three digits that count.</summary>
    public static string Seconds(double seconds) => seconds >= 100 ? seconds.ToString("#,0", CultureInfo.InvariantCulture) : double.Parse(seconds.ToString("g3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
}
