using System.Globalization;

namespace SegmentEngine.Server.Hosting;

/// <summary>What can be set from outside: in appsettings.json, as an environment variable with <c>SEGMENTENGINE_</c> before the name, or on the command line (<c>--database file</c>). The later one counts.</summary>
public sealed class ServerOptions
{
    private const int SelfAuditsMax = 1_000;
    private const int RetrySecondsMax = 3_600;

    public const string DefaultUrl = "http://127.0.0.1:5210";

    /// <summary>The SQLite file. It is made when it is not there.</summary>
    public string Database { get; set; } = "segmentengine.db";

    /// <summary>Memberships that are behind their data for longer than this are called stale, and open no restricted action.</summary>
    public int StaleAfterSeconds { get; set; } = 120;

    /// <summary>Whether members by stale memberships still see restricted instructions. Actions stay closed in any case.</summary>
    public bool InstructionsWhenStale { get; set; }

    /// <summary>How long a message waits until memberships reflect what it brought or asks for, before its contact is judged at once.</summary>
    public int GateWaitMilliseconds { get; set; } = 250;

    /// <summary>Whether Hangfire's own pages answer at <c>/jobs</c>, to keys with the scope jobs.</summary>
    public bool JobsDashboard { get; set; }

    /// <summary>How many contacts a second are judged by the plain interpreter, to see that their memberships are right. 0: none.</summary>
    public double SelfAuditsPerSecond { get; set; } = 1;

    /// <summary>Whether webhooks may call loopback, link-local, private and otherwise special addresses.</summary>
    public bool WebhooksToPrivateAddresses { get; set; }

    /// <summary>How long a delivery that was not taken waits for the second try; each further one waits twice as long.</summary>
    public double WebhookRetrySeconds { get; set; } = 1;

    /// <summary>How long it waits at most.</summary>
    public double WebhookRetrySecondsMax { get; set; } = 600;

    /// <summary>When, in UTC, every membership is judged each night. Null, an empty text from outside: never.</summary>
    public TimeOnly? VerifyAt { get; set; } = new(3, 0);

    /// <summary>How many requests a second one key may make in the long run; beyond that they are answered 429.</summary>
    public int RequestsPerSecond { get; set; } = 10_000;

    /// <summary>How many it may make at once after a while without any.</summary>
    public int RequestsAtOnce { get; set; } = 20_000;

    public TimeSpan StaleAfter => TimeSpan.FromSeconds(StaleAfterSeconds);

    public TimeSpan GateWait => TimeSpan.FromMilliseconds(GateWaitMilliseconds);

    public static ServerOptions Read(WebApplicationBuilder builder, string[] args)
    {
        builder.Configuration.AddEnvironmentVariables("SEGMENTENGINE_").AddCommandLine(args);
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        ServerOptions options;
        try
        {
            options = builder.Configuration.Get<ServerOptions>() ?? new();
        }
        catch (InvalidOperationException unfit)
        {
            throw new OptionRefusedException(unfit.Message);
        }

        if (options.SelfAuditsPerSecond is not (>= 0 and <= SelfAuditsMax))
        {
            throw new OptionRefusedException(string.Create(CultureInfo.InvariantCulture, $"SelfAuditsPerSecond is {options.SelfAuditsPerSecond}; it must be from 0 to {SelfAuditsMax}"));
        }

        if (options.WebhookRetrySeconds is not (> 0 and <= RetrySecondsMax) || options.WebhookRetrySecondsMax is not (> 0 and <= RetrySecondsMax))
        {
            throw new OptionRefusedException($"WebhookRetrySeconds and WebhookRetrySecondsMax must be above 0 and at most {RetrySecondsMax}");
        }

        if (options.GateWaitMilliseconds < 0 || options.GateWait > RequestLimits.RevisionWaitMax)
        {
            throw new OptionRefusedException($"GateWaitMilliseconds is {options.GateWaitMilliseconds}; it must be from 0 to {RequestLimits.RevisionWaitMax.TotalMilliseconds}");
        }

        if (options.RequestsPerSecond < 1 || options.RequestsAtOnce < 1)
        {
            throw new OptionRefusedException("RequestsPerSecond and RequestsAtOnce must be at least 1");
        }

        return options.StaleAfterSeconds > 0 ? options : throw new OptionRefusedException($"StaleAfterSeconds is {options.StaleAfterSeconds}; it must be at least 1");
    }
}

/// <summary>A setting that cannot be; the message is for whoever starts the server.</summary>
public sealed class OptionRefusedException(string message) : Exception(message);
