using System.Globalization;

namespace SegmentEngine.Benchmarks.Server;

/// <summary>What a server takes of a core when nothing comes in and nobody asks, while events leave the windows of 199 conditions.</summary>
internal static class Idle
{
    private const int Contacts = 1_000_000;
    private const int Events = 2_000_000;
    private const int Spans = 3;

    private static readonly TimeSpan settle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan span = TimeSpan.FromSeconds(60);

    public static async Task Run(string[] args)
    {
        var contacts = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Contacts;
        var events = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : Events;
        var folder = Directory.CreateTempSubdirectory("segment-idle-").FullName;
        try
        {
            var world = await ServerWorld.Make(folder, contacts, events, ServerWorld.Rules.Timed);
            await using (var first = RunningServer.Start(world))
            {
                var evaluated = await first.Until("/health/ready");
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"evaluated for the first time in {evaluated.TotalSeconds:F0} s"));
            }

            await using var server = RunningServer.Start(world);
            var ready = await server.Until("/health/ready");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready again in {ready.TotalSeconds:F0} s"));
            await Task.Delay(settle);
            for (var i = 0; i < Spans; i++)
            {
                var before = server.CpuTime;
                await Task.Delay(span);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(server.CpuTime - before) / span:P2} of a core over {span.TotalSeconds:N0} s"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
