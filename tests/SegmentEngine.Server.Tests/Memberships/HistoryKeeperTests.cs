using SegmentEngine.Client;
using SegmentEngine.Server.Memberships;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Memberships;

public sealed class HistoryKeeperTests : IAsyncLifetime
{
    private static readonly DateTimeOffset start = new(2031, 3, 14, 9, 30, 0, TimeSpan.Zero);

    private readonly SteppedClock clock = new(start);
    private readonly TestServer server;

    public HistoryKeeperTests() => server = new() { Clock = clock, Options = ["--VerifyAt", ""] };

    public Task InitializeAsync() => server.InitializeAsync();

    public Task DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Sizes_are_kept_by_the_hour_then_by_the_day_and_forgotten_with_the_history()
    {
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        for (var hour = 0; hour < 60; hour++)
        {
            var saved = await server.Client.SaveContact(Some.Contact("pro"));
            _ = await Patience.Ask(() => server.Client.GetSegment(pros.Id, atLeast: saved.Revision));
            await Keep();
            await Keep();
            clock.Step(TimeSpan.FromHours(1));
        }

        var sizes = await server.Client.SizesOfSegment(pros.Id);
        Assert.Equal((60, 60), (sizes.Members, sizes.Data.Count));
        Assert.Equal(Enumerable.Range(0, 60).Select(static hour => new SegmentSizeAt(start.AddMinutes(-30).AddHours(hour), hour + 1)), sizes.Data);
        Assert.Equal(sizes.Data.Skip(10).Take(5), (await server.Client.SizesOfSegment(pros.Id, start.AddHours(9.5), start.AddHours(13.5))).Data);

        // After two weeks the first of each day is left.
        clock.Step(TimeSpan.FromDays(20));
        await Keep();
        Assert.Equal([1, 16, 40, 60], (await server.Client.SizesOfSegment(pros.Id)).Data.Select(static size => size.Members));

        Assert.Equal(365, (await server.Client.GetWorkspace()).HistoryDays);
        Assert.Equal(30, (await server.Client.ChangeWorkspace(new() { HistoryDays = 30 })).HistoryDays);
        Assert.Equal(60, (await server.Client.HistoryOfSegment(pros.Id, limit: 1000)).Items.Count);
        clock.Step(TimeSpan.FromDays(8.5));
        await Keep();
        Assert.Equal([40, 60, 60], (await server.Client.SizesOfSegment(pros.Id)).Data.Select(static size => size.Members));
        var left = await server.Client.HistoryOfSegment(pros.Id, limit: 1000);
        Assert.InRange(left.Items.Count, 30, 50);
        Assert.All(left.Items, change => Assert.True(change.At > clock.GetUtcNow().AddDays(-31)));
        Assert.False(left.Stale);
    }

    [Theory]
    [InlineData("""{"history_days":0}""")]
    [InlineData("""{"history_days":3651}""")]
    [InlineData("""{"history_days":"a year"}""")]
    [InlineData("""{"name":"x"}""")]
    public async Task What_cannot_be_kept_is_refused(string body) => Assert.Equal(400, (await server.Refused(HttpMethod.Patch, "manage/workspace", body)).StatusCode);

    [Fact]
    public async Task Sizes_of_what_is_not_there_and_between_no_instants_are_refused()
    {
        Assert.Equal(404, (await server.Refused(HttpMethod.Get, $"contacts/segments/{Guid.NewGuid()}/sizes", null)).StatusCode);
        var pros = await server.Publish(Some.Name("pros"), Some.ProRule);
        Assert.Equal(400, (await server.Refused(HttpMethod.Get, $"contacts/segments/{pros.Id}/sizes?from=yesterday", null)).StatusCode);
    }

    private Task Keep() => server.Service<HistoryKeeper>().Keep(server.Workspace, CancellationToken.None);
}
