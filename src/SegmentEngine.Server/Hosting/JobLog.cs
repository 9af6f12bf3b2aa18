using Hangfire.Logging;

namespace SegmentEngine.Server.Hosting;

/// <summary>Hangfire's log, in the server's own. Hangfire keeps it in a static field, so it may be used after its server is gone; then it says nothing, instead of failing the caller.</summary>
internal sealed class JobLog(ILoggerFactory loggers) : ILogProvider
{
    public ILog GetLogger(string name)
    {
        try
        {
            return new Lines(loggers.CreateLogger(name));
        }
        catch (ObjectDisposedException)
        {
            return new Lines(null);
        }
    }

    private sealed class Lines(ILogger? logger) : ILog
    {
        public bool Log(Hangfire.Logging.LogLevel logLevel, Func<string>? messageFunc, Exception? exception = null)
        {
            var level = (Microsoft.Extensions.Logging.LogLevel)(int)logLevel;
            if (logger?.IsEnabled(level) != true)
            {
                return false;
            }

            if (messageFunc is not null)
            {
#pragma warning disable CA1848, CA1873, CA2254 // The text is Hangfire's own and comes whole.
                logger.Log(level, exception, messageFunc());
#pragma warning restore CA1848, CA1873, CA2254
            }

            return true;
        }
    }
}
