using System.Globalization;
using SegmentEngine.Contacts;
using SegmentEngine.Evaluation;

namespace SegmentEngine.Tests.Evaluation;

public sealed class FixedPointTests
{
    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-0.0", 0L)]
    [InlineData("19.99", 19_990_000L)]
    [InlineData("-0.000001", -1L)]
    [InlineData("0.1", 100_000L)]
    [InlineData("999999999.999999", 999_999_999_999_999L)]
    [InlineData("0.0000001", null)]
    [InlineData("0.1000001", null)]
    [InlineData("1000000000", null)]
    [InlineData("0.1000000000000000000001", null)]
    [InlineData("1e300", null)]
    [InlineData("1e-300", null)]
    public void A_number_is_so_many_millionths_or_none(string written, long? millionths)
    {
        Assert.True(Numeric.TryParse(written, out var number));
        Assert.Equal(millionths, FixedPoint.Of(number));
    }

    [Fact]
    public void Every_whole_number_of_millionths_is_found_and_no_other()
    {
        var dice = new Dice(Dice.FirstSeed);
        for (var i = 0; i < 200_000; i++)
        {
            var digits = dice.From(1, 18);
            var coefficient = (decimal)(((long)dice.Below(int.MaxValue) << 31) | (uint)dice.Below(int.MaxValue)) % (decimal)Math.Pow(10, digits) * dice.Pick(1, -1);
            var value = coefficient / (decimal)Math.Pow(10, dice.Below(12));
            Assert.True(Numeric.TryParse(value.ToString(CultureInfo.InvariantCulture), out var number));
            var isWhole = value * 1_000_000 == decimal.Truncate(value * 1_000_000) && Math.Abs(value * 1_000_000) < 1e15m;
            Assert.Equal(isWhole ? (long)(value * 1_000_000) : null, FixedPoint.Of(number));
        }
    }
}
