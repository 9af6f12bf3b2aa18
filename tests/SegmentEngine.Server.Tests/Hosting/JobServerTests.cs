using System.Diagnostics;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Hosting;

public sealed class JobServerTests
{
    private const int Servers = 24;

    [Fact]
    public async Task Servers_that_come_and_go_in_one_process_take_no_jobs_from_each_other()
    {
        // Well below the minute after which a sweep would find what a lost job left undone.
        var longest = TimeSpan.FromSeconds(20);
        await Parallel.ForEachAsync(Enumerable.Range(0, Servers), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (_, cancel) =>
        {
            var server = new TestServer();
            await server.InitializeAsync();
            try
            {
                var segment = await server.Publish("pros", Some.ProRule);
                for (var i = 0; i < 5; i++)
                {
                    var written = Stopwatch.GetTimestamp();
                    await server.Client.SaveContact(new() { ExternalId = $"pro {i}", CustomData = Some.Json("""{"plan":"pro"}""") }, cancel);
                    while (!(await server.Client.Check(segment.Id, $"external_id:pro {i}", cancel: cancel)).IsMember)
                    {
                        Assert.True(Stopwatch.GetElapsedTime(written) < longest, "the job that a write asks for has not run");
                        await Task.Delay(5, cancel);
                    }
                }
            }
            finally
            {
                await server.DisposeAsync();
            }
        });
    }
}
