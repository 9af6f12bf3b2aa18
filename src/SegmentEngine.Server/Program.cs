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
    await app.RunAsync();
    return 0;
}
catch (Exception refused) when (refused is DatabaseRefusedException or OptionRefusedException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
