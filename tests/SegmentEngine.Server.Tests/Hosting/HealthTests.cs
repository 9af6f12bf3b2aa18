using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Hosting;

public sealed class HealthTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Health_is_open_to_everybody_and_names_nobody()
    {
        var client = server.Connect(key: null);
        Assert.Equal("live", (await client.Live()).Status);
        var ready = await client.Ready();
        Assert.Equal(("ready", 2), (ready.Status, ready.WorkspacesLoaded));
    }
}
