using System.Reflection;
using BenchmarkDotNet.Running;
using SegmentEngine.Benchmarks.Server;

switch (args)
{
    case ["ingest", .. var rest]:
        await IngestLoad.Run(rest);
        break;
    case ["start", .. var rest]:
        await ColdStart.Run(rest);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
        break;
}
