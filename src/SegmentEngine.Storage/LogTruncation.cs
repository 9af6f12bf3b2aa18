namespace SegmentEngine.Storage;

/// <summary>
/// Empties the write-ahead log after something was erased: the file's own pages are overwritten at once (<c>secure_delete</c>), but the log has them as they were until it is begun anew.
/// Tried again until no reader looks at the pages of before; a reader is seldom longer than a page of answers.
/// </summary>
internal sealed class LogTruncation(string path) : IDisposable
{
    private static readonly TimeSpan pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource end = new();
    private readonly Lock together = new();
    private Task running = Task.CompletedTask;
    private bool isWanted;
    private bool isEnded;

    /// <summary>Comes back at once.</summary>
    public void Want()
    {
        lock (together)
        {
            isWanted = true;
            if (running.IsCompleted && !isEnded)
            {
                running = Task.Run(Run, CancellationToken.None);
            }
        }
    }

    public void Dispose()
    {
        lock (together)
        {
            if (isEnded)
            {
                return;
            }

            isEnded = true;
        }

        end.Cancel();
        running.GetAwaiter().GetResult();
        end.Dispose();
    }

    private async Task Run()
    {
        while (!end.IsCancellationRequested)
        {
            lock (together)
            {
                isWanted = false;
            }

            var isDone = TryTruncate();
            lock (together)
            {
                if (isDone && !isWanted)
                {
                    running = Task.CompletedTask;
                    return;
                }
            }

            // Erasures that come one after the other share one.
            await Task.Delay(pause, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool TryTruncate()
    {
        try
        {
            using var session = SqlSession.OpenBeside(path);
            return session.Number("pragma wal_checkpoint(truncate)") == 0;
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // A full disk, or a writer that takes long: the next try.
            return false;
        }
    }
}
