using System.Runtime.InteropServices;

namespace SegmentEngine.Storage;

/// <summary>Threads to which the operating system prefers others. Where it knows no such order (Linux does), they are threads like others.</summary>
public static partial class BackgroundThread
{
    private const int ThisThread = 0;

    /// <summary>Has the calling thread step back, for good.</summary>
    /// <param name="niceness">From 1, a little, to 19, whatever others leave.</param>
    public static void StepBack(int niceness)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(ThisThread, ThisThread, niceness);
        }
    }

    /// <summary>Of the C library: stepping back needs no right. On Linux, process 0 is the calling thread.</summary>
    [LibraryImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetPriority(int which, uint who, int niceness);
}
