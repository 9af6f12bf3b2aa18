using SegmentEngine.Server.Dashboard.People;
using SegmentEngine.Server.Demo;
using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

try
{
    if (args is [DemoCommand.Verb, .. var rest])
    {
        await DemoCommand.Run(rest, Console.Out);
        return 0;
    }

    await using var app = SegmentServer.Build(args);
    _ = app.Services.GetRequiredService<SegmentDatabase>();
    await app.StartAsync();
    if (app.Services.GetRequiredService<SetUpLink>().Under(app.Urls.First()) is { } link)
    {
        Console.WriteLine($"Nobody has an account yet. Make the first one here, once: {link}");
    }

    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception refused) when (refused is DatabaseRefusedException or OptionRefusedException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
