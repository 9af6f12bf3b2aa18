namespace SegmentEngine.Storage.Tests;

public sealed class ChangeBlockTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(1, 127)]
    [InlineData(16_383, 1)]
    [InlineData(5, 3)]
    public void What_is_packed_is_unpacked(int first, int step)
    {
        const long Block = 1L << 30;
        var contacts = Enumerable.Range(0, 1 << StorageLimits.ChangeBlockBits).Where(i => i >= first && (i - first) % step == 0).Select(i => (Block << StorageLimits.ChangeBlockBits) + i).ToArray();
        Assert.All(contacts, contact => Assert.Equal(Block, ChangeBlock.Of(contact)));
        Assert.Equal(contacts, ChangeBlock.Unpack(Block, ChangeBlock.Pack(Block, contacts)));
    }
}
