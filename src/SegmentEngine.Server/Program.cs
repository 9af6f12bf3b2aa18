using SegmentEngine.Server.Hosting;
using SegmentEngine.Storage;

try
{
    await using var app = SegmentServer.Build(args);
    _ = app.Services.GetRequiredService<SegmentDatabase>();
    await app.RunAsync();
    return 0;
}
catch (DatabaseRefusedException refused)
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
