using SegmentEngine.Client;
using SegmentEngine.Server.Tests.Support;

namespace SegmentEngine.Server.Tests.Segments;

public sealed class OverlapTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task Three_segments_are_compared_two_by_two_and_together()
    {
        // Of the numbers 0 to 29: 15 are even, 10 are divisible by three, 10 are at least 20.
        _ = await server.Client.SaveContacts(new()
        {
            Contacts = [.. Enumerable.Range(0, 30).Select(static i => new ContactInput { ExternalId = Some.Name("n"), CustomData = Some.Json($$"""{"n":{{i}},"even":{{(i % 2 == 0 ? "true" : "false")}},"third":{{(i % 3 == 0 ? "true" : "false")}}}""") })],
        });
        var even = await server.Publish(Some.Name("even"), """{"type":"trait","trait":"even","op":"eq","value":true}""");
        var third = await server.Publish(Some.Name("third"), """{"type":"trait","trait":"third","op":"eq","value":true}""");
        var high = await server.Publish(Some.Name("high"), """{"type":"trait","trait":"n","op":"gte","value":20}""");

        var two = await server.Client.Overlap([even.Id, third.Id]);
        Assert.Equal((15, 10, 20), (two.Segments[0].MemberCount, two.Segments[1].MemberCount, two.Union));
        Assert.Equal((5, 0.25), (Assert.Single(two.Overlaps).Count, two.Overlaps[0].Jaccard));

        var three = await server.Client.Overlap([even.Id, third.Id, high.Id]);
        Assert.Equal([(5, 5 / 20.0), (5, 5 / 20.0), (3, 3 / 17.0), (1, 1 / 23.0)], three.Overlaps.Select(static overlap => ((int)overlap.Count, overlap.Jaccard)));
        Assert.Equal(23, three.Union);
        Assert.Equal([even.Id, third.Id, high.Id], three.Overlaps[3].SegmentIds);

        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.Client.Overlap([even.Id, Guid.NewGuid()]))).Status);
        Assert.Equal(404, (await Assert.ThrowsAsync<SegmentEngineException>(() => server.OtherClient.Overlap([even.Id, third.Id]))).Status);
        foreach (var ids in new[] { "", $"{even.Id}", $"{even.Id},{even.Id}", $"{even.Id},x", $"{even.Id},{third.Id},{high.Id},{Guid.NewGuid()}" })
        {
            Assert.Equal("segment_ids", Assert.Single((await server.Refused(HttpMethod.Get, $"/manage/segments/overlap?segment_ids={ids}", null)).Details!).Path);
        }
    }
}
