using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;
using SegmentEngine.Storage;

namespace SegmentEngine.Server.Tests.Memberships;

/// <summary>What changes merely because time passes, by the machine's own clock.</summary>
public sealed class ClockTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly TimeSpan window = TimeSpan.FromDays(30);

    [Fact]
    public async Task Whoever_was_active_in_the_last_thirty_days_leaves_within_a_second_of_the_instant_and_not_before()
    {
        var begin = DateTimeOffset.UtcNow;
        (string User, DateTimeOffset Leaves)[] leavers = [.. Enumerable.Range(0, 3).Select(i => (Some.Name("user"), begin.AddSeconds(3 + (i * 1.3))))];
        _ = await server.Client.SendEvents(new()
        {
            Batch = [.. leavers.Select(static leaver => new EventMessage { Type = "track", UserId = leaver.User, Event = "login", Timestamp = leaver.Leaves - window })],
        });
        var active = await server.Publish(Some.Name("active"), """{"type":"event","event":"login","window":{"last":{"amount":30,"unit":"day"}}}""");
        var late = new List<TimeSpan>();
        foreach (var (user, leaves) in leavers)
        {
            var was = true;
            DateTimeOffset asked;
            do
            {
                asked = DateTimeOffset.UtcNow;
                was = (await server.Client.Check(active.Id, $"external_id:{user}")).IsMember;
                Assert.True(was || DateTimeOffset.UtcNow >= leaves, $"{user} left {leaves - asked} too early");
                await Task.Delay(10);
            }
            while (was && asked < leaves.AddSeconds(30));
            late.Add(asked - leaves);
        }

        // A busy machine may hold one of them up; the clock's job is on time for the others.
        Assert.InRange(late.Order().ElementAt(1), TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1));
        Assert.All(server.Database.Memberships.History.OfSegment(server.Workspace, new(active.Id), HistoryCursor.Newest, 3), static change => Assert.Equal(MembershipCause.Time, change.Cause));
    }
}
