using System.Reflection;
using BenchmarkDotNet.Running;
using SegmentEngine.Benchmarks;
using SegmentEngine.Benchmarks.Evaluation;
using SegmentEngine.Benchmarks.Server;

switch (args)
{
    case ["many-segments"]:
        ManySegmentsTable.Write();
        break;
    case ["growth"]:
        Growth.Write();
        break;
    case ["ingest", .. var rest]:
        await IngestLoad.Run(rest);
        break;
    case ["start", .. var rest]:
        await ColdStart.Run(rest);
        break;
    case ["idle", .. var rest]:
        await Idle.Run(rest);
        break;
    case ["preview", .. var rest]:
        await PreviewLoad.Run(rest);
        break;
    case ["checks", .. var rest]:
        await CheckLoad.Run(rest);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
        break;
}

Console.WriteLine(Results.Machine);
