using SegmentEngine.Contacts;
using SegmentEngine.Server.Dashboard.People;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Demo;

/// <summary>The verb <c>demo</c>: a server with a support desk in it, made on the first start and kept in a file. Takes what the server takes, such as <c>--database</c> and <c>--urls</c>.</summary>
public static class DemoCommand
{
    public const string Verb = "demo";

    private const string DefaultDatabase = "segmentengine-demo.db";
    private const string KeyName = "demo";
    private static readonly TimeSpan lookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan tellEvery = TimeSpan.FromSeconds(2);

    /// <exception cref="DatabaseRefusedException">The file cannot be opened; the message is for whoever starts the demo.</exception>
    public static async Task Run(string[] args, TextWriter output, CancellationToken stop = default)
    {
        await using var app = SegmentServer.Build(["--database", DefaultDatabase, "--Logging:LogLevel:Default", "Warning", .. args]);
        var clock = app.Services.GetRequiredService<TimeProvider>();
        var database = app.Services.GetRequiredService<SegmentDatabase>();
        var started = clock.GetTimestamp();
        var now = Instant.From(clock.GetUtcNow());

        await new DemoSeed(database, now, output).Run(stop);
        await app.StartAsync(stop);
        var snapshot = await Computed(app, database, clock, output, stop);
        await output.WriteLineAsync(
            $"{database.Contacts.Count(DemoSeed.Workspace):N0} contacts, {snapshot.Segments.Length} segments with {snapshot.Segments.Sum(snapshot.Count):N0} memberships; ready in {clock.GetElapsedTime(started).TotalSeconds:0.0} s");

        await new DemoGuide(new(app.Urls.First()), await NewKey(database, now, stop), app.Services.GetRequiredService<SetUpLink>().Under(app.Urls.First()), output).Print(stop);
        await app.WaitForShutdownAsync(stop);
    }

    /// <summary>The first snapshot that reflects all there is, with every segment evaluated.</summary>
    private static async Task<WorkspaceSnapshot> Computed(WebApplication app, SegmentDatabase database, TimeProvider clock, TextWriter output, CancellationToken stop)
    {
        var view = app.Services.GetRequiredService<MembershipView>();
        var told = clock.GetTimestamp();
        while (true)
        {
            var ready = 0;
            if (view.IsLoaded && view.For(DemoSeed.Workspace) is var snapshot)
            {
                ready = snapshot.Segments.Count(static segment => segment.Readiness == Readiness.Ready);
                if (snapshot.Revision >= database.Workspaces.Revision(DemoSeed.Workspace) && ready == snapshot.Segments.Length)
                {
                    return snapshot;
                }
            }

            if (clock.GetElapsedTime(told) >= tellEvery)
            {
                told = clock.GetTimestamp();
                await output.WriteLineAsync($"  computing memberships: {ready} of the segments ready");
            }

            await Task.Delay(lookEvery, clock, stop);
        }
    }

    /// <summary>Only a hash of a key is stored, so each start makes one of its own and ends the one before.</summary>
    private static async Task<string> NewKey(SegmentDatabase database, Instant now, CancellationToken stop)
    {
        foreach (var old in database.Keys.List(DemoSeed.Workspace).Where(static key => key is { Name: KeyName, RevokedAt: null }))
        {
            _ = await database.Keys.Revoke(DemoSeed.Workspace, old.PublicId, now, stop);
        }

        return (await database.Keys.Create(DemoSeed.Workspace, KeyName, [.. Client.Scopes.All], now, cancel: stop)).Text;
    }
}
