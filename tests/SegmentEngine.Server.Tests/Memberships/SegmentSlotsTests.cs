using SegmentEngine.Server.Memberships;

namespace SegmentEngine.Server.Tests.Memberships;

public sealed class SegmentSlotsTests
{
    [Fact]
    public void A_slot_that_is_free_again_is_given_out_again_and_no_other_twice()
    {
        var slots = new SegmentSlots();
        Assert.Equal([0, 1, 2], new[] { 7L, 8, 9 }.Select(slots.Of));
        slots.Free(8);
        slots.Free(8);
        Assert.Equal([0, 2, 1, 3], new[] { 7L, 9, 10, 11 }.Select(slots.Of));
    }

    /// <summary>As when shards load side by side.</summary>
    [Fact]
    public void Shards_that_ask_at_once_are_told_the_same()
    {
        for (var round = 0; round < 500; round++)
        {
            var slots = new SegmentSlots();
            var told = new int[2][];
            using var start = new Barrier(told.Length);
            var threads = Enumerable.Range(0, told.Length).Select(shard => new Thread(() =>
            {
                start.SignalAndWait();
                told[shard] = [.. Enumerable.Range(0, 64).Select(segment => slots.Of(segment))];
            })).ToList();
            threads.ForEach(static thread => thread.Start());
            threads.ForEach(static thread => thread.Join());
            Assert.All(told, of => Assert.Equal(told[0], of));
            Assert.Distinct(told[0]);
        }
    }
}
