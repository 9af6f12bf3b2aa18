using System.Diagnostics;
using SegmentEngine.Client;

namespace SegmentEngine.Cli.Tests.Support;

/// <summary>For reads that name a revision: the server waits two seconds for it, and a busy machine may need more.</summary>
internal static class Patience
{
    private static readonly TimeSpan longest = TimeSpan.FromMinutes(1);

    public static async Task<T> Ask<T>(Func<Task<T>> read)
    {
        for (var started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return await read();
            }
            catch (SegmentEngineException stale) when (stale.Status == 409 && Stopwatch.GetElapsedTime(started) < longest)
            {
                // Asked again.
            }
        }
    }
}
